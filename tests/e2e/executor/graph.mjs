// The jobs of one workflow instance (the run's own, or a called one) and how they depend on each other.
import { Job } from "./job.mjs";
import { runJob } from "./lifecycle.mjs";

export class JobGraph {
  constructor({ attempt, workflow, caller = null, inputs, secrets, permissions, inherited }) {
    this.attempt = attempt;
    this.workflow = workflow;
    this.caller = caller;
    this.inputs = inputs;
    this.secrets = secrets;
    // What the caller (or the repository) grants; each job's own permissions are worked out from it.
    this.permissions = permissions;
    // Whether every caller on the way passed its secrets with `inherit`: only then an environment's secrets arrive.
    this.inherited = inherited;
    this.jobs = new Map(
      [...workflow.jobs.values()].map((definition) => [definition.id, new Job(this, definition)]),
    );
  }

  async run() {
    await Promise.all([...this.jobs.values()].map((job) => runJob(job)));
  }

  needsOf(job) {
    return job.definition.needs.map((id) => this.jobs.get(id));
  }

  ancestorsOf(job) {
    const found = new Set();
    const visit = (one) => {
      for (const need of this.needsOf(one)) {
        if (found.has(need)) continue;
        found.add(need);
        visit(need);
      }
    };
    visit(job);
    return [...found];
  }

  dependantsOf(jobs) {
    const wanted = new Set(jobs);
    return [...this.jobs.values()].filter((job) =>
      this.ancestorsOf(job).some((ancestor) => wanted.has(ancestor)),
    );
  }

  // Every job, those of called workflows included, callers before what they call.
  *all() {
    for (const job of this.jobs.values()) {
      yield job;
      if (job.inner !== null) yield* job.inner.all();
    }
  }

  // The result of the whole: what a `uses:` job, or the run, ends with.
  result() {
    const results = [...this.jobs.values()].map((job) => job.result);
    if (results.includes("failure")) return "failure";
    if (results.includes("cancelled")) return "cancelled";
    return results.every((result) => result === "skipped") ? "skipped" : "success";
  }

  hasSkippedJob() {
    return [...this.all()].some((job) => job.result === "skipped");
  }
}
