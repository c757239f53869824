// The gate of a job with `environment:`: waits for a reviewer, if the environment has any.
import { jobContexts } from "./contexts.mjs";
import { evaluate } from "./expressions.mjs";
import { aborted } from "./faults.mjs";

// Returns null when the job may go on, else the result it ends with.
export async function passEnvironment(job) {
  if (job.definition.environment === undefined) return null;
  const value = evaluate(job.definition.environment, jobContexts(job));
  const named = typeof value === "object" && value !== null ? value : { name: value };
  if (!named.name) return null;
  job.environment = { name: String(named.name), url: named.url ?? null };
  const environment = job.repository.touchEnvironment(job.environment.name);
  if (environment.reviewers.length === 0 || isApproved(job)) return null;
  const review = await askForReview(job);
  if (review === null) return "cancelled";
  return review.state === "approved" ? null : "failure";
}

// A re-run does not ask again.
function isApproved(job) {
  return approvals(job).some((one) => one.state === "approved");
}

function approvals(job) {
  return job.attempt.run.approvals.filter(
    (one) => one.environment.toLowerCase() === job.environment.name.toLowerCase(),
  );
}

async function askForReview(job) {
  job.setStatus("waiting");
  const before = approvals(job).length;
  const { repository } = job;
  const answered = new Promise((resolve) => {
    const check = () => {
      if (approvals(job).length === before && job.stopReason === null) return;
      repository.events.off("change", check);
      resolve();
    };
    repository.events.on("change", check);
  });
  await Promise.race([answered, aborted(job.stop.signal)]);
  return job.stopReason === null ? approvals(job).at(-1) : null;
}

// state: "approved" or "rejected". Returns whether anything waited for it.
export function review(run, { environment, state, user = "octocat", comment = "" }) {
  const waiting = pendingEnvironments(run);
  if (!waiting.includes(environment)) return false;
  run.approvals.push({ environment, state, user, comment });
  run.repository.changed();
  return true;
}

export function pendingEnvironments(run) {
  const waiting = [...run.latest.jobs()].filter(
    (job) => job.status === "waiting" && job.environment !== null,
  );
  return [...new Set(waiting.map((job) => job.environment.name))];
}
