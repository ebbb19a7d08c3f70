// What people are shown of datasets.
import { readdir } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createDatasetReader } from "../../../src/data/datasets/read-dataset.ts";
import type { DatasetReader, ExportedRows } from "../../../src/core/dataset/dataset-reader.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";

let project: DataProject;
let reader: DatasetReader;
beforeEach(async () => {
  project = await DataProject.create();
  const catalog = project.catalog(1, () => true);
  reader = createDatasetReader({ engine: project.engine, catalog, staging: project.staging });
});
afterEach(() => project[Symbol.asyncDispose]());

const signal = new AbortController().signal;

test("the first rows of a dataset are shown, also as of an earlier version, and whether there are more", async () => {
  await project.publish({ sql: "select i as id from range(3) r(i)", output: { dataset: "t" } });
  await project.publish({ sql: "select 9::bigint as id", output: { dataset: "t" } });
  const columns = [{ name: "id", type: "BIGINT" }];
  expect(await reader.head("t", { limit: 2 })).toEqual({ columns, rows: [{ id: 9n }], hasMore: false });
  expect(await reader.head("t", { version: 1, limit: 2 })).toMatchObject({
    rows: [{ id: 0n }, { id: 1n }],
    hasMore: true,
  });
  expect(await reader.head("t", { version: 1, limit: 3 })).toMatchObject({ hasMore: false });
});

test("a query reads datasets by their names, whatever they are kept in, and leaves nothing behind", async () => {
  await project.publish({
    sql: "select 1 as id, 'one' as name",
    output: { dataset: "a", sqlite: { path: "out/a.db" } },
  });
  await project.publish({ sql: "select 1 as id, 2 as n", output: { dataset: "b", csv: { path: "out/b.csv" } } });
  const sql = "with x as (select * from a) select name, n from x join b using (id); -- all";
  expect((await reader.query(sql, { limit: 5, signal })).rows).toEqual([{ name: "one", n: 2 }]);
  expect(await reader.listTables(sql)).toEqual(["a", "b"]);
  expect(await readdir(project.staging).catch(() => [])).toEqual([]);
});

test.each([
  ["drop table t", "SQL_INVALID"],
  ["select 1; select 2", "SQL_INVALID"],
  ["select * from missing", "DATASET_UNKNOWN"],
])("%s is refused", async (sql, code) => {
  expect((await expectFailure(reader.query(sql, { limit: 5, signal }))).code).toBe(code);
});

test("values are bound, so that nothing in them is part of the statement", async () => {
  await project.publish({ sql: "select i as id, 'it''s ' || i as name from range(3) r(i)", output: { dataset: "t" } });
  const values = { name: "it's 1", none: null, least: 1, isOn: true };
  const sql = "select id from t where name = {{name}} and {{none}} is null and id >= {{least}} and {{isOn}}";
  expect((await reader.query(sql, { limit: 5, signal, values })).rows).toEqual([{ id: 1n }]);
  const hostile = { name: "x' or 1=1 --" };
  expect(
    (await reader.query("select id from t where name = {{name}}", { limit: 5, signal, values: hostile })).rows,
  ).toEqual([]);
});

test("all rows are a file, of a table in many files too, which is gone when it is opened", async () => {
  await project.publish({
    sql: "select i as id, i % 3 as part, [i, null] as list, timestamptz '2026-01-01 00:00:00+00' as at, nullif('a,\"' || i, 'a,\"1') as name from range(5000) r(i)",
    output: { dataset: "t", delta: { partitionBy: ["part"] } },
  });
  const csv = await readAll(await reader.export("select * from t where id < 3 order by id", { format: "csv", signal }));
  expect(csv.toString()).toBe(
    'id,part,list,at,name\n0,0,"[0,null]",2026-01-01T00:00:00.000000Z,"a,""0"\n1,1,"[1,null]",2026-01-01T00:00:00.000000Z,\n2,2,"[2,null]",2026-01-01T00:00:00.000000Z,"a,""2"\n',
  );
  const whole = await reader.export("select * from t", { format: "parquet", signal });
  expect(await readdir(project.staging).catch(() => [])).toEqual([]);
  const bytes = await readAll(whole);
  expect(bytes.length).toBe(whole.size);
  const path = await project.write("copy.parquet", bytes);
  await using session = await project.engine.open();
  expect(await session.query(`select count(*) as n, sum(id) as ids from read_parquet('${path}')`)).toEqual([
    { n: 5000n, ids: expect.anything() },
  ]);
});

test("a query that fails while it is exported leaves nothing behind", async () => {
  await project.publish({ sql: "select 'x' as a", output: { dataset: "t" } });
  const failed = reader.export("select cast(a as int) as n from t", { format: "csv", signal });
  expect((await expectFailure(failed)).code).toBe("SQL_FAILED");
  expect(await readdir(project.staging).catch(() => [])).toEqual([]);
});

async function readAll({ bytes }: ExportedRows): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  return Buffer.concat(parts);
}
