import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeOds } from "hucre/ods";
import { writeXlsx } from "hucre/xlsx";
import { expect, test } from "vitest";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { makeZip } from "../../../../tests/support/files/zip-archive.ts";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import { readFiles } from "../read-files.ts";
import type { SourceRows } from "../source-rows.ts";
import type { SpreadsheetOptions } from "./options.ts";

const session = useEngineSession();
const folder = useTemporaryFolder("sheets");
const table = { columns: () => Promise.resolve(undefined), isVerbatim: true };

async function open(name: string, bytes: Uint8Array, options: SpreadsheetOptions = {}): Promise<SourceRows> {
  const path = join(folder(), name);
  await writeFile(path, bytes);
  const reading = { options: { spreadsheet: options }, table, spool: join(folder(), "spool"), root: folder() };
  return await readFiles(session(), [{ path, name: path }], reading);
}

async function read(name: string, bytes: Uint8Array, options: SpreadsheetOptions = {}): Promise<unknown> {
  const { sql = "select 1 limit 0" } = await open(name, bytes, options);
  return await session().query(sql);
}

async function refuse(name: string, bytes: Uint8Array, options: SpreadsheetOptions = {}): Promise<string> {
  const error = await expectFailure(open(name, bytes, options));
  expect(error.code).toBe("SOURCE_UNREADABLE");
  return error.message.replaceAll(join(folder(), "/"), "");
}

interface Workbook {
  readonly rows: string;
  readonly after?: string;
  readonly texts?: string;
  readonly is1904?: boolean;
  readonly sheets?: string;
}

/** Styles: 1 a day, 2 a day with its time, 3 a time, 4 hours beyond a day, 5 a number with a unit that looks like a day. */
const formats = ["yyyy\\-mm\\-dd", "yyyy-mm-dd hh:mm", "[$-409]h:mm AM/PM", "[h]:mm:ss", '0 "d"'];

