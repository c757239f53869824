// What a job's token may do, and whether a called workflow asks for more than its caller grants.
import { getWorkflowSchema } from "@actions/workflow-parser/workflows/workflow-schema";

const SCOPES = scopes();
const LEVELS = ["none", "read", "write"];

function scopes() {
  const mapping = getWorkflowSchema().definitions["permissions-mapping"];
  return Object.keys(mapping.properties);
}

// The permissions of a token when no `permissions` is written anywhere: GitHub's restricted default.
export const RESTRICTED_DEFAULT = { contents: "read", packages: "read" };

// A `permissions` value as {scope: level}; scopes that are not named are "none".
export function expandPermissions(value) {
  if (value === "read-all") return Object.fromEntries(SCOPES.map((scope) => [scope, "read"]));
  if (value === "write-all") return Object.fromEntries(SCOPES.map((scope) => [scope, "write"]));
  return value ?? {};
}

export function allows(permissions, scope, level) {
  return LEVELS.indexOf(permissions[scope] ?? "none") >= LEVELS.indexOf(level);
}

// The innermost `permissions` wins; without any, what the caller (or the repository's default) grants.
export function jobPermissions(job, workflow, granted) {
  const written = job.permissions ?? workflow.permissions;
  return written === undefined ? granted : expandPermissions(written);
}

// Each scope in which `written` exceeds `granted`, as sentences.
export function escalations(written, granted) {
  if (written === undefined) return [];
  return Object.entries(expandPermissions(written))
    .filter(([scope, level]) => !allows(granted, scope, level))
    .map(
      ([scope, level]) =>
        `is requesting '${scope}: ${level}', but is only allowed '${scope}: ${granted[scope] ?? "none"}'`,
    );
}
