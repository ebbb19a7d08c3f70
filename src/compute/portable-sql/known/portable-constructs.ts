// The clauses and operators of the subset, each with queries that show that both engines give the same rows. They are over the tables
// of `tests/support/spark/portable-rows.ts`.

export interface PortableConstruct {
  /** How it is written, for people. */
  readonly form: string;
  readonly note?: string;
  readonly examples: readonly string[];
}

const names = "select id, name from labels";

/** Clauses, in the order of a query. */
export const portableClauses: readonly PortableConstruct[] = [
  {
    form: "with a as (select …), b as (select … from a)",
    note: "not `recursive`",
    examples: [
      "with a as (select id, i from edges), b as (select id from a where i > 2) select a.id, a.i from a join b using (id)",
      "with edges as (select id, i from edges where i > 0) select id, i from edges",
      "select id from (with a as (select id from edges) select id from a) as b",
    ],
  },
  {
    form: "select x, t.x, f(x) as y, *, t.*",
    note: "what is no column has a name with `as`; `distinct`, but not `distinct on`",
    examples: [
      "select * from labels",
      "select l.*, e.i from edges e join labels l on l.id = e.id",
      "select distinct g, flag from edges",
      "select i * 2 as twice, i * 2 + 1 as more, coalesce(t, 'x') as t from edges",
      'select "select" as "order by" from (select id as "select" from edges) as "Inner"',
      "select i, -i as i2, i + 1 as i3 from edges -- a comment\nwhere /* another one */ id < 4;",
    ],
  },
  {
    form: "from a join b on …, left, right, full, semi, anti, cross",
    note: "`using (id)` in the place of `on`, without `*`; no comma between tables, no `natural`",
    examples: [
      "select e.id, l.name from edges e inner join labels l on e.id = l.id",
      "select e.id, l.name from edges as e left join labels as l on e.id = l.id and l.name <> 'two'",
      "select e.id, l.id as other from edges e right outer join labels l on e.id = l.id",
      "select id, e.i, l.name from edges e full join labels l using (id)",
      "select id, t from edges e semi join labels l on e.id = l.id",
      "select id, t from edges e anti join labels l on e.id = l.id",
      "select e.id, l.id as other from edges e cross join labels l where e.id < 3",
      "select a.id from labels a join labels b on a.id = b.id join labels c on c.id = b.id",
    ],
  },
  {
    form: "from (select …) as t, (values (1, 'a')) as t(id, name)",
    note: "a dataset of `inputs` by its name, a query in brackets, or rows; no table functions",
    examples: [
      "select n, name from (values (1, 'a'), (2, null), (-3, '')) as v(n, name)",
      "select t.id from (select id from edges where i is null) t",
      "select a, b from (select id, name from labels) as t(a, b)",
    ],
  },
  {
    form: "where exists (select …) group by x, y | all | rollup (x, y) | cube (x, y) having …",
    note: "no places of columns, no `grouping sets`",
    examples: [
      "select id from edges e where exists (select 1 from labels l where l.id = e.id) and not exists (select 1 from labels where false)",
      "select g, flag, count(*) as n from edges where id > 1 group by g, flag having count(*) > 0",
      "select g, flag, sum(i) as n from edges group by all",
      "select g, count(*) as n from edges group by rollup (g)",
      "select g, flag, count(*) as n, grouping(g) as whole from edges group by rollup (g, flag)",
      "select g, flag, count(*) as n from edges group by cube (g, flag)",
      "select left(g, 1) as g, count(*) as n from edges group by left(g, 1)",
      "select count(*) as n, sum(i) as total from edges where false",
    ],
  },
  {
    form: "qualify row_number() over (…) = 1",
    examples: [
      "select id, g from edges qualify row_number() over (partition by g order by i desc nulls last, id nulls last) = 1",
    ],
  },
  {
    form: "union, union all, except, intersect",
    note: "different ones in brackets",
    examples: [
      `${names} union all ${names}`,
      `${names} union select id, t from edges where id < 3`,
      `select i from edges except select 3 as i`,
      `select g from edges intersect select g from edges where flag`,
      `(select id from labels union select 100 as id) except select 1 as id`,
    ],
  },
  {
    form: "order by x desc nulls last limit 10 offset 5",
    note: "each term has `nulls first` or `nulls last`; `limit` and `offset` only behind an order",
    examples: [
      "select id, t from edges order by t nulls last, id nulls last",
      "select id, x from edges order by x desc nulls first, id nulls last limit 5 offset 1",
      "select id, i as k from edges order by k asc nulls last, id desc nulls first limit 6",
      "select g, count(*) as n from edges group by g order by n desc nulls last, g nulls first",
      "select id, flag from edges order by flag nulls last, id nulls last offset 3",
    ],
  },
];

