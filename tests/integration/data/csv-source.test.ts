// Deliveries in csv, published: what comes out is what was delivered, or nothing changes and the message says where.
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { MillraceError } from "../../../src/core/errors/errors.ts";
import type { PublishRequest, PublishResult } from "../../../src/core/job/job-context.ts";
import type { CsvOptions } from "../../../src/data/sources/csv/options.ts";
import type { FileSource } from "../../../src/data/sources/file/options.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";

let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
});
afterEach(() => project[Symbol.asyncDispose]());

const output = { dataset: "t" };

async function deliver(files: Readonly<Record<string, string | Uint8Array>>): Promise<FileSource> {
  for (const [name, content] of Object.entries(files)) await project.write(`raw/${name}`, content);
  return { path: Object.keys(files).map((name) => `raw/${name}`) };
}

async function publish(
  files: Readonly<Record<string, string | Uint8Array>>,
  csv: CsvOptions = {},
  more: Partial<PublishRequest> = {},
): Promise<PublishResult> {
  return await project.publish({ source: { file: { ...(await deliver(files)), csv } }, output, ...more });
}

async function refuse(
  files: Readonly<Record<string, string | Uint8Array>>,
  csv: CsvOptions = {},
  more: Partial<PublishRequest> = {},
): Promise<MillraceError> {
  return await expectFailure(publish(files, csv, more));
}

async function columns(): Promise<Record<string, unknown>> {
  const rows = await project.rows("t", "select column_name, column_type from (describe select * from t)");
  return Object.fromEntries(rows.map((row) => [row["column_name"], row["column_type"]]));
}

test.each([
  ["last", "id,name\n1,a\n2,b\n3,c,x\n", 4],
  ["each", "id,name\n1,a,x\n2,b,y\n", 2],
  ["with an empty field too much", "id,name,note\n1,Smith, John,\n", 2],
])("rows that are wider than the header (%s) are refused, not taken for the rows", async (_which, text, line) => {
  const error = await refuse({ "a.csv": text });
  expect(error.code).toBe("SOURCE_UNREADABLE");
  expect(error.message).toContain(`raw/a.csv\` line ${line}: expected `);
});

test("numbers keep every digit", async () => {
  const ids = "id,name\n12345678901234567891,a\n12345678901234567892,b\n";
  await publish({ "a.csv": ids });
  expect(await project.rows("t", "select id::varchar as id from t order by id")).toEqual([
    { id: "12345678901234567891" },
    { id: "12345678901234567892" },
  ]);
  await publish({ "a.csv": "amount\n12345678901234567.89\n0.10\n" }, {}, { output: { dataset: "u" } });
  const sums = await project.rows("u", "select sum(amount)::varchar as total from u");
  expect(sums).toEqual([{ total: "12345678901234567.99" }]);
});

test("words and dates of no one order stay what they are", async () => {
  await publish({ "a.csv": "part,grade,country,name,n\n10-11-12,F,NO,Nan,1\n01-02-03,F,NO,Nan,2\n" });
  expect(await project.rows("t", "select * from t order by n")).toEqual([
    { part: "10-11-12", grade: "F", country: "NO", name: "Nan", n: 1n },
    { part: "01-02-03", grade: "F", country: "NO", name: "Nan", n: 2n },
  ]);
  await publish(
    { "a.csv": "day,n\n01/02/2026,1\n", "b.csv": "day,n\n01/25/2026,2\n" },
    {},
    { output: { dataset: "u" } },
  );
  expect(await project.rows("u")).toMatchObject([{ day: "01/02/2026" }, { day: "01/25/2026" }]);
});

