import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MillraceError } from "../../core/errors/errors.ts";
import { assertPortable } from "./assert-portable.ts";
import { foreignFunctions } from "./known/foreign-functions.ts";
import { portableClauses, portableOperators } from "./known/portable-constructs.ts";
import { portableFunctions } from "./known/portable-functions.ts";
import { portableCasts } from "./known/value-kind.ts";

function refusalOf(sql: string): MillraceError {
  try {
    assertPortable(sql);
  } catch (error) {
    if (error instanceof MillraceError) return error;
    throw error;
  }
  throw new Error(`it was not refused: ${sql}`);
}

const queries = portableClauses.flatMap(({ examples }) => examples);
const expressions = [...portableFunctions.values(), ...portableCasts, ...portableOperators].flatMap(
  ({ examples }) => examples,
);

test.each(queries)("what the documents show is taken: %s", (sql) => {
  expect(() => assertPortable(sql)).not.toThrow();
});

test.each(expressions)("so is the expression %s", (expression) => {
  expect(() => assertPortable(`select id, ${expression} as value from edges`)).not.toThrow();
});

test("a refusal says where, what and why, and what to write instead", () => {
  const error = refusalOf("select id,\n  concat(a, b) as both\nfrom t");
  expect(error.code).toBe("SQL_INVALID");
  expect(error.message).toBe(
    "the query is not portable at 2:3: the function `concat`: DuckDB leaves NULLs out, Spark gives NULL",
  );
  expect(error.hint).toContain("write `a || b`");
  expect(error.details).toEqual({ line: 2, column: 3 });
});

test("a function that nobody has shown to be the same is refused with the nearest one", () => {
  const error = refusalOf("select regexp_extrct(a, 'b', 1) as x from t");
  expect(error.message).toContain("did you mean `regexp_extract`?");
  expect(error.hint).toContain("functions: coalesce, nullif");
});

test("no function is portable and refused at once", () => {
  expect([...foreignFunctions.keys()].filter((name) => portableFunctions.has(name))).toEqual([]);
});

describe("what one engine reads otherwise is refused", () => {
  test.each<[sql: string, what: string]>([
    ["select a::int as a from t", "`::`"],
    ["select a ^ 2 as a from t", "the operator `^`"],
    ["select a // 2 as a from t", "the operator `//`"],
    ["select ~a as a from t", "the operator `~`"],
    ["select a ~ 'x' as a from t", "the operator `~`"],
    ["select a == 1 as a from t", "the operator `==`"],
    ["select `a` from t", "a name in back quotes"],
    ["select [1, 2] as a from t", "`[`"],
    ["select {'a': 1} as a from t", "`{`"],
    ["select list_transform(a, x -> x) as a from t", "`->`"],
    ["select /*+ broadcast(t) */ a from t", "`/*+`"],
    ["select a /* one /* two */ */ from t", "a comment in a comment"],
    ["select a -- one \\\n, b from t", "a comment that ends with a backslash"],
    ["select 'a\\' as a, ' from t' as b", "a text with a backslash"],
    ["select '${env:HOME}' as a", "a text with `${`"],
    ['select "a\\b" from t', "a name with a backslash"],
    ["select 'a' 'b' as a", "a text behind a text"],
    ["select e'a' as a", "`e'`"],
    ["select 1L as a", "`1L`"],
    ["select 1_000 as a", "`1_000`"],
    ["select 'a as b", "`'a` without an end"],
    ["select ä from t", "`ä`"],
    ["select 9223372036854775808 as a", "the number `9223372036854775808`"],
    ["select $1 as a", "`$`"],
    ["select a from t where b = ?", "`?`"],
  ])("%s", (sql, what) => {
    expect(refusalOf(sql).message).toContain(`: ${what}`);
  });
});

