import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import { type Column, quoteIdentifier } from "../../../compute/engine.ts";
import type { CsvOptions } from "./options.ts";
import { csvRows } from "./relation.ts";

const folder = useTemporaryFolder("csv");
const session = useEngineSession();

interface Read {
  readonly columns: readonly Column[];
  /** Every value as text. */
  readonly rows: readonly (readonly (string | null)[])[];
  readonly warnings: readonly string[];
}

async function read(
  texts: readonly (string | Uint8Array)[],
  options: CsvOptions = {},
  table?: Column[],
): Promise<Read> {
  const paths: string[] = [];
  for (const [index, text] of texts.entries()) {
    const isPacked = typeof text !== "string" && (text[0] === 0x1f || text[0] === 0x28);
    const end = isPacked ? (text[0] === 0x1f ? ".gz" : ".zst") : "";
    const path = join(folder(), `${index}.csv${end}`);
    await writeFile(path, text);
    paths.push(path);
  }
  const hint = { columns: () => Promise.resolve(table), isVerbatim: true };
  const { sql, warnings } = await csvRows(session(), paths, options, hint);
  if (sql === undefined) return { columns: [], rows: [], warnings };
  const columns = await session().describe(sql);
  const texted = columns.map(({ name }) => `${quoteIdentifier(name)}::VARCHAR AS ${quoteIdentifier(name)}`);
  const rows = await session().query(`SELECT ${texted.join(", ")} FROM (${sql})`);
  return { columns, rows: rows.map((row) => Object.values(row).map((value) => value as string | null)), warnings };
}

function types({ columns }: Read): string[] {
  return columns.map(({ type }) => type);
}

/** Numbers by their decimal value, timestamps by their instant in the column's one form, everything else as it is. */
function canonical(text: string | null, type: string): string | null {
  if (text === null || type === "VARCHAR" || type === "BOOLEAN" || type === "DATE") return text;
  const fraction = /^(.*\d)\.(\d*?)0*(\D.*)?$/.exec(text);
  const trimmed = fraction === null ? text : fraction[1] + (fraction[2] === "" ? "" : `.${fraction[2]}`);
  return type.startsWith("TIMESTAMP") ? trimmed.replace("T", " ").replace(/(Z|\+00(:00)?)$/, "") : trimmed;
}

const digits = (min: number, max: number): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(`^[1-9][0-9]{${min - 1},${max - 1}}$`));
const two = (max: number): fc.Arbitrary<string> => fc.integer({ min: 1, max }).map((n) => String(n).padStart(2, "0"));
const day = fc.tuple(fc.integer({ min: 1900, max: 2100 }), two(12), two(28)).map((parts) => parts.join("-"));
const time = fc.tuple(two(23), two(59), two(59)).map((parts) => parts.join(":"));
const fraction = fc.oneof(fc.constant(""), fc.stringMatching(/^\.[0-9]{1,6}$/));
const decimal = fc
  .tuple(fc.constantFrom("", "-"), digits(1, 9), fc.stringMatching(/^[0-9]{1,6}$/))
  .map(([sign, whole, rest]) => `${sign}${whole}.${rest}`);

