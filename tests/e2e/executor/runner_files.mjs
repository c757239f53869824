// The files by which a step talks to the runner: GITHUB_OUTPUT, GITHUB_ENV, GITHUB_PATH, GITHUB_STEP_SUMMARY.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const KINDS = ["output", "env", "path", "step_summary", "state"];
const SUMMARY_LIMIT = 1024 * 1024;

export async function createRunnerFiles(folder, stepNumber) {
  const files = {};
  for (const kind of KINDS) {
    files[kind] = join(folder, `${kind}_${stepNumber}`);
    await writeFile(files[kind], "");
  }
  return files;
}

export function runnerFileVariables(files) {
  return Object.fromEntries(KINDS.map((kind) => [`GITHUB_${kind.toUpperCase()}`, files[kind]]));
}

// {outputs, env, paths, summary, errors}
export async function readRunnerFiles(files) {
  const errors = [];
  const pairs = async (kind) => {
    try {
      return parsePairs(await readText(files[kind]));
    } catch (error) {
      errors.push(`Unable to process file command '${kind}' successfully. ${error.message}`);
      return {};
    }
  };
  const summary = await readText(files.step_summary);
  if (Buffer.byteLength(summary) > SUMMARY_LIMIT)
    errors.push("$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k");
  return {
    outputs: await pairs("output"),
    env: await pairs("env"),
    paths: (await readText(files.path)).split(/\r?\n/).filter(Boolean),
    summary: Buffer.byteLength(summary) > SUMMARY_LIMIT ? "" : summary,
    errors,
  };
}

async function readText(path) {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}

// Lines of `NAME=value`, or `NAME<<DELIMITER`, lines, `DELIMITER`.
export function parsePairs(text) {
  const result = {};
  const lines = text.split(/\r?\n/);
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index];
    if (line === "") continue;
    const [name, mark, rest] = splitAtFirst(line);
    if (name === "") throw new Error(`Invalid format '${line}'. Name must not be empty`);
    if (mark === "=") {
      result[name] = rest;
      continue;
    }
    const end = lines.indexOf(rest, index + 1);
    if (rest === "") throw new Error(`Invalid format '${line}'. Delimiter must not be empty`);
    if (end === -1) throw new Error(`Invalid value. Matching delimiter not found '${rest}'`);
    result[name] = lines.slice(index + 1, end).join("\n");
    index = end;
  }
  return result;
}

function splitAtFirst(line) {
  const found = /=|<</.exec(line);
  if (found === null) throw new Error(`Invalid format '${line}'`);
  return [line.slice(0, found.index), found[0], line.slice(found.index + found[0].length)];
}