/** Operators and other expressions; examples are of one row of `edges`. */
export const portableOperators: readonly PortableConstruct[] = [
  {
    form: "a and b, a or b, not a",
    examples: ["flag and i > 2", "flag or i > 2", "not flag", "not i = 3 and flag", "flag or i > 2 and x > 0"],
  },
  {
    form: "=, <>, !=, <, <=, >, >=",
    note: "texts are compared by their bytes",
    examples: [
      "i = 3",
      "t <> 'abc'",
      "t != ''",
      "t < 'b'",
      "x <= 0",
      "m > 1.25",
      "day >= date '2000-01-01'",
      "x = m",
      "i = m",
      "day < '2020-06-01'",
      "ts = timestamp '2000-01-01 00:00:00'",
    ],
  },
  {
    form: "is null, is not null, is true, is distinct from",
    examples: [
      "t is null",
      "t is not null",
      "flag is true",
      "flag is not false",
      "i is distinct from 3",
      "i is not distinct from null",
    ],
  },
  {
    form: "between, in",
    examples: [
      "i between 0 and 3",
      "day not between date '1970-01-01' and date '2020-12-31'",
      "t in ('abc', '')",
      "i not in (3, 5)",
      "id in (select id from labels)",
      "id not in (select id from labels where id < 0)",
    ],
  },
  {
    form: "like 'a%'",
    note: "the pattern is a text without a backslash; no `escape`, no `ilike`",
    examples: ["t like 'a%'", "t not like '%,_,%'", "t like ''", "t like '%ß%'"],
  },
  {
    form: "a + b, a - b, a * b, -a",
    note: "of numbers, of a date and a number of days, of a timestamp and an interval",
    examples: [
      "i + 1",
      "i - b",
      "m * m",
      "m + i",
      "x * 0.1",
      "x - m",
      "-m",
      "-x",
      "2 - i * 3",
      "cast(day as date) + 31",
      "cast(day as date) - 1",
      "cast(ts as timestamp) + interval '1' month",
      "cast(cast(day as timestamp) - interval '1' year as date)",
      "cast(ts as timestamp) + interval '-90' minute",
    ],
  },
  {
    form: "cast(a as double) / nullif(b, 0)",
    note: "a DOUBLE by what is never zero: a number or a `nullif(…, 0)`",
    examples: [
      "cast(i as double) / 3",
      "cast(i as double) / nullif(b, 0)",
      "cast(m as double) / nullif(m, 0)",
      "cast(round(x * 100) as double) / 100",
      "1e0 / nullif(i, 0)",
    ],
  },
  { form: "a % nullif(b, 0)", examples: ["i % 3", "-i % 3", "b % nullif(i, 0)", "m % 2", "x % 2"] },
  {
    form: "a || b",
    note: "NULL where one of them is; of texts, integers and dates",
    examples: [
      "t || '!'",
      "'it''s ' || t",
      "t || cast(round(id) as bigint)",
      "'' || i",
      "'day ' || cast(day as date)",
      `'#' || t || '"'`,
      "'a -- b' || '/* c */'",
    ],
  },
  {
    form: "trim(both ' ' from a), leading, trailing",
    examples: ["trim(both ' ' from t)", "trim(leading 'ab' from t)", "trim(trailing '% ' from t)"],
  },
  {
    form: "case when … then … else … end",
    examples: [
      "case when i > 2 then 'many' when i is null then null else 'few' end",
      "case i when 3 then 1 when 5 then 2 end",
      "case when flag then i else b end",
    ],
  },
  {
    form: "extract(year from x)",
    note: "year, quarter, month, week, day, hour, minute; of the time between two timestamps day, hour and minute",
    examples: [
      "extract(year from day)",
      "extract(week from day)",
      "extract(quarter from ts)",
      "extract(minute from ts)",
      "extract(day from cast(ts as timestamp) - timestamp '2000-01-01 00:00:00')",
      "extract(hour from timestamp '2000-01-01 00:00:00' - cast(ts as timestamp))",
    ],
  },
  {
    form: "date '2024-01-31', timestamp '2024-01-31 12:00:00', interval '1' day",
    examples: ["date '2024-02-29'", "timestamp '2024-02-29 23:59:59.5'", "timestamp '1969-12-31 23:59:59.999999'"],
  },
  {
    form: "1, 1.5, 1e3, 'text', true, null",
    note: "integers of 64 bits, decimals of 38 digits",
    examples: [
      "1",
      "1.50",
      ".5",
      "1e3",
      "1.5e-3",
      "9223372036854775807",
      "2147483648",
      "-2147483648",
      "'é🙂'",
      "true",
      "coalesce(null, 1)",
    ],
  },
  {
    form: "(select …)",
    note: "a query that gives one value",
    examples: ["(select max(id) from labels)", "i > (select min(i) from edges)"],
  },
];
