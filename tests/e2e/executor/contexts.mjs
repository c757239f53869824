// The contexts that expressions see: github, inputs, vars, needs, secrets, …
import { concurrencySetting } from "./concurrency.mjs";
import { evaluate } from "./expressions.mjs";

export function githubContext(attempt) {
  const { run } = attempt;
  const { repository } = run;
  return {
    event: run.payload,
    event_name: run.event,
    sha: run.sha,
    ref: run.ref,
    ref_name: run.refName,
    ref_type: run.ref.startsWith("refs/tags/") ? "tag" : "branch",
    ref_protected: false,
    head_ref: run.headRef,
    base_ref: run.baseRef,
    repository: repository.fullName,
    repository_owner: repository.owner,
    run_id: String(run.id),
    run_number: String(run.number),
    run_attempt: String(attempt.number),
    actor: run.actor,
    triggering_actor: attempt.triggeringActor,
    workflow: run.workflowName,
    workflow_ref: `${repository.fullName}/${run.path}@${run.ref}`,
    workflow_sha: run.sha,
    server_url: attempt.urls.server,
    api_url: attempt.urls.api,
    graphql_url: `${attempt.urls.api}/graphql`,
  };
}

export function runContexts(attempt, inputs) {
  const { repository } = attempt.run;
  return { github: () => githubContext(attempt), inputs: () => inputs, vars: () => repository.variables };
}

// The contexts of places outside of steps: `if`, `with`, `env`, `environment`, `concurrency`, `name`.
export function jobContexts(job) {
  const { graph, repository } = job;
  return {
    ...runContexts(job.attempt, graph.inputs),
    vars: () => ({ ...repository.variables, ...environmentOf(job)?.variables }),
    needs: () => needsContext(job),
    secrets: () => secretsContext(job),
    strategy: () => ({ "fail-fast": true, "job-index": 0, "job-total": 1, "max-parallel": 1 }),
    matrix: () => null,
    env: () => evaluate(graph.workflow.env, jobContexts(job)) ?? {},
  };
}

function needsContext(job) {
  const needs = job.graph.needsOf(job);
  return Object.fromEntries(
    needs.map((need) => [need.definition.id, { result: need.result, outputs: need.outputs }]),
  );
}

function environmentOf(job) {
  return job.environment === null ? undefined : job.repository.environment(job.environment.name);
}

// Secrets of an environment reach a called workflow only if it was called with `secrets: inherit`.
export function secretsContext(job) {
  const own = job.graph.inherited ? environmentOf(job)?.secrets : {};
  const token = job.token === undefined ? {} : { GITHUB_TOKEN: job.token };
  return { ...job.graph.secrets, ...own, ...token };
}

// The contexts of `on.workflow_call.outputs`. A job's result is not among them: GitHub leaves it empty there.
export function callOutputContexts(graph) {
  const jobs = () =>
    Object.fromEntries([...graph.jobs.values()].map((job) => [job.definition.id, { outputs: job.outputs }]));
  return { ...runContexts(graph.attempt, graph.inputs), jobs };
}

export function evaluateConcurrency(token, contexts) {
  return token === undefined ? null : concurrencySetting(evaluate(token, contexts));
}
