// `uses:` steps: actions/checkout and composite actions of the checked-out repository. Anything else fails clearly.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { ACTION_ROOT } from "@actions/workflow-parser/actions/action-constants";
import { getActionSchema } from "@actions/workflow-parser/actions/action-schema";

import { checkout } from "./checkout.mjs";
import { parseYaml } from "./decoded_yaml.mjs";
import { evaluateText, evaluateTextMap } from "./expressions.mjs";
import { runStep } from "./step.mjs";
import { stepContexts } from "./steps_job.mjs";
import { describeStep, indexed } from "./workflow.mjs";

// Returns whether it succeeded; outputs go to record.outputs.
export async function runAction(work, step, record, { env, contexts }) {
  const inputs = evaluateTextMap(step.with, contexts);
  if (/^actions\/checkout@/.test(step.uses)) return checkout(work, inputs, env);
  if (step.uses.startsWith("./")) return runComposite(work, step, record, inputs, env);
  throw new Error(
    `uses: ${step.uses} is not emulated; only actions/checkout and local composite actions are`,
  );
}

async function runComposite(work, step, record, given, env) {
  const action = await readAction(work, step.uses);
  const inputs = compositeInputs(action, given);
  const outer = {
    extraContexts: work.extraContexts,
    stepResults: work.stepResults,
    status: work.status,
    env: work.env,
  };
  Object.assign(work, { extraContexts: { inputs: () => inputs }, stepResults: {}, env });
  const records = [];
  let number = 0;
  for (const inner of indexed(action.find("runs").find("steps"))) {
    number += 1;
    await runStep(work, describeStep(inner), number, records);
  }
  record.outputs = compositeOutputs(work, action, env);
  const failed = records.some((one) => one.conclusion === "failure");
  const status = work.status === "cancelled" ? "cancelled" : outer.status;
  Object.assign(work, outer, { status });
  return !failed;
}

async function readAction(work, uses) {
  const folder = join(work.folders.workspace, uses);
  for (const name of ["action.yml", "action.yaml"]) {
    const content = await readFile(join(folder, name), "utf8").catch(() => null);
    if (content === null) continue;
    const { value, context } = parseYaml(getActionSchema(), ACTION_ROOT, { name, content });
    const errors = context.errors.getErrors();
    if (errors.length > 0) throw new Error(`${uses}: ${errors[0].message}`);
    if (value.find("runs")?.find("using")?.value !== "composite")
      throw new Error(`${uses}: only composite actions are emulated`);
    return value;
  }
  throw new Error(
    `Can't find 'action.yml' or 'action.yaml' under '${uses}'. Did you forget to run actions/checkout?`,
  );
}

function compositeInputs(action, given) {
  const inputs = { ...given };
  for (const pair of action.find("inputs") ?? []) {
    const value = pair.value.find?.("default");
    if (!(pair.key.value in inputs))
      inputs[pair.key.value] = value === undefined ? "" : evaluateText(value, {});
  }
  return inputs;
}

function compositeOutputs(work, action, env) {
  const outputs = {};
  for (const pair of action.find("outputs") ?? []) {
    outputs[pair.key.value] = evaluateText(pair.value.find("value"), stepContexts(work, env));
  }
  return outputs;
}
