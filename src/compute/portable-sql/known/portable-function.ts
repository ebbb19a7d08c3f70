// What is known of a function that portable queries may call, and what such functions ask of their arguments.
import { isNumeric, type SqlValueFacts, type ValueKind } from "./value-kind.ts";

/** What a call lacks to be portable. */
export interface CallProblem {
  readonly why: string;
  readonly instead: string;
}

export interface PortableFunction {
  readonly name: string;
  /** How it is called, for people. */
  readonly call: string;
  readonly group: "aggregate" | "window" | "text" | "number" | "time" | "any";
  /** Least and most arguments. */
  readonly arguments: readonly [least: number, most: number];
  /** `first`: that of the first argument; `all`: what all of them can be. */
  readonly gives: ValueKind | "first" | "all" | ((values: readonly SqlValueFacts[]) => ValueKind);
  readonly note?: string;
  /** Looks at the arguments. */
  readonly refuse?: (values: readonly SqlValueFacts[]) => CallProblem | undefined;
  /** Whether a `within group (order by …)` follows. */
  readonly isOrdered?: true;
  readonly examples: readonly string[];
}

/** See `PortableFunction`. */
export type Refuse = NonNullable<PortableFunction["refuse"]>;

/** The argument is written in the query, and fits. */
export function literal(place: number, fits: RegExp, instead: string): Refuse {
  return (values) => {
    const value = values[place];
    if (value === undefined || (value.literal !== undefined && fits.test(value.literal))) return undefined;
    return { why: "for other arguments the engines give different values", instead };
  };
}

/** All of them look. */
export function both(...looks: readonly Refuse[]): Refuse {
  return (values) => looks.map((look) => look(values)).find((problem) => problem !== undefined);
}

/** The first argument may be a text. */
export const isText: Refuse = ([value]) =>
  value === undefined || ["text", "unknown", "null"].includes(value.kind)
    ? undefined
    : {
        why: "the engines print other values in different ways",
        instead: "give it a text, such as `cast(… as string)` of an integer",
      };

/** The first argument has decimal digits, if it is to be rounded to some. */
export const isRoundable: Refuse = ([value, digits]) =>
  digits === undefined || value === undefined || value.kind === "decimal" || value.kind === "integer"
    ? undefined
    : {
        why: "a DOUBLE that lies between two is rounded by its digits on Spark and by its bits on DuckDB",
        instead: "write `cast(round(… * 100) as double) / 100`",
      };

/** The first argument is a decimal. */
export const isDecimal: Refuse = ([value]) =>
  value === undefined || value.kind === "decimal"
    ? undefined
    : {
        why: "of a DOUBLE Spark gives a BIGINT, which ends at 2^63 and is 0 for NaN, and of an integer DuckDB gives a DOUBLE",
        instead: "write `round(x)`, or cast it to a decimal first",
      };

/** The first argument may be a number. */
export const isNumber: Refuse = ([value]) =>
  value === undefined || isNumeric(value.kind) || value.kind === "unknown" || value.kind === "null"
    ? undefined
    : { why: "it takes numbers", instead: "cast it" };
