import { expect, test } from "vitest";
import { defineColumn, defineIndex, holdInMysql, listMysqlLimits, toMysqlText } from "./mysql-types.ts";

test.each([
  ["BOOLEAN", "BOOLEAN", "`c` tinyint(1) NULL COMMENT 'millrace: BOOLEAN'"],
  ["UBIGINT", "UBIGINT", "`c` bigint unsigned NULL"],
  ["HUGEINT", "DECIMAL(38,0)", "`c` decimal(38,0) NULL"],
  ["DECIMAL(38,30)", "DECIMAL(38,30)", "`c` decimal(38,30) NULL"],
  ["DECIMAL(38,31)", "VARCHAR", "`c` longtext NULL"],
  ["TIMESTAMP_NS", "TIMESTAMP", "`c` datetime(6) NULL"],
  [
    "TIMESTAMP WITH TIME ZONE",
    "TIMESTAMP WITH TIME ZONE",
    "`c` datetime(6) NULL COMMENT 'millrace: TIMESTAMP WITH TIME ZONE'",
  ],
  ["INTERVAL", "VARCHAR", "`c` longtext NULL"],
  ["INTEGER[]", "JSON", "`c` longtext NULL COMMENT 'millrace: JSON'"],
])("%s is held as %s: %s", (type, held, definition) => {
  const column = holdInMysql({ name: "c", type });
  expect(column.type).toBe(held);
  expect(defineColumn(column)).toBe(definition);
});

test("an instant is written in UTC, and a number of four bytes with all of its digits", () => {
  expect(toMysqlText({ name: "a", type: "TIMESTAMP WITH TIME ZONE" })).toBe(`CAST("a" AT TIME ZONE 'UTC' AS VARCHAR)`);
  expect(toMysqlText({ name: "a", type: "FLOAT" })).toBe(`CAST(CAST("a" AS DOUBLE) AS VARCHAR)`);
});

test("an index has the beginnings of texts", () => {
  const columns = [
    { name: "id", type: "BIGINT" },
    { name: "na`me", type: "VARCHAR" },
  ];
  expect(defineIndex(columns)).toBe("KEY millrace_key (`id`, `na``me`(180))");
});

test.each(["x".repeat(65), "ends ", "😀"])("a column called `%s` is refused", (name) => {
  expect(() => holdInMysql({ name, type: "INTEGER" })).toThrow("MySQL has no columns with names");
});

test("what the server lacks is named by column", () => {
  const columns = ["DOUBLE", "DATE", "TIMESTAMP_NS", "TIME", "VARCHAR"].map((type) => ({ name: type, type }));
  expect(listMysqlLimits(columns).map(({ column }) => column)).toEqual([
    "DOUBLE",
    "DATE",
    "TIMESTAMP_NS",
    "TIMESTAMP_NS",
  ]);
});