function workbook({ rows, after = "", texts = "", is1904 = false, sheets }: Workbook): Buffer {
  const named =
    '<sheet name="Data" sheetId="1" r:id="rId1"/><sheet name="Old" sheetId="2" state="hidden" r:id="rId1"/>';
  const parts = {
    "_rels/.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    "xl/workbook.xml": `<workbook xmlns:r="r"><workbookPr date1904="${is1904}"/><sheets>${sheets ?? named}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/s.xml"/><Relationship Id="rId2" Type="x/sharedStrings" Target="/xl/sharedStrings.xml"/><Relationship Id="rId3" Type="x/styles" Target="styles.xml"/></Relationships>`,
    "xl/worksheets/s.xml": `<?xml version="1.0"?><x:worksheet xmlns:x="m"><x:sheetData>${rows}</x:sheetData>${after}</x:worksheet>`,
    "xl/sharedStrings.xml": `<sst>${texts}</sst>`,
    "xl/styles.xml": `<styleSheet><numFmts>${formats.map((code, index) => `<numFmt numFmtId="${164 + index}" formatCode='${code}'/>`).join("")}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>${formats.map((_, index) => `<xf numFmtId="${164 + index}"/>`).join("")}<xf numFmtId="14"/></cellXfs></styleSheet>`,
  };
  return makeZip(Object.entries(parts).map(([name, text]) => ({ name, bytes: Buffer.from(text) })));
}

/** Rows of cells: a text, a number, or the XML of a cell. */
function sheet(...rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number): string =>
    typeof value === "number"
      ? `<x:c><x:v>${value}</x:v></x:c>`
      : value.startsWith("<")
        ? value
        : `<x:c t="inlineStr"><x:is><x:t>${value}</x:t></x:is></x:c>`;
  return rows.map((row) => `<x:row>${row.map(cell).join("")}</x:row>`).join("");
}

const styled = (style: number, value: number): string => `<x:c s="${style}"><x:v>${value}</x:v></x:c>`;

test("cells are what the file has, and formats tell days from numbers", async () => {
  const texts = `<si><t xml:space="preserve"> a_x000D_ </t></si><si><r><t>ri</t></r><r><t>ch</t></r><rPh><t>no</t></rPh></si>`;
  const rows = sheet(
    ["id", "code", "flag", "day", "at", "time", "lasts", "unit", "price"],
    [
      1,
      "00123",
      '<x:c t="b"><x:v>1</x:v></x:c>',
      styled(1, 44_927),
      styled(2, 44_927.75),
      styled(3, 0.5),
      styled(4, 1.5),
      styled(5, 5),
      0.30000000000000004,
    ],
    [
      9007199254740991,
      '<x:c t="s"><x:v>0</x:v></x:c>',
      '<x:c t="b"><x:v>0</x:v></x:c>',
      styled(6, 61),
      styled(2, 1.999999999),
      styled(3, 0.999),
      styled(4, 0),
      styled(5, 6),
      -2,
    ],
    ['<x:c r="B4" t="s"><x:v>1</x:v></x:c>'],
  );
  const { sql = "" } = await open("a.xlsx", workbook({ rows, texts }));
  const shown = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(" ");
  const found = await session().query(`select columns(*)::varchar from (${sql})`);
  expect(found.map((row) => shown(Object.values(row).map(String)))).toEqual([
    shown([
      "1",
      "00123",
      "true",
      "2023-01-01",
      "2023-01-01 18:00:00",
      "12:00:00.000",
      "PT36H0M0S",
      "5",
      "0.30000000000000004",
    ]),
    shown([
      "9007199254740991",
      " a\r ",
      "false",
      "1900-03-01",
      "1900-01-02 00:00:00",
      "23:58:33.600",
      "PT0H0M0S",
      "6",
      "-2.0",
    ]),
    shown(["null", "rich", ...Array.from({ length: 7 }, () => "null")]),
  ]);
  expect((await session().describe(sql)).map(({ type }) => type)).toEqual([
    "BIGINT",
    "VARCHAR",
    "BOOLEAN",
    "DATE",
    "TIMESTAMP",
    "VARCHAR",
    "VARCHAR",
    "BIGINT",
    "DOUBLE",
  ]);
});

test("what a job says of a column goes before its format", async () => {
  const rows = sheet(
    ["day", "at", "time", "lasts", "code", "n"],
    [44_927, 44_927.5, 0.25, 1.5, 44_927, 1.5],
    [styled(5, 2), 1, 0, 0, "2023-01-01", 2],
  );
  const columns = { day: "date", at: "timestamp", time: "time", lasts: "duration", code: "text", n: "number" } as const;
  const { sql = "" } = await open("a.xlsx", workbook({ rows }), { columns });
  expect(await session().query(`select columns(*)::varchar from (${sql})`)).toEqual([
    { day: "2023-01-01", at: "2023-01-01 12:00:00", time: "06:00:00", lasts: "36:00:00", code: "44927", n: "1.5" },
    { day: "1900-01-02", at: "1900-01-01 00:00:00", time: "00:00:00", lasts: "00:00:00", code: "2023-01-01", n: "2.0" },
  ]);
  expect((await session().describe(sql)).map(({ type }) => type)).toEqual([
    "DATE",
    "TIMESTAMP",
    "TIME",
    "INTERVAL",
    "VARCHAR",
    "DOUBLE",
  ]);
  const in1904 = await open("a.xlsx", workbook({ rows: sheet(["day"], [0], [43_465]), is1904: true }), {
    columns: { day: "date" },
  });
  expect(await session().query(in1904.sql ?? "")).toEqual([{ day: "1904-01-01" }, { day: "2023-01-01" }]);
});

test.each([
  ["a whole number beyond 2^53", sheet(["id"], [9007199254740994]), {}, "cell A2 holds a whole number beyond 2^53"],
  [
    "a formula without a result",
    sheet(["id"], ["<x:c><x:f>1+1</x:f></x:c>"]),
    {},
    "cell A2 holds a formula without a result",
  ],
  ["an error", sheet(["id"], ['<x:c t="e"><x:v>#N/A</x:v></x:c>']), {}, "cell A2 holds the error `#N/A`"],
  ["29 February 1900", sheet(["id"], [60]), { columns: { id: "date" } }, "cell A2 holds no date"],
  ["a day with a time", sheet(["id"], [44_927.5]), { columns: { id: "date" } }, "cell A2 holds no date"],
  ["36 hours as a time", sheet(["id"], [1.5]), { columns: { id: "time" } }, "cell A2 holds no time"],
  ["a text for a number", sheet(["id"], ["12"]), { columns: { id: "number" } }, "cell A2 holds no number"],
  ["a column without a name", sheet(["id"], [1, 2]), {}, "cell B2 is in a column without a name"],
  ["a name twice", sheet(["id", "ID"], [1, 2]), {}, "the columns A1 and B1 are both called `ID`"],
  ["no such column", sheet(["id"], [1]), { columns: { other: "date" } }, "it has no column `other`"],
  [
    "no such sheet",
    sheet(["id"], [1]),
    { sheet: "Daten" },
    "the sheet `Daten` to be there, and the file has `Data`, `Old`",
  ],
] as const)("%s is refused, with sheet and cell", async (_, rows, options, problem) => {
  expect(await refuse("a.xlsx", workbook({ rows }), options as SpreadsheetOptions)).toContain(problem);
});

