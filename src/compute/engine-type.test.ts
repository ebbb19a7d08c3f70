import fc from "fast-check";
import { expect, test } from "vitest";
import { createDuckDbEngine } from "./duckdb/duckdb-engine.ts";
import { isSameType, parseEngineType, printEngineType } from "./engine-type.ts";
import { anyType } from "../../tests/support/data/engine-type-arbitrary.ts";
import { isWidening, unifyTypes } from "./widen-type.ts";

test("every type survives being printed and parsed", () => {
  fc.assert(
    fc.property(anyType, (type) => {
      expect(parseEngineType(printEngineType(type))).toEqual(type);
    }),
    { numRuns: 500 },
  );
});

test("what the engine prints for a type parses to that type", async () => {
  await using engine = createDuckDbEngine();
  await using session = await engine.open();
  const types = fc.sample(anyType, 150);
  const list = types.map((type, index) => `NULL::${printEngineType(type)} AS c${index}`);
  const described = await session.describe(`SELECT ${list.join(", ")}`);
  expect(described.map(({ type }) => parseEngineType(type))).toEqual(types);
});

test.each([
  ["struct(City varchar)", 'STRUCT("City" VARCHAR)', true],
  ['STRUCT("city" VARCHAR)', 'STRUCT("City" VARCHAR)', false],
  ["STRUCT(a INTEGER, b INTEGER)", "STRUCT(b INTEGER, a INTEGER)", false],
  ["numeric(9)", "DECIMAL(9,0)", true],
  ["decimal", "DECIMAL(18,3)", true],
  ["timestamptz[]", "TIMESTAMP WITH TIME ZONE[]", true],
  ["timestamp(3) with time zone", "TIMESTAMP WITH TIME ZONE", true],
  ["character varying(20)", "VARCHAR", true],
  ["double precision", "DOUBLE", true],
  ["datetime", "TIMESTAMP", true],
  ["INTEGER[]", "INTEGER[3]", false],
  ["STRUCT(DATE, TIMESTAMP WITH TIME ZONE)", "row(date, timestamptz)", true],
  ["STRUCT(date INTEGER)", 'STRUCT("date" INTEGER)', true],
  ['STRUCT("with" TIME, time TIME WITH TIME ZONE)', 'STRUCT("with" time, "time" timetz)', true],
  ["ENUM('a', 'b')", "enum ('a','b')", true],
  ["ENUM('a', 'b')", "ENUM('b', 'a')", false],
])("%s and %s are one type: %s", (a, b, same) => {
  expect(isSameType(a, b)).toBe(same);
});

test.each([
  "",
  "STRUCT(a",
  "MAP(INTEGER)",
  "INTEGER[",
  "DECIMAL(",
  "a b",
  "int; drop table x",
  "STRUCT()",
  "'a'",
  "[]",
])("`%s` is no type", (text) => {
  expect(() => parseEngineType(text)).toThrow(`expected a SQL type, got: \`${text}\``);
});

test.each([
  ["INTEGER", "BIGINT", true],
  ["BIGINT", "INTEGER", false],
  ["BIGINT", "DOUBLE", false],
  ["INTEGER", "DECIMAL(12,2)", true],
  ["INTEGER", "DECIMAL(10,2)", false],
  ["DECIMAL(10,2)", "DECIMAL(12,3)", true],
  ["DECIMAL(10,2)", "DECIMAL(10,3)", false],
  ["DECIMAL(18,0)", "BIGINT", true],
  ["DECIMAL(19,0)", "BIGINT", false],
  ["DECIMAL(4,1)", "BIGINT", false],
  ["DECIMAL(38,0)", "HUGEINT", true],
  ['"NULL"', "STRUCT(a INTEGER)", true],
  ['STRUCT(a "NULL")', "STRUCT(a INTEGER)", true],
  ["DATE", "TIMESTAMP", true],
  ["TIMESTAMP_S", "TIMESTAMP", true],
  ["TIMESTAMP_NS", "TIMESTAMP", false],
  ["INTEGER[]", "BIGINT[]", true],
  ["INTEGER[3]", "BIGINT[]", true],
  ["INTEGER[]", "INTEGER[3]", false],
  ["STRUCT(b INTEGER, A INTEGER)", "STRUCT(a BIGINT, b BIGINT, c VARCHAR)", true],
  ["STRUCT(a INTEGER, b INTEGER)", "STRUCT(a INTEGER)", false],
  ["MAP(VARCHAR, STRUCT(a INTEGER))", "MAP(VARCHAR, STRUCT(a BIGINT))", true],
  ["ENUM('a')", "ENUM('a', 'b')", false],
])("%s fits %s: %s", (from, to, fits) => {
  expect(isWidening(from, to)).toBe(fits);
});

test.each([
  ["INTEGER", "UINTEGER", "BIGINT"],
  ["BIGINT", "UBIGINT", "HUGEINT"],
  ["INTEGER", "DECIMAL(4,2)", "DECIMAL(12,2)"],
  ["DECIMAL(10,0)", "DECIMAL(10,8)", "DECIMAL(18,8)"],
  ["DECIMAL(38,0)", "DECIMAL(10,8)", undefined],
  ["BIGINT", "DOUBLE", undefined],
  ["VARCHAR", "BIGINT", undefined],
  ["STRUCT(a INTEGER, b DATE)", "STRUCT(A BIGINT, c TIME)", 'STRUCT("a" BIGINT, "b" DATE, "c" TIME)'],
  ["STRUCT(a INTEGER)[]", "STRUCT(b INTEGER)[]", 'STRUCT("a" INTEGER, "b" INTEGER)[]'],
  ["STRUCT(a INTEGER)", "INTEGER", undefined],
])("%s and %s unite to %s", (a, b, united) => {
  expect(unifyTypes(a, b)).toBe(united);
});

test("a type that two unite to holds both, whichever comes first", () => {
  fc.assert(
    fc.property(anyType, anyType, (first, second) => {
      const [a, b] = [printEngineType(first), printEngineType(second)];
      const united = unifyTypes(a, b);
      expect(united === undefined).toBe(unifyTypes(b, a) === undefined);
      if (united !== undefined) expect([isWidening(a, united), isWidening(b, united)]).toEqual([true, true]);
      if (a !== b && isWidening(a, b)) expect(unifyTypes(a, b)).toBe(b);
    }),
    { numRuns: 500 },
  );
});
