import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { fitsDouble } from "../../../compute/fits-double.ts";
import { parseRowsPath } from "../../pages/rows-path.ts";
import type { SourceRows } from "../source-rows.ts";
import { openJsonPages } from "./json-pages.ts";
import { jsonRows } from "./relation.ts";

/** A number is its text, so that the generator knows every digit that came. */
type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonObject;
interface JsonNumber {
  readonly number: string;
}
interface JsonObject {
  readonly entries: readonly (readonly [string, Json])[];
}

const numberText = fc.oneof(
  fc.integer().map(String),
  fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }).map(String),
  fc.tuple(fc.bigInt({ min: -(10n ** 19n), max: 10n ** 19n }), fc.nat()).map(([whole, part]) => `${whole}.${part}`),
  fc.tuple(fc.nat(999), fc.stringMatching(/^[0-9]{1,3}$/)).map(([whole, part]) => `${whole}.${part}`),
  fc.constantFrom("0.1", "2.50", "1e5", "-1.5E-7", "1e400", "0", "-0", "9007199254740993", "9223372036854775808"),
);
const texts = fc.oneof(
  fc.constantFrom("A-1", "7", "007", "+49 30", "2.50", "true", "null", "NaN", "infinity", "", " x ", '{"a":1}', "[1]"),
  fc.constantFrom("2026-01-31", "2026-02-30", "31.01.2026", "10-11-12", "2026-01-31 10:00:00", "0000-01-01"),
  fc.constantFrom("2026-01-31T10:00:00Z", "2026-01-31T10:00:00.500Z", "2026-01-31T10:00:00.1234567Z"),
  fc.constantFrom(
    "2026-01-31T10:00:00",
    "2026-01-31T10:00",
    "2026-01-31T10:00:00+02:00",
    "2026-01-31 10:00:00.25+00:00",
    "2026-01-31T10:00:00ZZ",
  ),
  fc.string({ maxLength: 8, unit: "grapheme" }),
);
const scalars: readonly fc.Arbitrary<Json>[] = [
  numberText.map((number) => ({ number })),
  texts,
  fc.boolean(),
  fc.constantFrom("2026-01-31", "2027-12-01"),
  fc.constantFrom({ number: "1" }, { number: "12345678901234567.89" }, { number: "2.5" }),
];
const mixed: fc.Arbitrary<Json> = fc.oneof(fc.constant(null), ...scalars);

function nested(of: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  const object = fc
    .uniqueArray(fc.tuple(fc.constantFrom("x", "y z", 'q"', "*"), of), { maxLength: 3, selector: ([key]) => key })
    .map((entries) => ({ entries }));
  return fc.oneof(of, fc.array(of, { maxLength: 3 }), object, fc.array(object, { maxLength: 2 }));
}

/** Most columns hold one kind of value, as most do in the world; some hold all. */
const columns = fc.record({
  a: fc.constantFrom(...scalars, mixed),
  A: fc.constantFrom(...scalars),
  "b c": fc.constantFrom(...scalars, mixed).map(nested),
  "d.e": fc.constantFrom(...scalars),
  'q"': fc.constantFrom(...scalars).map(nested),
  ordinary: fc.constant(fc.integer().map((value) => ({ number: String(value) }))),
});
const documents = columns.chain((values) => {
  const names = Object.keys(values) as (keyof typeof values)[];
  const entry = fc.constantFrom(...names).chain((name) => values[name].map((value) => [name, value] as const));
  const row = fc.uniqueArray(entry, { minLength: 1, maxLength: 5, selector: ([name]) => name });
  return fc.array(
    row.map((entries): JsonObject => ({ entries })),
    { minLength: 1, maxLength: 8 },
  );
});
const deliveries = fc.record({
  documents,
  layouts: fc.array(fc.constantFrom("lines", "array", "marked lines", "marked array"), { minLength: 1, maxLength: 3 }),
});

const options = { rows: undefined, table: { columns: async () => undefined, isVerbatim: true } };

const session = useEngineSession();
const folder = useTemporaryFolder("json");

type Read = (rows: readonly JsonObject[], layouts: readonly string[]) => Promise<SourceRows>;

const ways: readonly (readonly [string, Read])[] = [
  ["files", async (rows, layouts) => await jsonRows(session(), "json", await deliver(rows, layouts), options)],
  ["pages of a service", readPages],
];

