// The functions over values of one row that a portable query may call, without those of texts. Examples are over the table of
// `tests/support/spark/portable-rows.ts`.
import { both, isDecimal, isNumber, isRoundable, literal, type PortableFunction } from "./portable-function.ts";

const units = "'year', 'quarter', 'month', 'week', 'day'";

const timeParts = ["year", "quarter", "month", "day", "hour", "minute"].map((name): PortableFunction => {
  return {
    name,
    call: `${name}(x)`,
    group: "time",
    arguments: [1, 1],
    gives: "integer",
    examples: [`${name}(ts)`],
  };
});

/** In the order of the docs. */
export const scalarFunctions: readonly PortableFunction[] = [
  {
    name: "coalesce",
    call: "coalesce(a, b, …)",
    group: "any",
    arguments: [2, 20],
    gives: "all",
    examples: ["coalesce(t, 'none')", "coalesce(i, b, 0)", "coalesce(day, date '2000-01-01')"],
  },
  {
    name: "nullif",
    call: "nullif(a, b)",
    group: "any",
    arguments: [2, 2],
    gives: "first",
    examples: ["nullif(t, '')", "nullif(i, 0)", "nullif(m, 0)"],
  },
  {
    name: "greatest",
    call: "greatest(a, b, …)",
    group: "any",
    arguments: [2, 20],
    gives: "all",
    note: "leaves NULLs out",
    examples: ["greatest(i, 5)", "greatest(day, date '2020-01-01')", "greatest(t, 'm')"],
  },
  {
    name: "least",
    call: "least(a, b, …)",
    group: "any",
    arguments: [2, 20],
    gives: "all",
    note: "leaves NULLs out",
    examples: ["least(i, 5)", "least(x, 0e0)", "least(t, 'm')"],
  },
  {
    name: "abs",
    call: "abs(x)",
    group: "number",
    arguments: [1, 1],
    gives: "first",
    refuse: isNumber,
    examples: ["abs(i)", "abs(m)", "abs(x)"],
  },
  {
    name: "round",
    call: "round(x)",
    group: "number",
    arguments: [1, 2],
    gives: ([value, digits]) => (digits === undefined ? "whole" : (value?.kind ?? "number")),
    refuse: both(isNumber, isRoundable, literal(1, /^\d+$/, "write the digits as a number")),
    note: "halves away from zero; with digits, `round(x, 2)`, only of what is cast to a decimal or an integer",
    examples: [
      "round(x)",
      "round(m)",
      "round(i)",
      "round(b)",
      "round(cast(1.255 as decimal(9, 3)), 2)",
      "round(cast(round(m) as decimal(25, 1)) * 0.35, 1)",
    ],
  },
  {
    name: "floor",
    call: "floor(x)",
    group: "number",
    arguments: [1, 1],
    gives: "whole",
    refuse: isDecimal,
    note: "of what is cast to a decimal",
    examples: ["floor(length(t) * -0.35)", "floor(-0.5)", "floor(2.5)"],
  },
  {
    name: "ceil",
    call: "ceil(x)",
    group: "number",
    arguments: [1, 1],
    gives: "whole",
    refuse: isDecimal,
    note: "of what is cast to a decimal",
    examples: ["ceil(length(t) * -0.35)", "ceil(-0.5)", "ceil(2.5)"],
  },
  {
    name: "sqrt",
    call: "sqrt(x)",
    group: "number",
    arguments: [1, 1],
    gives: "double",
    refuse: isNumber,
    note: "of a negative number DuckDB fails, Spark gives NaN",
    examples: ["sqrt(abs(x))", "sqrt(abs(i))"],
  },
  ...timeParts,
  {
    name: "dayofyear",
    call: "dayofyear(x)",
    group: "time",
    arguments: [1, 1],
    gives: "integer",
    examples: ["dayofyear(day)"],
  },
  {
    name: "last_day",
    call: "last_day(x)",
    group: "time",
    arguments: [1, 1],
    gives: "date",
    examples: ["last_day(day)", "last_day(cast(ts as date))"],
  },
  {
    name: "make_date",
    call: "make_date(year, month, day)",
    group: "time",
    arguments: [3, 3],
    gives: "date",
    examples: ["make_date(year(day), 1, 31)"],
  },
  {
    name: "date_trunc",
    call: "cast(date_trunc('month', x) as timestamp)",
    group: "time",
    arguments: [2, 2],
    gives: "instant",
    refuse: both(
      literal(
        0,
        /^(year|quarter|month|week|day|hour|minute|second)$/,
        `write the unit, one of ${units}, 'hour', 'minute', 'second'`,
      ),
      ([, value]) =>
        value?.kind === "timestamp"
          ? undefined
          : {
              why: "of a date DuckDB gives a date and Spark a time",
              instead: "write `date_trunc('month', cast(x as timestamp))`, with `cast(… as date)` around it for a date",
            },
    ),
    note: "x is cast to a timestamp, and the result to a timestamp or a date",
    examples: [
      "cast(date_trunc('month', cast(ts as timestamp)) as timestamp)",
      "cast(date_trunc('week', cast(day as timestamp)) as timestamp)",
      "cast(date_trunc('quarter', cast(day as timestamp)) as date)",
      "cast(date_trunc('hour', cast(ts as timestamp)) as timestamp)",
    ],
  },
  {
    name: "date_part",
    call: "date_part('year', x)",
    group: "time",
    arguments: [2, 2],
    gives: "integer",
    refuse: literal(
      0,
      /^(year|quarter|month|week|day|hour|minute)$/,
      `write the part, one of ${units}, 'hour', 'minute'`,
    ),
    examples: ["date_part('year', ts)", "date_part('week', day)"],
  },
];
