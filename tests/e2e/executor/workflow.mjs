// One workflow file as values: GitHub's parser reads and checks it, this module names its parts.
import { convertWorkflowTemplate } from "@actions/workflow-parser";
import { convertReferencedWorkflow } from "@actions/workflow-parser/model/converter/referencedWorkflow";
import { ErrorPolicy } from "@actions/workflow-parser/model/convert";
import { TokenType } from "@actions/workflow-parser/templates/tokens/types";
import { WORKFLOW_ROOT } from "@actions/workflow-parser/workflows/workflow-constants";
import { getWorkflowSchema } from "@actions/workflow-parser/workflows/workflow-schema";

import { parseYaml } from "./decoded_yaml.mjs";
import { evaluate } from "./expressions.mjs";

export const WORKFLOW_FOLDER = ".github/workflows";
const MAX_DEPTH = 10;

const known = new Map();

// Returns {errors} or the parsed workflow. The same text is parsed once.
export async function readWorkflow(path, content) {
  const key = `${path}\0${content}`;
  if (!known.has(key)) known.set(key, await parse(path, content));
  return known.get(key);
}

async function parse(path, content) {
  const { context, value: root } = parseYaml(getWorkflowSchema(), WORKFLOW_ROOT, { name: path, content });
  if (!root) return { errors: messages(context) };
  const options = { maxReusableWorkflowDepth: MAX_DEPTH, errorPolicy: ErrorPolicy.ReturnErrorsOnly };
  const template = await convertWorkflowTemplate(context, root, undefined, options);
  const errors = messages(context);
  if (errors.length > 0 || template.errors?.length > 0) {
    return { errors: errors.length > 0 ? errors : template.errors.map((error) => error.Message) };
  }
  return describe(path, root, context, template);
}

function messages(context) {
  return context.errors.getErrors().map((error) => error.message);
}

function describe(path, root, context, template) {
  const converted = new Map(template.jobs.map((job) => [job.id.value, job]));
  const jobs = new Map();
  for (const pair of root.find("jobs")) {
    jobs.set(pair.key.value, describeJob(pair.key.value, pair.value, converted.get(pair.key.value)));
  }
  return {
    path,
    root,
    context,
    name: literal(root.find("name")) ?? path,
    runName: root.find("run-name"),
    events: template.events,
    dispatchInputs: inputDefinitions(root, "workflow_dispatch"),
    callInputs: inputDefinitions(root, "workflow_call"),
    callOutputs: outputTokens(root),
    permissions: permissionsOf(root),
    env: root.find("env"),
    defaults: root.find("defaults"),
    concurrency: root.find("concurrency"),
    jobs,
    errors: [],
  };
}

function describeJob(id, token, converted) {
  const call = converted.type === "reusableWorkflowJob";
  return {
    id,
    converted,
    name: token.find("name"),
    needs: (converted.needs ?? []).map((need) => need.value),
    condition: converted.if,
    permissions: permissionsOf(token),
    concurrency: token.find("concurrency"),
    strategy: token.find("strategy"),
    uses: call ? converted.ref.value : null,
    with: token.find("with"),
    inheritsSecrets: call && Boolean(converted["inherit-secrets"]),
    secrets: call && !converted["inherit-secrets"] ? token.find("secrets") : undefined,
    env: token.find("env"),
    environment: token.find("environment"),
    outputs: token.find("outputs"),
    timeoutMinutes: token.find("timeout-minutes"),
    continueOnError: token.find("continue-on-error"),
    defaults: token.find("defaults"),
    unsupported: unsupportedKeys(token),
    steps: call
      ? []
      : [...indexed(token.find("steps"))].map((step, index) => describeStep(step, converted.steps[index])),
  };
}

// What the executor would have to pass over in silence; a run with any of it is refused.
function unsupportedKeys(token) {
  const found = ["container", "services", "snapshot", "cancel-timeout-minutes"].filter(
    (key) => token.find(key) !== undefined,
  );
  const matrix = asMapping(token.find("strategy"))?.find("matrix");
  return matrix === undefined ? found : [...found, "matrix"];
}

export function describeStep(token, converted) {
  return {
    id: converted?.id ?? literal(token.find("id")) ?? "",
    condition: converted?.if,
    name: token.find("name"),
    env: token.find("env"),
    run: token.find("run"),
    uses: literal(token.find("uses")),
    with: token.find("with"),
    shell: token.find("shell"),
    workingDirectory: token.find("working-directory"),
    timeoutMinutes: token.find("timeout-minutes"),
    continueOnError: token.find("continue-on-error"),
  };
}

export function* indexed(sequence) {
  for (let index = 0; index < (sequence?.count ?? 0); index += 1) yield sequence.get(index);
}

function literal(token) {
  return token === undefined || token.templateTokenType === TokenType.Null
    ? null
    : String(token.value ?? token);
}

function asMapping(token) {
  return token?.templateTokenType === TokenType.Mapping ? token : null;
}

function eventOptions(root, event, key) {
  return asMapping(asMapping(asMapping(root.find("on"))?.find(event))?.find(key)) ?? [];
}

// {name: {type, required, default (token), options}}
function inputDefinitions(root, event) {
  const result = {};
  for (const pair of eventOptions(root, event, "inputs")) {
    const spec = asMapping(pair.value);
    result[pair.key.value] = {
      type: literal(spec?.find("type")) ?? "string",
      required: spec?.find("required")?.value === true,
      default: spec?.find("default"),
      options: evaluate(spec?.find("options"), {}) ?? [],
    };
  }
  return result;
}

function outputTokens(root) {
  const result = {};
  for (const pair of eventOptions(root, "workflow_call", "outputs")) {
    result[pair.key.value] = asMapping(pair.value)?.find("value");
  }
  return result;
}

// undefined when absent, a word ("read-all", "write-all") or {scope: level}.
function permissionsOf(token) {
  const found = token.find("permissions");
  return found === undefined ? undefined : evaluate(found, {});
}

// What GitHub's parser says about a job that calls another workflow: undeclared or missing inputs and secrets.
export function callErrors(workflow, job, callee) {
  const before = workflow.context.errors.count;
  convertReferencedWorkflow(workflow.context, callee.root, { ...job.converted });
  const errors = messages(workflow.context);
  const fresh = errors.slice(before);
  workflow.context.errors.clear();
  return fresh;
}
