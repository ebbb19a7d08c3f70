// A table in Postgres, with what others hang on it: published in one transaction, once, whatever happens to the publisher.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DatasetOutput, DatasetTargets, WriteMode } from "../../../src/core/dataset/dataset.ts";
import { findDamage } from "../../../src/data/datasets/find-damage.ts";
import { deleteTables } from "../../../src/data/datasets/delete-tables.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { crashRequest, rowsBefore, rowsOfRun } from "../../support/data/publish-and-die.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import type { TestDatabase } from "../../support/postgres/postgres-test-database.ts";
import { createWarehouse, warehouseName } from "../../support/postgres/postgres-warehouse.ts";

let warehouse: TestDatabase;
let project: DataProject;
beforeAll(async () => {
  warehouse = await createWarehouse();
});
afterAll(() => warehouse[Symbol.asyncDispose]());
beforeEach(async () => {
  project = await DataProject.create();
  await warehouse.query("drop schema public cascade; create schema public");
});
afterEach(() => project[Symbol.asyncDispose]());

const targets: DatasetTargets = { postgres: { url: warehouseName } };

function output(mode: WriteMode, more: Partial<DatasetOutput> = {}): DatasetOutput {
  return { dataset: "t", mode, ...targets, ...more };
}

test("a replace keeps indexes, grants, views and defaults, and who reads meanwhile sees the rows of before", async () => {
  await warehouse.query(
    `create table t (id int primary key, name text, kept_at timestamptz not null default '2026-01-01');
     create index t_name on t (name); create view names as select name from t; insert into t values (1, 'old');
     grant select on t to public; comment on table t is 'kept'`,
  );
  let meanwhile: unknown;
  const failpoint = async (name: string): Promise<void> => {
    if (name === "postgres:written") meanwhile = await warehouse.query("select name from names");
  };
  await project.publish({ sql: rowsBefore, output: output("replace") }, { failpoint });
  expect(meanwhile).toEqual([{ name: "old" }]);
  expect(await warehouse.query("select name, kept_at = '2026-01-01' as kept from t order by id")).toEqual([
    { name: "one", kept: true },
    { name: "two", kept: true },
  ]);
  expect(await warehouse.query("select name from names order by 1")).toEqual([{ name: "one" }, { name: "two" }]);
  expect(
    await warehouse.query(
      `select (select count(*)::int from pg_indexes where tablename = 't') as indexes, obj_description('t'::regclass) as comment,
        has_table_privilege('public', 't', 'select') as granted`,
    ),
  ).toEqual([{ indexes: 2, comment: "kept", granted: true }]);
});

test("serial and generated columns are the server's, and a constraint that refuses rows is named", async () => {
  await warehouse.query(
    `create table t (n int generated always as identity, id int check (id < 3), twice int generated always as (id * 2) stored, name text)`,
  );
  await project.publish({ sql: rowsBefore, output: output("append") });
  expect(await warehouse.query("select n, id, twice from t order by id")).toEqual([
    { n: 1, id: 1, twice: 2 },
    { n: 2, id: 2, twice: 4 },
  ]);
  const error = await expectFailure(
    project.publish({ sql: "select 7 as id, 'secret row' as name", output: output("append") }),
  );
  expect(error).toMatchObject({ code: "REQUEST_REJECTED", disposition: "fail" });
  expect(`${error.message} ${error.hint}`).toContain("constraint");
  expect(`${error.message} ${error.hint}`).not.toContain("secret");
  expect(await warehouse.query("select count(*)::int as n from t")).toEqual([{ n: 2 }]);
});

test("texts, arrays and objects are what they are to other clients", async () => {
  const sql = `select '' as empty, null::varchar as nothing, '\\N' as mark, '\\.' as dot, e'a"b,\\nc\\td' as odd,
    ['x', null, 'a"b\\c', ''] as list, [1.50::decimal(6,2)] as prices, {'a': [1, 2]} as object, 'ab'::blob as bytes`;
  await project.publish({ sql, output: output("replace") });
  expect(
    await warehouse.query(
      `select "empty", nothing, mark, dot, odd, list, prices::text, object, encode(bytes, 'escape') as bytes from t`,
    ),
  ).toEqual([
    {
      empty: "",
      nothing: null,
      mark: "\\N",
      dot: "\\.",
      odd: 'a"b,\nc\td',
      list: ["x", null, 'a"b\\c', ""],
      prices: "{1.50}",
      object: { a: [1, 2] },
      bytes: "ab",
    },
  ]);
  const columns = `"empty", nothing, mark, dot, odd, list, prices::varchar as prices, object->>'a' as object, bytes::varchar as bytes`;
  const [row] = await project.rows("t", `select ${columns} from t`);
  expect(row).toMatchObject({
    empty: "",
    nothing: null,
    mark: "\\N",
    list: ["x", null, 'a"b\\c', ""],
    prices: "[1.50]",
  });
});

test.each(["\\.", ""])("a column of nothing but the text %j has its rows", async (text) => {
  await project.publish({ sql: `select '${text}' as text from range(2)`, output: output("replace") });
  expect(await warehouse.query("select text from t")).toEqual([{ text }, { text }]);
  expect(await project.rows("t")).toEqual([{ text }, { text }]);
});

