// actions/checkout from the local origin, with the inputs that matter to generated workflows and callbacks.
import { execFile } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { cleanGitEnvironment } from "./git.mjs";
import { allows } from "./permissions.mjs";

const OBEYED = [
  "repository",
  "ref",
  "path",
  "sparse-checkout",
  "sparse-checkout-cone-mode",
  "fetch-depth",
  "persist-credentials",
];
// Inputs that change nothing about a fresh checkout of a local repository.
const HARMLESS = ["token", "clean", "show-progress", "set-safe-directory", "github-server-url"];
const NOT_EMULATED = [
  "fetch-tags",
  "submodules",
  "lfs",
  "filter",
  "ssh-key",
  "ssh-known-hosts",
  "ssh-strict",
  "ssh-user",
];

export async function checkout(work, inputs) {
  const { job } = work;
  checkInputs(job, inputs);
  if (!allows(job.permissions, "contents", "read"))
    throw new Error("remote: Repository not found. (the job lacks contents: read)");
  const folder = join(work.folders.workspace, inputs.path ?? "");
  await rm(join(folder, ".git"), { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const run = (...args) => gitIn(work, folder, args);
  const origin = `${job.attempt.urls.server}/${inputs.repository || job.repository.fullName}.git`;
  await run("init", "--quiet", "--initial-branch", "main");
  await run("remote", "add", "origin", origin);
  if (inputs["persist-credentials"] !== "false") await persistCredentials(work, run);
  if (inputs["sparse-checkout"]) await setSparse(run, inputs);
  await fetchAndSwitch(run, job, inputs);
  return true;
}

function checkInputs(job, inputs) {
  const names = Object.keys(inputs).filter((name) => inputs[name] !== "" && inputs[name] !== "false");
  const refused = names.filter((name) => NOT_EMULATED.includes(name));
  if (refused.length > 0) throw new Error(`actions/checkout: ${refused.join(", ")} is not emulated`);
  const known = [...OBEYED, ...HARMLESS];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) job.annotate("warning", `Unexpected input(s) '${unknown.join("', '")}'`);
}

// Anybody who reads .git/config of such a checkout reads the token; that is what `persist-credentials: false` is for.
async function persistCredentials(work, run) {
  const credential = Buffer.from(`x-access-token:${work.job.token}`).toString("base64");
  await run(
    "config",
    "--local",
    `http.${work.job.attempt.urls.server}/.extraheader`,
    `AUTHORIZATION: basic ${credential}`,
  );
}

async function setSparse(run, inputs) {
  const patterns = inputs["sparse-checkout"]
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  const cone = inputs["sparse-checkout-cone-mode"] === "false" ? "--no-cone" : "--cone";
  await run("sparse-checkout", "set", cone, ...patterns);
}

async function fetchAndSwitch(run, job, inputs) {
  const wanted = inputs.ref || (inputs.repository ? "" : job.attempt.run.ref);
  const pinned = inputs.ref || inputs.repository ? null : job.attempt.run.sha;
  const depth = inputs["fetch-depth"] ?? "1";
  const history = depth === "0" ? [] : ["--depth", depth];
  const commit = /^[0-9a-f]{40}$/.test(wanted) ? wanted : pinned;
  const fetch = (spec) => run("fetch", "--quiet", "--no-tags", ...history, "origin", spec);
  if (depth === "0")
    await run(
      "fetch",
      "--quiet",
      "origin",
      "+refs/heads/*:refs/remotes/origin/*",
      "+refs/tags/*:refs/tags/*",
    );
  if (commit !== null) {
    await fetch(commit);
    const branch =
      pinned !== null && wanted.startsWith("refs/heads/") ? wanted.slice("refs/heads/".length) : null;
    await (branch === null
      ? run("checkout", "--quiet", "--force", "--detach", commit)
      : run("checkout", "--quiet", "--force", "-B", branch, commit));
    return;
  }
  await fetch(wanted || "HEAD");
  await run("checkout", "--quiet", "--force", "--detach", "FETCH_HEAD");
}

function gitIn(work, folder, args) {
  const env = cleanGitEnvironment(work.folders.home);
  return new Promise((resolve, reject) => {
    execFile("git", args, { cwd: folder, env }, (error, stdout, stderr) => {
      work.job.log.push(`git ${args[0]}`);
      if (error) reject(new Error(`actions/checkout: git ${args[0]}: ${stderr.trim()}`));
      else resolve(stdout);
    });
  });
}
