// The part of GitHub's REST API that workflows use, with the shapes of https://docs.github.com/rest.
import { dispatch, Refusal } from "./dispatch.mjs";
import { pendingEnvironments } from "./environments.mjs";
import { resolveCommit, showFile } from "./git.mjs";
import { allows } from "./permissions.mjs";
import { mustRunAgain } from "./rerun.mjs";
import { readWorkflow, WORKFLOW_FOLDER } from "./workflow.mjs";

// [method, path below /repos/{owner}/{repo}, permission, handler(call) → {status, body}]
const ROUTES = [
  ["GET", "", null, getRepository],
  ["GET", "/environments/([^/]+)", ["actions", "read"], getEnvironment],
  ["POST", "/actions/workflows/([^/]+)/dispatches", ["actions", "write"], postDispatch],
  ["GET", "/actions/workflows/([^/]+)/runs", ["actions", "read"], getWorkflowRuns],
  ["GET", "/actions/workflows/([^/]+)", ["actions", "read"], getWorkflow],
  ["GET", "/actions/runs", ["actions", "read"], getRuns],
  ["GET", "/actions/runs/(\\d+)", ["actions", "read"], getRun],
  ["GET", "/actions/runs/(\\d+)/jobs", ["actions", "read"], getRunJobs],
  ["GET", "/actions/runs/(\\d+)/attempts/(\\d+)", ["actions", "read"], getAttempt],
  ["GET", "/actions/runs/(\\d+)/attempts/(\\d+)/jobs", ["actions", "read"], getAttemptJobs],
  ["GET", "/actions/runs/(\\d+)/approvals", ["actions", "read"], getApprovals],
  ["GET", "/actions/runs/(\\d+)/pending_deployments", ["actions", "read"], getPendingDeployments],
  ["POST", "/actions/runs/(\\d+)/cancel", ["actions", "write"], postCancel],
  ["POST", "/actions/runs/(\\d+)/force-cancel", ["actions", "write"], postForceCancel],
  ["POST", "/actions/runs/(\\d+)/rerun", ["actions", "write"], postRerun],
  ["POST", "/actions/runs/(\\d+)/rerun-failed-jobs", ["actions", "write"], postRerunFailed],
].map(([method, path, permission, handler]) => ({
  method,
  expression: new RegExp(`^${path}$`),
  permission,
  handler,
}));

const NOT_FOUND = {
  status: 404,
  body: { message: "Not Found", documentation_url: "https://docs.github.com/rest", status: "404" },
};

// call: {repository, urls, method, path (below the repository), query, body, token}
export async function answer(call) {
  const holder = call.repository.tokens.get(call.token);
  if (holder === undefined || !holder.alive) return problem(401, "Bad credentials");
  const route = ROUTES.find((one) => one.method === call.method && one.expression.test(call.path));
  if (route === undefined) return NOT_FOUND;
  if (route.permission !== null && !allows(holder.permissions, ...route.permission)) {
    return problem(403, "Resource not accessible by integration");
  }
  const params = route.expression.exec(call.path).slice(1).map(decodeURIComponent);
  try {
    return await route.handler(call, ...params);
  } catch (error) {
    if (error instanceof Refusal) return problem(error.status, error.message);
    throw error;
  }
}

function problem(status, message) {
  return {
    status,
    body: { message, documentation_url: "https://docs.github.com/rest", status: String(status) },
  };
}

function getRepository({ repository }) {
  const { owner, name, fullName, fork, defaultBranch } = repository;
  return {
    status: 200,
    body: {
      name,
      full_name: fullName,
      owner: { login: owner },
      fork,
      private: true,
      default_branch: defaultBranch,
    },
  };
}

function getEnvironment({ repository }, name) {
  const environment = repository.environment(name);
  if (environment === undefined) return NOT_FOUND;
  const reviewers = environment.reviewers.map((login) => ({ type: "User", reviewer: { login } }));
  const rules =
    reviewers.length === 0
      ? []
      : [{ id: 1, type: "required_reviewers", prevent_self_review: false, reviewers }];
  return { status: 200, body: { id: 1, name, protection_rules: rules, deployment_branch_policy: null } };
}

