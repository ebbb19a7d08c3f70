// Functions that people reach for and that are not portable: how the engines differ, and what to write. What is not here is refused,
// too, with the nearest name.

export interface ForeignFunction {
  readonly name: string;
  readonly why: string;
  readonly instead: string;
}

const chance = "which of the values it gives is by chance, and Spark may give NULL where DuckDB does not";
const theEngine = "name the engine of the job";

const list: readonly ForeignFunction[] = [
  { name: "any_value", why: chance, instead: "write `min(…)`, or group by it" },
  { name: "first", why: chance, instead: "write `min(…)`, or `first_value(…) over (order by …)`" },
  { name: "last", why: chance, instead: "write `max(…)`, or `last_value(…) over (order by …)`" },
  {
    name: "mode",
    why: "which of several values that are as frequent is by chance",
    instead: "count them and take the first by `row_number()`",
  },
  {
    name: "max_by",
    why: "where the value is NULL at the top, DuckDB takes the next one and Spark gives NULL",
    instead: "take the first row by `row_number()`",
  },
  {
    name: "min_by",
    why: "where the value is NULL at the bottom, DuckDB takes the next one and Spark gives NULL",
    instead: "take the first row by `row_number()`",
  },
  { name: "arg_max", why: "only DuckDB has it", instead: "take the first row by `row_number()`" },
  { name: "arg_min", why: "only DuckDB has it", instead: "take the first row by `row_number()`" },
  {
    name: "count_if",
    why: "of no row DuckDB gives NULL, Spark 0",
    instead: "write `count(*) filter (where …)`",
  },
  {
    name: "sign",
    why: "of NaN DuckDB gives a number, Spark NaN",
    instead: "write `case when x > 0 then 1 when x < 0 then -1 else 0 end`",
  },
  {
    name: "upper",
    why: "of letters such as `ß` the engines make others",
    instead: "compare texts as they are, or name the engine of the job",
  },
  {
    name: "lower",
    why: "of letters such as `İ` and `Σ` the engines make others",
    instead: "compare texts as they are, or name the engine of the job",
  },
  {
    name: "trim",
    why: "DuckDB takes away all kinds of spaces, Spark the plain one",
    instead: "write `trim(both ' ' from text)`",
  },
  {
    name: "ltrim",
    why: "DuckDB takes away all kinds of spaces, Spark the plain one",
    instead: "write `trim(leading ' ' from text)`",
  },
  {
    name: "rtrim",
    why: "DuckDB takes away all kinds of spaces, Spark the plain one",
    instead: "write `trim(trailing ' ' from text)`",
  },
  {
    name: "starts_with",
    why: "only DuckDB has it",
    instead: "write `text like 'start%'` or `left(text, 5) = 'start'`",
  },
  { name: "startswith", why: "only Spark has it", instead: "write `text like 'start%'` or `left(text, 5) = 'start'`" },
  { name: "ends_with", why: "only DuckDB has it", instead: "write `text like '%end'` or `right(text, 3) = 'end'`" },
  { name: "endswith", why: "only Spark has it", instead: "write `text like '%end'` or `right(text, 3) = 'end'`" },
  { name: "week", why: "only DuckDB has it", instead: "write `extract(week from x)`" },
  {
    name: "concat",
    why: "DuckDB leaves NULLs out, Spark gives NULL",
    instead: "write `a || b`, which is NULL on both, or `concat_ws('', a, b)`, which leaves NULLs out",
  },
  {
    name: "quantile_disc",
    why: "only DuckDB has it",
    instead: "write `percentile_disc(0.9) within group (order by x)`",
  },
  {
    name: "quantile_cont",
    why: "only DuckDB has it",
    instead: "write `median(cast(x as double))`, or `percentile_disc(0.9) within group (order by x)`",
  },
  {
    name: "quantile",
    why: "only DuckDB has it",
    instead: "write `percentile_disc(0.9) within group (order by x)`",
  },
  {
    name: "percentile_cont",
    why: "the engines lie between two values by other formulas, so that last digits differ",
    instead: "write `percentile_disc(0.9) within group (order by x)`, or `median(cast(x as double))`",
  },
  { name: "stddev", why: "last digits differ", instead: theEngine },
  { name: "stddev_samp", why: "last digits differ", instead: theEngine },
  { name: "variance", why: "last digits differ", instead: theEngine },
  { name: "corr", why: "last digits differ", instead: theEngine },
  { name: "ln", why: "last digits differ, and of 0 DuckDB fails and Spark gives NULL", instead: theEngine },
  { name: "log", why: "it has another base", instead: theEngine },
  { name: "exp", why: "last digits differ", instead: theEngine },
  { name: "pow", why: "last digits differ", instead: "multiply" },
  { name: "power", why: "last digits differ", instead: "multiply" },
  { name: "mod", why: "by zero DuckDB gives NULL and Spark fails", instead: "write `a % nullif(b, 0)`" },
  { name: "trunc", why: "Spark cuts dates with it, DuckDB numbers", instead: "write `round(…)`" },
  { name: "hash", why: "the numbers are others", instead: "write `md5(…)`" },
  {
    name: "dayofweek",
    why: "DuckDB counts from 0, Spark from 1",
    instead: "write `cast(day as date) - …` no more than your days need, or name the engine of the job",
  },
  { name: "weekday", why: "DuckDB begins with Sunday, Spark with Monday", instead: theEngine },
  {
    name: "second",
    why: "the engines round fractions of seconds in different ways",
    instead: "write `date_trunc('second', cast(x as timestamp))`",
  },
  { name: "datediff", why: "DuckDB takes the unit as a text, Spark as a word", instead: theEngine },
  { name: "date_diff", why: "DuckDB counts the borders that lie between, Spark whole units", instead: theEngine },
  {
    name: "date_add",
    why: "DuckDB adds an interval, Spark days",
    instead: "write `cast(cast(x as timestamp) + interval '1' day as date)`",
  },
  {
    name: "date_sub",
    why: "DuckDB subtracts times, Spark days",
    instead: "write `cast(cast(x as timestamp) - interval '1' day as date)`",
  },
  { name: "strftime", why: "only DuckDB has it", instead: "write `cast(cast(x as date) as string)`" },
  {
    name: "strptime",
    why: "only DuckDB has it",
    instead: "read the time where it comes from, or name the engine of the job",
  },
  { name: "date_format", why: "only Spark has it", instead: "write `cast(cast(x as date) as string)`" },
  { name: "to_date", why: "only Spark has it", instead: "write `cast(x as date)`" },
  { name: "to_timestamp", why: "DuckDB reads seconds, Spark a text", instead: "write `cast(x as timestamp)`" },
  { name: "epoch", why: "only DuckDB has it", instead: theEngine },
  { name: "unix_timestamp", why: "only Spark has it", instead: theEngine },
  { name: "now", why: "another moment gives other rows", instead: "give the moment as a column of an input" },
  { name: "random", why: "each run gives other rows", instead: theEngine },
  { name: "rand", why: "each run gives other rows", instead: theEngine },
  { name: "uuid", why: "each run gives other rows", instead: "write `md5(…)` of what makes a row one" },
  { name: "gen_random_uuid", why: "each run gives other rows", instead: "write `md5(…)` of what makes a row one" },
  { name: "regexp_replace", why: "DuckDB replaces the first match, Spark all", instead: "write `replace(…)`" },
  { name: "regexp_matches", why: "only DuckDB has it", instead: "write `regexp_extract(text, pattern, 0) <> ''`" },
  { name: "regexp_like", why: "only Spark has it", instead: "write `regexp_extract(text, pattern, 0) <> ''`" },
  { name: "string_agg", why: "the order of the parts is written in different ways", instead: theEngine },
  { name: "list", why: "lists differ between the engines", instead: theEngine },
  { name: "array_agg", why: "lists differ between the engines", instead: theEngine },
  { name: "unnest", why: "lists differ between the engines", instead: theEngine },
  {
    name: "approx_count_distinct",
    why: "the engines estimate in different ways",
    instead: "write `count(distinct x)`",
  },
  { name: "date", why: "only Spark has it", instead: "write `cast(x as date)`" },
  { name: "timestamp", why: "only Spark has it", instead: "write `cast(x as timestamp)`" },
  { name: "int", why: "only Spark has it", instead: "write `cast(round(x) as integer)`" },
  { name: "string", why: "only Spark has it", instead: "write `cast(x as string)`" },
  { name: "double", why: "only Spark has it", instead: "write `cast(x as double)`" },
  { name: "ifnull", why: "it is an other name", instead: "write `coalesce(a, b)`" },
  { name: "nvl", why: "only Spark has it", instead: "write `coalesce(a, b)`" },
  { name: "if", why: "it is an other name", instead: "write `case when … then … else … end`" },
  { name: "substring", why: "it is an other name", instead: "write `substr(text, start, length)`" },
  { name: "strpos", why: "only DuckDB has it", instead: "write `instr(text, part)`" },
  { name: "position", why: "it is an other name", instead: "write `instr(text, part)`" },
  { name: "char_length", why: "only Spark has it", instead: "write `length(text)`" },
];

/** By their names. */
export const foreignFunctions: ReadonlyMap<string, ForeignFunction> = new Map(list.map((each) => [each.name, each]));
