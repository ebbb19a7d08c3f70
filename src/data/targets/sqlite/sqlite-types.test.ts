import { expect, test } from "vitest";
import { holdInSqlite, toEngineType } from "./sqlite-types.ts";

test.each([
  ["BIGINT", "BIGINT", '"c"'],
  ["DECIMAL(15,2)", "DECIMAL(15,2)", '"c"'],
  ["DECIMAL(16,2)", "VARCHAR", 'CAST("c" AS VARCHAR)'],
  ["DECIMAL(38,0)", "BIGINT", 'CAST("c" AS BIGINT)'],
  ["HUGEINT", "BIGINT", 'CAST("c" AS BIGINT)'],
  ["UBIGINT", "BIGINT", 'CAST("c" AS BIGINT)'],
  ["TIMESTAMP_NS", "TIMESTAMP", 'CAST("c" AS TIMESTAMP)'],
  ["STRUCT(a INTEGER)", "VARCHAR", 'CAST(to_json("c") AS VARCHAR)'],
  ["INTEGER[]", "VARCHAR", 'CAST(to_json("c") AS VARCHAR)'],
  ["ENUM('a', 'b')", "VARCHAR", 'CAST("c" AS VARCHAR)'],
])("%s is held as %s", (type, held, expression) => {
  const column = holdInSqlite({ name: "c", type });
  expect(column).toMatchObject({ name: "c", type: held });
  expect(column.expression).toContain(expression);
});

test.each([
  ["integer", "INTEGER"],
  ["INT8", "BIGINT"],
  ["varchar(20)", "VARCHAR"],
  ["text", "VARCHAR"],
  ["", "BLOB"],
  ["real", "DOUBLE"],
  ["numeric", "DOUBLE"],
  ["datetime", "TIMESTAMP"],
  ["bool", "BOOLEAN"],
  ["DECIMAL(10,2)", "DECIMAL(10,2)"],
])("a column that others declared as `%s` is read as %s", (declared, type) => {
  expect(toEngineType(declared)).toBe(type);
});
