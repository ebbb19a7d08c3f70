// From a condition on rows to one on files: true for each file that may have a row for which the condition is true. A file
// is left out only when what the log says of it rules every row out; whatever is not known keeps it.
import type { Comparison, ScanExpression } from "../../../compute/scan-expression.ts";
import type { FieldPath } from "./delta-file-bounds.ts";

/** Smallest and largest value of an expression in each file as SQL, NULL where not known. */
export interface ValueRange {
  readonly min: string;
  readonly max: string;
}

/** SQL of what the log says of a column in each file. */
export interface FileColumns {
  /** The one value that every row of the file has, for partition columns. */
  exact(index: number): string | undefined;
  range(index: number, path: FieldPath): ValueRange | undefined;
  counts(index: number, path: FieldPath): { readonly nulls: string; readonly rows: string } | undefined;
}

/** SQL that is never NULL, and true for each file in which `expression` may be true. */
export function mayBeTrue(expression: ScanExpression, columns: FileColumns): string {
  return new FilePredicate(columns).may(expression, true);
}

/** Longer lists are left to the query. */
const maxListLength = 1_000;

class FilePredicate {
  readonly #columns: FileColumns;

  constructor(columns: FileColumns) {
    this.#columns = columns;
  }

  /** SQL for whether `expression` may be `outcome` for a row of the file. */
  may(expression: ScanExpression, outcome: boolean): string {
    switch (expression.kind) {
      case "and":
      case "or": {
        const parts = expression.inputs.map((input) => this.may(input, outcome));
        return (expression.kind === "and") === outcome ? all(parts) : any(parts);
      }
      case "not":
        return this.may(expression.input, !outcome);
      default:
        return this.#mayLeaf(expression, outcome);
    }
  }

  #mayLeaf(expression: ScanExpression, outcome: boolean): string {
    const exact = this.#exact(expression);
    // an error is the query's to raise
    if (exact !== undefined) return orTrue(`TRY((${exact}) IS ${outcome ? "TRUE" : "FALSE"})`);
    switch (expression.kind) {
      case "compare":
        return this.#mayCompare(expression, outcome);
      case "in":
        return this.#mayBeIn(expression.input, expression.values, outcome);
      case "isNull":
        return this.#mayBeNull(expression.input, outcome);
      case "column":
        return this.#mayBeFlag(expression, outcome);
      case "call":
        return expression.name === "prefix" && outcome ? this.#mayStartWith(expression.inputs) : "true";
      default:
        return "true";
    }
  }

  #mayCompare(comparison: ScanExpression & { readonly kind: "compare" }, outcome: boolean): string {
    const [left, right] = [this.#range(comparison.left), this.#range(comparison.right)];
    if (left === undefined || right === undefined) return "true";
    const operator = outcome ? comparison.operator : negations[comparison.operator];
    return orTrue(overlaps[operator](left, right));
  }

  #mayBeIn(input: ScanExpression, values: readonly ScanExpression[], outcome: boolean): string {
    if (values.length > maxListLength) return "true";
    const equal = values.map((value): ScanExpression => ({
      kind: "compare",
      operator: "=",
      left: input,
      right: value,
    }));
    return this.may({ kind: "or", inputs: equal }, outcome);
  }

  #mayBeNull(input: ScanExpression, outcome: boolean): string {
    const place = placeOf(input);
    const counts = place && this.#columns.counts(place.index, place.path);
    // a null in a struct is counted by some writers for its fields and by some not
    if (counts === undefined || (place?.path.length ?? 0) > 0) return "true";
    return orTrue(outcome ? `${counts.nulls} > 0` : `${counts.nulls} < ${counts.rows}`);
  }

  #mayBeFlag(input: ScanExpression, outcome: boolean): string {
    const range = this.#range(input);
    if (range === undefined) return "true";
    return orTrue(outcome ? range.max : `NOT ${range.min}`);
  }

  #mayStartWith([text, start]: readonly ScanExpression[]): string {
    const range = text && this.#range(text);
    const prefix = start && this.#exact(start);
    if (range === undefined || prefix === undefined) return "true";
    const cut = (bound: string): string => `left(${bound}, length(${prefix}))`;
    return all([orTrue(`${cut(range.min)} <= ${prefix}`), orTrue(`${cut(range.max)} >= ${prefix}`)]);
  }

  /** The expression itself, when it has one value for all rows of a file. */
  #exact(expression: ScanExpression): string | undefined {
    switch (expression.kind) {
      case "column":
        return this.#columns.exact(expression.index);
      case "constant":
        return expression.sql;
      case "cast":
        return this.#with([expression.input], ([input]) => `CAST(${input} AS ${expression.to})`);
      case "call":
        return this.#with(expression.inputs, (inputs) => `"${expression.name}"(${inputs.join(", ")})`);
      case "compare": {
        const { left, right, operator } = expression;
        return this.#with([left, right], ([a, b]) => `(${a} ${operator} ${b})`);
      }
      case "in":
        return this.#with([expression.input, ...expression.values], ([input, ...values]) =>
          values.length === 0 ? "false" : `(${input} IN (${values.join(", ")}))`,
        );
      case "isNull":
        return this.#with([expression.input], ([input]) => `(${input} IS NULL)`);
      case "not":
        return this.#with([expression.input], ([input]) => `(NOT ${input})`);
      case "and":
      case "or":
        return this.#with(
          expression.inputs,
          (inputs) => `(${inputs.join(expression.kind === "and" ? " AND " : " OR ")})`,
        );
      case "field":
      case "unknown":
        return undefined;
    }
  }

  #with(inputs: readonly ScanExpression[], write: (sql: readonly string[]) => string): string | undefined {
    const written = inputs.flatMap((input) => this.#exact(input) ?? []);
    return written.length === inputs.length && inputs.length > 0 ? write(written) : undefined;
  }

  #range(expression: ScanExpression): ValueRange | undefined {
    const exact = this.#exact(expression);
    if (exact !== undefined) return { min: `TRY(${exact})`, max: `TRY(${exact})` };
    const place = placeOf(expression);
    if (place !== undefined) return this.#columns.range(place.index, place.path);
    if (expression.kind === "cast" && keepsOrder(expression.from, expression.to)) {
      return map(this.#range(expression.input), (bound) => `TRY_CAST(${bound} AS ${expression.to})`);
    }
    if (expression.kind === "call" && growing.has(expression.name)) {
      const [last, ...before] = expression.inputs.toReversed();
      const others = before.toReversed().flatMap((input) => (input.kind === "constant" ? [input.sql] : []));
      if (last === undefined || others.length !== before.length) return undefined;
      return map(this.#range(last), (bound) => `TRY("${expression.name}"(${[...others, bound].join(", ")}))`);
    }
    return undefined;
  }
}