async function findWorkflow(repository, file) {
  const tip = await resolveCommit(repository.gitDir, `refs/heads/${repository.defaultBranch}`);
  const path = `${WORKFLOW_FOLDER}/${file}`;
  const content = tip === null ? null : await showFile(repository.gitDir, tip, path);
  return content === null ? null : readWorkflow(path, content);
}

async function getWorkflow({ repository }, file) {
  const workflow = await findWorkflow(repository, file);
  if (workflow === null) return NOT_FOUND;
  const state = repository.disabledWorkflows.has(file) ? "disabled_manually" : "active";
  return { status: 200, body: { id: file, name: workflow.name, path: `${WORKFLOW_FOLDER}/${file}`, state } };
}

async function getWorkflowRuns(call, file) {
  const runs = call.repository.runs.filter((run) => run.file === file);
  if (runs.length === 0 && (await findWorkflow(call.repository, file)) === null) return NOT_FOUND;
  return { status: 200, body: listRuns(call, runs) };
}

function getRuns(call) {
  return { status: 200, body: listRuns(call, call.repository.runs) };
}

function listRuns(call, runs) {
  const { query } = call;
  const wanted = runs
    .filter((run) => !query.get("branch") || run.refName === query.get("branch"))
    .filter((run) => !query.get("event") || run.event === query.get("event"))
    .filter((run) => !query.get("head_sha") || run.sha === query.get("head_sha"))
    .filter(
      (run) =>
        !query.get("status") || [run.latest.shownStatus, run.latest.conclusion].includes(query.get("status")),
    )
    .reverse();
  return {
    total_count: wanted.length,
    workflow_runs: page(query, wanted).map((run) => describeRun(call, run, run.latest)),
  };
}

function page(query, items) {
  const size = Math.min(Number(query.get("per_page") ?? 30), 100);
  const start = (Number(query.get("page") ?? 1) - 1) * size;
  return items.slice(start, start + size);
}

function describeRun({ repository, urls }, run, attempt) {
  const url = `${urls.api}/repos/${repository.fullName}/actions/runs/${run.id}`;
  return {
    id: run.id,
    name: run.workflowName,
    display_title: run.title,
    path: run.path,
    event: run.event,
    status: attempt.shownStatus,
    conclusion: attempt.conclusion,
    head_branch: run.refName,
    head_sha: run.sha,
    run_number: run.number,
    run_attempt: attempt.number,
    workflow_id: run.file,
    actor: { login: run.actor },
    triggering_actor: { login: attempt.triggeringActor },
    url,
    html_url: `${urls.server}/${repository.fullName}/actions/runs/${run.id}`,
    previous_attempt_url: attempt.number > 1 ? `${url}/attempts/${attempt.number - 1}` : null,
    created_at: run.createdAt,
    run_started_at: attempt.startedAt,
    updated_at: attempt.completedAt ?? repository.clock.iso(),
  };
}

function withRun(call, id, handler) {
  const run = call.repository.findRun(id);
  return run === undefined ? NOT_FOUND : handler(run);
}

function withAttempt(call, id, number, handler) {
  return withRun(call, id, (run) => {
    const attempt = run.attempt(number);
    return attempt === undefined ? NOT_FOUND : handler(run, attempt);
  });
}

function getRun(call, id) {
  return withRun(call, id, (run) => ({ status: 200, body: describeRun(call, run, run.latest) }));
}

function getAttempt(call, id, number) {
  return withAttempt(call, id, number, (run, attempt) => ({
    status: 200,
    body: describeRun(call, run, attempt),
  }));
}

function getRunJobs(call, id) {
  return withRun(call, id, (run) => listJobs(call, run, run.latest));
}

function getAttemptJobs(call, id, number) {
  return withAttempt(call, id, number, (run, attempt) => listJobs(call, run, attempt));
}

