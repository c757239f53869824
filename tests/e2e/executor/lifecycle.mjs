// The way of one job from waiting for its needs to completed.
import { requestCancel } from "./cancel.mjs";
import { runCall } from "./called.mjs";
import { decide } from "./conditions.mjs";
import { evaluateConcurrency, jobContexts } from "./contexts.mjs";
import { passEnvironment } from "./environments.mjs";
import { evaluate, evaluateText } from "./expressions.mjs";
import { runSteps } from "./steps_job.mjs";

export async function runJob(job) {
  await Promise.all(job.graph.needsOf(job).map((need) => need.completed));
  const old = job.attempt.reused.get(job.key);
  if (old !== undefined) {
    job.adopt(old);
    return;
  }
  await complete(job, await outcome(job));
}

async function outcome(job) {
  if (job.attempt.forced) return "cancelled";
  try {
    job.decided = decide(job);
    if (job.definition.name !== undefined)
      job.name = evaluateText(job.definition.name, jobContexts(job)) || job.name;
    return job.decided ? await perform(job) : "skipped";
  } catch (error) {
    job.annotate("error", `${error.message}`);
    return "failure";
  }
}

async function perform(job) {
  const { faults } = job.repository;
  job.setStatus("queued");
  await faults.hold(job, "hold_start", job.stop.signal);
  if (job.stopReason !== null) return "cancelled";
  const leave = await enterConcurrency(job);
  if (leave === null) return "cancelled";
  try {
    const refused = await passEnvironment(job);
    return refused ?? (await performStarted(job));
  } finally {
    leave();
  }
}

async function performStarted(job) {
  const { faults } = job.repository;
  job.continueOnError = evaluate(job.definition.continueOnError, jobContexts(job)) === true;
  job.start();
  if (faults.take(job, "cancel_on_start") !== null) requestCancel(job.attempt);
  if (faults.take(job, "lose_before_start") !== null) {
    job.annotate("error", "The runner has received a shutdown signal.");
    return "failure";
  }
  return job.isCall ? runCall(job) : runSteps(job);
}

async function enterConcurrency(job) {
  const setting = evaluateConcurrency(job.definition.concurrency, jobContexts(job));
  if (setting === null) return () => {};
  job.setStatus("pending");
  const member = { cancel: () => job.stop.abort("cancelled") };
  return job.repository.concurrency.enter(setting, member, job.stop.signal);
}

async function complete(job, result) {
  const { faults } = job.repository;
  if (result !== "skipped") await faults.hold(job, "hold_end", job.stop.signal);
  job.settle(result);
  if (result !== "skipped" && faults.take(job, "cancel_on_end") !== null) requestCancel(job.attempt);
  job.release();
}
