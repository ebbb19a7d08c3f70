// What people are shown of datasets.
import { readdir } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createDatasetReader } from "../../../src/data/datasets/read-dataset.ts";
import type { DatasetReader } from "../../../src/core/dataset/dataset-reader.ts";
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
