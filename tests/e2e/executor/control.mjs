// What tests tell the fake GitHub: JSON over HTTP under /_control. Everything is a POST with one object, and
// answers with one.
import { dispatch } from "./dispatch.mjs";
import { pendingEnvironments, review } from "./environments.mjs";
import { mergeGroup, pullRequest, push, schedule } from "./events.mjs";
import { Repository } from "./repository.mjs";

const DEFAULT_ACTOR = "octocat";
const DEFAULT_TIMEOUT = 60;

// {verb: (forge, body, repository) → answer}
const VERBS = {
  create: (forge, body) => forge.add(new Repository({ ...body, gitDir: forge.gitDir(body.fullName) })),
  configure: (forge, body, repository) => configure(repository, body),
  clock: (forge, body, repository) => repository.clock.set(body),
  dispatch: async (forge, body, repository) => [
    await dispatch(repository, forge.urls, { ref: repository.defaultBranch, actor: DEFAULT_ACTOR, ...body }),
  ],
  push: (forge, body, repository) =>
    push(repository, forge.urls, { branch: repository.defaultBranch, actor: DEFAULT_ACTOR, ...body }),
  pull_request: (forge, body, repository) =>
    pullRequest(repository, forge.urls, { base: repository.defaultBranch, actor: DEFAULT_ACTOR, ...body }),
  merge_group: (forge, body, repository) =>
    mergeGroup(repository, forge.urls, { base: repository.defaultBranch, actor: DEFAULT_ACTOR, ...body }),
  schedule: (forge, body, repository) => schedule(repository, forge.urls, { actor: DEFAULT_ACTOR, ...body }),
  runs: (forge, body, repository) => repository.runs,
  run: (forge, body, repository) => findRun(repository, body.run),
  cancel: (forge, body, repository) => findRun(repository, body.run).latest.cancel(),
  force_cancel: (forge, body, repository) => findRun(repository, body.run).latest.forceCancel(),
  lose: (forge, body, repository) => workingJob(repository, body).lose(),
  time_out: (forge, body, repository) => workingJob(repository, body).timeOut(),
  rerun: (forge, body, repository) => rerun(forge, repository, body),
  review: (forge, body, repository) => reviewed(repository, body),
  fault: (forge, body, repository) => ({ id: repository.faults.plan(body).id }),
  faults: (forge, body, repository) => repository.faults,
  release: (forge, body, repository) => repository.faults.release(body.fault),
  token: (forge, body, repository) => ({ token: repository.issueToken(body.permissions) }),
  api_failure: (forge, body, repository) => void repository.apiFailures.push({ times: 0, ...body }),
  api_restore: (forge, body, repository) => restoreApi(repository),
  api_log: (forge, body, repository) => repository.apiLog,
  wait_idle: (forge, body, repository) => wait(repository, () => isIdle(repository), body),
  wait_run: (forge, body, repository) =>
    wait(repository, () => findRun(repository, body.run).latest.isOver, body),
  wait_job: (forge, body, repository) => wait(repository, () => jobReached(repository, body), body),
  wait_log: (forge, body, repository) => wait(repository, () => logContains(repository, body), body),
  wait_held: (forge, body, repository) =>
    wait(repository, () => repository.faults.find(body.fault).held, body),
  stop: (forge, body, repository) => stopEverything(repository),
};

export async function control(forge, verb, body) {
  if (!(verb in VERBS)) throw new Error(`unknown control verb ${verb}`);
  const repository = verb === "create" ? null : forge.find(body.repository);
  if (repository === undefined) throw new Error(`there is no repository ${body.repository}`);
  const { repository: _, ...rest } = body;
  return (await VERBS[verb](forge, verb === "create" ? body : rest, repository)) ?? {};
}

function configure(repository, { options, ...settings }) {
  Object.assign(repository.options, options);
  const { disabledWorkflows, ...plain } = settings;
  if (disabledWorkflows !== undefined) repository.disabledWorkflows = new Set(disabledWorkflows);
  const known = [
    "secrets",
    "variables",
    "environments",
    "stepEnvironment",
    "fork",
    "defaultBranch",
    "defaultPermissions",
  ];
  for (const [key, value] of Object.entries(plain)) {
    if (!known.includes(key)) throw new Error(`unknown setting ${key}`);
    repository[key] = value;
  }
  repository.changed();
}

function findRun(repository, id) {
  const run = repository.findRun(id);
  if (run === undefined) throw new Error(`there is no run ${id} in ${repository.fullName}`);
  return run;
}

// A job that runs steps now.
function workingJob(repository, { run: id, job: key }) {
  const job = [...findRun(repository, id).latest.jobs()].find((one) => one.key === key);
  if (job?.status !== "in_progress" || job.timeOut === null)
    throw new Error(`no job ${key} of run ${id} is at work: ${job?.status ?? "there is none"}`);
  return job;
}

function rerun(forge, repository, { run: id, failed = false, actor = DEFAULT_ACTOR }) {
  const run = findRun(repository, id);
  if (!run.latest.isOver) throw new Error(`run ${id} is not completed`);
  if (failed) run.rerunFailed(forge.urls, actor);
  else run.rerun(forge.urls, actor);
  return run;
}

function reviewed(repository, { run: id, ...answer }) {
  const run = findRun(repository, id);
  if (!review(run, answer)) {
    throw new Error(
      `run ${id} does not wait for environment ${answer.environment}; it waits for: ${pendingEnvironments(run).join(", ") || "none"}`,
    );
  }
}

function restoreApi(repository) {
  repository.apiFailures = [];
  repository.changed();
}

function isIdle(repository) {
  return repository.runs.every((run) => run.latest.isOver);
}

function jobReached(repository, { run: id, job: key, status }) {
  const job = [...findRun(repository, id).latest.jobs()].find((one) => one.key === key);
  return job !== undefined && job.status === status;
}

function logContains(repository, { run: id, job: key, text }) {
  const job = [...findRun(repository, id).latest.jobs()].find((one) => one.key === key);
  return job !== undefined && job.log.some((line) => line.includes(text));
}

async function wait(repository, predicate, { timeout = DEFAULT_TIMEOUT }) {
  if (!(await repository.until(predicate, timeout)))
    throw new Error(`waited ${timeout} s in vain\n${dump(repository)}`);
}

// What is still going on, for whoever waited too long.
function dump(repository) {
  const open = repository.runs.filter((run) => !run.latest.isOver);
  const lines = open.flatMap((run) => [
    `${run.file} run ${run.id} attempt ${run.latest.number}: ${run.latest.shownStatus}`,
    ...[...run.latest.jobs()]
      .filter((job) => job.status !== "completed")
      .map(
        (job) => `  ${job.key}: ${job.status}${job.log.length > 0 ? `; last line: ${job.log.at(-1)}` : ""}`,
      ),
  ]);
  return lines.length === 0 ? "no run is open" : lines.join("\n");
}

// Ends all that still runs, so that one test leaves nothing to the next.
async function stopEverything(repository) {
  repository.apiFailures = [];
  repository.disabledWorkflows = new Set(repository.runs.map((run) => run.file));
  for (const run of repository.runs) run.latest.forceCancel();
  repository.changed();
  await repository.until(() => isIdle(repository), 10);
}
