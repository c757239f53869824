// Cancelling an attempt, as https://docs.github.com/actions/reference/workflows-and-actions/workflow-cancellation
// describes it: jobs whose `if` still holds go on, the others are stopped, and after five minutes everything is.
import { decide } from "./conditions.mjs";

export function requestCancel(attempt) {
  if (attempt.cancelRequested || attempt.isOver) return;
  attempt.cancelRequested = true;
  decidedJobs(attempt).forEach(stopUnlessWanted);
  const seconds = attempt.run.repository.options.killAllAfter;
  attempt.killTimer = setTimeout(() => forceCancel(attempt), seconds * 1000);
  attempt.queue.abort("cancelled");
  attempt.run.repository.changed();
}

function stopUnlessWanted(job) {
  const before = job.condition;
  if (!decide(job)) job.stop.abort("cancelled");
  job.condition = { ...before, afterCancel: job.condition.value };
}

// Ends everything at once, without asking any `if`.
export function forceCancel(attempt) {
  if (attempt.isOver) return;
  attempt.cancelRequested = true;
  attempt.forced = true;
  attempt.queue.abort("forced");
  for (const job of decidedJobs(attempt)) job.stop.abort("forced");
  attempt.run.repository.changed();
}

function decidedJobs(attempt) {
  return [...attempt.jobs()].filter((job) => job.decided && job.status !== "completed");
}
