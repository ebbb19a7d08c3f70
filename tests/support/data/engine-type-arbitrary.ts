// Types of the engine, for tests of what holds for all of them.
import fc from "fast-check";
import type { EngineType } from "../../../src/compute/engine-type.ts";

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

/** Types with names that are hard to quote, nested in each other. */
export const { type: anyType }: { readonly type: fc.Arbitrary<EngineType> } = fc.letrec<{ type: EngineType }>((tie) => {
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
