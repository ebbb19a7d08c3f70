// What both engines take and give different values for, as the two tested versions do; the reason why portable SQL has none of it.
// `tests/services/spark/portable-sql.services.test.ts` runs each.

export interface DialectDifference {
  readonly sql: string;
  /** What a row holds, as JSON; `error` where the query fails. */
  readonly duckdb: string;
  readonly spark: string;
}

/** Those that no error tells of come first. */
export const dialectDifferences: readonly DialectDifference[] = [
  { sql: "concat('a', null)", duckdb: '"a"', spark: "null" },
  { sql: "cast(2.5 as integer)", duckdb: "3", spark: "2" },
  { sql: "round(1.005e0, 2)", duckdb: "1", spark: "1.01" },
  { sql: "cast(1.005e0 as decimal(5, 2))", duckdb: '"1.00"', spark: '"1.01"' },
  { sql: "1.00 / 3", duckdb: "0.3333333333333333", spark: '"0.333333"' },
  { sql: "floor(1e20)", duckdb: "100000000000000000000", spark: "9223372036854775807" },
  { sql: "2 ^ 3", duckdb: "8", spark: "1" },
  { sql: "substr('abc', 0, 2)", duckdb: '"a"', spark: '"ab"' },
  { sql: "upper('ß')", duckdb: '"ẞ"', spark: '"SS"' },
  { sql: "length(trim('\u00a0'))", duckdb: "0", spark: "1" },
  { sql: "length('a\\nb')", duckdb: "4", spark: "3" },
  { sql: "'a\\_b' like 'a\\_b'", duckdb: "true", spark: "false" },
  { sql: "regexp_replace('aa', 'a', 'b')", duckdb: '"ba"', spark: '"bb"' },
  { sql: "regexp_extract('a\rb', 'a.b', 0)", duckdb: '"a\\rb"', spark: '""' },
  { sql: "cast(1e20 as string)", duckdb: '"1e+20"', spark: '"1.0E20"' },
  { sql: "dayofweek(date '2024-01-07')", duckdb: "0", spark: "1" },
  { sql: "date '2024-01-31' + interval '1' day", duckdb: '"2024-02-01T00:00:00"', spark: '"2024-02-01"' },
  { sql: "count_if(x > 0) from (values (1)) as v(x) where x > 1", duckdb: "null", spark: "0" },
  {
    sql: "date_trunc('month', timestamp '2024-01-31 10:00:00')",
    duckdb: '"2024-01-01T00:00:00"',
    spark: '"2024-01-01T00:00:00Z"',
  },
  { sql: "any_value(x) from (values (null), (1)) as v(x)", duckdb: "1", spark: "null" },
  { sql: "max_by(x, n) from (values (1, 1), (null, 2)) as v(x, n)", duckdb: "1", spark: "null" },
  { sql: "avg(x) from (values (1.00), (2.00), (2.00)) as v(x)", duckdb: "1.6666666666666667", spark: '"1.666667"' },
  { sql: "1 / 0", duckdb: "null", spark: "error" },
  { sql: "5 % 0", duckdb: "null", spark: "error" },
  { sql: "cast('1.9' as integer)", duckdb: "2", spark: "error" },
  { sql: "cast('2024' as date)", duckdb: "error", spark: '"2024-01-01"' },
  { sql: "ln(0)", duckdb: "error", spark: "null" },
];
