// A `git` early in the PATH of a job: refuses a push that the job's token may not do, and carries out the faults
// that are planned around pushes. Everything else goes straight to the real git.
import { access, chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { PUSH_KINDS } from "./faults.mjs";
import { allows } from "./permissions.mjs";

const POLL_MILLISECONDS = 15;

// Returns {folder (for the PATH), stopWatching}, or null when this job needs none. kill(fault) must kill the step
// that runs now.
export async function installGitShim(job, folder, kill) {
  const faults = job.repository.faults.armed(job, ...PUSH_KINDS);
  const mayPush = allows(job.permissions, "contents", "write");
  if (faults.length === 0 && mayPush) return null;
  const shim = join(folder, "shim");
  await mkdir(shim);
  await writeFile(join(shim, "git"), script(shim, faults, mayPush, job.repository.fullName));
  await chmod(join(shim, "git"), 0o755);
  return { folder: shim, stopWatching: watchFaults(job, shim, faults, kill) };
}

function script(shim, faults, mayPush, fullName) {
  const denied = mayPush
    ? ""
    : `echo "remote: Permission to ${fullName}.git denied to github-actions[bot]." >&2
echo "fatal: unable to access the repository: The requested URL returned error: 403" >&2
exit 128`;
  return `#!/bin/bash
shim='${shim}'
export PATH="\${PATH//$shim:/}"
command=
skip=0
for word in "$@"; do
  if [ $skip = 1 ]; then skip=0; continue; fi
  case "$word" in
    -C | -c | --git-dir | --work-tree | --namespace | --exec-path | --config-env) skip=1 ;;
    -*) ;;
    *) command=$word; break ;;
  esac
done
[ "$command" = push ] || exec git "$@"
${denied}
exec 9>>"$shim/lock"
flock 9 2>/dev/null
count=$(($(cat "$shim/pushes" 2>/dev/null || echo 0) + 1))
echo $count >"$shim/pushes"
exec 9>&-
${faults.map((fault) => holdLines(fault)).join("")}${faults.map((fault) => refuseLines(fault)).join("")}${faults.map((fault) => killLines(fault, "kill_before_push")).join("")}git "$@"
status=$?
${faults.map((fault) => killLines(fault, "kill_after_push")).join("")}exit $status
`;
}

function holdLines(fault) {
  if (fault.kind !== "hold_push") return "";
  return `if [ $count = ${fault.nth} ]; then
  : >"$shim/held-${fault.id}"
  until [ -e "$shim/released-${fault.id}" ]; do sleep 0.02; done
fi
`;
}

// As git says it when GitHub answers a push with an error of its own.
function refuseLines(fault) {
  if (fault.kind !== "refuse_push") return "";
  return `if [ $count -ge ${fault.nth} ]; then
  : >"$shim/fired-${fault.id}"
  echo "error: RPC failed; HTTP 503 curl 22 The requested URL returned error: 503" >&2
  exit 128
fi
`;
}

function killLines(fault, kind) {
  if (fault.kind !== kind) return "";
  return `if [ $count = ${fault.nth} ]; then
  : >"$shim/fired-${fault.id}"
  exec sleep 60
fi
`;
}

// Looks for the marks that the script leaves. Returns a function that looks once more and ends the watch.
function watchFaults(job, shim, faults, kill) {
  const seen = new Set();
  const check = async () => {
    for (const fault of faults.filter((one) => !seen.has(one.id))) {
      const mark = fault.kind === "hold_push" ? "held" : "fired";
      if (!(await exists(join(shim, `${mark}-${fault.id}`))) || seen.has(fault.id)) continue;
      seen.add(fault.id);
      job.repository.faults.fire(fault);
      if (fault.kind === "hold_push") releaseLater(job, shim, fault);
      else if (fault.kind !== "refuse_push") kill(fault);
    }
  };
  const timer = faults.length === 0 ? null : setInterval(check, POLL_MILLISECONDS);
  return () => {
    clearInterval(timer);
    return check();
  };
}

async function releaseLater(job, shim, fault) {
  job.repository.faults.markHeld(fault, true);
  await fault.released;
  job.repository.faults.markHeld(fault, false);
  await writeFile(join(shim, `released-${fault.id}`), "").catch(() => {});
}

async function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  );
}
