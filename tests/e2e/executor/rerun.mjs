// "Re-run failed jobs": which jobs keep what they did. Failed and cancelled jobs run again, and everything that
// depends on them; inside a called workflow the same holds for its own jobs.

// {key: job} of the jobs whose results and outputs are taken over.
export function reusableJobs(graph, reused = new Map()) {
  const failed = [...graph.jobs.values()].filter((job) => mustRunAgain(job));
  const dependants = new Set(graph.dependantsOf(failed));
  for (const job of graph.jobs.values()) {
    if (dependants.has(job)) continue;
    if (!failed.includes(job)) reused.set(job.key, job);
    else if (job.inner !== null) reusableJobs(job.inner, reused);
  }
  return reused;
}

export function mustRunAgain(job) {
  return job.result === "failure" || job.result === "cancelled";
}
