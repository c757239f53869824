// The time of one repository: real time, moved by an offset and stretched by a rate. Everything that GitHub
// would stamp (the Date header, started_at, created_at) comes from here.

export class Clock {
  #origin = Date.now();
  #start = this.#origin;
  #rate = 1;

  now() {
    return new Date(this.#start + (Date.now() - this.#origin) * this.#rate);
  }

  iso() {
    return this.now()
      .toISOString()
      .replace(/\.\d{3}Z$/, "Z");
  }

  // offsetSeconds is relative to real time now; rate is how many seconds pass in one real second.
  set({ offsetSeconds, rate }) {
    const real = Date.now();
    this.#start = offsetSeconds === undefined ? this.now().getTime() : real + offsetSeconds * 1000;
    this.#origin = real;
    if (rate !== undefined) this.#rate = rate;
  }
}
