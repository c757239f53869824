// GitHub's packages import JSON files without an import attribute, which Node refuses. This loader hook
// serves such a file as a module that exports its content.
import { readFile } from "node:fs/promises";
import { register } from "node:module";
import { fileURLToPath } from "node:url";

export async function load(url, context, nextLoad) {
  if (!url.endsWith(".json")) return nextLoad(url, context);
  const text = await readFile(fileURLToPath(url), "utf8");
  return { format: "module", source: `export default ${text}`, shortCircuit: true };
}

export function allowJsonImports() {
  register(import.meta.url);
}
