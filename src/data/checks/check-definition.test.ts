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
  [{ notnull: ["id"] }, "unknown option `notnull` of check 1, did you mean `notNull`?"],
  [{}, "expected check 1 to have exactly one rule, got: `none`"],
  [{ notNull: ["id"], unique: ["id"] }, "expected check 1 to have exactly one rule, got: `notNull, unique`"],
  [{ notNull: [] }, "expected `notNull` of check 1 to be a list of one or more columns, got: `[]`"],
  [{ notNull: "id" }, "expected `notNull` of check 1 to be a list of one or more columns, got: `id`"],
  [{ unique: ["id"], severity: "quarantine" }, "a `unique` check cannot set single rows aside, got: `quarantine`"],
  [
    { unique: ["id"], severity: "blok" },
    "expected `severity` of check 1 to be one of `block`, `warn`, `quarantine`, got: `blok`, did you mean `block`?",
  ],
  [
    { acceptedValues: { a: [] } },
    "expected `a` of `acceptedValues` of check 1 to be a list of one or more values, got: `[]`",
  ],
  [{ range: { a: { minimum: 1 } } }, "unknown option `minimum` of `range.a` of check 1"],
  [{ rowCount: {} }, "expected `rowCount` of check 1 to be an object with `min`, `max` or both, got: `{}`"],
  [
    { references: { a: "airports" } },
    "expected `a` of `references` of check 1 to be a reference like `dataset.column`, got: `airports`",
  ],
  [
    { freshness: { column: "day", within: "soon" } },
    "expected `within` of `freshness` of check 1 to be a duration such as `30s` or `1h30m`, got: `soon`",
  ],
])("%j is refused", (check, message) => {
  expect(() => nameChecks([check as Check])).toThrow(message);
});
