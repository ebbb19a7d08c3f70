// The functions over many rows that a portable query may call: aggregates, and those that only windows have. Examples are over the
// table of `tests/support/spark/portable-rows.ts`, grouped by `g`.
import { isNumber, literal, type PortableFunction, type Refuse } from "./portable-function.ts";

const meanOf: Refuse = ([value]) =>
  value === undefined || value.kind === "double" || value.kind === "integer"
    ? undefined
    : {
        why: "of decimals DuckDB gives a DOUBLE and Spark a decimal",
        instead: "cast what is averaged: `cast(x as double)`",
      };

const share = literal(0, /^(0(\.\d+)?|1(\.0+)?|\.\d+)$/, "write the share as a number from 0 to 1");
const offset = literal(1, /^\d+$/, "write the distance as a number");

const aggregate = { group: "aggregate" } as const;
const overWindow = { group: "window" } as const;

/** In the order of the docs. */
export const aggregateFunctions: readonly PortableFunction[] = [
  {
    name: "count",
    call: "count(*), count(x), count(distinct x)",
    ...aggregate,
    arguments: [1, 1],
    gives: "integer",
    examples: ["count(*)", "count(t)", "count(distinct i)", "count(*) filter (where i > 2)"],
  },
  {
    name: "sum",
    call: "sum(x)",
    ...aggregate,
    arguments: [1, 1],
    gives: "first",
    refuse: isNumber,
    note: "of integers HUGEINT on DuckDB and BIGINT on Spark; of DOUBLEs the last digits depend on the order of the rows",
    examples: ["sum(i)", "sum(m)", "sum(b)", "sum(i) filter (where t = 'nothing')"],
  },
  {
    name: "avg",
    call: "avg(cast(x as double))",
    ...aggregate,
    arguments: [1, 1],
    gives: "double",
    note: "of DOUBLEs that are no integers the last digits depend on the order of the rows, on each engine",
    refuse: meanOf,
    examples: ["avg(cast(i as double))", "avg(cast(id as double))"],
  },
  {
    name: "min",
    call: "min(x)",
    ...aggregate,
    arguments: [1, 1],
    gives: "first",
    examples: ["min(t)", "min(day)", "min(x)", "min(m)"],
  },
  {
    name: "max",
    call: "max(x)",
    ...aggregate,
    arguments: [1, 1],
    gives: "first",
    examples: ["max(t)", "max(ts)", "max(x)", "max(flag)"],
  },
  {
    name: "bool_and",
    call: "bool_and(condition)",
    ...aggregate,
    arguments: [1, 1],
    gives: "boolean",
    examples: ["bool_and(flag)", "bool_and(i > 0)"],
  },
  {
    name: "bool_or",
    call: "bool_or(condition)",
    ...aggregate,
    arguments: [1, 1],
    gives: "boolean",
    examples: ["bool_or(flag)"],
  },
  {
    name: "median",
    call: "median(cast(x as double))",
    ...aggregate,
    arguments: [1, 1],
    gives: "double",
    refuse: meanOf,
    examples: ["median(cast(i as double))"],
  },
  {
    name: "percentile_disc",
    call: "percentile_disc(0.9) within group (order by x)",
    ...aggregate,
    arguments: [1, 1],
    gives: "number",
    refuse: share,
    isOrdered: true,
    note: "a DOUBLE on Spark whatever `x` is: cast it",
    examples: [
      "percentile_disc(0.9) within group (order by i)",
      "percentile_disc(0.5) within group (order by i desc)",
      "percentile_disc(0) within group (order by i)",
    ],
  },
  {
    name: "grouping",
    call: "grouping(x)",
    ...aggregate,
    arguments: [1, 1],
    gives: "integer",
    examples: ["grouping(g)"],
  },
  {
    name: "row_number",
    call: "row_number() over (…)",
    ...overWindow,
    arguments: [0, 0],
    gives: "integer",
    examples: ["row_number() over (partition by g order by id nulls last)"],
  },
  {
    name: "rank",
    call: "rank() over (…)",
    ...overWindow,
    arguments: [0, 0],
    gives: "integer",
    examples: ["rank() over (order by i nulls last)", "rank() over (partition by flag order by x desc nulls first)"],
  },
  {
    name: "dense_rank",
    call: "dense_rank() over (…)",
    ...overWindow,
    arguments: [0, 0],
    gives: "integer",
    examples: ["dense_rank() over (order by t desc nulls last)"],
  },
  {
    name: "percent_rank",
    call: "percent_rank() over (…)",
    ...overWindow,
    arguments: [0, 0],
    gives: "double",
    examples: ["percent_rank() over (order by i nulls first)"],
  },
  {
    name: "cume_dist",
    call: "cume_dist() over (…)",
    ...overWindow,
    arguments: [0, 0],
    gives: "double",
    examples: ["cume_dist() over (order by i nulls first)"],
  },
  {
    name: "ntile",
    call: "ntile(n) over (…)",
    ...overWindow,
    arguments: [1, 1],
    gives: "integer",
    refuse: literal(0, /^[1-9]\d*$/, "write how many as a number"),
    examples: ["ntile(3) over (order by id nulls last)"],
  },
  {
    name: "lag",
    call: "lag(x, n) over (…)",
    ...overWindow,
    arguments: [1, 2],
    gives: "first",
    refuse: offset,
    examples: ["lag(t) over (order by id nulls last)", "lag(i, 2) over (partition by g order by id nulls last)"],
  },
  {
    name: "lead",
    call: "lead(x, n) over (…)",
    ...overWindow,
    arguments: [1, 2],
    gives: "first",
    refuse: offset,
    examples: ["lead(day, 1) over (order by id nulls last)"],
  },
  {
    name: "first_value",
    call: "first_value(x) over (…)",
    ...overWindow,
    arguments: [1, 1],
    gives: "first",
    examples: ["first_value(t) over (partition by g order by id nulls last)"],
  },
  {
    name: "last_value",
    call: "last_value(x) over (…)",
    ...overWindow,
    arguments: [1, 1],
    gives: "first",
    examples: [
      "last_value(t) over (partition by g order by id nulls last)",
      "last_value(i) over (order by id nulls last rows between unbounded preceding and unbounded following)",
    ],
  },
];
