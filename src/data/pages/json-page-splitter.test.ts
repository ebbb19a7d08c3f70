import fc from "fast-check";
import { expect, test } from "vitest";
import { expectThrown } from "../../../tests/support/expect-thrown.ts";
import { JsonPageSplitter, type SplitPage, type SplitterOptions } from "./json-page-splitter.ts";
import { numberMark } from "./row-runs.ts";
import { parseRowsPath } from "./rows-path.ts";

interface Split extends SplitPage {
  readonly lines: readonly string[];
}

type Options = Omit<SplitterOptions, "path"> & { readonly rows?: string };

/** Splits one answer that comes in parts of `size` bytes. */
function split(text: string | Uint8Array, { rows, ...options }: Options = {}, size = 7): Split {
  const splitter = new JsonPageSplitter({ path: parseRowsPath(rows, "`rows`"), ...options });
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const parts: Uint8Array[] = [];
  splitter.begin("page 1", 1, {
    write: (part) => parts.push(part.slice()),
    endLine: () => parts.push(new TextEncoder().encode("\n")),
  });
  for (let at = 0; at < bytes.length; at += size) splitter.push(bytes.subarray(at, at + size));
  const page = splitter.end();
  if (page.problem !== undefined) throw page.problem;
  const lines = Buffer.concat(parts).toString().split("\n").slice(0, -1);
  return { ...page, lines };
}

const nowhere = { write: () => undefined, endLine: () => undefined };

function problem(text: string | Uint8Array, options: Options = {}): string {
  return expectThrown(() => split(text, options), "SOURCE_UNREADABLE").message;
}

test("rows go out one a line, and what is beside them stays as a small document", () => {
  const { lines, rows, envelope, lastRow } = split(
    '\uFEFF{"meta":{"next":"a","n":[1,2]},"data":{"x":null,"calls":[ {"a":1} ,\n{"a":\n [2,\r\n3]},{}]},"end":true} \n',
    { rows: "data.calls" },
  );
  expect(lines.map((line) => line.trimEnd())).toEqual(['{"a":1}', '{"a":  [2,  3]}', "{}"].map((l) => l));
  expect(rows).toBe(3);
  expect(lastRow).toBe("{}");
  expect(JSON.parse(envelope)).toEqual({ meta: { next: "a", n: [1, 2] }, data: { x: null, calls: [] }, end: true });
});

test("an answer is split in the same way wherever its parts end", () => {
  const row = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 });
  const answer = fc.record({ before: fc.jsonValue(), rows: fc.array(row), after: fc.jsonValue() });
  fc.assert(
    fc.property(answer, fc.integer({ min: 1, max: 40 }), fc.constantFrom(0, 2), (given, size, indent) => {
      fc.pre(!JSON.stringify(given).includes("__proto__"));
      // names that differ in case only are refused
      const value = JSON.parse(JSON.stringify(given).toLowerCase()) as typeof given;
      const { lines, envelope, rows } = split(JSON.stringify(value, null, indent), { rows: "rows" }, size);
      const unmarked = lines.map((line) => line.replaceAll(new RegExp(`"${numberMark}([^"]*)"`, "g"), "$1"));
      expect(rows).toBe(value.rows.length);
      expect(unmarked.map((line): unknown => JSON.parse(line))).toEqual(JSON.parse(JSON.stringify(value.rows)));
      expect(JSON.parse(envelope)).toEqual(JSON.parse(JSON.stringify({ ...value, rows: [] })));
    }),
    { numRuns: 200 },
  );
});

test("only an empty list is no row: a path that is missing or null, or leads to something else, is an error", () => {
  expect(split('{"calls":[]}', { rows: "calls" }).rows).toBe(0);
  expect(problem('{"error":{"code":1},"status":"x"}', { rows: "calls" })).toBe(
    "page 1, byte 32: expected `calls` to be there, and the object has `error`, `status`",
  );
  expect(problem('{"calls":null}', { rows: "calls" })).toBe(
    "page 1, byte 9: expected `calls` to be a list of objects, got: null",
  );
  expect(problem('{"calls":{}}', { rows: "calls" })).toContain("got: an object");
  expect(problem('{"calls":["a"]}', { rows: "calls" })).toContain("got in it: a text");
  expect(problem('{"data":[]}', { rows: "data.calls" })).toContain("expected `data` to be an object, got: a list");
  expect(problem('{"error":1}')).toContain("expected the document to be a list of objects, got: an object");
  expect(split('{"ok":true}', { rows: "calls", isOptional: true }).rows).toBe(0);
});

test("a star stands for every field of an object and every item of a list", () => {
  expect(split('{"data":{"a":{"items":[{"x":1}]},"b":{"n":2,"items":[]}}}', { rows: "data.*.items" }).lines).toEqual([
    '{"x":1}',
  ]);
  expect(split('{"data":[{"items":[{"x":1},{"x":2}]},{"items":[]}]}', { rows: "data.*.items" }).rows).toBe(2);
  expect(split('{"data":{}}', { rows: "data.*.items" }).rows).toBe(0);
  expect(problem('{"data":{"a":{}}}', { rows: "data.*.items" })).toContain("expected `data.*.items` to be there");
});

test("the names of a map become a column", () => {
  const { lines, envelope } = split('{"users":{"a\\"b":{"x":1},"c":{ }}}', { rows: "users.*", keyColumn: "id" });
  expect(lines).toEqual(['{"id":"a\\"b","x":1}', '{"id":"c" }']);
  expect(envelope).toBe('{"users":{}}');
});

test("the document may be one row, which is also what pagination sees", () => {
  const { lines, envelope } = split('{"status":"ready","n":1}', { rows: "." });
  expect(lines).toEqual(['{"status":"ready","n":1}']);
  expect(envelope).toBe('{"status":"ready","n":1}');
  expect(problem('[{"a":1}]', { rows: "." })).toContain(
    "expected the document to be an object, which is a row, got: a list",
  );
});

