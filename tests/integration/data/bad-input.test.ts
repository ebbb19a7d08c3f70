// Input is broken in every way; the message says where, and no target changes.
import { truncate } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { MillraceError } from "../../../src/core/errors/errors.ts";
import type { PublishRequest } from "../../../src/core/job/job-context.ts";
import type { FileSource } from "../../../src/data/sources/file/options.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";

let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
});
afterEach(() => project[Symbol.asyncDispose]());

const output = { dataset: "t" };

function read(file: FileSource, more: Partial<PublishRequest> = {}): Promise<MillraceError> {
  return expectFailure(project.publish({ source: { file }, output, ...more }));
}

test("a missing file is named with the folder it was looked for in", async () => {
  expect(await read({ path: "raw/none.parquet" })).toMatchObject({
    code: "SOURCE_MISSING",
    message: `there is no file \`raw/none.parquet\` in folder \`${project.root}\``,
  });
  expect(await read({ path: "raw/*.csv" })).toMatchObject({
    code: "SOURCE_MISSING",
    message: `no file matches \`raw/*.csv\` in folder \`${project.root}\``,
  });
});

test("a parquet file that is none, or is cut off, is named", async () => {
  const path = await project.write("raw/a.parquet", "this is no parquet file at all");
  expect(await read({ path: "raw/a.parquet" })).toMatchObject({ code: "SOURCE_UNREADABLE" });
  expect((await read({ path: "raw/a.parquet" })).message).toContain(path);
  const cut = await project.writeParquet("raw/b.parquet", "select i from range(10000) t(i)");
  await truncate(cut, 2000);
  const error = await read({ path: "raw/b.parquet" });
  expect(error.code).toBe("SOURCE_UNREADABLE");
  expect(error.message).toContain(cut);
});

test.each([
  ["too many fields", "id,name\n1,one\n2,two,zwei,deux\n3,three\n", 3],
  ["too few fields", "id,name\n1,one\n2,two\n3\n", 4],
  ["a quote that does not end", 'id,name\n1,one\n2,"two\n3,three\n', 3],
])("a csv row with %s is named by file and line", async (_name, text, line) => {
  const path = await project.write("raw/a.csv", text);
  const good = await project.write("raw/b.csv", "id,name\n4,four\n");
  for (const csv of [{}, { columns: { id: "INTEGER", name: "VARCHAR" } }]) {
    const error = await read({ path: [path, good], csv });
    expect(error.code).toBe("SOURCE_UNREADABLE");
    expect(error.message).toContain(`reading \`${path}\` line ${line}`);
  }
});

test("csv files with other columns, delimiters and compression are read as they are", async () => {
  await project.write("raw/a.csv", "id;name\n1;one\n");
  await project.write("raw/b.csv", 'name;id;day\n"two; zwei";2;2001-02-03\n');
  await project.publish({ source: { file: { path: "raw/?.csv" } }, output });
  expect(await project.rows("t")).toEqual([
    { id: 1n, name: "one", day: null },
    { id: 2n, name: "two; zwei", day: "2001-02-03" },
  ]);
  await project.write("raw/c.tsv.gz", gzipSync("id\tname\nNA\tx\n"));
  await project.publish({
    source: { file: { path: "raw/c.tsv.gz", csv: { nullValues: ["NA"] } } },
    output: { dataset: "u" },
  });
  expect(await project.rows("u")).toMatchObject([{ id: null, name: "x" }]);
});

test("a csv value of the wrong type is named by file, line and column, and is not in the message", async () => {
  const path = await project.write("raw/a.csv", "id,name\n1,one\nsecret,two\n");
  const error = await read({ path: "raw/a.csv", csv: { columns: { id: "INTEGER", name: "VARCHAR" }, header: true } });
  expect(error).toMatchObject({
    code: "SOURCE_UNREADABLE",
    message: `reading \`${path}\` line 3: column \`id\` holds a value that is not INTEGER`,
  });
});

test("broken json is named by file and line", async () => {
  const path = await project.write("raw/a.ndjson", '{"id": 1}\n{"id": 2}\n{"id" 3}\n{"id": 4}\n');
  const error = await read({ path: "raw/a.ndjson" });
  expect(error.code).toBe("SOURCE_UNREADABLE");
  expect(error.message).toContain(`malformed JSON in file \`${path}\``);
  expect(error.message).toMatch(/in line \d/);
});

test("json without an object, or without the field of the rows, is an error and not an empty success", async () => {
  await project.write("raw/a.json", "[]");
  expect(await read({ path: "raw/a.json" })).toMatchObject({ code: "SOURCE_EMPTY" });
  const path = await project.write("raw/b.json", '{"items": [{"id": 1}]}');
  expect(await read({ path: "raw/b.json", json: { rows: "rows" } })).toMatchObject({
    code: "SOURCE_UNREADABLE",
    message: `expected field \`rows\` of \`${path}\` to be an array of objects, got: \`no such field\``,
  });
  await project.publish({ source: { file: { path: "raw/b.json", json: { rows: "items" } } }, output });
  expect(await project.rows("t")).toEqual([{ id: 1n }]);
});

