// Expressions of DuckDB's serialized plans as scan expressions. What is not understood to the last digit is `unknown`.
import type { Comparison, ScanExpression } from "../scan-expression.ts";
import { quoteLiteral } from "../engine.ts";

/** A node of a plan or an expression, as `json_serialize_plan` writes it. */
export type PlanNode = Readonly<Record<string, unknown>>;

export const unknown: ScanExpression = { kind: "unknown" };

/** An expression over the columns of the node below it. */
export function toScanExpression(node: PlanNode): ScanExpression {
  const kind = String(node["type"]);
  const comparison = comparisons[kind];
  if (comparison !== undefined) {
    const [left, right] = [toScanExpression(child(node, "left")), toScanExpression(child(node, "right"))];
    return { kind: "compare", operator: comparison, left, right };
  }
  switch (kind) {
    case "BOUND_REF":
      return { kind: "column", index: Number(node["index"]) };
    case "VALUE_CONSTANT":
      return toConstant(child(node, "value"));
    case "OPERATOR_CAST":
      return toCast(node);
    case "CONJUNCTION_AND":
    case "CONJUNCTION_OR":
      return { kind: kind === "CONJUNCTION_AND" ? "and" : "or", inputs: inputsOf(node) };
    case "COMPARE_BETWEEN":
      return toBetween(node);
    case "BOUND_FUNCTION":
      return toCall(node);
    default:
      return toOperator(kind, inputsOf(node));
  }
}

/** A constant of a plan; `unknown` for one that has no exact text here. */
export function toConstant(value: PlanNode): ScanExpression {
  const type = typeName(value["type"] as PlanNode);
  if (type === undefined) return unknown;
  if (value["is_null"] === true) return { kind: "constant", sql: `CAST(NULL AS ${type})` };
  const sql = literal(type, value["value"]);
  return sql === undefined ? unknown : { kind: "constant", sql };
}

/** Replaces the columns of an expression by what they are one node further down. */
export function substitute(
  expression: ScanExpression,
  column: (index: number) => ScanExpression | undefined,
): ScanExpression {
  const inner = (input: ScanExpression): ScanExpression => substitute(input, column);
  switch (expression.kind) {
    case "unknown":
    case "constant":
      return expression;
    case "column":
      return column(expression.index) ?? unknown;
    case "compare":
      return { ...expression, left: inner(expression.left), right: inner(expression.right) };
    case "in":
      return { ...expression, input: inner(expression.input), values: expression.values.map(inner) };
    case "field":
    case "cast":
    case "not":
    case "isNull":
      return { ...expression, input: inner(expression.input) };
    case "call":
    case "and":
    case "or":
      return { ...expression, inputs: expression.inputs.map(inner) };
  }
}

const comparisons: Readonly<Record<string, Comparison | undefined>> = {
  COMPARE_EQUAL: "=",
  COMPARE_NOTEQUAL: "<>",
  COMPARE_LESSTHAN: "<",
  COMPARE_LESSTHANOREQUALTO: "<=",
  COMPARE_GREATERTHAN: ">",
  COMPARE_GREATERTHANOREQUALTO: ">=",
};

/** Functions that depend on their arguments alone and exist under the name that the plan gives them. */
const deterministic: ReadonlySet<string> = new Set(
  (
    "prefix suffix contains ~~ !~~ ~~* lower upper substring left right length strlen trim || " +
    "year month day quarter week isodow dayofweek dayofyear hour date_trunc date_part + - * % // abs floor ceil round"
  ).split(" "),
);

function toOperator(kind: string, inputs: readonly ScanExpression[]): ScanExpression {
  const [first = unknown, ...rest] = inputs;
  switch (kind) {
    case "OPERATOR_NOT":
      return { kind: "not", input: first };
    case "OPERATOR_IS_NULL":
      return { kind: "isNull", input: first };
    case "OPERATOR_IS_NOT_NULL":
      return { kind: "not", input: { kind: "isNull", input: first } };
    case "COMPARE_IN":
      return { kind: "in", input: first, values: rest };
    case "COMPARE_NOT_IN":
      return { kind: "not", input: { kind: "in", input: first, values: rest } };
    default:
      return unknown;
  }
}

