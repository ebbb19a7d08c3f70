import fc from "fast-check";
import { expect, test } from "vitest";
import { applySchemaContract, isSafelyCast } from "./delta-schema-contract.ts";
import {
  type DeltaType,
  isSameType,
  parseDeltaSchema,
  toDeltaSchema,
  toDeltaType,
  toEngineType,
} from "./delta-schema.ts";
import { planDeltaStaging } from "../write/delta-staging.ts";

const primitives = [
  "boolean",
  "byte",
  "short",
  "integer",
  "long",
  "float",
  "double",
  "string",
  "binary",
  "date",
  "timestamp",
  "decimal(18,2)",
  "decimal(38,0)",
];

const { type: anyType } = fc.letrec<{ type: DeltaType }>((tie) => ({
  type: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(...primitives),
    fc.record({ type: fc.constant("array" as const), elementType: tie("type"), containsNull: fc.constant(true) }),
    fc.record({
      type: fc.constant("map" as const),
      keyType: fc.constantFrom(...primitives),
      valueType: tie("type"),
      valueContainsNull: fc.constant(true),
    }),
    fc.record({
      type: fc.constant("struct" as const),
      fields: fc.uniqueArray(
        fc.record({
          name: fc.string({ minLength: 1, unit: "grapheme" }),
          type: tie("type"),
          nullable: fc.constant(true),
          metadata: fc.constant({}),
        }),
        { minLength: 1, maxLength: 4, selector: (field) => field.name.toLowerCase() },
      ),
    }),
  ),
}));

test("every Delta type survives the way through the engine's text form", () => {
  fc.assert(
    fc.property(anyType, (type) => {
      expect(toDeltaType(toEngineType(type))).toEqual(type);
    }),
  );
});

test("every type is the same as itself and safely cast to itself", () => {
  fc.assert(fc.property(anyType, (type) => isSameType(type, type) && isSafelyCast(type, type)));
});

test.each([
  ["UTINYINT", "short"],
  ["UINTEGER", "long"],
  ["UBIGINT", "decimal(20,0)"],
  ["HUGEINT", "decimal(38,0)"],
  ["DECIMAL(9,4)", "decimal(9,4)"],
  ["TIMESTAMP", "timestamp"],
  ["TIMESTAMP_NS", "timestamp"],
  ["TIMESTAMP WITH TIME ZONE", "timestamp"],
  ["TIME", "string"],
  ["TIME WITH TIME ZONE", "string"],
  ["INTERVAL", "string"],
  ["UUID", "string"],
  ["JSON", "string"],
  ["BIT", "string"],
  ["ENUM('a)', 'it''s')", "string"],
  ["UNION(a INTEGER, b VARCHAR)", "string"],
  ['"NULL"', "string"],
  ["BLOB", "binary"],
])("%s is stored as %s", (engineType, deltaType) => {
  expect(toDeltaType(engineType)).toBe(deltaType);
});

test("nested types keep quoted names, fixed arrays become lists", () => {
  expect(toDeltaType('STRUCT(a INTEGER, "b ""c)" DECIMAL(18,2)[3])[]')).toEqual({
    type: "array",
    containsNull: true,
    elementType: {
      type: "struct",
      fields: [
        { name: "a", type: "integer", nullable: true, metadata: {} },
        {
          name: 'b "c)',
          type: { type: "array", elementType: "decimal(18,2)", containsNull: true },
          nullable: true,
          metadata: {},
        },
      ],
    },
  });
});

test("text that is no type is refused", () => {
  expect(() => toDeltaType("STRUCT(a")).toThrow("expected a SQL type, got: `STRUCT(a`");
});

test("a type of newer Delta is refused when read", () => {
  expect(() => toEngineType("variant")).toThrow("columns of this Delta type cannot be read, got: `variant`");
});

test("a schema that is not JSON, or no struct, is corrupt", () => {
  expect(() => parseDeltaSchema("{")).toThrow("the schema in the Delta log is not valid JSON");
  expect(() => parseDeltaSchema('"long"')).toThrow("the schema in the Delta log is not a struct");
});

test.each([
  ["byte", "long", true],
  ["integer", "long", true],
  ["long", "integer", false],
  ["integer", "double", true],
  ["long", "double", false],
  ["short", "float", true],
  ["integer", "float", false],
  ["float", "double", true],
  ["double", "float", false],
  ["long", "decimal(19,0)", true],
  ["long", "decimal(20,2)", false],
  ["decimal(10,2)", "decimal(12,4)", true],
  ["decimal(10,2)", "decimal(11,4)", false],
  ["decimal(10,2)", "decimal(12,1)", false],
  ["decimal(10,2)", "double", false],
  ["date", "timestamp", true],
  ["timestamp", "date", false],
  ["integer", "string", false],
])("%s to %s is safe: %s", (from, to, safe) => {
  expect(isSafelyCast(from, to)).toBe(safe);
});

test("the contract returns the table's own schema when nothing is new", () => {
  const table = toDeltaSchema([{ name: "Id", type: "BIGINT" }]);
  expect(applySchemaContract(table, [{ name: "id", type: "INTEGER" }], "evolve")).toBe(table);
  const evolved = applySchemaContract(table, [{ name: "new", type: "DATE" }], "evolve");
  expect(evolved.fields.map(({ name, type }) => [name, type])).toEqual([
    ["Id", "long"],
    ["new", "date"],
  ]);
});

test("staging leaves a query alone whose types fit, and casts the rest", () => {
  const plain = planDeltaStaging([{ name: "id", type: "INTEGER" }]);
  expect(plain.select("select 1 as id")).toBe("select 1 as id");
  const cast = planDeltaStaging(
    [
      { name: "ID", type: "INTEGER" },
      { name: "at", type: "UUID" },
    ],
    toDeltaSchema([{ name: "id", type: "BIGINT" }]),
  );
  expect(cast.schema).toEqual([
    { name: "id", type: "BIGINT" },
    { name: "at", type: "VARCHAR" },
  ]);
  expect(cast.select("select 1;")).toBe(
    'SELECT CAST("ID" AS BIGINT) AS "id", CAST("at" AS VARCHAR) AS "at" FROM (\nselect 1\n)',
  );
});
