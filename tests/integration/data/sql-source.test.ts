// Tables and queries of databases as sources: every value is the one that the database has, as of one moment.
import { DatabaseSync } from "node:sqlite";
import { mkdirSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Row } from "../../../src/compute/engine.ts";
import type { SqlSource } from "../../../src/data/sources/sql/options.ts";
import { type AttemptOptions, DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import type { TestDatabase } from "../../support/postgres/postgres-test-database.ts";
import { createWarehouse, warehouseName } from "../../support/postgres/postgres-warehouse.ts";

let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
});
afterEach(() => project[Symbol.asyncDispose]());

async function read(sql: SqlSource, select = "select * from t order by all", attempt?: AttemptOptions): Promise<Row[]> {
  await project.publish({ source: { sql }, output: { dataset: "t" } }, attempt);
  return await project.rows("t", select);
}

describe("a source in Postgres", () => {
  let warehouse: TestDatabase;
  const url = warehouseName;
  beforeAll(async () => {
    warehouse = await createWarehouse();
  });
  afterAll(() => warehouse[Symbol.asyncDispose]());
  beforeEach(async () => {
    await warehouse.query("drop schema public cascade; create schema public");
  });

  test.each([
    ["12345678901234567.89::numeric(38,2)", "DECIMAL(38,2)", "12345678901234567.89"],
    ["1e40::numeric", "VARCHAR", "10000000000000000000000000000000000000000"],
    ["'NaN'::numeric", "VARCHAR", "NaN"],
    ["9007199254740993::bigint", "BIGINT", "9007199254740993"],
    ["0.1::real", "FLOAT", "0.1"],
    ["'-Infinity'::float8", "DOUBLE", "-inf"],
    ["timestamptz '2026-01-02 03:04:05.123456+01'", "TIMESTAMP WITH TIME ZONE", "2026-01-02 02:04:05.123456+00"],
    ["date '0044-03-15 BC'", "DATE", "0044-03-15 (BC)"],
    ["time '24:00'", "VARCHAR", "24:00:00"],
    ["interval '1 month -3 days'", "VARCHAR", "1 mon -3 days"],
    [`'{"a": 9007199254740993}'::json`, "VARCHAR", '{"a": 9007199254740993}'],
    ["'\\x00ff'::bytea", "BLOB", "\\x00\\xFF"],
    ["array[1.50, null]::numeric(4,2)[]", "DECIMAL(4,2)[]", "[1.50, NULL]"],
    ["array['a', null, '', 'b,\"c']", "VARCHAR[]", `[a, NULL, '', 'b,"c']`],
    ["'ab '::char(5)", "VARCHAR", "ab "],
    ["true", "BOOLEAN", "true"],
  ])("reads %s as %s", async (value, type, text) => {
    const [row] = await read(
      { url, query: `select ${value} as c` },
      "select typeof(c) as type, c::varchar as text from t",
    );
    expect(row).toEqual({ type, text: expect.stringContaining(text.trim()) });
  });

  test("tells NULL from the empty text, and keeps marks, quotes and line ends", async () => {
    await warehouse.query(String.raw`create table odd as select * from
      (values (1, ''), (2, null), (3, '\N'), (4, '\.'), (5, E'a"b,\nc\r'), (6, ' x ')) v(id, text)`);
    const wanted = ["", null, "\\N", "\\.", 'a"b,\nc\r', " x "];
    expect((await read({ url, table: "odd" }, "select text from t order by id")).map((row) => row["text"])).toEqual(
      wanted,
    );
    const one = await read({ url, query: "select text from odd where id < 4 order by id" }, "select text from t");
    expect(one.map((row) => row["text"])).toEqual(wanted.slice(0, 3));
  });

  test("binds values, whatever is in them", async () => {
    await warehouse.query(
      "create table people (id int, name text); insert into people values (1, 'O''Neill'), (2, 'x')",
    );
    const rows = await read({
      url,
      query: "select id, $2::text as said, '$1' as kept from people where name = $1 -- a comment",
      params: ["O'Neill", "'; drop table people; --"],
    });
    expect(rows).toEqual([{ id: 1, said: "'; drop table people; --", kept: "$1" }]);
  });

  test("reads generated columns, names in any case, and columns that have one name", async () => {
    await warehouse.query(`create table "Orders" (id int, "Total" int generated always as (id * 2) stored)`);
    await warehouse.query(`insert into "Orders" (id) values (1)`);
    expect(await read({ url, table: "Orders" })).toEqual([{ id: 1, Total: 2 }]);
    const error = await expectFailure(read({ url, query: "select 1 as a, 2 as a" }));
    expect(error).toMatchObject({ code: "SOURCE_UNREADABLE", message: expect.stringContaining("`a`") });
  });

  test("reads a table in parts as of one moment, while others write to it and truncate it", async () => {
    await warehouse.query(
      "create table big as select i as id, repeat('x', 1000) as pad from generate_series(1, 30000) i",
    );
    const rows = read(
      { url, table: "big", parallel: 3 },
      "select count(*) as n, count(distinct id) as ids, max(id) as top from t",
    );
    const writes = (async () => {
      for (let turn = 0; turn < 5; turn += 1) {
        await warehouse.query("update big set id = id where id % 7 = 0");
        await warehouse.query("delete from big where id > 29000 and id % 5 = 0");
        await warehouse.query(
          `insert into big select ${100_000 + 1_000 * turn} + i, 'new' from generate_series(1, 500) i`,
        );
      }
      await warehouse.query("truncate big");
    })();
    const [row] = await rows;
    await writes;
    // what was committed before the snapshot may be in it; nothing is doubled, and nothing of one moment is missing
    expect(row?.["n"]).toBe(row?.["ids"]);
    expect(Number(row?.["n"])).toBeGreaterThanOrEqual(29_800);
  });

  test("partitions are read at once, as of one moment, while rows move from one to another", async () => {
    await warehouse.query(
      `create table parts (id int, k int, pad text) partition by list (k);
       create table "Part 0" partition of parts for values in (0); create table part1 partition of parts for values in (1) partition by range (id);
       create table part1a partition of part1 for values from (0) to (10000); create table part1b partition of part1 default;
       insert into parts select i, i % 2, repeat('x', 900) from generate_series(1, 20000) i`,
    );
    const rows = read({ url, table: "parts", parallel: 3 }, "select count(*) as n, count(distinct id) as ids from t");
    const writes = (async () => {
      for (let turn = 0; turn < 5; turn += 1) await warehouse.query("update parts set k = 1 - k where id % 5 = 0");
    })();
    expect(await rows).toEqual([{ n: 20_000n, ids: 20_000n }]);
    await writes;
  });

  test.each([
    "create view v as select 1 as id",
    "create table v (id int) partition by range (id); create table v1 partition of v for values from (0) to (9); insert into v values (1)",
    "create materialized view v as select 1 as id",
  ])("reads what this makes: %s", async (statement) => {
    await warehouse.query(statement);
    expect(await read({ url, table: "public.v" })).toEqual([{ id: 1 }]);
  });

  test("an empty table has its columns", async () => {
    await warehouse.query("create table none (id int, name text)");
    const request = { source: { sql: { url, table: "none" } }, output: { dataset: "t" }, onEmpty: "ok" as const };
    await project.publish(request);
    expect(project.versions("t").at(-1)).toMatchObject({ rowCount: 0, schema: [{ name: "id" }, { name: "name" }] });
  });

  test("a value that its type has not is told by column", async () => {
    await warehouse.query(
      "create table prices (id int, price numeric(6,2)); insert into prices values (1, 'NaN'), (2, 1)",
    );
    const error = await expectFailure(read({ url, table: "prices" }));
    expect(error).toMatchObject({ code: "SOURCE_UNREADABLE", message: expect.stringContaining("column `price`") });
  });

  test("nothing is written by a query, and what cannot be read is told without a value", async () => {
    await warehouse.query(
      "create table t1 (id int); create function f() returns int language sql as 'insert into t1 values (1) returning id'",
    );
    expect((await expectFailure(read({ url, query: "select f()" }))).code).not.toBe("INTERNAL");
    expect(await warehouse.query("select count(*)::int as n from t1")).toEqual([{ n: 0 }]);
    expect(await expectFailure(read({ url, table: "missing" }))).toMatchObject({ code: "SOURCE_MISSING" });
    expect(await expectFailure(read({ url, query: "select nope from t1" }))).toMatchObject({ code: "SQL_INVALID" });
    const error = await expectFailure(read({ url, query: "select 'secret value'::int" }));
    expect(`${error.message} ${error.hint} ${String(error.cause)}`).not.toContain("secret value");
  });

  test("a run that is stopped does not wait for the database", async () => {
    const control = new AbortController();
    setTimeout(() => control.abort(), 200);
    const error = await expectFailure(
      read({ url, query: "select pg_sleep(60)" }, undefined, { signal: control.signal }),
    );
    expect(error.code).toBe("RUN_STOPPED");
  });
});