test.each(ways)(
  "what is read of any documents in %s, written back, is what came, or it is refused by name",
  async (_, way) => {
    await fc.assert(
      fc.asyncProperty(deliveries, async ({ documents: rows, layouts }) => {
        const twice = rows.some(({ entries }) => {
          return new Set(entries.map(([key]) => key.toLowerCase())).size < entries.length;
        });
        const sql = await way(rows, layouts).then(
          (found) => found.sql ?? "",
          (error: unknown) => {
            if (twice && error instanceof MillraceError && error.code === "SOURCE_UNREADABLE") return "";
            throw error;
          },
        );
        expect(sql === "").toBe(twice);
        if (twice) return;
        const read = await session().query(sql);
        expect(read).toHaveLength(rows.length);
        for (const [index, { entries }] of rows.entries()) {
          const cells = new Map(Object.entries(read[index] ?? {}).map(([name, cell]) => [name.toLowerCase(), cell]));
          for (const [key, value] of entries) {
            const cell = cells.get(key.toLowerCase());
            cells.delete(key.toLowerCase());
            if (!isWhatCame(value, cell)) throw new Error(`${key}: ${write(value)} was read as ${String(cell)}`);
          }
          expect([...cells.values()].every((cell) => cell === null)).toBe(true);
        }
      }),
      { numRuns: 120 },
    );
  },
  60_000,
);

let spools = 0;

/** One page for each layout, in parts of a few bytes. */
async function readPages(rows: readonly JsonObject[], layouts: readonly string[]): Promise<SourceRows> {
  spools += 1;
  const path = parseRowsPath("rows", "`rows`");
  using pages = openJsonPages({
    folder: join(folder(), `spool-${spools}`),
    path,
    isOptional: false,
    tellsUnits: false,
  });
  const size = Math.ceil(rows.length / layouts.length);
  for (const index of layouts.keys()) {
    const lines = rows.slice(index * size, (index + 1) * size).map(write);
    const bytes = Buffer.from(`{"n":${index},"rows":[${lines.join(" ,\n")}]}`);
    const parts = Array.from({ length: Math.ceil(bytes.length / 9) }, (_, part) =>
      bytes.subarray(part * 9, part * 9 + 9),
    );
    await pages.read({ body: Readable.from(parts), isEndKnown: true }, `page ${index + 1}`);
    pages.keep();
  }
  return await pages.finish(session(), options.table);
}

async function deliver(rows: readonly JsonObject[], layouts: readonly string[]): Promise<string[]> {
  const size = Math.ceil(rows.length / layouts.length);
  const files: string[] = [];
  for (const [index, layout] of layouts.entries()) {
    const lines = rows.slice(index * size, (index + 1) * size).map(write);
    const text = layout.endsWith("array") ? `[${lines.join(" ,\n")}]` : lines.join("\n");
    const file = join(folder(), `${index}.json`);
    await writeFile(file, layout.startsWith("marked") ? `\uFEFF${text}` : text);
    files.push(file);
  }
  return files;
}

function isNumber(value: Json): value is JsonNumber {
  return typeof value === "object" && value !== null && "number" in value;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function write(value: Json): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isNumber(value)) return value.number;
  if (isList(value)) return `[${value.map(write).join(", ")}]`;
  return `{${value.entries.map(([key, of]) => `${JSON.stringify(key)}:${write(of)}`).join(" ,")}}`;
}

function isWhatCame(value: Json, cell: unknown): boolean {
  if (value === null) return cell === null || cell === undefined;
  if (typeof cell === "string") return isText(value, cell);
  if (typeof value === "boolean") return cell === value;
  if (typeof value === "string") return false;
  if (isNumber(value)) return isSameNumber(value.number, String(cell));
  if (isList(value)) return Array.isArray(cell) && value.every((item, index) => isWhatCame(item, cell[index]));
  const fields = new Map(Object.entries(cell as object));
  const areSame = value.entries.every(([key, of]) => isWhatCame(of, fields.get(key)));
  for (const [key] of value.entries) fields.delete(key);
  return areSame && [...fields.values()].every((field) => field === null);
}

function isText(value: Json, cell: string): boolean {
  if (typeof value === "string") {
    const isInstant = /^\d{4}-\d\d-\d\d[T ][\d:.]+(Z|\+00|\+00:00)?$/.test(value);
    const [, time = "", zone = ""] = /^(.*?)(Z|\+00|\+00:00)?$/.exec(value.replace(" ", "T")) ?? [];
    const fraction = time.includes(".") ? time.replace(/\.?0*$/, "") : time;
    const seconds = isInstant ? `${fraction}${zone === "" ? "" : "Z"}` : value;
    return cell === value || cell === seconds || cell === JSON.stringify(value);
  }
  if (typeof value === "boolean") return cell === String(value);
  if (value !== null && isNumber(value)) return cell === value.number || isSameNumber(value.number, cell);
  return quoteAll(cell) === quoteAll(write(value));
}

function isSameNumber(came: string, read: string): boolean {
  const scaled = (text: string): string => {
    const [, sign = "", whole = "", part = "", exponent = "0"] =
      /^(-?)(\d+)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
    const digits = `${whole}${part}`.replace(/^0+/, "").replace(/0+$/, "");
    const zeros = `${whole}${part}`.length - `${whole}${part}`.replace(/0+$/, "").length;
    return digits === "" ? "0" : `${sign}${digits}e${Number(exponent) - part.length + zeros}`;
  };
  return scaled(came) === scaled(read);
}

