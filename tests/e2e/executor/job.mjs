// One job of one attempt: where it stands and everything that is known about it.
import { jobPermissions } from "./permissions.mjs";

let lastId = 5000000;
let lastStart = 0;

export class Job {
  #resolveCompleted;

  constructor(graph, definition) {
    this.id = lastId += 1;
    this.graph = graph;
    this.attempt = graph.attempt;
    this.definition = definition;
    this.key = graph.caller === null ? definition.id : `${graph.caller.key}/${definition.id}`;
    this.name = definition.id;
    this.permissions = jobPermissions(definition, graph.workflow, graph.permissions);
    // GitHub's words: queued, pending (concurrency), waiting (environment), in_progress, completed.
    this.status = "queued";
    // What `needs` sees: success, failure, cancelled, skipped. `conclusion` differs with continue-on-error.
    this.result = null;
    this.conclusion = null;
    this.outputs = {};
    this.inner = null;
    this.inputs = null;
    this.environment = null;
    this.condition = null;
    this.steps = [];
    this.annotations = [];
    this.commands = [];
    this.log = [];
    this.summary = "";
    this.startedAt = null;
    this.completedAt = null;
    this.order = null;
    this.fromAttempt = this.attempt.number;
    // Set as soon as its `if` was true. From then on a cancel looks at that `if` again.
    this.decided = false;
    this.stop = new AbortController();
    // What may befall its runner while steps run: it is lost, or its time is over.
    this.lose = null;
    this.timeOut = null;
    this.completed = new Promise((resolve) => (this.#resolveCompleted = resolve));
  }

  get isCall() {
    return this.definition.uses !== null;
  }

  get repository() {
    return this.attempt.run.repository;
  }

  get displayName() {
    return this.graph.caller === null ? this.name : `${this.graph.caller.displayName} / ${this.name}`;
  }

  // Why the job must stop: "cancelled", "timed_out", "forced", or null.
  get stopReason() {
    return this.stop.signal.aborted ? this.stop.signal.reason : null;
  }

  setStatus(status) {
    this.status = status;
    this.repository.changed();
  }

  start() {
    this.order = lastStart += 1;
    this.startedAt = this.repository.clock.iso();
    this.setStatus("in_progress");
  }

  annotate(level, message, properties = {}) {
    this.annotations.push({ level, message, ...properties });
  }

  settle(result) {
    const forgiven = result === "failure" && this.continueOnError;
    this.conclusion = result;
    this.result = forgiven ? "success" : result;
    this.completedAt = this.repository.clock.iso();
    this.setStatus("completed");
  }

  release() {
    this.#resolveCompleted();
    this.repository.changed();
  }

  // Takes over what the same job did in an earlier attempt.
  adopt(old) {
    const kept = [
      "name",
      "status",
      "result",
      "conclusion",
      "outputs",
      "inputs",
      "environment",
      "condition",
      "steps",
      "annotations",
      "commands",
      "log",
      "summary",
      "startedAt",
      "completedAt",
      "order",
      "fromAttempt",
      "decided",
      "inner",
    ];
    for (const field of kept) this[field] = old[field];
    this.release();
  }

  toJSON() {
    return {
      key: this.key,
      id: this.id,
      name: this.displayName,
      status: this.status,
      result: this.result,
      conclusion: this.conclusion,
      calls: this.definition.uses,
      inputs: this.inputs,
      outputs: this.outputs,
      condition: this.condition,
      environment: this.environment,
      permissions: this.permissions,
      steps: this.steps,
      annotations: this.annotations,
      commands: this.commands,
      log: this.log.join("\n"),
      summary: this.summary,
      order: this.order,
      attempt: this.fromAttempt,
      started_at: this.startedAt,
      completed_at: this.completedAt,
    };
  }
}
