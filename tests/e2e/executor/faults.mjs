// Planned misfortunes. A fault names a workflow file and a job and fires when that job gets there.
//
// kind                what happens
// lose_before_start   the runner is lost before the first step: failure, no step ran, no outputs
// kill_before_push    the step's processes are killed just before the nth `git push` that it makes
// kill_after_push     … just after that push
// refuse_push         the nth push and all after it fail as if the server had broken down
// fail_after_output   every step runs and its outputs are kept, then the job fails
// lose_before_output  every step runs, then the runner is lost: failure, no outputs
// lose_on_log         the runner is lost when the job prints `text`: everything is killed, failure, no outputs
// cancel_on_start     the run is cancelled when the job starts
// cancel_on_end       … when the job is completed, before anything that needs it is looked at
// cancel_on_log       … when the job prints `text`
// hold_start          the job is queued until the fault is released
// hold_end            the job has done everything, but nobody sees it completed until the fault is released
// hold_push           the nth push waits until the fault is released

export const KINDS = [
  "lose_before_start",
  "kill_before_push",
  "kill_after_push",
  "refuse_push",
  "fail_after_output",
  "lose_before_output",
  "lose_on_log",
  "cancel_on_start",
  "cancel_on_end",
  "cancel_on_log",
  "hold_start",
  "hold_end",
  "hold_push",
];
export const PUSH_KINDS = ["kill_before_push", "kill_after_push", "refuse_push", "hold_push"];

export class Faults {
  #faults = [];
  #changed;

  constructor(changed) {
    this.#changed = changed;
  }

  // spec: {kind, workflow, job, attempt?, run?, nth = 1, times = 1, lost = false, text?}; times 0 means always.
  plan(spec) {
    if (!KINDS.includes(spec.kind))
      throw new Error(`unknown kind of fault ${spec.kind}; known: ${KINDS.join(", ")}`);
    let release;
    const released = new Promise((resolve) => (release = resolve));
    const fault = {
      nth: 1,
      times: 1,
      lost: false,
      ...spec,
      id: this.#faults.length + 1,
      fired: 0,
      held: false,
      released,
      release,
    };
    this.#faults.push(fault);
    return fault;
  }

  // The armed faults of these kinds for a job. They count as fired only with `fire`.
  armed(job, ...kinds) {
    return this.#faults.filter(
      (fault) =>
        kinds.includes(fault.kind) &&
        (fault.times === 0 || fault.fired < fault.times) &&
        fault.workflow === job.attempt.run.file &&
        fault.job === job.key &&
        (fault.attempt === undefined || fault.attempt === job.attempt.number) &&
        (fault.run === undefined || fault.run === job.attempt.run.id),
    );
  }

  fire(fault) {
    fault.fired += 1;
    this.#changed();
    return fault;
  }

  take(job, ...kinds) {
    const [fault] = this.armed(job, ...kinds);
    return fault === undefined ? null : this.fire(fault);
  }

  // Waits at a hold until it is released or the signal says that the job must stop.
  async hold(job, kind, signal) {
    const fault = this.take(job, kind);
    if (fault === null) return;
    this.markHeld(fault, true);
    await Promise.race([fault.released, aborted(signal)]);
    this.markHeld(fault, false);
  }

  markHeld(fault, held) {
    fault.held = held;
    this.#changed();
  }

  find(id) {
    return this.#faults.find((fault) => fault.id === id);
  }

  release(id) {
    this.find(id).release();
  }

  toJSON() {
    return this.#faults.map(({ released, release, ...fault }) => fault);
  }
}

export function aborted(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });
}
