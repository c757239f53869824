// A workflow run and its attempts.
import { forceCancel, requestCancel } from "./cancel.mjs";
import { evaluateConcurrency, runContexts } from "./contexts.mjs";
import { evaluateText } from "./expressions.mjs";
import { JobGraph } from "./graph.mjs";
import { reusableJobs } from "./rerun.mjs";
import { loadWorkflow } from "./startup.mjs";

let lastId = 1000000;

export class Run {
  constructor(
    repository,
    { file, path, event, payload, inputs, ref, sha, actor, title = null, headRef = "", baseRef = "" },
  ) {
    this.id = lastId += 1;
    this.repository = repository;
    this.file = file;
    this.path = path;
    this.number = repository.nextRunNumber(file);
    this.event = event;
    this.payload = payload;
    this.inputs = inputs;
    this.ref = ref;
    this.refName = ref.replace(/^refs\/(heads|tags|pull)\//, "");
    this.headRef = headRef;
    this.baseRef = baseRef;
    this.sha = sha;
    this.actor = actor;
    this.createdAt = repository.clock.iso();
    this.workflowName = path;
    this.givenTitle = title;
    this.title = title ?? path;
    this.approvals = [];
    this.attempts = [];
    repository.runs.push(this);
  }

  get latest() {
    return this.attempts.at(-1);
  }

  attempt(number) {
    return this.attempts.find((one) => one.number === Number(number));
  }

  // Starts an attempt and returns it without waiting for it.
  startAttempt(urls, { actor = this.actor, reused = new Map() } = {}) {
    const attempt = new Attempt(this, urls, this.attempts.length + 1, actor, reused);
    this.attempts.push(attempt);
    attempt.finished = attempt.perform();
    return attempt;
  }

  rerun(urls, actor) {
    return this.startAttempt(urls, { actor });
  }

  rerunFailed(urls, actor) {
    return this.startAttempt(urls, { actor, reused: reusableJobs(this.latest.graph) });
  }

  toJSON() {
    return {
      id: this.id,
      file: this.file,
      number: this.number,
      name: this.workflowName,
      title: this.title,
      event: this.event,
      ref: this.ref,
      sha: this.sha,
      actor: this.actor,
      inputs: this.inputs,
      approvals: this.approvals,
      attempts: this.attempts,
    };
  }
}

class Attempt {
  constructor(run, urls, number, triggeringActor, reused) {
    this.run = run;
    this.urls = urls;
    this.number = number;
    this.triggeringActor = triggeringActor;
    this.reused = reused;
    this.status = "queued";
    this.conclusion = null;
    this.errors = [];
    this.graph = null;
    this.callees = new Map();
    this.cancelRequested = false;
    this.forced = false;
    this.killTimer = null;
    // Aborted when the attempt is cancelled while it waits for its concurrency group.
    this.queue = new AbortController();
    this.startedAt = run.repository.clock.iso();
    this.completedAt = null;
  }

  get isOver() {
    return this.status === "completed";
  }

  *jobs() {
    if (this.graph !== null) yield* this.graph.all();
  }

  // What GitHub shows: an attempt with a job at an environment gate and nothing else to do is "waiting".
  get shownStatus() {
    if (this.status !== "in_progress") return this.status;
    const open = [...this.jobs()].filter((job) => job.decided && !job.isCall && job.status !== "completed");
    return open.length > 0 && open.every((job) => job.status === "waiting") ? "waiting" : "in_progress";
  }

  async perform() {
    try {
      this.end(await this.conclude());
    } catch (error) {
      this.errors.push(error.stack);
      this.end("startup_failure");
    }
  }

  async conclude() {
    const { run } = this;
    const { workflow, callees, errors } = await loadWorkflow(run.repository, run.sha, run.path);
    this.errors = errors;
    if (errors.length > 0) return "startup_failure";
    this.callees = callees;
    const contexts = runContexts(this, run.inputs);
    run.workflowName = workflow.name;
    run.title =
      workflow.runName === undefined
        ? (run.givenTitle ?? workflow.name)
        : evaluateText(workflow.runName, contexts);
    this.graph = this.#makeGraph(workflow);
    const leave = await this.#enterConcurrency(evaluateConcurrency(workflow.concurrency, contexts));
    if (leave === null) return "cancelled";
    this.setStatus("in_progress");
    await this.graph.run();
    leave();
    return this.#conclusion();
  }

  #makeGraph(workflow) {
    const { repository, inputs } = this.run;
    const permissions = repository.defaultPermissions;
    return new JobGraph({
      attempt: this,
      workflow,
      inputs,
      secrets: repository.secrets,
      permissions,
      inherited: true,
    });
  }

  async #enterConcurrency(setting) {
    if (setting === null) return () => {};
    this.setStatus("pending");
    const member = { cancel: () => requestCancel(this) };
    return this.run.repository.concurrency.enter(setting, member, this.queue.signal);
  }

  #conclusion() {
    if (this.cancelRequested) return "cancelled";
    const result = this.graph.result();
    return result === "skipped" ? "skipped" : result;
  }

  setStatus(status) {
    this.status = status;
    this.run.repository.changed();
  }

  end(conclusion) {
    clearTimeout(this.killTimer);
    this.conclusion = conclusion;
    this.completedAt = this.run.repository.clock.iso();
    this.setStatus("completed");
  }

  cancel() {
    requestCancel(this);
  }

  forceCancel() {
    forceCancel(this);
  }

  toJSON() {
    return {
      number: this.number,
      status: this.shownStatus,
      conclusion: this.conclusion,
      errors: this.errors,
      cancelled: this.cancelRequested,
      started_at: this.startedAt,
      completed_at: this.completedAt,
      jobs: [...this.jobs()],
    };
  }
}
