// Files and answers of every format through the whole of publishing: rows that know their file, and refusals in the place of green runs.
import { writeXlsx } from "hucre/xlsx";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { HttpReadOptions } from "../../../src/data/sources/http/options.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { type Answer, PageServer } from "../../support/data/page-server.ts";
import { makeZip } from "../../support/files/zip-archive.ts";
import { expectFailure } from "../../support/expect-failure.ts";

let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
});
afterEach(async () => {
  await project[Symbol.asyncDispose]();
});

const output = { dataset: "t", parquet: { path: "out/t.parquet" } };
let answers = 0;
const csv = Buffer.from("id,name\n1,a\n2,é\n");
const rows = [
  { id: 1n, name: "a" },
  { id: 2n, name: "é" },
];

/** Rows of a dataset that is made of one answer alone. */
async function publishAnswer(answer: Answer, read: HttpReadOptions): Promise<unknown> {
  await using server = await PageServer.start(() => answer);
  const dataset = `answer_${(answers += 1)}`;
  const own = { dataset, parquet: { path: `out/${dataset}.parquet` } };
  await project.publish({ source: { http: { url: server.url("/a"), read } }, output: own, onEmpty: "fail" });
  return await project.rows(dataset);
}

const typed = (body: Uint8Array | string, type: string): Answer => ({ body, headers: { "content-type": type } });

test("an answer may be a workbook, a document, or packed in any way that files may be", async () => {
  const xlsx = await writeXlsx({
    sheets: [
      {
        name: "S",
        rows: [
          ["id", "name"],
          [1, "a"],
          [2, "é"],
        ],
      },
    ],
  });
  const xml = '<?xml version="1.0"?><r><x><id>1</id></x><x><id>2</id></x></r>';
  const zip = makeZip([
    { name: "a.csv", bytes: csv },
    { name: "b.pdf", bytes: csv },
  ]);
  const workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  expect(await publishAnswer(typed(xlsx, workbook), { format: "xlsx", spreadsheet: { sheet: "S" } })).toEqual(rows);
  expect(await publishAnswer(typed(xml, "text/xml; charset=utf-8"), { format: "xml", xml: { rows: "r.x" } })).toEqual([
    { id: "1" },
    { id: "2" },
  ]);
  expect(await publishAnswer(typed(zip, "application/zip"), { format: "csv", codec: "zip", entries: "*.csv" })).toEqual(
    rows,
  );
  expect(await publishAnswer(typed(gzipSync(csv), "application/x-gzip"), { format: "csv", codec: "gzip" })).toEqual(
    rows,
  );
  expect(
    await publishAnswer(typed(Buffer.from('[{"a":"é"}]', "latin1"), "application/json"), { encoding: "latin1" }),
  ).toEqual([{ a: "é" }]);
});

test.each([
  [
    "a page of HTML for a workbook",
    typed("<html>", "text/html"),
    { format: "xlsx" },
    "expected the content type of xlsx",
  ],
  ["a workbook that is none", typed("PK?", "application/octet-stream"), { format: "xlsx" }, "unpacking `page 1`"],
  [
    "half of an archive",
    typed(gzipSync(csv).subarray(0, 20), "application/gzip"),
    { format: "csv", codec: "gzip" },
    "unpacking `page 1`",
  ],
  ["an XML document that was cut", typed("<a><b>", "application/xml"), { format: "xml" }, "reading `page 1` line 1"],
  ["Avro that is none", typed("[]", "avro/binary"), { format: "avro" }, "reading `page 1`: it is no Avro file"],
] as const)("%s fails, and says which page", async (_, answer, read, problem) => {
  const error = await expectFailure(publishAnswer(answer, read));
  expect([error.code, error.message]).toEqual(["SOURCE_UNREADABLE", expect.stringContaining(problem)]);
  expect(project.versions(`answer_${answers}`)).toEqual([]);
});

test("rows that a check sets aside know the file in the archive that they came from", async () => {
  const zip = makeZip([
    { name: "in/a.csv", bytes: csv },
    { name: "in/b.csv", bytes: Buffer.from("id,name\n,c\n") },
  ]);
  await project.write("data/day.zip", zip);
  await project.write("data/night.csv.br", brotliCompressSync("id,name\n,d\n"));
  const source = { file: { path: ["data/day.zip", "data/night.csv.br"] } };
  const result = await project.publish({ source, output, checks: [{ notNull: ["id"], severity: "quarantine" }] });
  expect([result.rows, result.quarantined]).toEqual([2, 2]);
  const files = "select name, _quarantine_file as file from t_quarantine order by name";
  expect(await project.rows("t_quarantine", files)).toEqual([
    { name: "c", file: "data/day.zip/in/b.csv" },
    { name: "d", file: "data/night.csv.br" },
  ]);
});

test("a file whose name another program's extension claims is read by its format here, or refused", async () => {
  await using session = await project.engine.open();
  for (const name of ["a.xlsx", "a.avro", "a.orc", "https://example.invalid/a.parquet"]) {
    const error = await expectFailure(session.query(`select * from '${name}'`));
    expect(error.message).not.toMatch(/download|connect|resolve|install/i);
  }
  await project.write("a.orc", "ORC");
  const error = await expectFailure(project.publish({ source: { file: { path: "a.orc" } }, output }));
  expect([error.code, error.hint]).toEqual([
    "SOURCE_UNREADABLE",
    expect.stringContaining("have it written as Parquet"),
  ]);
});