describe("a source in SQLite", () => {
  function fill(sql: string): void {
    mkdirSync(project.path("in"), { recursive: true });
    using database = new DatabaseSync(project.path("in/app.db"));
    database.exec(sql);
  }
  const path = "in/app.db";

  test("has the types of its values, with every digit", async () => {
    fill(`create table t (id integer, big integer, r real, text text, bytes blob, empty);
      insert into t values (1, 9007199254740993, 0.1, '00123', x'00ff', null), (2, -1, 1e300, '', x'', null)`);
    const [row, other] = await read({ path, table: "t" }, "select *, typeof(r) as type from t order by id");
    expect(row).toMatchObject({ id: 1n, big: 9007199254740993n, r: 0.1, text: "00123", type: "DOUBLE" });
    expect(other).toMatchObject({ big: -1n, r: 1e300, text: "" });
    expect(Object.keys(row ?? {})).not.toContain("empty");
  });

  test("reads a column of mixed values as text, with a warning", async () => {
    fill("create table t (id integer, price); insert into t values (1, 1.5), (2, 12345678901234568), (3, 'n/a')");
    const result = await project.publish({ source: { sql: { path, table: "t" } }, output: { dataset: "t" } });
    expect(result.warnings.join()).toContain("column `price` is read as text");
    expect(await project.rows("t", "select price from t order by id")).toEqual([
      { price: "1.5" },
      { price: "12345678901234568" },
      { price: "n/a" },
    ]);
  });

  test("binds values, and tells what is wrong by name", async () => {
    fill("create table t (id integer, name text); insert into t values (1, 'O''Neill'), (2, 'x')");
    expect(await read({ path, query: "select id from t where name = ?1", params: ["O'Neill"] })).toEqual([{ id: 1n }]);
    expect(await expectFailure(read({ path, query: "select nope from t" }))).toMatchObject({ code: "SQL_INVALID" });
    expect(await expectFailure(read({ path: "in/none.db", table: "t" }))).toMatchObject({ code: "SOURCE_MISSING" });
    await project.write("in/no.db", "this is no database at all".repeat(50));
    expect(await expectFailure(read({ path: "in/no.db", table: "t" }))).toMatchObject({ code: "SOURCE_UNREADABLE" });
  });
});

test.each<[SqlSource, string]>([
  [{ table: "t" }, "exactly one of `url`, `connection` and `path`, got: `none`"],
  [{ url: "env:X", path: "a.db", table: "t" }, "got: `url and path`"],
  [{ url: "env:X" }, "either a `table` or a `query`"],
  [{ url: "env:X", table: "t", params: [1] }, "`params`"],
  [{ path: "a.db", table: "t", parallel: 2 }, "`parallel`"],
  [{ url: "postgresql://me:s3cr3t-pass@h/db", table: "t" }, "an address without a password"],
])("a source that makes no sense is refused: %j", async (sql, message) => {
  const error = await expectFailure(read(sql));
  expect(error).toMatchObject({ code: "JOB_INVALID", message: expect.stringContaining(message) });
  expect(error.message).not.toContain("s3cr3t-pass");
});
