// A job with steps: its folders and environment, the steps one after the other, its outputs.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { CommandReader } from "./commands.mjs";
import { githubContext, jobContexts, secretsContext } from "./contexts.mjs";
import { evaluate, evaluateTextMap } from "./expressions.mjs";
import { installGitShim } from "./git_shim.mjs";
import { endGroup, killGroup } from "./process.mjs";
import { runStep } from "./step.mjs";

const DEFAULT_TIMEOUT_MINUTES = 360;
const OUTPUT_LIMIT = 1024 * 1024;

export async function runSteps(job) {
  job.token = job.repository.issueToken(job.permissions, job);
  const work = await prepare(job);
  try {
    return await runAll(work);
  } finally {
    job.repository.revokeToken(job.token);
    await cleanUp(work);
  }
}

// What lives as long as the job does.
async function prepare(job) {
  const folder = join(job.attempt.urls.workFolder, `${job.attempt.run.id}-${job.attempt.number}-${job.id}`);
  const folders = {
    root: folder,
    workspace: join(folder, "work", job.repository.name, job.repository.name),
    temp: join(folder, "work", "_temp"),
    files: join(folder, "work", "_temp", "_runner_file_commands"),
    home: join(folder, "home"),
  };
  for (const path of [folders.workspace, folders.files, folders.home]) await mkdir(path, { recursive: true });
  const eventPath = join(folders.temp, "event.json");
  await writeFile(eventPath, JSON.stringify(job.attempt.run.payload, null, 2));
  const work = {
    job,
    folders,
    eventPath,
    status: "success",
    exported: {},
    paths: [],
    stepResults: {},
    masks: Object.values(secretsContext(job)).filter((value) => value !== ""),
    process: null,
    groups: [],
    scripts: 0,
    // The runner is gone: nothing more runs, nothing is reported.
    lost: false,
  };
  work.commands = new CommandReader(job, (mask) => mask !== "" && work.masks.push(mask));
  work.killStep = () => work.process !== null && killGroup(work.process.pid);
  work.lose = () => {
    work.lost = true;
    work.killStep();
  };
  job.lose = work.lose;
  work.shim = await installGitShim(job, folder, (fault) => (fault.lost ? work.lose() : work.killStep()));
  work.env = jobEnvironment(work);
  return work;
}

function jobEnvironment(work) {
  const { job } = work;
  const workflowEnv = evaluateTextMap(job.graph.workflow.env, stepContexts(work, {}));
  return { ...workflowEnv, ...evaluateTextMap(job.definition.env, stepContexts(work, workflowEnv)) };
}

// The contexts inside of steps. env: the variables visible there.
export function stepContexts(work, env) {
  const { job, folders } = work;
  return {
    ...jobContexts(job),
    github: () => ({
      ...githubContext(job.attempt),
      token: job.token,
      job: job.definition.id,
      workspace: folders.workspace,
      event_path: work.eventPath,
    }),
    env: () => env,
    job: () => ({ status: work.status }),
    steps: () => work.stepResults,
    runner: () => ({
      name: "executor",
      os: "Linux",
      arch: "X64",
      temp: folders.temp,
      tool_cache: join(folders.root, "tools"),
      debug: "",
    }),
    ...work.extraContexts,
  };
}

async function runAll(work) {
  const { job } = work;
  const timer = startTimeout(work);
  job.timeOut = () => timeOut(work);
  const onStop = () => noteStop(work);
  job.stop.signal.addEventListener("abort", onStop);
  if (job.stopReason !== null) noteStop(work);
  let number = 0;
  for (const step of job.definition.steps) {
    number += 1;
    if (isGone(work)) break;
    await runStep(work, step, number, job.steps);
  }
  clearTimeout(timer);
  return conclude(work);
}

function startTimeout(work) {
  const { job } = work;
  const seconds = Math.min(timeoutMinutes(job) * job.repository.options.minuteSeconds, 2 ** 31 / 1000 - 1);
  return setTimeout(() => timeOut(work), seconds * 1000);
}

function timeOut({ job }) {
  job.annotate("error", `The job has exceeded the maximum execution time of ${timeoutMinutes(job)}m0s`);
  job.stop.abort("timed_out");
}

function timeoutMinutes(job) {
  return evaluate(job.definition.timeoutMinutes, jobContexts(job)) ?? DEFAULT_TIMEOUT_MINUTES;
}

function noteStop(work) {
  work.status = "cancelled";
  if (work.job.stopReason === "forced") work.killStep();
  else work.stopStep?.();
}

function isGone(work) {
  return work.lost || work.job.stopReason === "forced";
}

function conclude(work) {
  const { job } = work;
  if (work.lost || job.repository.faults.take(job, "lose_before_output") !== null) {
    job.annotate("error", "The runner has received a shutdown signal.");
    return "failure";
  }
  if (job.stopReason === "forced") return "cancelled";
  job.outputs = jobOutputs(work);
  return job.repository.faults.take(job, "fail_after_output") === null ? work.status : "failure";
}

function jobOutputs(work) {
  const { job } = work;
  const outputs = {};
  let size = 0;
  for (const [name, value] of Object.entries(
    evaluateTextMap(job.definition.outputs, stepContexts(work, work.env)),
  )) {
    if (work.masks.some((mask) => value.includes(mask))) {
      job.annotate("warning", `Skip output '${name}' since it may contain secret.`);
      continue;
    }
    size += Buffer.byteLength(value);
    outputs[name] = value;
  }
  if (size > OUTPUT_LIMIT) throw new Error("the outputs of a job may have 1 MB at most");
  return outputs;
}

async function cleanUp(work) {
  await work.shim?.stopWatching();
  work.groups.forEach(endGroup);
  if (work.job.repository.options.keepFolders) return;
  // Nobody waits for it: what is left behind lies in the work folder.
  rm(work.folders.root, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
}
