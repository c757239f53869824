// The filters of `on:` events, as https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax
// describes them under "Filter pattern cheat sheet".

function toExpression(pattern) {
  const body = pattern.replace(/\*\*\/?|\*|[.+^${}()|\\]|\?/g, (part) => {
    if (part === "**" || part === "**/") return ".*";
    if (part === "*") return "[^/]*";
    if (part === "?" || part === "+") return part;
    return `\\${part}`;
  });
  return new RegExp(`^${body}$`);
}

// Later patterns win; `!` takes away what an earlier one gave.
function matchesList(patterns, text) {
  let matched = false;
  for (const pattern of patterns) {
    const negated = pattern.startsWith("!");
    if (toExpression(negated ? pattern.slice(1) : pattern).test(text)) matched = !negated;
  }
  return matched;
}

export function passesBranch(filter, branch) {
  if (filter.branches !== undefined) return matchesList(filter.branches, branch);
  if (filter["branches-ignore"] !== undefined) return !matchesList(filter["branches-ignore"], branch);
  // With only a filter for tags, branches do not start the workflow.
  return filter.tags === undefined && filter["tags-ignore"] === undefined;
}

// files: null when they cannot be told (a new branch): then GitHub runs the workflow.
export function passesPaths(filter, files) {
  if (files === null) return true;
  if (filter.paths !== undefined) return files.some((file) => matchesList(filter.paths, file));
  if (filter["paths-ignore"] !== undefined)
    return files.some((file) => !matchesList(filter["paths-ignore"], file));
  return true;
}

export function passesType(filter, type, usual) {
  return (filter.types ?? usual).includes(type);
}