const negations: Readonly<Record<Comparison, Comparison>> = {
  "=": "<>",
  "<>": "=",
  "<": ">=",
  "<=": ">",
  ">": "<=",
  ">=": "<",
};

const overlaps: Readonly<Record<Comparison, (a: ValueRange, b: ValueRange) => string>> = {
  "=": (a, b) => all([orTrue(`${a.min} <= ${b.max}`), orTrue(`${b.min} <= ${a.max}`)]),
  "<>": (a, b) => `NOT (${a.min} = ${a.max} AND ${b.min} = ${b.max} AND ${a.min} = ${b.min})`,
  "<": (a, b) => `${a.min} < ${b.max}`,
  "<=": (a, b) => `${a.min} <= ${b.max}`,
  ">": (a, b) => `${a.max} > ${b.min}`,
  ">=": (a, b) => `${a.max} >= ${b.min}`,
};

/** Functions that never fall while their last argument rises. */
const growing: ReadonlySet<string> = new Set(["year", "date_trunc"]);

function keepsOrder(from: string, to: string): boolean {
  return (isNumber(from) && isNumber(to)) || (isTime(from) && isTime(to));
}

function isNumber(type: string): boolean {
  return /^(?:U?(?:TINY|SMALL|BIG)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*)$/.test(type);
}

function isTime(type: string): boolean {
  return type === "DATE" || type === "TIMESTAMP" || type === "TIMESTAMP WITH TIME ZONE";
}

/** A column, or a field somewhere in one. */
function placeOf(expression: ScanExpression): { readonly index: number; readonly path: FieldPath } | undefined {
  if (expression.kind === "column") return { index: expression.index, path: [] };
  if (expression.kind !== "field") return undefined;
  const outer = placeOf(expression.input);
  return outer && { index: outer.index, path: [...outer.path, expression.name] };
}

function map(range: ValueRange | undefined, change: (bound: string) => string): ValueRange | undefined {
  return range && { min: change(range.min), max: change(range.max) };
}

function orTrue(sql: string): string {
  return `coalesce(${sql}, true)`;
}

function all(parts: readonly string[]): string {
  const open = parts.filter((part) => part !== "true");
  return open.length === 0 ? "true" : `(${open.join(" AND ")})`;
}

function any(parts: readonly string[]): string {
  if (parts.length === 0) return "false";
  return parts.includes("true") ? "true" : `(${parts.join(" OR ")})`;
}
