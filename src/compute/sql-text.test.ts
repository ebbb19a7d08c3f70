import fc from "fast-check";
import { expect, test } from "vitest";
import { trimStatement } from "./sql-text.ts";

const statements = [
  "select 1 as id",
  "select ';' as a, '-- no' as b, 'it''s /* none' as c",
  'select 1 as "a;--b", 2 as "c""/*"',
  "select 1 /* ; */ as a -- ;\n + 2",
  "select $$ ; -- $$ as a",
  "select $x$ $$; $x$ as a, $1",
  "select E'\\'; --' as a",
  "select 1; select 2",
  "select 3 - -2 as a, 4 / 2 as b",
];
const ends = fc
  .array(fc.constantFrom(";", " ", "\n", "\t", "-- all of them\n", "/* ; ' */", '/* a /* b */ " */', ";;"), {
    maxLength: 5,
  })
  .map((parts) => parts.join(""));

test("what may follow a statement is taken off, and nothing of the statement", () => {
  fc.assert(
    fc.property(fc.constantFrom(...statements), ends, fc.constantFrom("", "-- last", "--"), (sql, end, last) => {
      expect(trimStatement(`${sql}${end}${last}`)).toBe(sql);
    }),
    { numRuns: 300 },
  );
});

test.each([
  ["", ""],
  [" ; -- nothing", ""],
  ["select 'no end;", "select 'no end;"],
  ["select 1 /* no end;", "select 1"],
  ["select $a$ no end;", "select $a$ no end;"],
])("`%s` is `%s`", (sql, trimmed) => {
  expect(trimStatement(sql)).toBe(trimmed);
});
