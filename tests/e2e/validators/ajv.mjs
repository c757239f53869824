// Reads lines of JSON from standard input, the first a schema, the others documents; prints one digit each:
// 1 valid, 0 not. Strict mode: a keyword that Ajv does not know, or would ignore, is an error.
import { text } from "node:stream/consumers";

import Ajv from "ajv";

const [schema, ...documents] = (await text(process.stdin)).trimEnd().split("\n");
const validate = new Ajv({ strict: true }).compile(JSON.parse(schema));
process.stdout.write(documents.map((document) => (validate(JSON.parse(document)) ? "1" : "0")).join(""));
