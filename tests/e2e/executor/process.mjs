// One step's process: its lines as they come, and how it is stopped.
import { spawn } from "node:child_process";

const DRAIN_MILLISECONDS = 300;

// The process groups of all steps that may still have members.
const groups = new Set();

// Resolves with {code, signal}. options: {cwd, env, onLine, onStart(process)}.
export function runProcess(command, args, { cwd, env, onLine, onStart }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    child.on("error", reject);
    groups.add(child.pid);
    const streams = [readLines(child.stdout, onLine), readLines(child.stderr, onLine)];
    onStart(child);
    child.on("exit", (code, signal) => {
      // Something left behind in the background may keep the pipes open.
      const timer = setTimeout(
        () => [child.stdout, child.stderr].forEach((stream) => stream.destroy()),
        DRAIN_MILLISECONDS,
      );
      Promise.all(streams).then(() => {
        clearTimeout(timer);
        resolve({ code, signal });
      });
    });
  });
}

// The runner ends a line at \n, \r\n and at a lone \r.
function readLines(stream, onLine) {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk) => {
    const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop();
    lines.forEach(onLine);
  });
  return new Promise((resolve) => {
    stream.on("close", () => {
      if (rest !== "")
        rest
          .split(/\r/)
          .forEach((line, index, all) => (line !== "" || index < all.length - 1) && onLine(line));
      resolve();
    });
  });
}

// Asks the entry process, as the runner does, first politely; then ends the whole group.
export function stopProcess(child, { sigtermAfter, sigkillAfter }) {
  signal(child.pid, "SIGINT");
  const timers = [
    setTimeout(() => signal(child.pid, "SIGTERM"), sigtermAfter * 1000),
    setTimeout(() => killGroup(child.pid), sigkillAfter * 1000),
  ];
  child.on("exit", () => timers.forEach(clearTimeout));
}

export function killGroup(pid) {
  signal(-pid, "SIGKILL");
}

// After its job nothing of a step may live on.
export function endGroup(pid) {
  killGroup(pid);
  groups.delete(pid);
}

export function endAllGroups() {
  groups.forEach(endGroup);
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already.
  }
}
