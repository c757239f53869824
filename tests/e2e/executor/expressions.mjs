// Every `${{ }}` and every `if:` is evaluated here, by GitHub's own evaluator.
import { Evaluator, Lexer, Parser, data } from "@actions/expressions";
import { splitAllowedContext } from "@actions/workflow-parser/templates/allowed-context";
import { TokenType as SymbolType } from "@actions/expressions/lexer";
import { TokenType } from "@actions/workflow-parser/templates/tokens/types";

const trees = new WeakMap();

function parse(expression, allowedContext) {
  if (!trees.has(allowedContext)) trees.set(allowedContext, new Map());
  const known = trees.get(allowedContext);
  if (!known.has(expression)) {
    const { namedContexts, functions } = splitAllowedContext(allowedContext);
    known.set(expression, new Parser(lex(expression), namedContexts, functions).parse());
  }
  return known.get(expression);
}

// The published lexer unescapes only the first '' of a literal; GitHub unescapes all of them.
function lex(expression) {
  const { tokens } = new Lexer(expression).lex();
  for (const token of tokens.filter((one) => one.type === SymbolType.STRING)) {
    token.value = token.lexeme.slice(1, -1).replaceAll("''", "'");
  }
  return tokens;
}

function toData(value) {
  if (value === null || value === undefined) return new data.Null();
  if (typeof value === "string") return new data.StringData(value);
  if (typeof value === "number") return new data.NumberData(value);
  if (typeof value === "boolean") return new data.BooleanData(value);
  if (Array.isArray(value)) return new data.Array(...value.map(toData));
  return new data.Dictionary(...Object.entries(value).map(([key, item]) => ({ key, value: toData(item) })));
}

function toPlain(value) {
  return JSON.parse(JSON.stringify(value, data.replacer));
}

// Only the contexts that the place allows exist for the expression; a context is a plain value or a function that
// makes one. Only those that the text mentions are made.
function contextData(expression, allowedContext, contexts) {
  const text = expression.toLowerCase();
  const named = splitAllowedContext(allowedContext).namedContexts.filter((name) => text.includes(name));
  return new data.Dictionary(
    ...named.map((key) => {
      const value = contexts[key];
      return { key, value: toData(typeof value === "function" ? value() : value) };
    }),
  );
}

function functionTable(functions) {
  const unavailable = () => {
    throw new Error("hashFiles() is not emulated");
  };
  const table = new Map([["hashfiles", { call: unavailable }]]);
  for (const [name, answer] of Object.entries(functions ?? {})) {
    table.set(name, {
      call: (...args) => new data.BooleanData(answer(...args.map((x) => x.coerceString()))),
    });
  }
  return table;
}

function evaluateData(expression, allowedContext, contexts, functions) {
  const tree = parse(expression, allowedContext);
  const evaluator = new Evaluator(
    tree,
    contextData(expression, allowedContext, contexts),
    functionTable(functions),
  );
  return evaluator.evaluate();
}

const JOB_IF = [
  "github",
  "inputs",
  "vars",
  "needs",
  "always(0,0)",
  "failure(0,MAX)",
  "cancelled(0,0)",
  "success(0,MAX)",
];
const STEP_IF = [
  "github",
  "inputs",
  "vars",
  "needs",
  "strategy",
  "matrix",
  "steps",
  "job",
  "runner",
  "env",
  "always(0,0)",
  "failure(0,0)",
  "cancelled(0,0)",
  "success(0,0)",
  "hashFiles(1,255)",
];

function isTruthy(value) {
  if (value.kind === data.Kind.Array || value.kind === data.Kind.Dictionary) return true;
  const plain = toPlain(value);
  return !(plain === null || plain === false || plain === 0 || plain === "" || Number.isNaN(plain));
}

export function evaluateCondition(token, kind, contexts, functions) {
  const implied = kind === "job" ? JOB_IF : STEP_IF;
  const allowed = token?.definitionInfo?.allowedContext ?? implied;
  return isTruthy(evaluateData(token?.expression ?? "success()", allowed, contexts, functions));
}

// A token tree of the workflow file as a plain value, its expressions evaluated.
export function evaluate(token, contexts) {
  if (token === undefined || token === null) return null;
  switch (token.templateTokenType) {
    case TokenType.BasicExpression:
      return toPlain(evaluateData(token.expression, token.definitionInfo?.allowedContext ?? [], contexts));
    case TokenType.Sequence:
      return Array.from({ length: token.count }, (_, index) => evaluate(token.get(index), contexts));
    case TokenType.Mapping:
      return Object.fromEntries(
        [...token].map((pair) => [evaluateText(pair.key, contexts), evaluate(pair.value, contexts)]),
      );
    case TokenType.Null:
      return null;
    default:
      return token.value;
  }
}

export function textOf(value) {
  return toData(value).coerceString();
}

export function evaluateText(token, contexts) {
  return textOf(evaluate(token, contexts));
}

export function evaluateTextMap(token, contexts) {
  const result = {};
  if (!token) return result;
  for (const pair of token) result[evaluateText(pair.key, contexts)] = evaluateText(pair.value, contexts);
  return result;
}

export function isExpression(token) {
  return token?.templateTokenType === TokenType.BasicExpression;
}
