import fc from "fast-check";
import { expect, test } from "vitest";
import { createDuckDbEngine } from "./duckdb/duckdb-engine.ts";
import { type EngineType, isSameType, parseEngineType, printEngineType } from "./engine-type.ts";
import { isWidening, unifyTypes } from "./widen-type.ts";

const awkwardName = fc.oneof(
  fc.constantFrom(
    "a b",
    'q"x',
    "x,y",
    "(",
    ")",
    "[]",
    "'",
    "select",
    "Order",
    "1a",
    "é",
    "DATE",
    "timestamp",
    "with",
    "null",
  ),
  fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom(..."aB_ 1\"'(),[]é日\n-;") }),
);

function scalar(name: string, ...found: string[]): EngineType {
  return { kind: "scalar", name, arguments: found };
}

const scalars = fc.oneof(
  fc.constantFrom(
    ..."BOOLEAN TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT UHUGEINT FLOAT DOUBLE"
      .split(" ")
      .map((name) => scalar(name)),
  ),
  fc.constantFrom(
    ...["VARCHAR", "BLOB", "BIT", "UUID", "JSON", "BIGNUM", "INTERVAL", "DATE", "TIME", "TIME WITH TIME ZONE"].map(
      (name) => scalar(name),
    ),
  ),
  fc.constantFrom(
    ...["TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"].map((name) =>
      scalar(name),
    ),
  ),
  fc
    .record({ precision: fc.integer({ min: 1, max: 38 }), share: fc.double({ min: 0, max: 1, noNaN: true }) })
    .map(({ precision, share }) => scalar("DECIMAL", String(precision), String(Math.floor(precision * share)))),
  fc
    .uniqueArray(awkwardName, { minLength: 1, maxLength: 3 })
    .map((values) => scalar("ENUM", ...values.map((value) => `'${value.replaceAll("'", "''")}'`))),
);

const { type: anyType } = fc.letrec<{ type: EngineType }>((tie) => {
  const fields = fc.uniqueArray(fc.record({ name: awkwardName, type: tie("type") }), {
    minLength: 1,
    maxLength: 4,
    selector: ({ name }) => name.toLowerCase(),
  });
  return {
    type: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      scalars,
      fc.record({ kind: fc.constant("list" as const), element: tie("type") }),
      fc.record({ kind: fc.constant("list" as const), element: tie("type"), length: fc.constantFrom("1", "3") }),
      fc.record({ kind: fc.constant("map" as const), key: scalars, value: tie("type") }),
      fc.record({ kind: fc.constantFrom("struct" as const, "union" as const), fields }),
    ),
  };
});

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
  ["DECIMAL(3,0)", "BIGINT", false],
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
