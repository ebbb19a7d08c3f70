import fc from "fast-check";
import { expect, test } from "vitest";
import { CsvFields } from "./csv-fields.ts";
import { CsvProfiler } from "./csv-profiler.ts";
import { CsvScanner, type CsvStructure } from "./csv-scanner.ts";

function scan(
  chunks: readonly Uint8Array[],
  more: { width?: number; skip?: number; rowSought?: number; fields?: CsvFields } = {},
): CsvStructure {
  const dialect = { file: "a.csv", delimiter: ",", quote: '"', hasHeader: true };
  const scanner = new CsvScanner({ ...dialect, width: 2, skip: 0, ...more });
  for (const chunk of chunks) scanner.push(chunk);
  return scanner.end();
}

function outcome(chunks: readonly Uint8Array[]): unknown {
  const profilers = [0, 1].map(() => new CsvProfiler([bytes("NA")]));
  try {
    const structure = scan(chunks, { fields: new CsvFields(profilers, '"') });
    return { ...structure, profiles: profilers.map(({ profile }) => profile) };
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("where a file is cut into chunks makes no difference", () => {
  const pieces = fc.constantFrom(
    "a",
    "1,2",
    "\n-12.50,true",
    '\n"2026-02-28T10:00:00Z","NA"',
    ",",
    "\n",
    "\r\n",
    "\r",
    '"',
    '""',
    '"x,y"',
    '"\n"',
    " ",
    '"a ""b"""',
    "é",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), fc.nat(), fc.nat(), (parts, first, second) => {
      const text = bytes(`a,b\n${parts.join("")}`);
      // a chunk never ends inside the mark at the start, as files come in larger ones
      const cuts = [first, second].map((cut) => 4 + (cut % (text.length - 3))).toSorted((a, b) => a - b);
      const [at = 4, end = 4] = cuts;
      const cut = [text.slice(0, at), text.slice(at, end), text.slice(end)];
      expect(outcome(cut)).toEqual(outcome([text]));
    }),
    { numRuns: 500 },
  );
});

test.each([
  ["a,b\n1,2\n3,4\n", { rows: 2, hasQuotes: false, isAmbiguous: false, hasMixedLineEnds: false }],
  ['\uFEFF"a",b\r\n1,2\r\n', { rows: 1, hasQuotes: true, isAmbiguous: false, hasMixedLineEnds: false }],
  ['a,b\n1,"Smith, John"\n', { hasQuotes: true, isAmbiguous: false }],
  ['a,b\n1,"two\nlines"\n', { rows: 1, isAmbiguous: true }],
  ['a,b\n1,"the ""big"" one"\n', { isAmbiguous: true }],
  ['a,b\n1,", x"\n', { isAmbiguous: true }],
  ['a,b\n1,"x,"\n', { isAmbiguous: true }],
  ["a,b\r\n1,2\n3,4\r\n", { rows: 2, hasMixedLineEnds: true }],
  ["a,b\n\n1,2\n\n\n", { rows: 1 }],
  ["a,b\n1,2", { rows: 1 }],
  ["a,b", { rows: 0 }],
  ["a,b\n5'6\",2\n", { rows: 1, hasQuotes: false }],
])("%j is told as it is", (text, structure) => {
  expect(scan([bytes(text)])).toMatchObject(structure);
});

test.each([
  ["a,b\n1,2\n3,4,\n", "line 3: expected 2 fields, as in the first line, got: 3"],
  ["a,b\n1\n", "line 2: expected 2 fields, as in the first line, got: 1"],
  ['a,b\n"1\n\n",2\n3\n', "line 5: expected 2 fields, as in the first line, got: 1"],
  ['a,b\n1,"2\n3,4\n', "line 2: a quote is opened and never closed"],
  ['a,b\n1,"2"x\n', "line 2: text behind a closing quote"],
  ['a,b\n1, "2"\n', "line 2: a space before an opening quote"],
])("%j is refused with its line", (text, message) => {
  expect(() => scan([bytes(text)])).toThrow(`reading \`a.csv\` ${message}`);
});

test("with one column an empty line is a row, so its lines end alike", () => {
  expect(scan([bytes("a\n1\n\n2\n")], { width: 1 }).rows).toBe(3);
  expect(() => scan([bytes("a\n1\r\n")], { width: 1 })).toThrow("line 2: the line ends otherwise than those before");
});

test("the line of a row counts line ends in quoted fields and lines that are set aside", () => {
  const text = bytes('made by us\n\na,b\n1,"x\ny\nz"\n3,4\n');
  expect(scan([text], { skip: 2, rowSought: 2 })).toMatchObject({ rows: 2, line: 7 });
});
