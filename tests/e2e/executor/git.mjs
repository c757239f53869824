// Reading the bare origin. The only module that runs git for the server itself.
import { execFile } from "node:child_process";

// The environment of a git process that must not be influenced by the machine's or the caller's git settings.
export function cleanGitEnvironment(home) {
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    LANG: "C.UTF-8",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
  };
  return env;
}

export function git(gitDir, args) {
  const options = { env: cleanGitEnvironment(gitDir), maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve, reject) => {
    execFile("git", ["--git-dir", gitDir, ...args], options, (error, stdout, stderr) => {
      if (error) reject(new Error(`git ${args.join(" ")}: ${stderr.trim() || error.message}`));
      else resolve(stdout);
    });
  });
}

async function gitOrNull(gitDir, args) {
  try {
    return await git(gitDir, args);
  } catch {
    return null;
  }
}

export async function resolveCommit(gitDir, ref) {
  const found = await gitOrNull(gitDir, ["rev-parse", "--verify", "--quiet", `${ref}^{commit}`]);
  return found === null ? null : found.trim();
}

// The text of a file of a commit, or null. Content never changes, so it is remembered.
const contents = new Map();
export async function showFile(gitDir, commit, path) {
  const key = `${gitDir}\0${commit}\0${path}`;
  if (!contents.has(key))
    contents.set(key, await gitOrNull(gitDir, ["cat-file", "blob", `${commit}:${path}`]));
  return contents.get(key);
}

const listings = new Map();
export async function listFolder(gitDir, commit, folder) {
  const key = `${gitDir}\0${commit}\0${folder}`;
  if (!listings.has(key)) {
    const text = await gitOrNull(gitDir, ["ls-tree", "--name-only", "-z", commit, `${folder}/`]);
    listings.set(key, text === null ? [] : text.split("\0").filter(Boolean));
  }
  return listings.get(key);
}

export async function changedFiles(gitDir, before, after) {
  if (!before || /^0+$/.test(before)) return null;
  const text = await gitOrNull(gitDir, ["diff", "--name-only", "-z", before, after]);
  return text === null ? null : text.split("\0").filter(Boolean);
}

export async function commitMessage(gitDir, commit) {
  return (await git(gitDir, ["log", "-1", "--format=%B", commit])).trim();
}
