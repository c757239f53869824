// A `uses:` job: the called workflow runs as a graph of its own inside the job.
import { callOutputContexts, evaluateConcurrency, jobContexts, runContexts } from "./contexts.mjs";
import { evaluate, evaluateText, textOf } from "./expressions.mjs";
import { JobGraph } from "./graph.mjs";
import { fitsType, localPath } from "./startup.mjs";

const TYPE_DEFAULT = { string: "", boolean: false, number: 0 };

export async function runCall(job) {
  const workflow = job.attempt.callees.get(localPath(job.definition.uses));
  job.inputs = callInputs(job, workflow);
  job.inner = new JobGraph({
    attempt: job.attempt,
    workflow,
    caller: job,
    inputs: job.inputs,
    secrets: callSecrets(job),
    permissions: job.permissions,
    inherited: job.graph.inherited && job.definition.inheritsSecrets,
  });
  const leave = await enterConcurrency(job, workflow);
  if (leave === null) return "cancelled";
  await job.inner.run();
  leave();
  job.outputs = callOutputs(job, workflow);
  return job.inner.result();
}

function callInputs(job, workflow) {
  const contexts = jobContexts(job);
  const given = evaluate(job.definition.with, contexts) ?? {};
  const inputs = {};
  for (const [name, declared] of Object.entries(workflow.callInputs)) {
    const key = Object.keys(given).find((one) => one.toLowerCase() === name.toLowerCase());
    const value = key === undefined ? defaultInput(job, declared) : given[key];
    inputs[name] = typedInput(name, value, declared.type);
  }
  return inputs;
}

function defaultInput(job, declared) {
  if (declared.default === undefined) return TYPE_DEFAULT[declared.type];
  return evaluate(declared.default, runContexts(job.attempt, job.graph.inputs));
}

function typedInput(name, value, type) {
  if (!fitsType(value, type))
    throw new Error(`input ${name}: unexpected value '${value}', a ${type} is expected`);
  return type === "string" ? textOf(value) : value;
}

function callSecrets(job) {
  if (job.definition.inheritsSecrets) return job.graph.secrets;
  const secrets = {};
  for (const pair of job.definition.secrets ?? []) {
    secrets[pair.key.value] = evaluateText(pair.value, jobContexts(job));
  }
  return secrets;
}

async function enterConcurrency(job, workflow) {
  const setting = evaluateConcurrency(workflow.concurrency, runContexts(job.attempt, job.inputs));
  if (setting === null) return () => {};
  const stopInner = () => [...job.inner.all()].forEach((inner) => inner.stop.abort("cancelled"));
  return job.repository.concurrency.enter(setting, { cancel: stopInner }, job.stop.signal);
}

function callOutputs(job, workflow) {
  const contexts = callOutputContexts(job.inner);
  const entries = Object.entries(workflow.callOutputs);
  return Object.fromEntries(entries.map(([name, token]) => [name, evaluateText(token, contexts)]));
}
