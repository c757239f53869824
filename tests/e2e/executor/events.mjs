// Events other than a dispatch: push, pull_request, merge_group, schedule. Each starts the workflows that listen.
import { changedFiles, commitMessage, git, listFolder, resolveCommit, showFile } from "./git.mjs";
import { passesBranch, passesPaths, passesType } from "./filters.mjs";
import { Run } from "./run.mjs";
import { readWorkflow, WORKFLOW_FOLDER } from "./workflow.mjs";

const PULL_REQUEST_TYPES = ["opened", "synchronize", "reopened"];

export function repositoryPayload(repository, actor) {
  return {
    repository: {
      name: repository.name,
      full_name: repository.fullName,
      owner: { login: repository.owner },
      default_branch: repository.defaultBranch,
      fork: repository.fork,
      private: true,
    },
    sender: { login: actor },
  };
}

// Returns the runs that a push of `branch` to its present tip starts. before: the tip that it had.
export async function push(repository, urls, { branch, before = "0".repeat(40), actor }) {
  const ref = `refs/heads/${branch}`;
  const sha = await resolveCommit(repository.gitDir, ref);
  if (sha === null) throw new Error(`there is no branch ${branch}`);
  const files = await changedFiles(repository.gitDir, before, sha);
  const message = await commitMessage(repository.gitDir, sha);
  const payload = {
    ref,
    before,
    after: sha,
    head_commit: { id: sha, message },
    pusher: { name: actor },
    ...repositoryPayload(repository, actor),
  };
  const wanted = (filter) => passesBranch(filter, branch) && passesPaths(filter, files);
  const details = { event: "push", payload, ref, sha, actor, title: message.split("\n")[0] };
  return startListeners(repository, urls, details, wanted);
}

// The commit is used as it is: who wants GitHub's merge commit makes it before.
export async function pullRequest(
  repository,
  urls,
  { sha, base, head = "topic", number = 1, action = "opened", before, actor },
) {
  const ref = `refs/pull/${number}/merge`;
  await git(repository.gitDir, ["update-ref", ref, sha]);
  const files = await changedFiles(
    repository.gitDir,
    before ?? (await resolveCommit(repository.gitDir, `refs/heads/${base}`)),
    sha,
  );
  const pull_request = { number, title: head, head: { ref: head, sha }, base: { ref: base } };
  const payload = { action, number, pull_request, ...repositoryPayload(repository, actor) };
  const wanted = (filter) =>
    passesBranch(filter, base) &&
    passesPaths(filter, files) &&
    passesType(filter, action, PULL_REQUEST_TYPES);
  const details = {
    event: "pull_request",
    payload,
    ref,
    sha,
    actor,
    headRef: head,
    baseRef: base,
    title: head,
  };
  return startListeners(repository, urls, details, wanted);
}

export async function mergeGroup(repository, urls, { sha, base, actor }) {
  const ref = `refs/heads/gh-readonly-queue/${base}/pr-1-${sha}`;
  await git(repository.gitDir, ["update-ref", ref, sha]);
  const merge_group = { head_sha: sha, head_ref: ref, base_ref: `refs/heads/${base}` };
  const payload = { action: "checks_requested", merge_group, ...repositoryPayload(repository, actor) };
  return startListeners(repository, urls, { event: "merge_group", payload, ref, sha, actor }, () => true);
}

// Scheduled workflows run at the tip of the default branch. file: only this one.
export async function schedule(repository, urls, { file, actor }) {
  const ref = `refs/heads/${repository.defaultBranch}`;
  const sha = await resolveCommit(repository.gitDir, ref);
  const details = { event: "schedule", payload: {}, ref, sha, actor };
  const wanted = (filter, name) => file === undefined || file === name;
  return startListeners(repository, urls, details, wanted);
}

async function startListeners(repository, urls, details, wanted) {
  const runs = [];
  for (const path of await listFolder(repository.gitDir, details.sha, WORKFLOW_FOLDER)) {
    const file = path.slice(WORKFLOW_FOLDER.length + 1);
    if (!/\.ya?ml$/.test(file) || repository.disabledWorkflows.has(file)) continue;
    const workflow = await readWorkflow(path, await showFile(repository.gitDir, details.sha, path));
    const filter = workflow.events?.[details.event];
    // GitHub reports a file that it cannot read with a failed run at every push.
    const isBroken = workflow.errors.length > 0 && details.event === "push";
    if (!isBroken && (filter === undefined || !wanted(filter, file))) continue;
    const payload = details.event === "schedule" ? { schedule: filter[0].cron } : details.payload;
    const run = new Run(repository, { file, path, inputs: {}, ...details, payload });
    run.startAttempt(urls);
    runs.push(run);
  }
  return runs;
}