test("errors, merged cells and hidden rows are what the job says", async () => {
  const rows = `${sheet(["a", "b"])}<x:row r="2" hidden="1"><x:c r="A2"><x:v>1</x:v></x:c></x:row><x:row r="3"><x:c r="A3"><x:v>2</x:v></x:c></x:row><x:row r="5"><x:c r="B5" t="e"><x:v>#REF!</x:v></x:c></x:row>`;
  const after = '<x:mergeCells><x:mergeCell ref="A3:A5"/></x:mergeCells>';
  const file = workbook({ rows, after });
  expect(await read("a.xlsx", file, { errors: "null" })).toEqual([
    { a: 1n, b: null },
    { a: 2n, b: null },
    { a: null, b: null },
  ]);
  expect(await read("a.xlsx", file, { errors: "null", hiddenRows: "skip", merged: "repeat" })).toEqual([
    { a: 2n, b: null },
    { a: 2n, b: null },
  ]);
});

test("a sheet goes by name or place, without a row of names by letters, and others are told", async () => {
  const sheets =
    '<sheet name="Old" state="hidden" r:id="rId1"/><sheet name="A" r:id="rId1"/><sheet name="B" r:id="rId1"/>';
  const file = workbook({ rows: sheet(["x"], [1]), sheets });
  const { warnings } = await open("a.xlsx", file);
  expect(warnings.join()).toContain("the sheet `A` is read, and not `B`");
  expect((await open("a.xlsx", file, { sheet: 1 })).warnings).toEqual([]);
  expect(await read("a.xlsx", file, { sheet: "B", headerRow: 0 })).toEqual([{ A: "x" }, { A: "1" }]);
  expect(
    await read("a.xlsx", workbook({ rows: `<x:row r="3">${sheet(["x"]).slice(7)}${sheet([7])}` }), { headerRow: 3 }),
  ).toEqual([{ x: 7n }]);
});

