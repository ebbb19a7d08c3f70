// Jobs that read a database in units: values of variables are bound, each part of time is read once, and a field of rows tells how far.
import { DatabaseSync } from "node:sqlite";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Job } from "../../../src/core/job/job.ts";
import { integrationJob } from "../../../src/data/jobs/integration-job.ts";
import type { SqlSource } from "../../../src/data/sources/sql/options.ts";
import type { UnitOptions } from "../../../src/data/units/unit-options.ts";
import { createTestProject, type TestProject, type TestRun } from "../../../src/testing.ts";
import type { TestDatabase } from "../../support/postgres/postgres-test-database.ts";
import { createWarehouse, warehouseName } from "../../support/postgres/postgres-warehouse.ts";

let warehouse: TestDatabase;
let project: TestProject;
beforeAll(async () => {
  warehouse = await createWarehouse();
});
afterAll(() => warehouse[Symbol.asyncDispose]());
beforeEach(async () => {
  project = await createTestProject();
  await warehouse.query("drop schema public cascade; create schema public");
});
afterEach(() => project[Symbol.asyncDispose]());

interface Definition extends UnitOptions {
  readonly sql: Omit<SqlSource, "url">;
}

function define({ sql, ...options }: Definition, place: Pick<SqlSource, "url"> = { url: warehouseName }): Job {
  return integrationJob({
    name: "orders",
    source: { sql: { ...place, ...sql } },
    output: { dataset: "orders", mode: "append" },
    onEmpty: "ok",
    ...options,
  });
}

async function run(job: Job, inputs: Record<string, readonly object[]> = {}): Promise<TestRun> {
  return await project.run(job, { onFailure: "return", inputs } as Parameters<TestProject["run"]>[1]);
}

const ids = async (): Promise<unknown> =>
  (await project.query("select id from orders order by id", ["orders"])).map(({ id }) => Number(id));

test("a job reads on from the greatest value of a column, to the microsecond", async () => {
  await warehouse.query(
    "create table orders as select i as id, timestamptz '2026-01-01 00:00:00.000001+00' + i * interval '1 hour' as changed_at from generate_series(1, 3) i",
  );
  const job = define({
    watermark: { kind: "cursor", field: "changed_at" },
    sql: {
      query: "select * from orders where $1::timestamptz is null or changed_at > $1::timestamptz",
      params: ["{{watermark?}}"],
    },
  });
  expect((await run(job)).result).toMatchObject({ rows: 3 });
  expect((await run(job)).result).toMatchObject({ rows: 0 });
  await warehouse.query("insert into orders values (4, timestamptz '2026-01-01 03:00:00.000002+00')");
  expect((await run(job)).result).toMatchObject({ rows: 1 });
  expect(await ids()).toEqual([1, 2, 3, 4]);
});

test("a number keeps its type as a watermark, and a row without one is refused", async () => {
  await warehouse.query("create table orders (id bigint); insert into orders values (9), (10)");
  const job = define({
    watermark: { kind: "cursor", field: "ID", from: 0 },
    sql: { query: "select id from orders where id > $1::bigint or id is null", params: ["{{watermark}}"] },
  });
  expect((await run(job)).result).toMatchObject({ rows: 2 });
  await warehouse.query("insert into orders values (11)");
  expect((await run(job)).result).toMatchObject({ rows: 1 });
  await warehouse.query("insert into orders values (null)");
  expect((await run(job)).error).toMatchObject({
    message: expect.stringContaining("a row has no value in column `id`") as string,
  });
  expect(await ids()).toEqual([9, 10, 11]);
});

test("each part of time is read once; one that fails is read by the next run", async () => {
  await warehouse.query(
    "create table orders as select i as id, date '2026-01-01' + i - 1 as day, case when i = 2 then 'x' else '1' end as n from generate_series(1, 3) i",
  );
  const job = define({
    partition: "daily",
    watermark: { kind: "time", from: "2026-01-01", to: "2026-01-04" },
    sql: {
      query: "select id, n::int as n from orders where day >= $1::timestamptz and day < $2::timestamptz",
      params: ["{{window.from}}", "{{window.to}}"],
    },
  });
  expect((await run(job)).reason).toBe("partial");
  expect(await ids()).toEqual([1, 3]);
  await warehouse.query("update orders set n = '2'");
  expect((await run(job)).result).toMatchObject({ rows: 1, rowCount: 3 });
  expect((await run(job)).result).toMatchObject({ rows: 0, rowCount: 3 });
});

test("values out of another dataset are bound, whatever is in them", async () => {
  await warehouse.query(
    "create table orders (id int, shop text); insert into orders values (1, 'a''b'), (2, '{{x}}'), (3, 'c')",
  );
  const job = define({
    inputs: { shops: { dataset: "shops", role: "activation", key: "name" } },
    sql: { query: "select id from orders where shop = $1", params: ["{{shops.name}}"] },
  });
  const shops = [{ name: "a'b" }, { name: "{{x}}" }, { name: "' or true --" }];
  expect((await run(job, { shops })).result).toMatchObject({ rows: 2 });
  expect(await ids()).toEqual([1, 2]);
  const full = define({
    inputs: { shops: { dataset: "shops", role: "activation", key: "name" } },
    minRowsPerUnit: 1,
    sql: { query: "select id from orders where shop = $1", params: ["{{shops.name}}"] },
  });
  const counted = await run(full, { shops });
  expect(counted).toMatchObject({ reason: "partial", result: { rows: 2 } });
  expect(counted.logs.map(({ message }) => message)).toContain(
    "unit `' or true --` failed: expected unit `' or true --` to have at least 1 rows, got: `0`",
  );
});

test("units of SQLite have the type that all of their values have", async () => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-sql-units-"));
  const path = join(folder, "shop.db");
  using database = new DatabaseSync(path);
  database.exec(
    "create table orders (id, shop); insert into orders values (1, 'a'), (null, 'b'), (9007199254740993, 'c')",
  );
  const job = define(
    {
      inputs: { shops: { dataset: "shops", role: "activation", key: "name" } },
      sql: { query: "select id, shop from orders where shop = ?1", params: ["{{shops.name}}"] },
    },
    { url: `jdbc:sqlite:${path}` },
  );
  await run(job, { shops: [{ name: "b" }, { name: "a" }, { name: "c" }] });
  expect(
    await project.query("select id::varchar as id, typeof(id) as type from orders order by shop", ["orders"]),
  ).toEqual([
    { id: "1", type: "BIGINT" },
    { id: null, type: "BIGINT" },
    { id: "9007199254740993", type: "BIGINT" },
  ]);
  await rm(folder, { recursive: true });
});

test.each([
  [{ query: "select * from orders where id > {{watermark}}" }, "a text without `{{…}}`"],
  [{ table: "orders_{{window.from}}" }, "a text without `{{…}}`"],
  [{ query: "select $1", params: ["{{not a name}}"] }, "expected a variable such as"],
])("a variable that would not be bound is refused: %j", (sql, message) => {
  expect(() => define({ sql })).toThrow(message);
});
