// Concurrency groups: one runs, one waits; a newer one that waits takes the place of the older.
const MAX_QUEUE = 100;

export class ConcurrencyGroups {
  #groups = new Map();

  // Resolves with a function that leaves the group, or null when the member lost its place in the queue.
  // member: {cancel()} is told to stop when a newer one has cancel-in-progress. signal: an AbortSignal.
  async enter({ group, cancelInProgress, queue }, member, signal) {
    const key = group.toLowerCase();
    if (!this.#groups.has(key)) this.#groups.set(key, { running: null, waiting: [] });
    const state = this.#groups.get(key);
    if (state.running !== null) {
      if (cancelInProgress) state.running.cancel();
      if (!(await this.#wait(state, member, queue, signal))) return null;
    } else {
      state.running = member;
    }
    return () => this.#leave(state);
  }

  #wait(state, member, queue, signal) {
    const capacity = queue === "max" ? MAX_QUEUE : 1;
    while (state.waiting.length >= capacity) state.waiting.shift().resolve(false);
    if (signal?.aborted) return false;
    return new Promise((resolve) => {
      const place = { member, resolve };
      state.waiting.push(place);
      signal?.addEventListener("abort", () => {
        state.waiting = state.waiting.filter((other) => other !== place);
        resolve(false);
      });
    });
  }

  #leave(state) {
    const next = state.waiting.shift();
    state.running = next === undefined ? null : next.member;
    next?.resolve(true);
  }
}

// A `concurrency` value as {group, cancelInProgress, queue}, or null.
export function concurrencySetting(value) {
  if (value === null || value === "") return null;
  if (typeof value !== "object") return { group: String(value), cancelInProgress: false, queue: "single" };
  return {
    group: String(value.group),
    cancelInProgress: value["cancel-in-progress"] === true || value["cancel-in-progress"] === "true",
    queue: value.queue ?? "single",
  };
}