test("files of one source differ in delimiter and types, and a file without a line adds nothing", async () => {
  const files = { "a.csv": "v,n\ntrue,1\n", "b.csv": "v;n\n7;2\n", "c.csv": "", "d.csv": "n|more\n3|x\n" };
  const { warnings } = await publish(files);
  expect(await project.rows("t", "select * from t order by n")).toEqual([
    { v: "true", n: 1n, more: null },
    { v: "7", n: 2n, more: null },
    { v: null, n: 3n, more: "x" },
  ]);
  expect(warnings.map((warning) => warning.replaceAll(project.root, ""))).toEqual([
    "column `v` is missing in `/raw/d.csv`",
    "column `v` is read as `VARCHAR`, because files differ: `BOOLEAN` in `/raw/a.csv`, `BIGINT` in `/raw/b.csv`",
    "column `more` is missing in `/raw/a.csv`, `/raw/b.csv`",
  ]);
});

test("lines that end in two ways are read", async () => {
  await publish({ "a.csv": 'a,b\r\n1,2\n3,"x\r\ny"\r\n' });
  expect(await project.rows("t")).toEqual([
    { a: 1n, b: "2" },
    { a: 3n, b: "x\r\ny" },
  ]);
});

test("declared columns go by the names of the header", async () => {
  const csv = { columns: { id: "INTEGER", price: "DECIMAL(10,2)" } };
  await publish({ "a.csv": "price,id\n900,1\n" }, csv);
  expect(await project.rows("t")).toEqual([{ id: 1, price: "900.00" }]);
  expect(await refuse({ "a.csv": "prise,id\n900,1\n" }, csv)).toMatchObject({
    code: "SOURCE_UNREADABLE",
    message: expect.stringContaining(
      "line 1: the header lacks column `price`, which is declared, did you mean `prise`?",
    ),
  });
  expect((await refuse({ "a.csv": "price,id,tax\n900,1,2\n" }, csv)).message).toContain(
    "line 1: the header has column `tax`, which is not declared",
  );
  const noHeader = { header: false, ...csv };
  await publish({ "a.csv": "1,900\n" }, noHeader, { output: { dataset: "u" } });
  expect(await project.rows("u")).toEqual([{ id: 1, price: "900.00" }]);
  expect((await refuse({ "a.csv": "1,900,2\n" }, noHeader)).message).toContain("line 1: expected 2 fields");
});

test("single columns have a type, a decimal mark and a format of their own", async () => {
  const text = "made by shop\nid;price;day;code\n1;1234,50;31.12.2026;007\n2;-0,5;01.02.2026;12\n";
  const types = {
    price: { type: "DECIMAL(10,2)", decimalMark: "," },
    day: { type: "DATE", format: "%d.%m.%Y" },
    code: "VARCHAR",
  } as const;
  await publish({ "a.csv": text }, { skipLines: 1, types });
  expect(await project.rows("t")).toEqual([
    { id: 1n, price: "1234.50", day: "2026-12-31", code: "007" },
    { id: 2n, price: "-0.50", day: "2026-02-01", code: "12" },
  ]);
  expect(await refuse({ "a.csv": text }, { skipLines: 1, types: { prise: "DOUBLE" } })).toMatchObject({
    code: "VALUE_INVALID",
    message: "no file has column `prise` of `csv.types`, did you mean `price`?",
  });
});

test.each([
  ["INTEGER", "1.5"],
  ["INTEGER", "1e3"],
  ["BIGINT", "9223372036854775808"],
  ["DECIMAL(10,2)", "1.239"],
  ["DECIMAL(4,2)", "100"],
  ["DOUBLE", "many"],
  ["DATE", "31.12.2026"],
])("a value that is no %s is refused with its line, and not rounded: %s", async (type, value) => {
  const text = `id,note,v\n1,"two\nlines",\n2,x,1\n3,y,${value}\n`.replace(
    "x,1",
    type === "DATE" ? "x,2026-01-01" : "x,1",
  );
  const error = await refuse({ "b.csv": text }, { types: { v: type } });
  expect(error.code).toBe("SOURCE_UNREADABLE");
  expect(error.message).toContain(`raw/b.csv\` line 5: column \`v\` holds a value that is not ${type}`);
  expect(`${error.message}${error.hint ?? ""}`).not.toContain(`${value} `);
});

