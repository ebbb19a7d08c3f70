import { expect, test } from "vitest";
import type { CsvOptions } from "../../../core/dataset/source.ts";
import { assertCsvOptions } from "./csv-options.ts";

const where = "`csv` of the source";

test.each<[unknown, string]>([
  [{ delimeter: ";" }, "unknown option `delimeter` of `csv` of the source, did you mean `delimiter`?"],
  [
    { delimiter: ";;" },
    "expected `delimiter` of `csv` of the source to be one character of ASCII that ends no line, got: `;;`",
  ],
  [
    { delimiter: '"' },
    'expected `delimiter` and `quote` of `csv` of the source to be two different characters, got: `"`',
  ],
  [{ header: "no" }, "expected `header` of `csv` of the source to be a boolean, got: `no`"],
  [{ skipLines: -1 }, "expected `skipLines` of `csv` of the source to be a whole number of lines, got: `-1`"],
  [{ nullValues: "NA" }, "expected `nullValues` of `csv` of the source to be a list of one or more names"],
  [{ columns: {}, types: {} }, "expected `columns` or `types` in `csv` of the source, got both"],
  [{ types: { a: 1 } }, "expected column `a` in `types` of `csv` of the source to be an object"],
  [
    { types: { a: { typ: "DATE" } } },
    "unknown option `typ` of column `a` in `types` of `csv` of the source, did you mean `type`?",
  ],
  [{ types: { a: { type: "DATE", format: "dd.mm" } } }, "expected `format` of column `a`"],
  [{ types: { a: { type: "DOUBLE", decimalMark: ";" } } }, "expected `decimalMark` of column `a`"],
  [{ columns: { a: "DATE", A: "DATE" } }, "to be names that differ in more than case, got: `a, A`"],
])("%j is refused by name", (options, message) => {
  expect(() => assertCsvOptions(where, options as CsvOptions)).toThrow(message);
});

test("what every file may have passes", () => {
  const types = {
    day: { type: "DATE", format: "%d.%m.%Y" },
    price: { type: "DOUBLE", decimalMark: "," },
    id: "BIGINT",
  } as const;
  assertCsvOptions(where, { delimiter: "\t", quote: "", header: true, skipLines: 0, nullValues: [], types });
});
