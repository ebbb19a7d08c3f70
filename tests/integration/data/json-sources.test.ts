// Deliveries of JSON through the whole of publishing: empty, half, wrong and day after day.
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { MillraceError } from "../../../src/core/errors/errors.ts";
import type { PublishRequest, PublishResult } from "../../../src/core/job/job-context.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";

let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
});
afterEach(() => project[Symbol.asyncDispose]());

type Files = Readonly<Record<string, string | Uint8Array>>;

async function deliver(files: Files, more: Partial<PublishRequest> = {}, rows?: string): Promise<PublishResult> {
  const paths: string[] = [];
  for (const [name, content] of Object.entries(files)) paths.push(await project.write(`raw/${name}`, content));
  const file = { path: paths, ...(rows === undefined ? {} : { json: { rows } }) };
  return await project.publish({ source: { file }, output: { dataset: "t", mode: "append" }, ...more });
}

function refuse(files: Files, more: Partial<PublishRequest> = {}, rows?: string): Promise<MillraceError> {
  return expectFailure(deliver(files, more, rows));
}

const empties: readonly (readonly [string, Files, string | undefined])[] = [
  ["an empty array", { "a.json": " [ ] " }, undefined],
  ["a page without rows", { "a.json": '{"items":[]}' }, "items"],
];

test.each(empties)("%s is no row: `onEmpty` decides, and the columns are the table's", async (_name, files, rows) => {
  expect(await refuse(files, {}, rows)).toMatchObject({
    code: "SOURCE_EMPTY",
    message: "no row came for dataset `t`, which has no table yet",
  });
  await project.publish({ sql: "select 1 as id, 'one' as name", output: { dataset: "t", mode: "append" } });
  expect(await refuse(files, { onEmpty: "fail" }, rows)).toMatchObject({ code: "SOURCE_EMPTY" });
  expect((await deliver(files, { onEmpty: "warn" }, rows)).warnings).toEqual(["no row came for dataset `t`"]);
  expect(await deliver(files, { onEmpty: "ok" }, rows)).toMatchObject({ rows: 0, warnings: [] });
  expect(await project.rows("t")).toEqual([{ id: 1, name: "one" }]);
  const counting = { sql: "select count(*) as id from source", output: { dataset: "n", mode: "append" as const } };
  await project.publish({ sql: "select 1::bigint as id", output: { dataset: "n", mode: "append" } });
  expect(await deliver(files, counting, rows)).toMatchObject({ rows: 1 });
  expect(await project.rows("n")).toEqual([{ id: 0n }, { id: 1n }]);
  const other = await refuse(
    files,
    { sql: "select price from source", output: { dataset: "n", mode: "append" } },
    rows,
  );
  expect(other).toMatchObject({ code: "SOURCE_EMPTY" });
  expect(other.message).toContain("price");
});

test("a replace by an empty delivery leaves an empty table with its columns", async () => {
  const output = { dataset: "t", parquet: { path: "out/t.parquet" } };
  await deliver({ "a.json": '[{"id":1,"name":"one"}]' }, { output });
  expect(await deliver({ "a.json": "[]" }, { output })).toMatchObject({ rows: 0, changed: true });
  expect(await project.rows("t")).toEqual([]);
  expect(await deliver({ "a.json": '[{"id":2,"name":"two"}]' }, { output })).toMatchObject({ rows: 1 });
});

test.each<readonly [string, Files, string, string | undefined]>([
  [
    "a document without the rows",
    { "1.json": '{"items":[{"id":1}]}', "2.json": '{"message":"no"}' },
    "no such field",
    "items",
  ],
  ["rows that are null", { "1.json": '{"items":[{"id":1}]}', "2.json": '{"items":null}' }, "null", "items"],
  ["rows that are an object", { "1.json": '{"items":[]}', "2.json": '{"items":{"id":1}}' }, "an object", "items"],
  ["a document that is none", { "1.json": '{"items":[]}', "2.json": '"rate limited"' }, "a text", "items"],
  [
    "a row that is a number",
    { "1.json": '{"items":[{"id":1}]}', "2.json": '{"items":[{"id":1},2]}' },
    "a number",
    "items",
  ],
  ["a text among objects", { "1.json": '[{"id":1}]', "2.json": '"rate limited"' }, "a text", undefined],
  ["a null among objects", { "1.json": '[{"id":1}]', "2.json": "[null]" }, "null", undefined],
])("half a delivery is refused by the name of the file: %s", async (_name, files, got, rows) => {
  const error = await refuse(files, {}, rows);
  expect(error.code).toBe("SOURCE_UNREADABLE");
  expect(error.message).toContain(project.path("raw/2.json"));
  expect(error.message).toContain(`got: `);
  expect(error.message).toContain(got);
});

test.each(['"rate limited"', "null", "7", "[[1]]", "{}", "[{}]"])(
  "%s has no object that could be a row",
  async (text) => {
    expect(await refuse({ "a.json": text })).toMatchObject({ code: "SOURCE_EMPTY" });
  },
);