test("names that come twice, or not at all, keep their columns", async () => {
  const { warnings } = await publish({ "a.csv": "id,ID,,id_1\n1,2,3,4\n" });
  expect(await project.rows("t")).toEqual([{ id: 1n, ID_2: 2n, column2: 3n, id_1: 4n }]);
  expect(warnings).toEqual([
    expect.stringMatching(
      /^fields without a name in the header are read by their place: field 3 of `.*` as `column2`$/,
    ),
    expect.stringMatching(/^names that come again in a header are read with a number: `ID` of `.*` as `ID_2`$/),
  ]);
});

test("a table keeps its types where every value fits them", async () => {
  const append = { output: { dataset: "t", mode: "append" } } as const;
  await publish({ "a.csv": "id,code,price,day\n1,A-1,2.25,2026-01-01\n" }, {}, append);
  await publish({ "a.csv": "id,code,price,day\n2,7,3,2026-01-02\n" }, {}, append);
  await publish({ "a.csv": "id,code,price,day\n3,,,\n" }, {}, append);
  expect(await columns()).toEqual({ id: "BIGINT", code: "VARCHAR", price: "DECIMAL(15,2)", day: "DATE" });
  expect(await project.rows("t")).toMatchObject([{ code: "A-1" }, { code: "7", price: "3.00" }, { code: null }]);
  expect(await refuse({ "a.csv": "id,code,price,day\nx,7,3,\n" }, {}, append)).toMatchObject({
    code: "SCHEMA_MISMATCH",
  });
});

test.each([
  ["INTEGER", "2147483647", "2147483648"],
  ["SMALLINT", "-32768", "-32769"],
  ["DECIMAL(2,2)", "0.990", "1.5"],
  ["FLOAT", "16777218", "16777217"],
])("a table's %s takes %s of a later delivery, and refuses %s with its type", async (type, last, over) => {
  const append = { output: { dataset: "t", mode: "append" } } as const;
  await publish({ "a.csv": "v\n0\n" }, { types: { v: type } }, append);
  await publish({ "a.csv": `v\n${last}\n` }, {}, append);
  expect(await columns()).toEqual({ v: type });
  expect(await project.rows("t")).toHaveLength(2);
  const error = await refuse({ "a.csv": `v\n${over}\n` }, {}, append);
  expect(error).toMatchObject({ code: "SCHEMA_MISMATCH", message: expect.stringContaining(`is \`${type}\``) });
});

test.each([
  ["a header alone", "id,price\n"],
  ["nothing", ""],
  ["an archive of nothing", gzipSync("")],
])("a delivery of %s follows `onEmpty`, with the types of the table", async (_what, content) => {
  const name = typeof content === "string" ? "a.csv" : "a.csv.gz";
  const convert = { sql: "select *, price * 2 as twice from source", onEmpty: "fail" } as const;
  expect(await refuse({ [name]: content }, {}, convert)).toMatchObject({ code: "SOURCE_EMPTY" });
  await publish({ "b.csv": "id,price\n1,2.50\n" });
  const before = await columns();
  expect(await refuse({ [name]: content }, {}, { onEmpty: "fail" })).toMatchObject({ code: "SOURCE_EMPTY" });
  expect((await publish({ [name]: content }, {}, { onEmpty: "warn" })).warnings).toEqual([
    "no row came for dataset `t`",
  ]);
  expect(await columns()).toEqual(before);
  expect(await project.rows("t")).toEqual([]);
});

test("text with quoted line ends is read whole, however long the file is", async () => {
  const row = (index: number): string => `${index},"{""a"": [""x, y"",\n ""<b>${"z".repeat(index % 90)}</b>""]}",end\n`;
  const count = 120_000;
  await publish({ "a.csv": `id,text,last\n${Array.from({ length: count }, (_, index) => row(index)).join("")}` });
  const sql = `select count(*) as n, sum(id)::bigint as ids, sum(length(text))::bigint as size, min(last) as last from t`;
  const size = Array.from({ length: count }, (_, index) => 27 + (index % 90)).reduce((sum, length) => sum + length, 0);
  expect(await project.rows("t", sql)).toEqual([
    { n: BigInt(count), ids: BigInt((count * (count - 1)) / 2), size: BigInt(size), last: "end" },
  ]);
});
