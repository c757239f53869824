// Everything the fake GitHub knows about one repository: settings, runs, tokens, planned faults, the API's log.
import { randomBytes } from "node:crypto";
import { EventEmitter } from "node:events";

import { Clock } from "./clock.mjs";
import { ConcurrencyGroups } from "./concurrency.mjs";
import { Faults } from "./faults.mjs";
import { RESTRICTED_DEFAULT } from "./permissions.mjs";

const DEFAULT_OPTIONS = {
  // success() counts a skipped job inside a called workflow against whoever comes after the call.
  pessimisticSuccess: true,
  // Seconds after a cancel: SIGTERM (GitHub: 7.5), SIGKILL (10), the end of everything (300).
  sigtermAfter: 0.4,
  sigkillAfter: 0.5,
  killAllAfter: 15,
  // How long one minute of `timeout-minutes` lasts, in seconds.
  minuteSeconds: 60,
  // Whether dispatch knows `return_run_details`; older GitHub Enterprise Servers answer 400 to it.
  returnRunDetails: true,
  keepFolders: false,
};

export class Repository {
  constructor({ fullName, gitDir, defaultBranch = "main", fork = false }) {
    this.fullName = fullName;
    this.gitDir = gitDir;
    this.defaultBranch = defaultBranch;
    this.fork = fork;
    this.options = { ...DEFAULT_OPTIONS };
    this.defaultPermissions = RESTRICTED_DEFAULT;
    this.secrets = {};
    this.variables = {};
    this.environments = {};
    this.stepEnvironment = {};
    this.disabledWorkflows = new Set();
    this.runs = [];
    this.clock = new Clock();
    this.concurrency = new ConcurrencyGroups();
    this.apiLog = [];
    this.apiFailures = [];
    this.tokens = new Map();
    this.events = new EventEmitter().setMaxListeners(0);
    this.faults = new Faults(() => this.changed());
  }

  get owner() {
    return this.fullName.split("/")[0];
  }

  get name() {
    return this.fullName.split("/")[1];
  }

  changed() {
    this.events.emit("change");
  }

  // Resolves with true as soon as the predicate holds, with false after the timeout.
  async until(predicate, timeoutSeconds) {
    if (predicate()) return true;
    return new Promise((resolve) => {
      const finish = (answer) => {
        clearTimeout(timer);
        this.events.off("change", check);
        resolve(answer);
      };
      const check = () => predicate() && finish(true);
      const timer = setTimeout(() => finish(false), timeoutSeconds * 1000);
      this.events.on("change", check);
    });
  }

  nextRunNumber(file) {
    return this.runs.filter((run) => run.file === file).length + 1;
  }

  findRun(id) {
    return this.runs.find((run) => run.id === Number(id));
  }

  environment(name) {
    return Object.entries(this.environments).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
  }

  // GitHub creates an environment that a job names and nobody configured, without any protection.
  touchEnvironment(name) {
    if (this.environment(name) === undefined)
      this.environments[name] = { reviewers: [], secrets: {}, variables: {} };
    return this.environment(name);
  }

  // A job's token lives as long as the job; one without a job (a person's) for ever.
  issueToken(permissions, job = null) {
    const token = `ghs_${randomBytes(18).toString("hex")}`;
    this.tokens.set(token, { job, permissions, alive: true });
    return token;
  }

  revokeToken(token) {
    if (this.tokens.has(token)) this.tokens.get(token).alive = false;
  }
}