describe("what they compute otherwise is refused", () => {
  test.each<[sql: string, what: string]>([
    ["select a / b as c from t", "`/` of what may be a decimal"],
    ["select cast(a as double) / b as c from t", "`/` by what may be zero"],
    ["select cast(a as double) / 0 as c from t", "`/` by what may be zero"],
    ["select a % b as c from t", "`%` by what may be zero"],
    ["select cast(a as integer) as a from t", "a cast of what may be of any type to `integer`"],
    ["select cast(1.5 as bigint) as a from t", "a cast of the kind decimal to `bigint`"],
    ["select cast(a as string) as a from t", "a cast of what may be of any type to `string`"],
    ["select cast(a as varchar) as a from t", "a cast to `varchar`"],
    ["select cast(a as real) as a from t", "a cast to `real`"],
    ["select cast(avg(cast(a as double)) as decimal(9, 2)) as a from t", "a cast of the kind double to `decimal`"],
    ["select try_cast(a as date) as a from t", "`try_cast`"],
    ["select cast(a as decimal(39, 2)) as a from t", "`decimal(39, 2)`"],
    ["select round(a, 2) as a from t", "`round` with these arguments"],
    ["select floor(length(a)) as a from t", "`floor` with these arguments"],
    ["select floor(a) as a from t", "`floor` with these arguments"],
    ["select regexp_extract(a, 'a.b', 0) as a from t", "`regexp_extract` with these arguments"],
    ["select regexp_extract(a, '(?i)a', 0) as a from t", "`regexp_extract` with these arguments"],
    ["select regexp_extract(a, '[a&&b]', 0) as a from t", "`regexp_extract` with these arguments"],
    ["select concat_ws('-', a, round(b)) as a from t", "`concat_ws` with these arguments"],
    ["select trim(a) as a from t", "the function `trim`"],
    ["select date_trunc('day', cast(a as timestamp)) as a from t", "what `date_trunc` gives as a column"],
    [
      "select coalesce(date_trunc('day', cast(a as timestamp)), timestamp '2024-01-01 00:00:00') as a from t",
      "`coalesce` of values of the kinds instant and timestamp",
    ],
    ["select cast(a as timestamp) - cast(b as timestamp) as a from t", "an interval as a column"],
    ["select extract(month from cast(a as timestamp) - cast(b as timestamp)) as a from t", "`month` of an interval"],
    ["select avg(a) as a from t", "`avg` with these arguments"],
    ["select substr(a, 0, 2) as a from t", "`substr` with these arguments"],
    ["select substr(a, b) as a from t", "`substr` with these arguments"],
    ["select date_trunc('month', day) as a from t", "`date_trunc` with these arguments"],
    ["select coalesce('a', 1) as a from t", "`coalesce` of values of the kinds text and integer"],
    ["select case when a then 1 else 'b' end as a from t", "`case` of values of the kinds integer and text"],
    ["select 'a' || 1.5 as a from t", "`||` with a value of the kind decimal"],
    ["select 'a' || b + 1 as a from t", "`||` beside `+` or `-`"],
    ["select '1' + 1 as a from t", "`+` with a value of the kind text"],
    ["select cast(a as date) - cast(b as date) as c from t", "`-` of a time and what may be another one"],
    ["select cast(a as date) - b as c from t", "`-` of a time and what may be another one"],
    ["select a + interval '1' day as c from t", "`+` with an interval"],
    ["select cast(a as timestamp) + interval 1 day as c from t", "this interval"],
    ["select extract(dow from a) as c from t", "`extract(dow …)`"],
    ["select date '2024-1-1' as a", "`date '2024-1-1'`"],
    ["select a from t where b like c", "this pattern of `like`"],
    ["select a from t where b like 'x!%' escape '!'", "this pattern of `like`"],
    ["select a from t where b like 'x\\_'", "a text with a backslash"],
    ["select 1.5 in (a, '1.5') as d from t", "a text that is compared with a number"],
    ["select length(a) = '3' as d from t", "a text that is compared with a number"],
    ["select a = b = c as d from t", "`=` behind a comparison"],
    ["select count(*) filter (a > 1) as c from t", "`filter` without `where`"],
    ["select sum(a) filter (where b) over (order by c nulls last) as c from t", "a window of `sum`"],
    ["select row_number() over (order by a) as c from t", "an order that does not say where NULLs go"],
    ["select row_number() over (partition by a) as c from t", "this window without an order"],
    ["select row_number() as c from t", "`row_number` without a window"],
    ["select percentile_disc(a) within group (order by a) as c from t", "`percentile_disc` with these arguments"],
  ])("%s", (sql, what) => {
    expect(refusalOf(sql).message).toContain(`: ${what}`);
  });
});

describe("clauses that they do not share are refused", () => {
  test.each<[sql: string, what: string]>([
    ["select a from t order by a", "an order that does not say where NULLs go"],
    ["select a from t order by all", "`order by all`"],
    ["select a from t order by 1 nulls last", "the place of a column"],
    ["select a from t group by 1", "the place of a column"],
    ["select a from t limit 5", "`limit` without an order"],
    ["select a from t order by a nulls last limit 5 %", "`%`"],
    ["select a, b + 1 from t", "a column without a name"],
    ["select count(*) from t", "a column without a name"],
    ["select * exclude (a) from t", "`* exclude`"],
    ["select distinct on (a) a from t", "`distinct on`"],
    ["from t", "`from`"],
    ["select t.* from t join u using (id)", "`*` over a join with `using`"],
    ["select a from t, u", "a comma between tables"],
    ["select a from t natural join u", "`natural`"],
    ["select a from t join u", "the end"],
    ["select a from read_parquet('x')", "`read_parquet(`"],
    ["select a from main.t", "`main.`"],
    ["select a from 'x.csv'", "`'x.csv'`"],
    ["select t.a.b from t", "a name of several parts"],
    ["with recursive a as (select 1 as n) select n from a", "`with recursive`"],
    ["select a from t union select a from u except select a from v", "`except` beside `union`"],
    ["select current_date as a", "`current_date`"],
    ["select user as a from t", "`user`"],
    ["select a from t; select b from t", "`select`"],
    ["insert into t select 1 as a", "`insert`"],
    ["", "the end"],
    ["select a from t where b in ((1, 2))", "`,`"],
    ["select a from t where b ilike 'x'", "`ilike`"],
    ["select a from t where b rlike 'x'", "`rlike`"],
    ["select a from t where not", "the end"],
    ["select a from t tablesample (10 percent)", "`tablesample`"],
    ["select a b from t", "`b`"],
  ])("%s", (sql, what) => {
    expect(refusalOf(sql).message).toContain(`: ${what}`);
  });
});

test("whatever text is given, it is taken or refused by its place", () => {
  const shown = [...queries, ...expressions].flatMap((sql) => sql.split(/\b/));
  const piece = fc.oneof(fc.constantFrom(...shown), fc.string({ maxLength: 3 }));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      try {
        assertPortable(`select ${pieces.join(" ")}`);
      } catch (error) {
        expect(error).toMatchObject({ code: "SQL_INVALID", details: { line: expect.any(Number) } });
      }
    }),
    { numRuns: 500 },
  );
});

test.each(["(", "case when ", "abs(", "(select ", "not "])("`%s` in itself 100,000 times is no trouble", (piece) => {
  expect(refusalOf(`select ${piece.repeat(100_000)}`).code).toBe("SQL_INVALID");
});
