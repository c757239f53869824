// A fake GitHub on loopback that executes workflows.
//
//   node server.mjs --origins DIR --work DIR --tools DIR
//
// prints {"port": N} when it listens, and ends when its standard input is closed.
import { parseArgs } from "node:util";

import { allowJsonImports } from "./json_imports.mjs";

allowJsonImports();
const { Forge } = await import("./forge.mjs");
const { listen } = await import("./http.mjs");
const { endAllGroups } = await import("./process.mjs");

const { values } = parseArgs({
  options: { origins: { type: "string" }, work: { type: "string" }, tools: { type: "string" } },
});
const forge = new Forge({ origins: values.origins, workFolder: values.work, toolFolder: values.tools });
const server = await listen(forge);
forge.urls.api = `http://127.0.0.1:${server.address().port}`;
console.log(JSON.stringify({ port: server.address().port }));

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
process.on("exit", endAllGroups);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));