/** Values of one kind, and the type of a column of them. */
const kinds: Readonly<Record<string, { readonly value: fc.Arbitrary<string>; readonly type: RegExp }>> = {
  bigints: { value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String), type: /^BIGINT$/ },
  decimals: { value: decimal, type: /^DECIMAL\((15|18|38),\d\)$/ },
  "huge integers": { value: digits(20, 38), type: /^DECIMAL\(38,0\)$/ },
  "endless integers": { value: digits(39, 45), type: /^VARCHAR$/ },
  booleans: { value: fc.constantFrom("true", "false"), type: /^BOOLEAN$/ },
  days: { value: day, type: /^DATE$/ },
  timestamps: {
    value: fc.tuple(day, time, fraction).map(([date, clock, rest]) => `${date} ${clock}${rest}`),
    type: /^TIMESTAMP$/,
  },
  instants: {
    value: fc.tuple(day, time, fraction).map(([date, clock, rest]) => `${date}T${clock}${rest}Z`),
    type: /^TIMESTAMP WITH TIME ZONE$/,
  },
  "leading zeros": { value: digits(1, 6).map((text) => `0${text}`), type: /^VARCHAR$/ },
  "signs, exponents and groups": {
    value: fc.constantFrom(
      "+1",
      "1e3",
      "1_000",
      "1,000",
      "-0",
      "0x10",
      ".5",
      "5.",
      " 1",
      "1 ",
      "1.5E2",
      "--1",
      "-00.5",
    ),
    type: /^VARCHAR$/,
  },
  "words that mean something": {
    value: fc.constantFrom("NaN", "inf", "Infinity", "NO", "F", "t", "yes", "TRUE", "None", "null", "today", "epoch"),
    type: /^VARCHAR$/,
  },
  "days of other orders": {
    value: fc.constantFrom("01/02/2026", "10-11-12", "2026/01/02", "2026-1-2", "2026-02-30", "infinity"),
    type: /^VARCHAR$/,
  },
  texts: { value: fc.stringMatching(/^[ -~äß€\n]{1,12}$/).filter((text) => /[a-z,;"\n]/.test(text)), type: /./ },
};

interface Table {
  readonly kinds: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

const tables: fc.Arbitrary<Table> = fc
  .array(fc.array(fc.constantFrom(...Object.keys(kinds)), { minLength: 1, maxLength: 2 }), {
    minLength: 1,
    maxLength: 5,
  })
  .chain((columns) => {
    const values = columns.map((names) => fc.oneof(...names.map((name) => kinds[name]?.value ?? fc.constant("x"))));
    const row = fc.tuple(...values.map((value) => fc.option(value, { freq: 6 })));
    return fc
      .array(row, { minLength: 1, maxLength: 12 })
      .map((rows) => ({ kinds: columns.map((names) => [...new Set(names)].join("+")), rows }));
  });

interface Writing {
  readonly delimiter: string;
  readonly lineEnds: readonly string[];
  readonly quotesAll: boolean;
  readonly endsLine: boolean;
  readonly mark: boolean;
}

const writings: fc.Arbitrary<Writing> = fc.record({
  delimiter: fc.constantFrom(",", ";", "\t", "|"),
  lineEnds: fc.constantFrom(["\n"], ["\r\n"], ["\n", "\r\n"], ["\r\n", "\n", "\n"], ["\r"]),
  quotesAll: fc.boolean(),
  endsLine: fc.boolean(),
  mark: fc.boolean(),
});

function toCsv(names: readonly string[], rows: Table["rows"], writing: Writing): string {
  const { delimiter, quotesAll, endsLine, mark } = writing;
  // with one column an empty line is a row, so that lines must end alike
  const lineEnds = names.length === 1 ? writing.lineEnds.slice(0, 1) : writing.lineEnds;
  const lines = [names, ...rows].map((fields) =>
    fields.map((field) => quoted(field ?? "", delimiter, quotesAll || fields.length === 1)),
  );
  const text = lines.map((fields, index) => {
    const isLast = index === lines.length - 1 && !endsLine;
    return fields.join(delimiter) + (isLast ? "" : (lineEnds[index % lineEnds.length] ?? "\n"));
  });
  return `${mark ? "\uFEFF" : ""}${text.join("")}`;
}

function quoted(field: string, delimiter: string, always: boolean): string {
  return always || field.includes(delimiter) || /["\r\n]/.test(field) || field.startsWith(" ")
    ? `"${field.replaceAll('"', '""')}"`
    : field;
}

test("every value, written back, is the text that came, whatever the files are like", async () => {
  await fc.assert(
    fc.asyncProperty(tables, fc.array(writings, { minLength: 1, maxLength: 3 }), async (table, writing) => {
      const names = table.kinds.map((_, index) => `c${index}`);
      const size = Math.ceil(table.rows.length / writing.length);
      const texts = writing.map((way, index) => toCsv(names, table.rows.slice(index * size, (index + 1) * size), way));
      const found = await read(texts);
      expect(found.columns.map(({ name }) => name)).toEqual(names);
      const came = table.rows.map((row) => row.map((value, index) => canonical(value, types(found)[index] ?? "")));
      expect(found.rows.map((row) => row.map((value, index) => canonical(value, types(found)[index] ?? "")))).toEqual(
        came,
      );
      for (const [index, kind] of table.kinds.entries()) {
        const hasValues = table.rows.some((row) => row[index] !== null);
        expect(types(found)[index]).toMatch(hasValues ? (kinds[kind]?.type ?? /./) : /^VARCHAR$/);
      }
    }),
    { numRuns: 100 },
  );
}, 60_000);

test("a row with a field more or less is refused with its line, wherever it stands and however the file is written", async () => {
  const planted = fc.record({
    width: fc.integer({ min: 1, max: 4 }),
    rows: fc.integer({ min: 1, max: 40 }),
    at: fc.nat(),
    extra: fc.constantFrom(["x"], [""], ['""'], ["", ""], ["NA"], undefined),
    packing: fc.constantFrom(undefined, gzipSync, zstdCompressSync),
    hasLineEnds: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(planted, writings, async ({ width, rows, at, extra, packing, hasLineEnds }, writing) => {
      const { delimiter } = writing;
      const names = Array.from({ length: width }, (_, index) => `c${index}`);
      const cell = hasLineEnds ? "two\nlines" : "1";
      const body = Array.from({ length: rows }, () => names.map(() => cell));
      const place = at % rows;
      // a row of one field cannot have one less
      const change = extra ?? (width === 1 ? ["x"] : undefined);
      const [before, after] = [body.slice(0, place), body.slice(place + 1)];
      const broken = names.map(() => "7").slice(change === undefined ? 1 : 0);
      const row = [...broken, ...(change ?? [])].join(delimiter);
      const head = toCsv(names, before, { ...writing, endsLine: true });
      const [end = "\n"] = writing.lineEnds;
      const tail = toCsv(names, after, { ...writing, mark: false }).slice(
        toCsv(names, [], { ...writing, mark: false, endsLine: true }).length,
      );
      const text = `${head}${row}${end}${tail}`;
      const error = await expectFailure(
        read([packing === undefined ? text : packing(text)], { nullValues: ["NA"], delimiter }),
      );
      expect(error).toMatchObject({ code: "SOURCE_UNREADABLE" });
      const line = 2 + place * (hasLineEnds ? 1 + width : 1);
      expect(error.message).toContain(
        `.csv${packing === undefined ? "" : packing === gzipSync ? ".gz" : ".zst"}\` line ${line}: expected ${width} field`,
      );
    }),
    { numRuns: 100 },
  );
}, 60_000);

test("one value behind thousands decides like one among few, for every two kinds of values", async () => {
  const samples = Object.values(kinds).map(({ value }) => fc.sample(value, { numRuns: 4, seed: 7 }));
  const pairs = samples.flatMap((before) => samples.map((after) => [...before.slice(0, 3), after[3] ?? ""]));
  const names = pairs.map((_, index) => `c${index}`);
  const writing = { delimiter: ",", lineEnds: ["\n"], quotesAll: false, endsLine: true, mark: false };
  const rowsOf = (count: number): string[][] =>
    Array.from({ length: count }, (_, row) => pairs.map((pair) => pair[row === count - 1 ? 3 : row % 3] ?? ""));
  const [few, many] = [
    await read([toCsv(names, rowsOf(4), writing)]),
    await read([toCsv(names, rowsOf(3001), writing)]),
  ];
  expect(types(many)).toEqual(types(few));
  const last = many.rows.at(-1)?.map((value, index) => canonical(value, types(many)[index] ?? ""));
  expect(last).toEqual(pairs.map((pair, index) => canonical(pair[3] ?? "", types(many)[index] ?? "")));
}, 60_000);

test("without a header columns are counted, and names that differ in case are one column of several files", async () => {
  const width = Array.from({ length: 11 }, (_, index) => String(index));
  const numbered = await read([`${width.join(",")}\n`], { header: false });
  expect(numbered.columns.map(({ name }) => name).slice(9)).toEqual(["column09", "column10"]);
  const { columns, rows, warnings } = await read(["userId\n1\n", "userid\n2\n"]);
  expect(columns).toEqual([{ name: "userId", type: "BIGINT" }]);
  expect(rows).toEqual([["1"], ["2"]]);
  expect(warnings).toEqual([
    expect.stringMatching(/^names that differ in case are one column: `userid` of `.*` as `userId`$/),
  ]);
});

test("however many fields and files have names that are read otherwise, one sentence for each reason tells of a few", async () => {
  const names = ["id", ...Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? "" : "id"))].join(",");
  const values = Array.from({ length: 21 }, () => "1").join(",");
  const texts = [names, names.toUpperCase(), names.toUpperCase()].map((header) => `${header}\n${values}\n`);
  const { warnings } = await read(texts);
  expect(warnings).toEqual([
    expect.stringMatching(/^fields without a name .*: field 2 of `.*` as `column01`, (.*, )?field 6 .* and 27 more$/),
    expect.stringMatching(/^names that come again .*: `id` of `.*` as `id_1`, .* and 27 more$/),
    expect.stringMatching(/^names that differ in case .*: `ID` of `.*` as `id`, .* and 19 more$/),
  ]);
});

test("a mark that is no quote, a row of megabytes and another text form are dealt with", async () => {
  const plain = await read(['a,b\n"x,5\'6"\n'], { quote: "" });
  expect(plain.rows).toEqual([['"x', "5'6\""]]);
  const long = "x".repeat(2_500_000);
  expect((await read([`a,b\n${long},1\n`])).rows).toEqual([[long, "1"]]);
  const error = await expectFailure(read([new Uint8Array([0xff, 0xfe, 0x61, 0])]));
  expect(error).toMatchObject({ code: "SOURCE_UNREADABLE", hint: "deliver the file as UTF-8" });
});

test.each([
  ["DOUBLE", ["0.1", "2.50", "7"], "DOUBLE"],
  ["DOUBLE", ["0.1", "12345678901234567890.5"], "DECIMAL(38,1)"],
  ["DECIMAL(18,4)", ["1", "2.5"], "DECIMAL(18,4)"],
  ["DECIMAL(4,2)", ["1", "123.5"], "DECIMAL(15,1)"],
  ["INTEGER", ["2000000000", "-2147483648", "5.00"], "INTEGER"],
  ["INTEGER", ["1", "2147483648"], "BIGINT"],
  ["VARCHAR", ["1", "2"], "VARCHAR"],
  ["DATE", ["1", "2"], "BIGINT"],
  ["DATE", [""], "DATE"],
])("a table column of type %s makes %j a %s", async (tableType, values, type) => {
  const found = await read([`v,w\n${values.map((value) => `${value},1\n`).join("")}`], {}, [
    { name: "V", type: tableType },
  ]);
  expect(found.columns[0]).toEqual({ name: "v", type });
});

test.each([
  [{ type: "INTEGR" }, "column `v` of the csv source: "],
  [{ type: "BIGINT", format: "%d" }, "`format` of csv column `v` does not go with type `BIGINT`"],
  [{ type: "DATE", decimalMark: "," }, "`decimalMark` of csv column `v` does not go with type `DATE`"],
  [{ type: "DATE", format: "%d.%Q" }, "column `v` of the csv source: "],
] as const)("a column declared as %j is refused by name", async (column, message) => {
  const error = await expectFailure(read(["v\n1\n"], { types: { v: column } }));
  expect(error).toMatchObject({ code: "VALUE_INVALID", message: expect.stringContaining(message) });
});

test.each([
  ['"id,a\n3,4\n5,6\n', {}],
  ['id,"size\n3,4\n', {}],
  ['id,a|"b,c\n1,2,3\n', {}],
  ['Bericht;"Q1\n"id,a\n1,2\n', { skipLines: 1 }],
  ["\n\n'id,a\n1,2\n", { quote: "'" }],
])("a header that opens a quote for ever is refused, beside a sound file too: %j", async (text, options) => {
  for (const texts of [[text], ["id,a\n1,2\n", text]]) {
    const error = await expectFailure(read(texts, options));
    expect(error).toMatchObject({ code: "SOURCE_UNREADABLE", message: expect.stringContaining("never closed") });
  }
});

test.each([
  ['"a\r\nb",1\nc,2\n', { header: false }, ["1", "2"]],
  ['"x\r\ny",n\n"a\r\nb",2\n', {}, ["2"]],
  ['"a\nb",1\r\nc,2\r\n', { header: false }, ["1", "2"]],
  ['"a\rb",1\nc,2\n', { header: false }, ["1", "2"]],
] as const)("a line end within the first value of %j is no end of rows", async (text, options, last) => {
  const { rows } = await read([text], options);
  expect(rows.map((row) => row.at(-1))).toEqual(last);
});