/** JSON in one form, its numbers as texts. An integer of zero has no sign. */
function quoteAll(json: string): string {
  const quoted = json.replaceAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (part) =>
    part.startsWith('"') ? part : `"#${part === "-0" ? "0" : part}"`,
  );
  return JSON.stringify(JSON.parse(quoted));
}

test.each([
  ["0.1", true],
  ["2.50", true],
  ["1e5", true],
  ["9007199254740993", false],
  ["12345678901234567.89", false],
  ["0.1234567890123456", true],
  ["0.3333333333333333", true],
  ["0.123456789012345678", false],
  ["1e400", false],
  ["1e-400", false],
  ["-0.0", true],
])("a double holds %s: %s", (text, fits) => {
  expect(fitsDouble(text)).toBe(fits);
});

test.each([
  ['{"v":[9007199254740993, 0.5]}', "DECIMAL(38,1)[]", ["9007199254740993.0", "0.5"]],
  ['{"v":[9007199254740993]}', "BIGINT[]", [9007199254740993n]],
  [
    '{"v":[{"x":9007199254740993},{"x":0.5}]}',
    "STRUCT(x DECIMAL(38,1))[]",
    [{ x: "9007199254740993.0" }, { x: "0.5" }],
  ],
  ['{"v":{"x":[1, "A-1", 2.50, true, null]}}', "STRUCT(x VARCHAR[])", { x: ["1", "A-1", "2.50", "true", null] }],
  ['{"v":[1, {"x":2.50}]}', "VARCHAR", '[1,{"x":2.50}]'],
  ['{"v":18446744073709551615}', "DECIMAL(38,0)", "18446744073709551615"],
  [`{"v":${"9".repeat(39)}}`, "VARCHAR", "9".repeat(39)],
  ['{"v":NaN}', "DOUBLE", Number.NaN],
  ['{"v":["2026-01-31"]}', "DATE[]", ["2026-01-31"]],
  [
    '{"v":["2026-01-31T10:00:00Z","2026-01-31T10:00:00+00:00"]}',
    "VARCHAR[]",
    ["2026-01-31T10:00:00Z", "2026-01-31T10:00:00+00:00"],
  ],
  [
    `{"v":{${Array.from({ length: 201 }, (_, index) => `"k${index}":0.5`).join()}}}`,
    "MAP(VARCHAR, DOUBLE)",
    expect.objectContaining({ k200: 0.5 }),
  ],
])("%s is read as %s", async (text, type, value) => {
  const file = join(folder(), "one.json");
  await writeFile(file, text);
  const { sql = "" } = await jsonRows(session(), "json", [file], options);
  expect(await session().describe(sql)).toEqual([{ name: "v", type }]);
  expect(await session().query(sql)).toEqual([{ v: value }]);
});

test.each([
  ["VARCHAR", '{"v":7.50}', "VARCHAR", "7.50"],
  ["VARCHAR", '{"v":true}', "VARCHAR", "true"],
  ["VARCHAR", '{"v":"2026-01-31"}', "VARCHAR", "2026-01-31"],
  ["DOUBLE", '{"v":7}', "DOUBLE", 7],
  ["DOUBLE", '{"v":9007199254740993}', "BIGINT", 9007199254740993n],
  ["DOUBLE[]", '{"v":[7]}', "DOUBLE[]", [7]],
  ["DECIMAL(38,2)", '{"v":0.1}', "DECIMAL(38,2)", "0.10"],
  ["DECIMAL(4,2)", '{"v":100.5}', "DOUBLE", 100.5],
  ["DECIMAL(4,2)", '{"v":7}', "DECIMAL(4,2)", "7.00"],
  ["STRUCT(x VARCHAR[], y DOUBLE)", '{"v":{"X":[1],"y":2}}', "STRUCT(X VARCHAR[], y DOUBLE)", { X: ["1"], y: 2 }],
  ["BOOLEAN", '{"v":1}', "BIGINT", 1n],
  ["VARCHAR", '{"v":{"a":1}}', "STRUCT(a BIGINT)", { a: 1n }],
])("for a column of %s, %s is read as %s", async (tableType, text, type, value) => {
  const file = join(folder(), "one.json");
  await writeFile(file, text);
  const table = { columns: async () => [{ name: "V", type: tableType }], isVerbatim: true };
  const { sql = "" } = await jsonRows(session(), "json", [file], { rows: undefined, table });
  expect(await session().describe(sql)).toEqual([{ name: "v", type }]);
  expect(await session().query(sql)).toEqual([{ v: value }]);
});

test.each([
  ["an array", "a.json", " [ ] "],
  ["nothing", "a.json", ""],
  ["no line", "a.ndjson", ""],
  ["white space", "a.json", " \n\t "],
  ["a byte order mark", "a.json", "\uFEFF"],
  ["packed", "a.json.gz", gzipSync("[]")],
])("an empty delivery tells no column: %s", async (_name, name, content) => {
  const file = join(folder(), name);
  await writeFile(file, content);
  expect(await jsonRows(session(), "json", [file, file], options)).toEqual({ untyped: [], warnings: [] });
});