test("a number that a double would change goes out as a marked text", () => {
  const numbers = ["1", "-0.5", "1.0", "123456789012345678", "1.10", "1e5", "12345678901234567.89", "9".repeat(30)];
  const { lines } = split(`[${numbers.map((number) => `{"a":${number}}`).join(",")}]`);
  const shown = lines.map((line) => line.replace(numberMark, "!"));
  expect(shown).toEqual([
    '{"a":1}',
    '{"a":-0.5}',
    '{"a":1.0}',
    '{"a":123456789012345678}',
    '{"a":"!1.10"}',
    '{"a":"!1e5"}',
    '{"a":"!12345678901234567.89"}',
    `{"a":"!${"9".repeat(30)}"}`,
  ]);
});

test("what is no JSON, or not all of it, is an error with its place", () => {
  expect(problem('{"calls":[{"a":1},{"a":', { rows: "calls" })).toBe(
    "page 1, behind row 1, byte 23: the answer ends within a value",
  );
  for (const text of ["", "<html>", "[{}", "[{}]]", "[{},]", '[{"a":01}]', '[{"a":NaN}]', "[{'a':1}]", '[{"a":tru}]']) {
    expect(problem(text)).toMatch(/it is no JSON|ends within a value/);
  }
  expect(problem('[{"a":"\\x"}]')).toContain("an escape that JSON does not know");
  expect(problem('[{"a":"x\ny"}]')).toContain("a line end or another control character");
  expect(problem(`[${'{"a":'.repeat(600)}1${"}".repeat(600)}]`)).toContain("nested more than 500 deep");
});

test("bytes that are no UTF-8 are an error that names the row", () => {
  const bytes = Buffer.from('[{"a":"x"},{"a":"é"}]', "latin1");
  expect(problem(bytes)).toBe("page 1, row 2: a text is no UTF-8");
});

test("a field that comes twice in an object is an error, also when only its case differs", () => {
  expect(problem('[{"a":1,"a":2}]')).toContain("an object has field `a` twice");
  expect(problem('[{"a":1,"\\u0061":2}]')).toContain("an object has field `a` twice");
  expect(problem('[{"a":1},{"A":1},{"A":1,"a":2}]')).toContain("`A` and `a`, which are one column");
  expect(split('[{"a":1},{"A":2}]').rows).toBe(2);
});

test("a watched field decides whether a row stays", () => {
  const keep = (json: string | undefined): boolean => json !== undefined && Number(JSON.parse(json)) >= 5;
  const { lines, rows, kept, lastRow } = split('[{"t":6},{"t":4},{"t":5},{"x":1}]', {
    watch: { field: "t", beginPage: () => undefined, keep },
  });
  expect(lines).toEqual(['{"t":6}', '{"t":5}']);
  expect([rows, kept, lastRow]).toEqual([4, 2, '{"x":1}']);
});

test("memory follows the longest row and not the answer, and a row that is too long is an error", () => {
  const splitter = new JsonPageSplitter({ path: parseRowsPath(undefined, "`rows`"), maxRowBytes: 100_000 });
  const part = new TextEncoder().encode(`{"a":"${"x".repeat(50_000)}"},`);
  splitter.begin("page 1", 1, nowhere);
  splitter.push(new TextEncoder().encode("["));
  for (let index = 0; index < 100; index += 1) splitter.push(part);
  splitter.push(new TextEncoder().encode("{}]"));
  expect(splitter.end().rows).toBe(101);
  expect(problem(`[{"a":"${"x".repeat(2000)}"}]`, { maxRowBytes: 1000 })).toContain("longer than 1000 bytes");
});

test("what the places of rows hold is known when all pages have come", () => {
  const splitter = new JsonPageSplitter({ path: parseRowsPath(undefined, "`rows`") });
  const pages = [
    '[{"id":1,"at":"2026-01-31T10:00:00Z"}]',
    '[{"id":2.5,"at":"2026-02-01T00:00:00.5Z","new":{"x":[true]}}]',
  ];
  for (const [index, page] of pages.entries()) {
    splitter.begin("page", index + 1, nowhere);
    splitter.push(new TextEncoder().encode(page));
    splitter.end();
  }
  expect(splitter.place.fields?.map(({ name, pages: on, firstPage }) => [name, on, firstPage])).toEqual([
    ["id", 2, 1],
    ["at", 2, 1],
    ["new", 1, 2],
  ]);
  expect(splitter.place.byName?.get("at")?.place.dateForms).toBe(1 << 2);
  expect(splitter.place.byName?.get("id")?.place).toMatchObject({ kinds: 12, wholeDigits: 1, scaleDigits: 1 });
});

test("an answer without its rows is read to the end, since it may say what is wrong", () => {
  for (const [text, rows, kind] of [
    ['{"data":null,"errors":[{"code":17}]}', "data.items", "got: null"],
    ['{"items":{"a":[1]},"errors":[{"code":17}]}', "items", "got: an object"],
    ['{"errors":[{"code":17}]}', "items", "to be there"],
    ['{"errors":[{"code":17}]}', undefined, "got: an object"],
  ] as const) {
    const splitter = new JsonPageSplitter({ path: parseRowsPath(rows, "`rows`") });
    splitter.begin("page 1", 1, nowhere);
    for (const byte of new TextEncoder().encode(text)) splitter.push(Uint8Array.of(byte));
    const { envelope, problem: found } = splitter.end();
    expect(JSON.parse(envelope)).toEqual(JSON.parse(text));
    expect(found?.message).toContain(kind);
  }
});
