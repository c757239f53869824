// workflow_dispatch: what GitHub accepts and how it types the inputs.
import { evaluate, textOf } from "./expressions.mjs";
import { resolveCommit, showFile } from "./git.mjs";
import { repositoryPayload } from "./events.mjs";
import { Run } from "./run.mjs";
import { readWorkflow, WORKFLOW_FOLDER } from "./workflow.mjs";

const MAX_INPUTS = 25;
const MAX_CHARACTERS = 65535;

// A refusal with the status and message that the API answers.
export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

// Starts a run and returns it. Throws Refusal.
export async function dispatch(repository, urls, { file, ref, inputs = {}, actor }) {
  const path = `${WORKFLOW_FOLDER}/${file}`;
  if (!(await existsOnDefaultBranch(repository, path))) throw new Refusal(404, "Not Found");
  if (repository.disabledWorkflows.has(file))
    throw new Refusal(422, "Cannot trigger a 'workflow_dispatch' on a disabled workflow");
  const fullRef = await findRef(repository, ref);
  const sha = await resolveCommit(repository.gitDir, fullRef);
  const workflow = await readDispatchable(repository, sha, path);
  const typed = checkInputs(workflow.dispatchInputs, inputs);
  const event = {
    inputs: texts(typed),
    ref: fullRef,
    workflow: path,
    ...repositoryPayload(repository, actor),
  };
  const run = new Run(repository, {
    file,
    path,
    event: "workflow_dispatch",
    payload: event,
    inputs: typed,
    ref: fullRef,
    sha,
    actor,
  });
  run.startAttempt(urls);
  return run;
}

async function existsOnDefaultBranch(repository, path) {
  const tip = await resolveCommit(repository.gitDir, `refs/heads/${repository.defaultBranch}`);
  return tip !== null && (await showFile(repository.gitDir, tip, path)) !== null;
}

async function findRef(repository, ref) {
  const candidates = ref.startsWith("refs/") ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`];
  for (const candidate of candidates) {
    if ((await resolveCommit(repository.gitDir, candidate)) !== null) return candidate;
  }
  throw new Refusal(422, `No ref found for: ${ref}`);
}

async function readDispatchable(repository, sha, path) {
  const content = await showFile(repository.gitDir, sha, path);
  if (content === null) throw new Refusal(422, "Workflow does not exist on the given ref");
  const workflow = await readWorkflow(path, content);
  if (workflow.errors.length > 0)
    throw new Refusal(422, `failed to parse workflow: ${workflow.errors.join("; ")}`);
  if (workflow.events.workflow_dispatch === undefined)
    throw new Refusal(422, "Workflow does not have 'workflow_dispatch' trigger");
  return workflow;
}

function checkInputs(declared, given) {
  const names = Object.keys(given);
  if (names.length > MAX_INPUTS)
    throw new Refusal(422, `you may only define up to ${MAX_INPUTS} inputs for a workflow_dispatch event`);
  if (JSON.stringify(given).length > MAX_CHARACTERS) throw new Refusal(422, "inputs are too large.");
  const unexpected = names.filter((name) => !(name in declared));
  if (unexpected.length > 0)
    throw new Refusal(422, `Unexpected inputs provided: ${JSON.stringify(unexpected)}`);
  return Object.fromEntries(
    Object.entries(declared).map(([name, spec]) => [name, typedInput(name, spec, given[name])]),
  );
}

function typedInput(name, spec, given) {
  if (given !== undefined && given !== null && typeof given === "object")
    throw new Refusal(422, `Provided value for input '${name}' must be a string`);
  const text = given === undefined || given === null ? null : textOf(given);
  if (spec.required && (text === null || text === "")) {
    if (spec.default === undefined) throw new Refusal(422, `Required input '${name}' not provided`);
  }
  const value = text === null ? defaultText(spec) : text;
  return convert(name, spec, value);
}

function defaultText(spec) {
  if (spec.default !== undefined) return textOf(evaluate(spec.default, {}));
  return spec.type === "boolean" ? "false" : "";
}

function convert(name, spec, value) {
  switch (spec.type) {
    case "boolean":
      if (value !== "true" && value !== "false")
        throw new Refusal(422, `Provided value '${value}' for input '${name}' is not a boolean`);
      return value === "true";
    case "number":
      if (value !== "" && Number.isNaN(Number(value)))
        throw new Refusal(422, `Provided value '${value}' for input '${name}' is not a number`);
      return value === "" ? "" : Number(value);
    case "choice":
      if (value !== "" && !spec.options.map(String).includes(value)) {
        throw new Refusal(
          422,
          `Provided value '${value}' for input '${name}' not in the list of allowed values`,
        );
      }
      return value;
    default:
      return value;
  }
}

// In github.event.inputs everything is text; in the inputs context booleans and numbers are not.
function texts(inputs) {
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, textOf(value)]));
}
