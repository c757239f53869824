// Loading everything a run needs from its commit, and refusing it as GitHub does before any job starts.
import { isExpression } from "./expressions.mjs";
import { showFile } from "./git.mjs";
import { escalations, jobPermissions } from "./permissions.mjs";
import { callErrors, readWorkflow, WORKFLOW_FOLDER } from "./workflow.mjs";

const MAX_DEPTH = 10;
const MAX_CALLED_WORKFLOWS = 50;

// Returns {workflow, errors}; `callees` of the workflow maps each called path to its workflow.
export async function loadWorkflow(repository, commit, path) {
  const errors = [];
  const workflow = await readAt(repository, commit, path);
  if (workflow.errors.length > 0) return { workflow, errors: workflow.errors };
  const callees = new Map();
  await checkCalls({ repository, commit, callees, errors }, workflow, repository.defaultPermissions, 1);
  if (callees.size > MAX_CALLED_WORKFLOWS) {
    errors.push(`a run may call at most ${MAX_CALLED_WORKFLOWS} workflows, this one calls ${callees.size}`);
  }
  return { workflow, callees, errors };
}

async function readAt(repository, commit, path) {
  const content = await showFile(repository.gitDir, commit, path);
  if (content === null) return { errors: [`${path}: workflow was not found`] };
  return readWorkflow(path, content);
}

async function checkCalls(load, workflow, granted, depth) {
  for (const job of workflow.jobs.values()) {
    load.errors.push(
      ...job.unsupported.map((key) => `${workflow.path}: job ${job.id}: '${key}' is not emulated`),
    );
    if (job.uses !== null)
      await checkCall(load, workflow, job, jobPermissions(job, workflow, granted), depth);
  }
}

async function checkCall(load, workflow, job, granted, depth) {
  const place = `${workflow.path}: job ${job.id}`;
  if (depth > MAX_DEPTH) {
    load.errors.push(`${place}: workflows are nested more than ${MAX_DEPTH} levels deep`);
    return;
  }
  const path = localPath(job.uses);
  if (path === null) {
    load.errors.push(
      `${place}: ${job.uses}: only workflows of the same repository (./${WORKFLOW_FOLDER}/…) are emulated`,
    );
    return;
  }
  const callee = await readAt(load.repository, load.commit, path);
  load.callees.set(path, callee);
  if (callee.errors.length > 0) {
    load.errors.push(...callee.errors.map((error) => `${place}: error parsing called workflow: ${error}`));
    return;
  }
  load.errors.push(...callErrors(workflow, job, callee).map((error) => `${place}: ${error}`));
  load.errors.push(...literalTypeErrors(job, callee).map((error) => `${place}: ${error}`));
  load.errors.push(...calleeEscalations(callee, granted).map((error) => `${place}: ${path} ${error}`));
  await checkCalls(load, callee, granted, depth + 1);
}

export function localPath(uses) {
  const found = /^\.\/(\.github\/workflows\/[^/]+\.ya?ml)$/.exec(uses);
  return found === null ? null : found[1];
}

function calleeEscalations(callee, granted) {
  const jobs = [...callee.jobs.values()];
  return [
    ...escalations(callee.permissions, granted),
    ...jobs.flatMap((job) =>
      escalations(job.permissions, granted).map((error) => `nested job '${job.id}' ${error}`),
    ),
  ];
}

function literalTypeErrors(job, callee) {
  const errors = [];
  for (const pair of job.with ?? []) {
    const declared = callee.callInputs[pair.key.value];
    if (declared === undefined || isExpression(pair.value)) continue;
    if (!fitsType(pair.value.value, declared.type)) {
      errors.push(
        `input ${pair.key.value}: unexpected value '${pair.value.value}', a ${declared.type} is expected`,
      );
    }
  }
  return errors;
}

// Text does not become a number or a boolean, but both become text.
export function fitsType(value, type) {
  return type === "string" ? value === null || typeof value !== "object" : typeof value === type;
}