test.each<readonly [string, Files]>([
  ["an array", { "a.json": '\uFEFF[{"id":1},{"id":2}]' }],
  ["lines", { "a.ndjson": '\uFEFF{"id":1}\n{"id":2}\n' }],
  ["a packed array", { "a.json.gz": gzipSync('\uFEFF [{"id":1},{"id":2}]') }],
  ["packed lines", { "a.ndjson.zst": zstdCompressSync('\uFEFF{"id":1}\n{"id":2}\n') }],
  ["one of two files", { "a.json": '\uFEFF{"id":1}', "b.json": '[{"id":2}]' }],
])("a byte order mark before %s is read over", async (_name, files) => {
  expect(await deliver(files)).toMatchObject({ rows: 2 });
  expect(await project.rows("t")).toEqual([{ id: 1n }, { id: 2n }]);
});

test("keys that differ in case are one column, and two of them in one object are refused", async () => {
  const { warnings } = await deliver({ "a.ndjson": '{"userId":1}\n', "b.ndjson": '{"userid":2}\n' });
  expect(warnings).toEqual(["keys `userId`, `userid` differ in case only and are read as column `userId`"]);
  expect(await project.rows("t")).toEqual([{ userId: 1n }, { userId: 2n }]);
  for (const text of [
    '{"id":1,"ID":2}',
    '{"day":"2026-01-01","id":1,"ID":2}',
    '{"o":{"id":1,"ID":2}}',
    '{"id":1,"id":2}',
  ]) {
    const error = await refuse({ "a.ndjson": text });
    expect(error.code).toBe("SOURCE_UNREADABLE");
    expect(error.message).toContain(project.path("raw/a.ndjson"));
    expect(error.message).toContain("id");
  }
});

test("what a file lacks, or has otherwise than the others, is said by name", async () => {
  const files = { "a.ndjson": '{"id":1}\n', "b.ndjson": '{"error":"x"}\n', "c.ndjson": '{"id":"z","error":null}\n' };
  const [a, b, c] = Object.keys(files).map((name) => `\`${project.path(`raw/${name}`)}\``);
  const { warnings } = await deliver(files);
  expect(warnings).toEqual([
    `column \`id\` is missing in ${b}`,
    `column \`id\` is read as \`VARCHAR\`, because files differ: \`BIGINT\` in ${a}, \`VARCHAR\` in ${c}`,
    `column \`error\` is missing in ${a}`,
  ]);
  expect(await project.rows("t")).toEqual([
    { id: "1", error: null },
    { id: "z", error: null },
    { id: null, error: "x" },
  ]);
});

test.each(["delta", "parquet", "sqlite", "duckdb"])(
  "a column of nulls alone waits for its first value, so that it is not refused: %s",
  async (format) => {
    const output = { dataset: "t", mode: "append" as const, [format]: { path: `out/${format}` } };
    await deliver({ "a.ndjson": '{"id":1,"score":null}\n' }, { output });
    expect(project.notices).toContain(
      "no row has a value in column `score`, whose type is not known yet; the column comes with its first value",
    );
    expect(await project.rows("t")).toEqual([{ id: 1n }]);
    await deliver({ "a.ndjson": '{"id":2,"score":7}\n' }, { output });
    await deliver({ "a.ndjson": '{"id":3,"score":null}\n' }, { output });
    expect(await project.rows("t")).toEqual([
      { id: 1n, score: null },
      { id: 2n, score: 7n },
      { id: 3n, score: null },
    ]);
  },
);

test("a column of nulls that a check or a key names is there as text", async () => {
  const checks = [{ notNull: ["score"], severity: "warn" as const }];
  await deliver({ "a.ndjson": '{"id":1,"score":null}\n' }, { checks });
  expect(await project.rows("t")).toEqual([{ id: 1n, score: null }]);
});

test.each<readonly [string, string, string, readonly unknown[]]>([
  ["texts, then numbers", '"A-1"', "7.50", ["7.50", "A-1"]],
  ["texts, then dates", '"soon"', '"2026-01-31"', ["2026-01-31", "soon"]],
  ["prices, then whole ones", "2.5", "1", [1, 2.5]],
  ["long numbers, then short ones", "12345678901234567.89", "0.1", ["0.10", "12345678901234567.89"]],
  ["long whole numbers, then short ones", "12345678901234567890", "7", ["7", "12345678901234567890"]],
])("a day does not change what the days before were: %s", async (_name, first, second, values) => {
  await deliver({ "a.ndjson": `{"v":${first},"l":[${first}]}` });
  await deliver({ "a.ndjson": `{"v":${second},"l":[${second}]}` });
  expect(await project.rows("t", "select v, l from t order by v")).toEqual(values.map((v) => ({ v, l: [v] })));
});

test("numbers of a day that are longer, or whole, do not change what was kept before", async () => {
  await deliver({ "a.ndjson": '{"id":12345678901234567890,"amount":12345678901234567.89}\n' });
  await deliver({ "a.ndjson": '{"id":7,"amount":12345678901234567.5}\n{"id":8,"amount":0.10}\n' });
  expect(await project.rows("t")).toEqual([
    { id: "7", amount: "12345678901234567.50" },
    { id: "8", amount: "0.10" },
    { id: "12345678901234567890", amount: "12345678901234567.89" },
  ]);
});