function toCall(node: PlanNode): ScanExpression {
  const name = String(node["name"]);
  if (name === "struct_extract") {
    const [struct = {}, field = {}] = (node["children"] ?? []) as readonly PlanNode[];
    const path = child(field, "value")["value"];
    return typeof path === "string" ? { kind: "field", input: toScanExpression(struct), name: path } : unknown;
  }
  return deterministic.has(name) ? { kind: "call", name, inputs: inputsOf(node) } : unknown;
}

function toCast(node: PlanNode): ScanExpression {
  const input = child(node, "child");
  const [from, to] = [typeName(input["return_type"] as PlanNode), typeName(node["return_type"] as PlanNode)];
  // a cast that may fail in silence makes nulls, which is more than the two types tell
  if (from === undefined || to === undefined || node["try_cast"] === true) return unknown;
  return { kind: "cast", input: toScanExpression(input), from, to };
}

function toBetween(node: PlanNode): ScanExpression {
  const input = toScanExpression(child(node, "input"));
  const [lower, upper] = [toScanExpression(child(node, "lower")), toScanExpression(child(node, "upper"))];
  return {
    kind: "and",
    inputs: [
      { kind: "compare", operator: node["lower_inclusive"] === true ? ">=" : ">", left: input, right: lower },
      { kind: "compare", operator: node["upper_inclusive"] === true ? "<=" : "<", left: input, right: upper },
    ],
  };
}

const plainTypes: ReadonlySet<string> = new Set(
  (
    "BOOLEAN,TINYINT,SMALLINT,INTEGER,BIGINT,UTINYINT,USMALLINT,UINTEGER,UBIGINT,FLOAT,DOUBLE,VARCHAR,DATE,TIMESTAMP," +
    "TIMESTAMP WITH TIME ZONE"
  ).split(","),
);

/** SQL of a type; `undefined` for nested ones, for text with a collation, and for what Delta has not. */
function typeName(type: PlanNode | undefined): string | undefined {
  const name = String(type?.["id"]);
  const info = type?.["type_info"] as PlanNode | null | undefined;
  if (name === "DECIMAL" && info) return `DECIMAL(${Number(info["width"])},${Number(info["scale"])})`;
  return plainTypes.has(name) && !info ? name : undefined;
}

function literal(type: string, value: unknown): string | undefined {
  if (typeof value === "string") return type === "VARCHAR" ? quoteLiteral(value) : undefined;
  if (typeof value === "boolean") return type === "BOOLEAN" ? String(value) : undefined;
  if (typeof value !== "number" || !Number.isFinite(value)) return undefined;
  if (type === "FLOAT" || type === "DOUBLE") return `CAST('${value}' AS ${type})`;
  // JSON has read the digits of a larger integer as a double
  if (!Number.isSafeInteger(value)) return undefined;
  if (type === "DATE") return Math.abs(value) > maxDays ? undefined : `(DATE '1970-01-01' + ${value})`;
  if (type === "TIMESTAMP") return `make_timestamp(${value})`;
  if (type === "TIMESTAMP WITH TIME ZONE") return `make_timestamptz(${value})`;
  const scale = /^DECIMAL\(\d+,(\d+)\)$/.exec(type)?.[1];
  return `CAST('${scale === undefined ? value : unscale(value, Number(scale))}' AS ${type})`;
}

/** Beyond it are the infinite dates. */
const maxDays = 2_000_000_000;

/** `-150` with two digits behind the point is `-1.50`. */
function unscale(value: number, scale: number): string {
  const digits = String(Math.abs(value)).padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  return `${value < 0 ? "-" : ""}${whole}${scale === 0 ? "" : `.${digits.slice(-scale)}`}`;
}

function child(node: PlanNode, name: string): PlanNode {
  return (node[name] ?? {}) as PlanNode;
}

function inputsOf(node: PlanNode): ScanExpression[] {
  return ((node["children"] ?? []) as readonly PlanNode[]).map(toScanExpression);
}
