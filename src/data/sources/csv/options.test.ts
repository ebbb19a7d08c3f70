import { expect, test } from "vitest";
import { parseOptions } from "../../../core/spec/parse-options.ts";
import { assertCsvOptions, csvSpec } from "./options.ts";

const where = "`csv` of the source";

function check(options: unknown): void {
  assertCsvOptions(where, [], parseOptions(csvSpec, options, where));
}

test.each<[unknown, string]>([
  [{ delimeter: ";" }, "unknown option `delimeter` of `csv` of the source, did you mean `delimiter`?"],
  [
    { delimiter: ";;" },
    "expected `delimiter` of `csv` of the source to be one character of ASCII that ends no line, got: `;;`",
  ],
  [{ delimiter: '"' }, 'expected `delimiter` of `csv` of the source to be another character than `quote`, got: `"`'],
  [{ header: "no" }, "expected `header` of `csv` of the source to be true or false, got: `no`"],
  [{ skipLines: -1 }, "expected `skipLines` of `csv` of the source to be an integer of at least 0, got: `-1`"],
  [{ nullValues: "NA" }, "expected `nullValues` of `csv` of the source to be a list of texts, got: `NA`"],
  [{ columns: {}, types: {} }, "expected `types` of `csv` of the source to be left out beside `columns`, got: `{}`"],
  [{ types: { a: 1 } }, "expected `a` of `types` of `csv` of the source to be a SQL type, or an object, got: `1`"],
  [{ types: { a: { typ: "DATE" } } }, "unknown option `typ` of `types.a` of `csv` of the source, did you mean `type`?"],
  [
    { types: { a: { type: "DATE", format: "dd.mm" } } },
    "expected `format` of `types.a` of `csv` of the source to be a format such as `%d/%m/%Y`, got: `dd.mm`",
  ],
  [
    { types: { a: { type: "DOUBLE", decimalMark: ";" } } },
    "expected `decimalMark` of `types.a` of `csv` of the source to be one of `.`, `,`, got: `;`",
  ],
  [{ columns: { a: "DATE", A: "DATE" } }, "to be names that differ in more than case, got: `a, A`"],
])("%j is refused by name", (options, message) => {
  expect(() => check(options)).toThrow(message);
});

test("what every file may have passes", () => {
  const types = {
    day: { type: "DATE", format: "%d.%m.%Y" },
    price: { type: "DOUBLE", decimalMark: "," },
    id: "BIGINT",
  } as const;
  check({ delimiter: "\t", quote: "", header: true, skipLines: 0, nullValues: [], types });
});
