// Workflow commands in what a step prints: `::name key=value::message`, and the old `##[name]message`.
//
// Every recognised command is collected, so that a test can say that hostile text became none. Only those that
// cannot change what a workflow computes are obeyed: annotations, add-mask, stop-commands. set-output, save-state,
// set-env and add-path are collected and ignored.

const NAMES = new Set([
  "error",
  "warning",
  "notice",
  "debug",
  "group",
  "endgroup",
  "echo",
  "add-mask",
  "stop-commands",
  "set-output",
  "save-state",
  "set-env",
  "add-path",
  "add-matcher",
  "remove-matcher",
]);
const ANNOTATIONS = new Set(["error", "warning", "notice"]);

export class CommandReader {
  #resumeToken = null;

  constructor(job, addMask) {
    this.job = job;
    this.addMask = addMask;
  }

  // Returns true when the line was a command.
  read(line) {
    if (this.#resumeToken !== null) return this.#readWhileStopped(line);
    const command = parseCommand(line);
    if (command === null) return false;
    this.job.commands.push(command);
    if (ANNOTATIONS.has(command.name)) this.job.annotate(command.name, command.message, command.properties);
    if (command.name === "add-mask") this.addMask(command.message);
    if (command.name === "stop-commands") this.#resumeToken = command.message;
    return true;
  }

  #readWhileStopped(line) {
    if (line.trim() !== `::${this.#resumeToken}::`) return false;
    this.#resumeToken = null;
    return true;
  }
}

export function parseCommand(line) {
  const found =
    /^\s*::([^:\s]+)(?: ([^]*?))?::([^]*)$/.exec(line) ?? /##\[([^\]\s]+)(?: ([^\]]*))?\]([^]*)$/.exec(line);
  if (found === null || !NAMES.has(found[1].toLowerCase())) return null;
  return {
    name: found[1].toLowerCase(),
    properties: parseProperties(found[2] ?? ""),
    message: unescape(found[3]),
  };
}

function parseProperties(text) {
  const pairs = text
    .split(/[,;]/)
    .map((part) => part.trim())
    .filter((part) => part.includes("="));
  return Object.fromEntries(
    pairs.map((part) => [part.slice(0, part.indexOf("=")), unescape(part.slice(part.indexOf("=") + 1))]),
  );
}

function unescape(text) {
  const plain = { "%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%" };
  return text.replace(/%(?:0D|0A|3A|2C|25)/gi, (escaped) => plain[escaped.toUpperCase()]);
}