test("a path that leads out of the project is refused, an absolute one is meant", async () => {
  const error = await read({ path: "../elsewhere/*.csv" });
  expect(error).toMatchObject({
    code: "VALUE_INVALID",
    message: "a relative path must stay in the project, got: `../elsewhere/*.csv`",
  });
  const path = await project.write("raw/a.csv", "id\n1\n");
  await project.publish({ source: { file: { path } }, output });
  expect(await project.rows("t")).toEqual([{ id: 1n }]);
});

test("a source without a row fails, warns or passes, as the job says", async () => {
  await project.write("raw/a.csv", "id,name\n");
  expect(await read({ path: "raw/a.csv" }, { onEmpty: "fail" })).toMatchObject({
    code: "SOURCE_EMPTY",
    message: "no row came for dataset `t`",
  });
  expect(project.versions("t")).toEqual([]);
  const request = { source: { file: { path: "raw/a.csv" } }, output };
  expect((await project.publish({ ...request, onEmpty: "warn" })).warnings).toEqual(["no row came for dataset `t`"]);
  expect((await project.publish({ ...request, onEmpty: "ok" })).warnings).toEqual([]);
});

test("an unknown dataset is refused with the likely name", async () => {
  await project.publish({ sql: "select 1 as id", output: { dataset: "flights" } });
  const error = await expectFailure(project.publish({ sql: "select * from fligths", inputs: ["fligths"], output }));
  expect(error).toMatchObject({
    code: "DATASET_UNKNOWN",
    message: "unknown dataset `fligths`, did you mean `flights`?",
  });
});

test("a query reads its inputs and nothing else, and an input that it does not read is a warning", async () => {
  await project.publish({ sql: "select 1 as id", output: { dataset: "flights" } });
  await project.publish({ sql: "select 1 as id", output: { dataset: "airports" } });
  const sql = "select * from fligths";
  const error = await expectFailure(project.publish({ sql, inputs: ["flights"], output }));
  expect(error).toMatchObject({
    code: "DATASET_UNKNOWN",
    message: "the query reads a table that is no input: `fligths`, did you mean `flights`?",
    hint: "inputs: flights; name what else it reads there",
  });
  const result = await project.publish({ sql: "select * from flights", inputs: ["flights", "airports"], output });
  expect(result.warnings).toEqual(["input `airports` is not read by the query"]);
});

test.each([
  ["drop table x", "expected exactly one `select`, got: another kind of statement"],
  ["select 1 as a; select 2 as a", "expected exactly one `select`, got: `2` statements"],
])("%s is refused", async (sql, message) => {
  expect(await expectFailure(project.publish({ sql, output }))).toMatchObject({ code: "SQL_INVALID", message });
});

test.each(["; -- all of them", " -- all of them\n;", "/* ; */ ;;\n", "\n-- it's"])(
  "a query may end in `%s`, also as a step before another, and so may a check",
  async (end) => {
    await project.publish({
      sql: [`select ';--' as text${end}`, `select * from source${end}`],
      checks: [{ sql: `select * from rows where text is null${end}` }],
      output,
    });
    expect(await project.rows("t")).toEqual([{ text: ";--" }]);
  },
);

test("a conversion that fails leaves the target as it was", async () => {
  await project.publish({ sql: "select 1 as id", output });
  const sql = "select (case when i = 5 then 'x' else '1' end)::integer as id from range(9) t(i)";
  expect(await expectFailure(project.publish({ sql, output }))).toMatchObject({ code: "SQL_FAILED" });
  expect(await project.rows("t")).toEqual([{ id: 1 }]);
});

test("a target path that holds something else is not overwritten", async () => {
  await project.write("out/t.parquet", "my notes");
  await project.write("out/t.sqlite", "my other notes, long enough to be looked at as a database header by SQLite");
  await project.write("out/t.duckdb", "my last notes");
  for (const target of [
    { parquet: { path: "out/t.parquet" } },
    { sqlite: { path: "out/t.sqlite" } },
    { duckdb: { path: "out/t.duckdb" } },
  ]) {
    const error = await expectFailure(project.publish({ sql: "select 1 as id", output: { ...output, ...target } }));
    expect(error).toMatchObject({ code: "TARGET_UNREADABLE" });
  }
});

test("a run publishes a dataset once", async () => {
  const data = project.attempt();
  await data.publish({ sql: "select 1 as id", output });
  expect(await expectFailure(data.publish({ sql: "select 2 as id", output }))).toMatchObject({
    code: "VALUE_INVALID",
    message: "a run publishes a dataset once, got twice: `t`",
  });
});

test("a file that is written to while it is read is an error for another try", async () => {
  const path = await project.write("raw/a.csv", "id\n1\n");
  const failpoint = async (name: string): Promise<void> => {
    if (name === "reading") await project.write("raw/a.csv", "id\n1\n2\n");
  };
  const error = await expectFailure(project.publish({ source: { file: { path } }, output }, { failpoint }));
  expect(error).toMatchObject({ code: "SOURCE_UNREADABLE", disposition: "retry" });
  expect(project.versions("t")).toEqual([]);
});

test("what a target holds with another type is said in the log", async () => {
  await project.publish({
    sql: "select sum(i) as total from range(3) t(i)",
    output: { dataset: "t", sqlite: { path: "t.sqlite" } },
  });
  expect(project.notices).toEqual(["the sqlite target holds column `total` of type `HUGEINT` as `BIGINT`"]);
  expect(await project.rows("t")).toEqual([{ total: 3n }]);
});
