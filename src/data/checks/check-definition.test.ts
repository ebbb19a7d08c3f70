import { expect, test } from "vitest";
import type { Check } from "../../core/dataset/check.ts";
import { listReferences, nameChecks } from "./check-definition.ts";

test("a check is named after its rule and columns, and names are unique", () => {
  const checks: Check[] = [
    { notNull: ["id", "name"] },
    { acceptedValues: { state: ["on", "off"] }, severity: "warn" },
    { rowCount: { min: 1 } },
    { freshness: { column: "day", within: "1d" } },
    { notNull: ["id", "name"] },
    { sql: "select 1", name: "my own" },
  ];
  expect(nameChecks(checks).map(({ name, severity }) => `${name} ${severity}`)).toEqual([
    "not_null(id, name) block",
    "accepted_values(state) warn",
    "row_count block",
    "freshness(day) block",
    "not_null(id, name)_2 block",
    "my own block",
  ]);
});

test("references name the datasets that they look into, each once", () => {
  expect(
    listReferences([{ references: { a: "airports.iata", b: "airports.iata" } }, { references: { c: "x.y" } }]),
  ).toEqual(["airports", "x"]);
});

test.each<[unknown, string]>([
  [{ notnull: ["id"] }, "unknown rule `notnull` of check 1, did you mean `notNull`?"],
  [{}, "expected check 1 to have exactly one rule, got: `none`"],
  [{ notNull: ["id"], unique: ["id"] }, "expected check 1 to have exactly one rule, got: `notNull, unique`"],
  [{ notNull: [] }, "expected `notNull` to be a list of one or more names, got: `[]`"],
  [{ notNull: "id" }, 'expected `notNull` to be a list of one or more names, got: `"id"`'],
  [{ unique: ["id"], severity: "quarantine" }, "a `unique` check cannot set single rows aside, got: `quarantine`"],
  [{ unique: ["id"], severity: "blok" }, "unknown severity `blok` of a `unique` check, did you mean `block`?"],
  [{ acceptedValues: { a: [] } }, "expected accepted values of `a` to be a list, got: `[]`"],
  [{ range: { a: { minimum: 1 } } }, 'expected `range` of `a` to have `min`, `max` or both, got: `{"minimum":1}`'],
  [{ rowCount: {} }, "expected `rowCount` to have `min`, `max` or both, got: `{}`"],
  [{ references: { a: "airports" } }, "expected a reference like `dataset.column`, got: `airports`"],
  [{ freshness: { column: "day", within: "soon" } }, "expected `within` to be a duration, got: `soon`"],
])("%j is refused", (check, message) => {
  expect(() => nameChecks([check as Check])).toThrow(message);
});
