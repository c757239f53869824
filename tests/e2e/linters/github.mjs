// GitHub's own parser and language service, the only one that checks a call against the file that it calls.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { validate } from "@actions/languageservice";
import { TextDocument } from "vscode-languageserver-textdocument";

const SEVERITIES = ["", "error", "warning", "information", "hint"];

// [{rule, line, column, message}] for one workflow file of a repository.
export async function lintWithGithub(root, file, content) {
  // The service remembers what it parsed by address, so the whole path is in it.
  const document = TextDocument.create(
    pathToFileURL(join(root, file)).href,
    "github-actions-workflow",
    1,
    content,
  );
  const diagnostics = await validate(document, {
    fileProvider: { getFileContent: (reference) => readCallee(root, reference) },
  });
  return diagnostics.map(({ message, range, severity, code }) => ({
    rule: code ?? SEVERITIES[severity ?? 1],
    line: range.start.line + 1,
    column: range.start.character + 1,
    message,
  }));
}

async function readCallee(root, { path, repository }) {
  if (repository !== undefined) throw new Error("only workflows of the same repository can be read");
  return { name: path, content: await readFile(join(root, path), "utf8") };
}