test("a file that was cut, or is none, or has a password is refused", async () => {
  const file = workbook({ rows: sheet(["id"], ...Array.from({ length: 5000 }, (_, index) => [index])) });
  expect(await read("a.xlsx", file)).toHaveLength(5000);
  for (const end of [file.length - 1, file.length / 2, 0])
    expect(await refuse("a.xlsx", file.subarray(0, end))).toContain("unpacking `a.xlsx");
  const changed = Buffer.from(file);
  changed.fill(0xff, file.indexOf("worksheets/s.xml") + 200, file.indexOf("worksheets/s.xml") + 210);
  expect(await refuse("a.xlsx", changed)).toContain("a.xlsx");
  expect(await refuse("a.xlsx", Buffer.from("id\n1\n"))).toContain("unpacking `a.xlsx`");
  expect(await refuse("a.xlsx", Buffer.from("d0cf11e0a1b11ae100", "hex"))).toContain("it is encrypted with a password");
  expect(await refuse("a.xlsx", makeZip([{ name: "a.csv", bytes: Buffer.from("x") }]))).toContain("it is no workbook");
  expect(await refuse("a.ods", makeZip([{ name: "a.csv", bytes: Buffer.from("x") }]))).toContain(
    "it is no OpenDocument file",
  );
  expect(await read("a.xlsx", workbook({ rows: sheet(["id"]) }))).toEqual([]);
});

test("what another program writes as xlsx and as ods is read as the same rows", async () => {
  const given = [
    {
      name: "Data",
      rows: [
        ["id", "name", "ok", "at"],
        [1, "a b\nc", true, new Date("2024-02-29T12:00:00Z")],
        [2.5, "  x ", false, null],
      ],
    },
  ];
  const rows = [
    { id: 1, name: "a b\nc", ok: true },
    { id: 2.5, name: "  x ", ok: false },
  ];
  for (const [name, bytes] of [
    ["a.xlsx", await writeXlsx({ sheets: given })],
    ["a.ods", await writeOds({ sheets: given })],
  ] as const) {
    const { sql = "" } = await open(name, bytes, { columns: { at: "timestamp" } });
    expect(await session().query(`select id, name, ok from (${sql})`)).toEqual(rows);
    expect(await session().query(`select "at"::varchar as "at" from (${sql})`)).toEqual([
      { at: "2024-02-29 12:00:00" },
      { at: null },
    ]);
  }
});

const ods = (rows: string, manifest = ""): Buffer =>
  makeZip(
    Object.entries({
      "content.xml": `<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x" xmlns:style="s"><office:automatic-styles><style:style style:name="ta2"><style:table-properties table:display="false"/></style:style></office:automatic-styles><office:body><office:spreadsheet><table:table table:name="Hidden" table:style-name="ta2"/><table:table table:name="Data">${rows}</table:table></office:spreadsheet></office:body></office:document-content>`,
      "META-INF/manifest.xml": `<m>${manifest}</m>`,
    }).map(([name, text]) => ({ name, bytes: Buffer.from(text) })),
  );

test("repeated cells and rows of ods are there as often, and a million empty ones are none", async () => {
  const cell = (type: string, value: string): string => `<table:table-cell office:value-type="${type}" ${value}`;
  const text = (value: string): string =>
    `<table:table-cell office:value-type="string"><text:p>${value}</text:p></table:table-cell>`;
  const rows = `<table:table-row>${["a", "b", "c", "d"].map(text).join("")}<table:table-cell table:number-columns-repeated="16380"/></table:table-row>
    <table:table-row table:number-rows-repeated="2">${cell("float", 'office:value="7" table:number-columns-repeated="2"/>')}${cell("time", 'office:time-value="PT36H00M01.5S"/>')}<table:table-cell office:value-type="string"><office:annotation><text:p>note</text:p></office:annotation><text:p>x<text:s text:c="2"/>y</text:p><text:p>z</text:p></table:table-cell></table:table-row>
    <table:table-row table:number-rows-repeated="1048573"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>`;
  const row = { a: 7n, b: 7n, c: "PT36H0M1.5S", d: "x  y\nz" };
  expect(await read("a.ods", ods(rows))).toEqual([row, row]);
  expect(await refuse("a.ods", ods(rows, "<encryption-data/>"))).toContain("the file is encrypted with a password");
  expect(
    await refuse(
      "a.ods",
      ods(
        `<table:table-row>${text("a")}</table:table-row><table:table-row>${cell("string", 'table:formula="of:=NA()">')}<text:p>#N/A</text:p></table:table-cell></table:table-row>`,
      ),
    ),
  ).toContain("cell A2 holds the error `#N/A`");
});
