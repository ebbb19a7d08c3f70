// What is known of a value without its column's type: enough to tell where the two engines would compute otherwise.

/**
 * `instant` is a time that Spark has in a zone and DuckDB without one, `whole` is a number without a fraction of any type, `number` a number of any type, `unknown` most often a column.
 * Integers, decimals and doubles are kept apart because the engines divide, round and print them otherwise.
 */
export type ValueKind =
  | "integer"
  | "whole"
  | "decimal"
  | "double"
  | "number"
  | "text"
  | "boolean"
  | "date"
  | "timestamp"
  | "instant"
  | "interval"
  | "null"
  | "unknown";

/** A value as the parser knows it. */
export interface SqlValueFacts {
  readonly kind: ValueKind;
  /** Characters before it. */
  readonly at: number;
  /** Of one that stands in the SQL: its text, or its digits with a sign. */
  readonly literal?: string;
  /** Whether it may be divided by: it is never zero. */
  readonly isDivisor?: true;
  /** Whether the column it makes has a name without `as`. */
  readonly isNamed?: true;
}

const numeric: ReadonlySet<ValueKind> = new Set(["integer", "whole", "decimal", "double", "number"]);

export function isNumeric(kind: ValueKind): boolean {
  return numeric.has(kind);
}

/** The kind of a value that is one of these; `undefined` for kinds that the engines bring together in different ways. */
export function uniteKinds(kinds: readonly ValueKind[]): ValueKind | undefined {
  const known = [...new Set(kinds)].filter((kind) => kind !== "null" && kind !== "unknown");
  const [first, second] = known;
  if (first === undefined) return kinds.includes("unknown") ? "unknown" : "null";
  if (known.every(isNumeric)) {
    if (kinds.includes("unknown")) return "number";
    if (second === undefined) return first;
    return known.includes("double") ? "double" : "number";
  }
  if (second !== undefined) return undefined;
  return kinds.includes("unknown") ? "unknown" : first;
}

/** The kind of `a + b`, `a - b` and `a * b` of numbers. */
export function computeKind(kinds: readonly ValueKind[]): ValueKind {
  if (kinds.includes("double")) return "double";
  if (kinds.every((kind) => kind === "integer")) return "integer";
  if (kinds.every((kind) => kind === "integer" || kind === "decimal")) return "decimal";
  return kinds.every(isNumeric) ? "number" : "unknown";
}

/** A type that `cast` may make, and what it makes it of. */
export interface PortableCast {
  readonly type: string;
  readonly from: readonly ValueKind[];
  readonly kind: ValueKind;
  /** How the engines differ for other values. */
  readonly why: string;
  readonly instead: string;
  readonly examples: readonly string[];
}

const wholeCast = {
  from: ["integer", "whole", "null"],
  kind: "integer",
  why: "of a fraction DuckDB gives the nearest integer, Spark cuts it off; of a text that has one Spark fails",
  instead: "write `cast(round(…) as bigint)`",
} as const;

const momentKinds = ["date", "timestamp", "instant", "text", "unknown", "null"] as const;

/** Each type that `cast` may have. */
export const portableCasts: readonly PortableCast[] = [
  { type: "smallint", ...wholeCast, examples: ["cast(round(m % 1000) as smallint)"] },
  { type: "integer", ...wholeCast, examples: ["cast(round(m) as integer)", "cast(floor(-2.5) as integer)"] },
  {
    type: "bigint",
    ...wholeCast,
    examples: ["cast(round(m) as bigint)", "cast(ceil(length(t) * 1.25) as bigint)", "cast(count(*) as bigint)"],
  },
  {
    type: "double",
    from: ["integer", "whole", "decimal", "double", "number", "null", "unknown"],
    kind: "double",
    why: "the engines read other texts as numbers",
    instead: "keep numbers as numbers where they are read",
    examples: ["cast(i as double)", "cast(m as double)"],
  },
  {
    type: "decimal(p, s)",
    from: ["integer", "whole", "decimal", "null"],
    kind: "decimal",
    why: "of a DOUBLE that lies between two decimals DuckDB and Spark take different ones",
    instead: "write `cast(round(… * 100) as decimal(18, 0)) * 0.01`, or round it before",
    examples: ["cast(round(m) as decimal(12, 2))", "cast(cast(1.255 as decimal(5, 3)) as decimal(5, 2))"],
  },
  {
    type: "string",
    from: ["integer", "decimal", "text", "date", "timestamp", "boolean", "null"],
    kind: "text",
    why: "the engines print a DOUBLE in different ways",
    instead: "cast it to `bigint` or `date` first, or keep the value as it is",
    examples: [
      "cast(cast(round(m) as bigint) as string)",
      "cast(cast(day as date) as string)",
      "cast(i > 2 as string)",
      "cast(cast(ts as timestamp) as string)",
      "cast(0.0000001 as string)",
    ],
  },
  {
    type: "date",
    from: momentKinds,
    kind: "date",
    why: "only times and texts have a day",
    instead: "write `make_date(…)`",
    examples: ["cast(ts as date)", "cast(day as date)", "cast('2024-02-29' as date)"],
  },
  {
    type: "timestamp",
    from: momentKinds,
    kind: "timestamp",
    why: "only times and texts are times",
    instead: "read it as a time where it comes from",
    examples: [
      "cast('2024-02-29 12:30:00' as timestamp)",
      "cast('2024-02-29 12:30:00+02:00' as timestamp)",
      "cast(day as timestamp)",
      "cast(ts as timestamp)",
    ],
  },
];
