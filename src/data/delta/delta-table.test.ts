import { randomUUID } from "node:crypto";
import { access, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import { publish, type PublishOptions } from "../../../tests/support/data/delta-publish.ts";
import { useTemporaryFolder } from "../../../tests/support/temporary-folder.ts";
import { createDuckDbEngine } from "../../compute/duckdb/duckdb-engine.ts";
import type { Engine, EngineSession, Row } from "../../compute/engine.ts";
import { deltaHistory, deltaRelation, findRunCommit, openDeltaSnapshot, removeUnreferenced } from "./delta-table.ts";
import type { ReadSnapshotOptions } from "./log/delta-snapshot.ts";

const folder = useTemporaryFolder("delta");
let engine: Engine;
let session: EngineSession;
let table: string;

beforeAll(() => {
  engine = createDuckDbEngine({ threads: 2, memoryLimit: "1GB" });
});
beforeEach(async () => {
  session = await engine.open();
  table = join(folder(), randomUUID(), "table [1]");
});
afterEach(async () => {
  await session[Symbol.asyncDispose]();
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
});

async function rowsOf(order: string, options: Partial<ReadSnapshotOptions> = {}): Promise<Row[]> {
  const snapshot = await openDeltaSnapshot(table, { session, ...options });
  return await session.query(`SELECT * FROM (${await deltaRelation(session, snapshot)}) ORDER BY ${order}`);
}

async function filesOf(): Promise<string[]> {
  const names = await readdir(table, { recursive: true });
  return names.filter((name) => name.endsWith(".parquet") && !name.includes("_delta_log"));
}

test("the first append makes the table, and reading gives the same rows and types back", async () => {
  const sql = `select 1::tinyint as b, 9007199254740993 as l, 1.50::decimal(10,2) as d, 0.5::float as f, 'x' as s, true as ok,
    date '2020-02-29' as day, timestamp '1500-01-01 00:00:00.123456' as t, timestamptz '2020-01-01 00:00:00Z' as z,
    [1, null] as list, {a: 1, "b c": {d: 'x'}} as struct, map {'k': [1.5::decimal(3,1)]} as map, null::integer as nothing`;
  const result = await publish(session, table, sql);
  expect(result).toMatchObject({ version: 0, committed: true, rowCount: 1, addedFiles: 1, removedFiles: 0 });
  expect(await rowsOf("l")).toEqual(await session.query(sql));
  const relation = await deltaRelation(session, await openDeltaSnapshot(table, { session }));
  expect(await session.describe(relation)).toEqual(await session.describe(sql));
});

test("types that Delta lacks are stored as wider numbers or text", async () => {
  await publish(
    session,
    table,
    `select 200::utinyint as a, 4000000000::uinteger as b, 18446744073709551615::ubigint as c, 5::hugeint as d,
      time '10:00:00' as e, uuid '00000000-0000-0000-0000-000000000001' as f, '{"a":1}'::json as g, [1, 2]::integer[2] as h,
      'x'::enum('x', 'y') as i, timestamp_ns '2020-01-01 00:00:00.123456789' as j, null as k`,
  );
  expect(await rowsOf("a")).toEqual([
    {
      a: 200,
      b: 4000000000n,
      c: "18446744073709551615",
      d: "5",
      e: "10:00:00",
      f: "00000000-0000-0000-0000-000000000001",
      g: '{"a":1}',
      h: [1, 2],
      i: "x",
      j: "2020-01-01T00:00:00.123456",
      k: null,
    },
  ]);
});

test("replace swaps all rows in one commit, and earlier versions stay readable by number and by time", async () => {
  await publish(session, table, "select 1 as id union all select 2", { mode: "replace" });
  const [first] = await deltaHistory(table);
  const result = await publish(session, table, "select 3 as id", { mode: "replace" });
  expect(result).toMatchObject({ version: 1, committed: true, rowCount: 1, addedFiles: 1, removedFiles: 1 });
  expect(await rowsOf("id")).toEqual([{ id: 3 }]);
  expect(await rowsOf("id", { version: 0 })).toEqual([{ id: 1 }, { id: 2 }]);
  expect(await rowsOf("id", { timestamp: new Date(first?.timestamp ?? 0) })).toEqual([{ id: 1 }, { id: 2 }]);
  expect(await rowsOf("id", { timestamp: new Date(Date.now() + 1000) })).toEqual([{ id: 3 }]);
  expect((await expectFailure(rowsOf("id", { timestamp: new Date(0) }))).code).toBe("VALUE_INVALID");
});

test("replace with the rows of the latest commit makes no version", async () => {
  const replace: PublishOptions = { mode: "replace", fingerprint: "rows-1" };
  await publish(session, table, "select 1 as id", replace);
  expect(await publish(session, table, "select 1 as id", replace)).toMatchObject({
    version: 0,
    committed: false,
    rowCount: 1,
    addedFiles: 0,
    removedFiles: 0,
  });
  expect(await filesOf()).toHaveLength(1);
  expect((await publish(session, table, "select 2 as id", { ...replace, fingerprint: "rows-2" })).version).toBe(1);
  expect((await publish(session, table, "select 1 as id", replace)).version).toBe(2);
});

test("replace with no rows empties the table and keeps its columns", async () => {
  await publish(session, table, "select 1 as id, 'x' as name", { mode: "replace" });
  const result = await publish(session, table, "select 1 as id, 'x' as name where false", { mode: "replace" });
  expect(result).toMatchObject({ version: 1, rowCount: 0, addedFiles: 0, removedFiles: 1 });
  expect(await rowsOf("id")).toEqual([]);
  const relation = await deltaRelation(session, await openDeltaSnapshot(table, { session }));
  expect(await session.describe(relation)).toEqual([
    { name: "id", type: "INTEGER" },
    { name: "name", type: "VARCHAR" },
  ]);
});

test("one run appends once, also when a checkpoint came in between", async () => {
  await publish(session, table, "select 0 as id", { runId: "run-1" });
  for (let id = 1; id <= 11; id += 1) await publish(session, table, `select ${id} as id`);
  const repeated = await publish(session, table, "select 0 as id", { runId: "run-1" });
  expect(repeated).toMatchObject({ version: 11, committed: false, rowCount: 12 });
  expect(await rowsOf("id")).toHaveLength(12);
});

test("partition values may be anything, null included", async () => {
  const values = ["a/b=c d%", "x[1]*?", "é", "..", "__HIVE", "2020-01-01 00:00"];
  const sql = `select i as id, p from (values ${values.map((value, index) => `(${index}, '${value}')`).join(", ")}, (99, null)) t(i, p)`;
  await publish(session, table, sql, { partitionBy: ["p"] });
  expect(await rowsOf("id")).toEqual([...values.map((p, id) => ({ id, p })), { id: 99, p: null }]);
});

test("partition columns keep their types", async () => {
  const sql = `select 1 as id, date '2020-01-02' as d, timestamp '2020-01-02 03:04:05.5' as t, true as b, 1.50::decimal(5,2) as m, 7::bigint as l`;
  await publish(session, table, sql, { partitionBy: ["d", "t", "b", "m", "l"] });
  expect(await rowsOf("id")).toEqual(await session.query(sql));
  const snapshot = await openDeltaSnapshot(table, { session });
  expect(snapshot.files[0]?.partitionValues).toEqual({
    d: "2020-01-02",
    t: "2020-01-02 03:04:05.5",
    b: "true",
    m: "1.50",
    l: "7",
  });
});

test("partition columns cannot change", async () => {
  await publish(session, table, "select 1 as id, 'x' as p", { partitionBy: ["p"] });
  const error = await expectFailure(publish(session, table, "select 1 as id, 'x' as p", { partitionBy: ["id"] }));
  expect(error).toMatchObject({ code: "SCHEMA_MISMATCH", message: "the table is partitioned by `p`, got: `id`" });
});

test("evolve adds columns that are null in older rows, and keeps columns that new rows lack", async () => {
  await publish(session, table, "select 1 as id, 'x' as name");
  await publish(session, table, "select 2 as id, {a: 5} as extra");
  expect(await rowsOf("id")).toEqual([
    { id: 1, name: "x", extra: null },
    { id: 2, name: null, extra: { a: 5 } },
  ]);
  const snapshot = await openDeltaSnapshot(table, { session });
  expect(snapshot.schema.fields.map((field) => field.name)).toEqual(["id", "name", "extra"]);
});

test("rows of a narrower type take the type of the table, staged with knowledge of the table or without", async () => {
  await publish(session, table, "select 1::bigint as id, 1.5::decimal(18,4) as amount, 1::double as f");
  await publish(session, table, "select 2::integer as ID, 2.5::decimal(10,2) as amount, 2::float as f");
  await publish(session, table, "select 3::smallint as ID, 3::tinyint as amount, null as f", { withoutTable: true });
  expect(await rowsOf("id")).toEqual([
    { id: 1n, amount: "1.5000", f: 1 },
    { id: 2n, amount: "2.5000", f: 2 },
    { id: 3n, amount: "3.0000", f: null },
  ]);
  const files = await session.query(
    `select distinct name, type from parquet_schema('${table.replace("[1]", "[[]1]")}/*.parquet') where name in ('id', 'ID')`,
  );
  expect(files).toEqual([{ name: "id", type: "INT64" }]);
});

test("a type that does not fit is refused by name, and the table stays as it was", async () => {
  await publish(session, table, "select 1::integer as id");
  const error = await expectFailure(publish(session, table, "select 2::bigint as id"));
  expect(error).toMatchObject({
    code: "SCHEMA_MISMATCH",
    message: "column `id` is `INTEGER` in the table, got: `BIGINT`",
    hint: "cast it in the query: `cast(id as INTEGER)`, or replace the table with `millrace run <job> --full-refresh`",
  });
  expect(await rowsOf("id")).toEqual([{ id: 1 }]);
  expect(await filesOf()).toHaveLength(1);
});

test.each([
  ["select 1::integer as id, 'x' as name, 5 as extra", "a new column `extra`"],
  ["select 1::integer as id", "no column `name`"],
])("a frozen schema refuses %s", async (sql, difference) => {
  await publish(session, table, "select 1::integer as id, 'x' as name");
  const error = await expectFailure(publish(session, table, sql, { schemaContract: "freeze" }));
  expect(error).toMatchObject({
    code: "SCHEMA_MISMATCH",
    message: `the schema of the table is frozen, got: ${difference}`,
  });
});

test("columns that differ in case only are refused", async () => {
  const error = await expectFailure(publish(session, table, 'select 1 as "id", 2 as "ID"'));
  expect(error).toMatchObject({
    code: "SCHEMA_MISMATCH",
    message: "columns `id` and `ID` are one name in a Delta table",
  });
});

test("nested values cannot partition a table", async () => {
  const work = publish(session, table, "select {a: 1} as s, 2 as x", { partitionBy: ["s"] });
  expect((await expectFailure(work)).code).toBe("SCHEMA_MISMATCH");
});

test("merge replaces rows that differ, adds new ones and leaves other files alone", async () => {
  await publish(session, table, "select i as id, 'old' as v from range(3) t(i)");
  await publish(session, table, "select i as id, 'old' as v from range(3, 6) t(i)");
  const before = await openDeltaSnapshot(table, { session });
  const result = await publish(session, table, "select * from (values (1, 'new'), (2, 'old'), (9, 'new')) t(id, v)", {
    mode: "merge",
    key: ["id"],
  });
  expect(result).toMatchObject({ version: 2, committed: true, rowCount: 7, addedFiles: 1, removedFiles: 1 });
  expect((await rowsOf("id")).map((row) => `${String(row["id"])} ${String(row["v"])}`)).toEqual([
    "0 old",
    "1 new",
    "2 old",
    "3 old",
    "4 old",
    "5 old",
    "9 new",
  ]);
  const after = await openDeltaSnapshot(table, { session });
  expect(after.files[0]?.path).toBe(before.files[1]?.path);
});

test("merge of rows that the table has makes no version", async () => {
  const merge: PublishOptions = { mode: "merge", key: ["id", "p"], partitionBy: ["p"] };
  const sql = "select i as id, i % 2 as p, 'nan'::double as n, null::integer as e, [i] as l from range(4) t(i)";
  expect(await publish(session, table, sql, merge)).toMatchObject({ version: 0, rowCount: 4 });
  expect(await publish(session, table, sql, merge)).toMatchObject({ version: 0, committed: false, rowCount: 4 });
});

test("merge moves a row whose partition changed, and keeps the columns that the new rows lack", async () => {
  await publish(session, table, "select 1 as id, 'a' as p, 'kept' as note", { partitionBy: ["p"] });
  const merge: PublishOptions = { mode: "merge", key: ["id"], partitionBy: ["p"] };
  await publish(session, table, "select 1 as id, 'b' as p, 5 as extra union all select 2, 'b', 6", merge);
  expect(await rowsOf("id")).toEqual([
    { id: 1, p: "b", note: "kept", extra: 5 },
    { id: 2, p: "b", note: null, extra: 6 },
  ]);
});

test("merge leaves one row of a key that the table had twice", async () => {
  await publish(session, table, "select 1 as id, 'a' as v");
  await publish(session, table, "select 1 as id, 'b' as v union all select 2, 'c'");
  await publish(session, table, "select 1 as id, 'b' as v", { mode: "merge", key: ["id"] });
  expect(await rowsOf("id")).toEqual([
    { id: 1, v: "b" },
    { id: 2, v: "c" },
  ]);
});

test.each([
  ["select 1 as id union all select 1", "rows to merge repeat the key `id`, keys: `1`", "CHECKS_FAILED"],
  ["select null::integer as id", "rows to merge have a null in the key `id`, rows: `1`", "CHECKS_FAILED"],
  ["select 1 as other", "the rows to merge have no key column, got: `id`", "SCHEMA_MISMATCH"],
])("merge refuses the keys of %s", async (sql, message, code) => {
  await publish(session, table, "select 1 as id");
  const error = await expectFailure(publish(session, table, sql, { mode: "merge", key: ["id"] }));
  expect(error).toMatchObject({ code, message });
  expect((await openDeltaSnapshot(table, { session })).version).toBe(0);
});

test("merge without a key is refused", async () => {
  const error = await expectFailure(publish(session, table, "select 1 as id", { mode: "merge" }));
  expect(error.code).toBe("VALUE_INVALID");
});

test("the history tells run, job and mode, newest first", async () => {
  await publish(session, table, "select 1 as id", { runId: "run-1", fingerprint: "f1" });
  await publish(session, table, "select 2 as id", { runId: "run-2", mode: "replace", fingerprint: "f2" });
  const history = await deltaHistory(table);
  expect(history.map(({ version, operation, millrace }) => ({ version, operation, millrace }))).toEqual([
    {
      version: 1,
      operation: "WRITE",
      millrace: { runId: "run-2", job: "test_job", fingerprint: "f2", mode: "replace", actions: 4 },
    },
    {
      version: 0,
      operation: "WRITE",
      millrace: { runId: "run-1", job: "test_job", fingerprint: "f1", mode: "append", actions: 5 },
    },
  ]);
  expect(await deltaHistory(table, 1)).toHaveLength(1);
  expect(await findRunCommit(table, "run-1", -1)).toBe(0);
  expect(await findRunCommit(table, "run-1", 0)).toBeUndefined();
  expect(await findRunCommit(table, "run-3", -1)).toBeUndefined();
  expect(await findRunCommit(join(folder(), "none"), "run-1", -1)).toBeUndefined();
});

test("what a crash left is removed, and files of a commit, of the log or outside are not", async () => {
  const recorded: string[] = [];
  const onIntent = async (names: readonly string[]): Promise<void> => void recorded.push(...names);
  await publish(session, table, "select 1 as id, 'x y' as p", { partitionBy: ["p"], onIntent });
  const orphan = join("p=x y", "part-orphan.zstd.parquet");
  await writeFile(join(table, orphan), "left behind");
  const outside = join("..", "outside.txt");
  await writeFile(join(table, outside), "not ours");
  const names = [...recorded, orphan, outside, "never-moved.parquet", join("_delta_log", "00000000000000000000.json")];
  expect(await removeUnreferenced(table, names, -1)).toEqual([orphan]);
  await access(join(table, outside));
  expect(await rowsOf("id")).toEqual([{ id: 1, p: "x y" }]);
  expect(await removeUnreferenced(join(folder(), "none"), ["a.parquet"], -1)).toEqual([]);
});

test("names are told before files enter the table, and a failure there leaves no file behind", async () => {
  await publish(session, table, "select 1 as id");
  const seen: number[] = [];
  const work = publish(session, table, "select 2 as id", {
    onIntent: async (names, baseVersion) => {
      seen.push(baseVersion, (await filesOf()).length);
      expect(names).toHaveLength(1);
      throw new Error("journal is full");
    },
  });
  expect((await expectFailure(work)).code).toBe("INTERNAL");
  expect(seen).toEqual([0, 1]);
  expect(await filesOf()).toHaveLength(1);
  expect(await rowsOf("id")).toEqual([{ id: 1 }]);
});

test("a stopped run commits nothing", async () => {
  const controller = new AbortController();
  const work = publish(session, table, "select 1 as id", {
    signal: controller.signal,
    onIntent: async () => controller.abort(),
  });
  expect((await expectFailure(work)).code).toBe("RUN_STOPPED");
  expect((await expectFailure(openDeltaSnapshot(table, { session }))).code).toBe("SOURCE_MISSING");
  expect(await filesOf()).toEqual([]);
});