// GitHub lists the jobs of called workflows, not the job that calls; a caller that never ran stands for them.
function listJobs(call, run, attempt) {
  const jobs = [...attempt.jobs()]
    .filter((job) => job.inner === null)
    .map((job) => describeJob(call, run, attempt, job));
  return { status: 200, body: { total_count: jobs.length, jobs: page(call.query, jobs) } };
}

function describeJob({ repository, urls }, run, attempt, job) {
  return {
    id: job.id,
    run_id: run.id,
    run_attempt: attempt.number,
    workflow_name: run.workflowName,
    head_branch: run.refName,
    head_sha: run.sha,
    name: job.displayName,
    status: job.status,
    conclusion: job.conclusion,
    started_at: job.startedAt ?? attempt.startedAt,
    completed_at: job.completedAt,
    html_url: `${urls.server}/${repository.fullName}/actions/runs/${run.id}/job/${job.id}`,
    steps: job.steps.map(({ number, name, status, conclusion, started_at, completed_at = null }) => ({
      number,
      name,
      status,
      conclusion,
      started_at,
      completed_at,
    })),
  };
}

function getApprovals(call, id) {
  return withRun(call, id, (run) => ({
    status: 200,
    body: run.approvals.map(({ environment, state, user, comment }) => ({
      state,
      comment,
      user: { login: user },
      environments: [{ name: environment }],
    })),
  }));
}

function getPendingDeployments(call, id) {
  return withRun(call, id, (run) => ({
    status: 200,
    body: pendingEnvironments(run).map((name) => ({
      environment: { name },
      current_user_can_approve: false,
      reviewers: call.repository
        .environment(name)
        .reviewers.map((login) => ({ type: "User", reviewer: { login } })),
    })),
  }));
}

const TOKEN_ACTOR = "github-actions[bot]";

async function postDispatch({ repository, urls, body }, file) {
  const { ref, inputs, return_run_details: details, ...unknown } = body;
  const old = details !== undefined && !repository.options.returnRunDetails ? ["return_run_details"] : [];
  const unexpected = [...Object.keys(unknown), ...old];
  if (unexpected.length > 0)
    return problem(400, `Invalid request. No matching request schema; unexpected ${unexpected.join(", ")}`);
  if (typeof ref !== "string") return problem(422, 'Invalid request. "ref" wasn\'t supplied.');
  const run = await dispatch(repository, urls, { file, ref, inputs: inputs ?? {}, actor: TOKEN_ACTOR });
  if (details !== true) return { status: 204, body: null };
  const path = `${repository.fullName}/actions/runs/${run.id}`;
  return {
    status: 200,
    body: {
      workflow_run_id: run.id,
      run_url: `${urls.api}/repos/${path}`,
      html_url: `${urls.server}/${path}`,
    },
  };
}

function postCancel(call, id) {
  return withRun(call, id, (run) => {
    if (run.latest.isOver) return problem(409, "Cannot cancel a workflow run that is completed.");
    run.latest.cancel();
    return { status: 202, body: {} };
  });
}

function postForceCancel(call, id) {
  return withRun(call, id, (run) => {
    if (run.latest.isOver) return problem(409, "Cannot cancel a workflow run that is completed.");
    run.latest.forceCancel();
    return { status: 202, body: {} };
  });
}

function postRerun(call, id) {
  return withRun(call, id, (run) => {
    if (!run.latest.isOver) return problem(403, "This workflow is already running");
    run.rerun(call.urls, TOKEN_ACTOR);
    return { status: 201, body: {} };
  });
}

function postRerunFailed(call, id) {
  return withRun(call, id, (run) => {
    if (!run.latest.isOver) return problem(403, "This workflow is already running");
    if (![...run.latest.jobs()].some(mustRunAgain))
      return problem(403, "This workflow run cannot be retried");
    run.rerunFailed(call.urls, TOKEN_ACTOR);
    return { status: 201, body: {} };
  });
}