test.each([
  ["a NUL character in a text", "'a' || chr(0)"],
  ["a NUL character in a text", "['a', 'b' || chr(0)]"],
  ["a year outside 1 to 294275", "date '0001-01-01' - 400"],
  ["parts of a microsecond", "'2001-01-01 00:00:00.000000001'::timestamp_ns"],
])("%s is refused before anything is published: %s", async (what, value) => {
  const both = { dataset: "t", parquet: { path: "out/t.parquet" }, ...targets };
  const error = await expectFailure(project.publish({ sql: `select ${value} as c`, output: both }));
  expect(error).toMatchObject({ code: "TARGET_VALUE_UNSUPPORTED", message: expect.stringContaining(what) });
  expect(await warehouse.query("select to_regclass('t') as t")).toEqual([{ t: null }]);
});

test("a name that the server would cut is refused", async () => {
  const error = await expectFailure(
    project.publish({ sql: `select 1 as ${"x".repeat(64)}`, output: output("replace") }),
  );
  expect(error).toMatchObject({ code: "TARGET_UNSUPPORTED" });
});

test.each([
  ["postgresql://me:s3cr3t-pass@localhost/db", "an address without a password"],
  ["jdbc:postgresql://localhost/db?user=me&password=s3cr3t-pass", "an address without a password"],
  ["warehouse", "`env:` and the name of a variable"],
])("the address %s is refused in a definition, and its password is not told", async (url, expected) => {
  const error = await expectFailure(
    project.publish({ sql: "select 1 as id", output: { dataset: "t", postgres: { url } } }),
  );
  expect(error).toMatchObject({ code: "JOB_INVALID", message: expect.stringContaining(expected) });
  expect(error.message).not.toContain("s3cr3t-pass");
});

test("a variable that is not set, and a server that is not there, are told by name", async () => {
  const publish = (url: string): Promise<unknown> =>
    expectFailure(project.publish({ sql: "select 1 as id", output: { dataset: "t", postgres: { url } } }));
  expect(await publish("env:NO_SUCH_DATABASE_URL")).toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining("NO_SUCH"),
  });
  expect(await publish("postgresql://me@127.0.0.1:1/db")).toMatchObject({
    code: "SERVICE_UNAVAILABLE",
    disposition: "retry",
    message: expect.stringContaining("127.0.0.1:1/db"),
  });
});

test("a view is not written to", async () => {
  await warehouse.query("create view t as select 1 as id");
  expect((await expectFailure(project.publish({ sql: "select 1 as id", output: output("replace") }))).code).toBe(
    "TARGET_UNREADABLE",
  );
});

test("a dataset that is reset is gone with what was remembered, and other tables stay", async () => {
  const { dataset } = await project.publish({ sql: rowsBefore, output: output("append") });
  await project.publish({ sql: rowsBefore, output: { ...output("append"), dataset: "other" } });
  expect(await findDamage(project.engine, [dataset])).toEqual([]);
  await deleteTables({ engine: project.engine, root: project.root, datasets: ["t"], tables: dataset.locations });
  expect(await warehouse.query("select to_regclass('t') as t, (select count(*)::int from other) as n")).toEqual([
    { t: null, n: 2 },
  ]);
  expect(await warehouse.query("select dataset from _millrace_publication")).toEqual([{ dataset: "other" }]);
});

test("two runs that publish for the first time at once both get in", async () => {
  await Promise.all(
    [1, 2, 3].map((id) => project.publish({ sql: `select ${id} as id`, output: output("append") }, { runId: 10 + id })),
  );
  expect(await warehouse.query("select id from t order by id")).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
});

const after: Readonly<Record<"replace" | "append" | "merge" | "scd2", readonly string[]>> = {
  replace: ["drei", "zwei"],
  append: ["drei", "one", "two", "zwei"],
  merge: ["drei", "one", "zwei"],
  scd2: ["drei", "one", "two", "zwei"],
};

describe.each(["replace", "append", "merge", "scd2"] as const)("killed while it publishes by %s", (mode) => {
  test.each(["postgres:written 1", "postgres:committed 1"])("at %s, the rows are in once", async (moment) => {
    await project.publish(crashRequest(mode, rowsBefore, targets), { runId: 1 });
    await publishAndDie(mode, moment);
    const names = async (): Promise<unknown> =>
      (await warehouse.query("select name from t order by name")).map(({ name }) => name);
    expect(await names()).toEqual(moment.includes("written") ? ["one", "two"] : after[mode]);
    await project.publish(crashRequest(mode, rowsOfRun, targets), { runId: 2, epoch: 2 });
    expect(await names()).toEqual(after[mode]);
    expect(project.versions("t")).toHaveLength(2);
  });
});

async function publishAndDie(mode: WriteMode, moment: string): Promise<void> {
  const script = fileURLToPath(new URL("../../support/data/publish-and-die.ts", import.meta.url));
  const args = [script, project.root, mode, ...moment.split(" "), JSON.stringify(targets)];
  const child = spawn(process.execPath, [...process.execArgv, ...args], {
    stdio: "inherit",
    env: { ...process.env, TEST_WAREHOUSE_URL: warehouse.url },
  });
  await once(child, "close");
  expect(child.signalCode).toBe("SIGKILL");
}
