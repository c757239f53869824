// One step: its condition, its process or action, its outcome and outputs.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { runAction } from "./actions.mjs";
import { requestCancel } from "./cancel.mjs";
import { evaluate, evaluateCondition, evaluateText, evaluateTextMap } from "./expressions.mjs";
import { runProcess, stopProcess } from "./process.mjs";
import { createRunnerFiles, readRunnerFiles, runnerFileVariables } from "./runner_files.mjs";
import { stepContexts } from "./steps_job.mjs";
import { stepVariables } from "./variables.mjs";

const SHELLS = {
  "": ["bash", "-e", "{0}"],
  bash: ["bash", "--noprofile", "--norc", "-eo", "pipefail", "{0}"],
  sh: ["sh", "-e", "{0}"],
  python: ["python3", "{0}"],
};

// Runs the step and appends what is known of it to `records`.
export async function runStep(work, step, number, records) {
  const record = {
    number,
    id: step.id,
    name: step.id,
    status: "in_progress",
    outcome: null,
    conclusion: null,
    outputs: {},
  };
  records.push(record);
  record.started_at = work.job.repository.clock.iso();
  try {
    record.outcome = await outcome(work, step, record);
  } catch (error) {
    work.job.annotate("error", error.message, { step: number });
    record.outcome = "failure";
  }
  const forgiven = record.outcome === "failure" && record.continueOnError === true;
  record.conclusion = forgiven ? "success" : record.outcome;
  record.status = "completed";
  record.completed_at = work.job.repository.clock.iso();
  work.stepResults[step.id] = {
    outputs: record.outputs,
    outcome: record.outcome,
    conclusion: record.conclusion,
  };
  if (record.conclusion === "failure" && work.status === "success") work.status = "failure";
}

async function outcome(work, step, record) {
  const jobEnv = { ...work.env, ...work.exported };
  const stepEnv = evaluateTextMap(step.env, stepContexts(work, jobEnv));
  const env = { ...jobEnv, ...stepEnv };
  const contexts = stepContexts(work, env);
  record.name = displayName(step, contexts);
  const wanted = () => evaluateCondition(step.condition, "step", contexts, stepFunctions(work));
  if (!wanted()) return "skipped";
  record.continueOnError = evaluate(step.continueOnError, contexts) === true;
  // A cancel looks again at the `if` of the step that runs.
  const isCancelled = () => work.job.stopReason !== null && !wanted();
  const ended =
    step.run === undefined
      ? runAction(work, step, record, { env, contexts })
      : runScript(work, step, record, { env, contexts, isCancelled });
  const succeeded = await ended;
  if (work.status === "cancelled" && (work.job.stopReason === "forced" || isCancelled())) return "cancelled";
  return succeeded ? "success" : "failure";
}

function displayName(step, contexts) {
  if (step.name !== undefined) return evaluateText(step.name, contexts);
  return step.run === undefined
    ? `Run ${step.uses}`
    : `Run ${evaluateText(step.run, contexts).split("\n")[0]}`;
}

function stepFunctions(work) {
  return {
    always: () => true,
    cancelled: () => work.status === "cancelled",
    success: () => work.status === "success",
    failure: () => work.status === "failure",
  };
}

async function runScript(work, step, record, { env, contexts, isCancelled }) {
  const { job, folders } = work;
  work.scripts += 1;
  const script = join(folders.temp, `${job.id}-${work.scripts}.sh`);
  await writeFile(script, `${evaluateText(step.run, contexts)}\n`);
  const files = await createRunnerFiles(folders.files, work.scripts);
  const [command, ...args] = shellCommand(work, step, contexts).map((word) => word.replace("{0}", script));
  const ended = await superviseProcess(work, step, contexts, isCancelled, (hooks) =>
    runProcess(command, args, {
      cwd: workingDirectory(work, step, contexts),
      env: { ...stepVariables(work, env), ...runnerFileVariables(files) },
      ...hooks,
    }),
  );
  const accepted = await takeRunnerFiles(work, record, files);
  return ended.code === 0 && accepted && !ended.timedOut;
}

async function superviseProcess(work, step, contexts, isCancelled, start) {
  const { job } = work;
  const { options } = job.repository;
  const minutes = evaluate(step.timeoutMinutes, contexts);
  let timedOut = false;
  let timer;
  const onStart = (child) => {
    work.process = child;
    work.groups.push(child.pid);
    work.stopStep = () => isCancelled() && stopProcess(child, options);
    if (job.stopReason === "forced") work.killStep();
    else if (job.stopReason !== null) work.stopStep();
    if (minutes === null) return;
    timer = setTimeout(
      () => {
        timedOut = true;
        job.annotate("error", `The action has timed out after ${minutes} minutes.`);
        stopProcess(child, options);
      },
      minutes * options.minuteSeconds * 1000,
    );
  };
  const ended = await start({ onStart, onLine: (line) => readLine(work, line) });
  clearTimeout(timer);
  work.process = null;
  work.stopStep = null;
  if (ended.code !== 0) job.log.push(`Process completed with ${ended.signal ?? `exit code ${ended.code}`}.`);
  return { ...ended, timedOut };
}

function readLine(work, line) {
  const { job } = work;
  work.commands.read(line);
  job.log.push(maskSecrets(work, line));
  if (takeByLine(job, "cancel_on_log", line)) requestCancel(job.attempt);
  if (takeByLine(job, "lose_on_log", line)) work.lose();
  job.repository.changed();
}

function maskSecrets(work, text) {
  return work.masks.reduce((masked, mask) => masked.replaceAll(mask, "***"), text);
}

function takeByLine(job, kind, line) {
  const { faults } = job.repository;
  const due = faults.armed(job, kind).filter((fault) => line.includes(fault.text));
  due.forEach((fault) => faults.fire(fault));
  return due.length > 0;
}

function shellCommand(work, step, contexts) {
  const shell = step.shell === undefined ? runDefault(work, "shell") : evaluateText(step.shell, contexts);
  if (shell in SHELLS) return SHELLS[shell];
  if (!shell.includes("{0}")) throw new Error(`shell '${shell}' is not emulated`);
  return shell.split(/\s+/);
}

function workingDirectory(work, step, contexts) {
  const written =
    step.workingDirectory === undefined
      ? runDefault(work, "working-directory")
      : evaluateText(step.workingDirectory, contexts);
  return join(work.folders.workspace, written);
}

// `defaults.run` of the job, then of the workflow.
function runDefault(work, key) {
  for (const place of [work.job.definition, work.job.graph.workflow]) {
    const token = place.defaults?.find("run")?.find(key);
    if (token !== undefined) return evaluateText(token, stepContexts(work, work.env));
  }
  return "";
}

// Takes what the step left in its files. Returns whether they were well-formed.
async function takeRunnerFiles(work, record, files) {
  const found = await readRunnerFiles(files);
  record.outputs = found.outputs;
  Object.assign(work.exported, found.env);
  work.paths.unshift(...found.paths.reverse());
  work.job.summary += maskSecrets(work, found.summary);
  found.errors.forEach((error) => work.job.annotate("error", error));
  return found.errors.length === 0;
}
