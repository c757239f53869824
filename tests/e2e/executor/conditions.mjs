// What success(), failure(), cancelled() and always() mean for a job, and its `if`.
import { jobContexts } from "./contexts.mjs";
import { evaluateCondition } from "./expressions.mjs";

export function statusFunctions(job) {
  const cancelled = () => job.attempt.cancelRequested;
  return {
    always: () => true,
    cancelled,
    success: (...ids) => !cancelled() && considered(job, ids).every((ancestor) => succeeded(ancestor)),
    failure: (...ids) =>
      !cancelled() && considered(job, ids).some((ancestor) => ancestor.result === "failure"),
  };
}

// All ancestors, not only the direct needs; or the named ones, which GitHub's grammar allows.
function considered(job, ids) {
  const ancestors = job.graph.ancestorsOf(job);
  return ids.length === 0 ? ancestors : ancestors.filter((ancestor) => ids.includes(ancestor.definition.id));
}

function succeeded(job) {
  if (job.result !== "success") return false;
  return !(job.repository.options.pessimisticSuccess && job.inner?.hasSkippedJob());
}

// Evaluates the `if` of a job and remembers the answer for whoever reads the run.
export function decide(job) {
  const token = job.definition.condition;
  const value = evaluateCondition(token, "job", jobContexts(job), statusFunctions(job));
  job.condition = { expression: token?.expression ?? "success()", value };
  return value;
}
