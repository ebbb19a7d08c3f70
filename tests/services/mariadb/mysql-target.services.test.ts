// A table in MariaDB, with what others hang on it: published at one moment, once, whatever happens to the publisher; and what the server
// would change on its way in is refused.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DatasetOutput, DatasetTargets, WriteMode } from "../../../src/core/dataset/dataset.ts";
import { lendVariables } from "../../../src/connections/variables.ts";
import { deleteTables } from "../../../src/data/datasets/delete-tables.ts";
import { findDamage } from "../../../src/data/datasets/find-damage.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { crashRequest, rowsBefore, rowsOfRun } from "../../support/data/publish-and-die.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { type MariaDbServer, startMariaDb } from "./mariadb-server.ts";

let server: MariaDbServer;
let database: string;
let project: DataProject;
beforeAll(async () => {
  server = await startMariaDb();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  project = await DataProject.create();
  database = await server.createDatabase();
  lendVariables((name) => (name === "TEST_WAREHOUSE_URL" ? server.url(database) : undefined));
});
afterEach(() => project[Symbol.asyncDispose]());

const targets: DatasetTargets = { mysql: { url: "env:TEST_WAREHOUSE_URL" } };

function output(mode: WriteMode, more: Partial<DatasetOutput> = {}): DatasetOutput {
  return { dataset: "t", mode, ...targets, ...more };
}

const ask = async (sql: string): Promise<Record<string, unknown>[]> => await server.query(sql, database);

test("a replace keeps indexes, triggers, views and defaults, and who reads meanwhile sees the rows of before", async () => {
  await ask(
    `create table t (id int primary key, name text, kept_at datetime not null default '2026-01-01', key (kept_at)) comment 'kept';
     create view names as select name from t; insert into t (id, name) values (1, 'old');
     create table log (id int); create trigger note after insert on t for each row insert into log values (new.id)`,
  );
  let meanwhile: unknown;
  const failpoint = async (name: string): Promise<void> => {
    if (name === "mysql:written") meanwhile = await ask("select name from names");
  };
  await project.publish({ sql: rowsBefore, output: output("replace") }, { failpoint });
  expect(meanwhile).toEqual([{ name: "old" }]);
  expect(await ask("select name, kept_at = '2026-01-01' as kept from t order by id")).toEqual([
    { name: "one", kept: 1 },
    { name: "two", kept: 1 },
  ]);
  expect(await ask("select name from names order by 1")).toHaveLength(2);
  expect(await ask("select count(*) as n from log")).toEqual([{ n: 2 }]);
  expect(await ask("select table_comment as c from information_schema.tables where table_name = 't'")).toContainEqual({
    c: "kept",
  });
});

test.each([
  ["int", "'x'", "replace"],
  ["decimal(5,2)", "'99999'", "replace"],
  ["decimal(5,2)", "1.005::decimal(9,3)", "replace"],
  ["varchar(3)", "'abcdef'", "append"],
  ["date", "'2024-02-30'", "replace"],
  ["tinyint unsigned", "-1", "append"],
  ["enum('a')", "'b'", "merge"],
  ["text character set latin1", "'😀'", "merge"],
])(
  "a value that a column of type %s would change is refused, and nothing is published: %s",
  async (type, value, mode) => {
    await ask(`create table t (id int primary key, c ${type}); insert into t values (1, null)`);
    const more = { key: ["id"], schema: "evolve" as const };
    const error = await expectFailure(
      project.publish({
        sql: `select 2 as id, ${value} as c`,
        output: output(mode as WriteMode, mode === "merge" ? more : {}),
      }),
    );
    expect(["REQUEST_REJECTED", "TARGET_VALUE_UNSUPPORTED", "SCHEMA_MISMATCH"]).toContain(error.code);
    expect(`${error.message}${error.hint}`).not.toContain("abcdef");
    expect(await ask("select id, c from t")).toEqual([{ id: 1, c: null }]);
  },
);

test("what the server gives a number or computes stays the server's, and keys of a text are equal by their bytes alone", async () => {
  await ask(
    "create table t (n bigint auto_increment primary key, k varchar(20) collate utf8mb4_general_ci, twice int as (length(k)) virtual, v int)",
  );
  const merge = (rows: string): Promise<unknown> =>
    project.publish({ sql: `select * from (values ${rows}) v(k, v)`, output: output("merge", { key: ["k"] }) });
  await merge("('a', 1), ('A', 2), ('a ', 3)");
  await merge("('A', 20), ('b', 4)");
  expect(await ask("select k, v from t order by n")).toEqual([
    { k: "a", v: 1 },
    { k: "A", v: 20 },
    { k: "a ", v: 3 },
    { k: "b", v: 4 },
  ]);
});

test("texts and bytes are what they are to other clients", async () => {
  const sql = String.raw`select '' as empty, null::varchar as nothing, 'NULL' as mark, '\N' as other, e'a"b,\nc\r\nd\te' as odd, '\' as slash,
    'a' || chr(0) || 'b' as nul, '😀' as face, 'ab'::blob as bytes, {'a': [1, 2]} as object, repeat('x', 20000000) as long`;
  await project.publish({ sql, output: output("replace") });
  const columns =
    "`empty`, nothing, mark, other, odd, slash, nul, face, hex(bytes) as bytes, object, length(`long`) as n";
  expect(await ask(`select ${columns} from t`)).toEqual([
    {
      empty: "",
      nothing: null,
      mark: "NULL",
      other: String.raw`\N`,
      odd: 'a"b,\nc\r\nd\te',
      slash: "\\",
      nul: "a\0b",
      face: "😀",
      bytes: "6162",
      object: '{"a":[1,2]}',
      n: 20_000_000,
    },
  ]);
});

test("numbers of every size come back as they were", async () => {
  const doubles = fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true }), { numRuns: 300, seed: 3 });
  const floats = fc.sample(fc.float({ noNaN: true, noDefaultInfinity: true }), { numRuns: 300, seed: 3 });
  const rows = doubles.map((double, index) => `(${index}, '${double}'::double, '${floats[index]}'::double::float)`);
  const sql = `select * from (values ${rows.join(", ")}) v(id, d, f)`;
  await project.publish({ sql, output: output("replace") });
  const read = await project.rows("t", "select id, d, f from t order by id");
  // the server has no zero below zero
  const positive = (value: number | undefined): number => (value === 0 ? 0 : (value ?? 0));
  expect(read.map(({ d }) => positive(d as number))).toEqual(doubles.map(positive));
  expect(read.map(({ f }) => positive(f as number))).toEqual(floats.map(positive));
});

test.each([
  ["NaN or infinity", "'nan'::double"],
  ["an infinite date, or a year outside 1 to 9999", "'infinity'::timestamp"],
  ["an infinite date, or a year outside 1 to 9999", "date '10000-01-01'"],
  ["parts of a microsecond", "'2001-01-01 00:00:00.000000001'::timestamp_ns"],
])("%s is refused before anything is published: %s", async (what, value) => {
  const both = { dataset: "t", parquet: { path: "out/t.parquet" }, ...targets };
  const error = await expectFailure(project.publish({ sql: `select ${value} as c`, output: both }));
  expect(error).toMatchObject({ code: "TARGET_VALUE_UNSUPPORTED", message: expect.stringContaining(what) as string });
  expect(await ask("show tables")).toEqual([]);
});

test("a table of a hundred and fifty texts is published", async () => {
  const columns = Array.from({ length: 150 }, (_, index) => `'text ${index}' as c${index}`);
  await project.publish({ sql: `select ${columns.join(", ")}`, output: output("append") });
  expect(await project.rows("t", "select c149 from t")).toEqual([{ c149: "text 149" }]);
});

test("a view, and a table without transactions, are not written to", async () => {
  await ask("create view t as select 1 as id; create table u (id int) engine = MyISAM");
  for (const dataset of ["t", "u"]) {
    const error = await expectFailure(
      project.publish({ sql: "select 1 as id", output: { ...output("append"), dataset } }),
    );
    expect(error.code).toBe("TARGET_UNREADABLE");
  }
});

test("columns are not replaced while a key of another table refers to them", async () => {
  await ask("create table t (id int primary key); create table child (id int, foreign key (id) references t (id))");
  const error = await expectFailure(
    project.publish({ sql: "select 'x' as id", output: output("replace", { schema: "replace" }) }),
  );
  expect(error).toMatchObject({ code: "TARGET_CONFLICT", message: expect.stringContaining("`child`") as string });
});

test("a dataset that is reset is gone with what was remembered, and other tables stay", async () => {
  const { dataset } = await project.publish({ sql: rowsBefore, output: output("append") });
  await project.publish({ sql: rowsBefore, output: { ...output("append"), dataset: "other" } });
  expect(await findDamage(project.engine, [dataset])).toEqual([]);
  await deleteTables({ engine: project.engine, root: project.root, datasets: ["t"], tables: dataset.locations });
  expect(await ask("select dataset from _millrace_publication")).toEqual([{ dataset: "other" }]);
  expect(await ask("show tables")).toHaveLength(2);
});

test("runs that publish for the first time at once all get in", async () => {
  await Promise.all(
    [1, 2, 3].map((id) => project.publish({ sql: `select ${id} as id`, output: output("append") }, { runId: 10 + id })),
  );
  expect(await ask("select id from t order by id")).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
});

const after: Readonly<Record<"replace" | "append" | "merge" | "scd2", readonly string[]>> = {
  replace: ["drei", "zwei"],
  append: ["drei", "one", "two", "zwei"],
  merge: ["drei", "one", "zwei"],
  scd2: ["drei", "one", "two", "zwei"],
};

describe.each(["replace", "append", "merge", "scd2"] as const)("killed while it publishes by %s", (mode) => {
  test.each(["mysql:written", "mysql:committed"])("at %s, the rows are in once", async (moment) => {
    await project.publish(crashRequest(mode, rowsBefore, targets), { runId: 1 });
    await publishAndDie(mode, moment);
    const names = async (): Promise<unknown> => (await ask("select name from t order by name")).map(({ name }) => name);
    expect(await names()).toEqual(moment.endsWith("written") ? ["one", "two"] : after[mode]);
    await project.publish(crashRequest(mode, rowsOfRun, targets), { runId: 2, epoch: 2 });
    expect(await names()).toEqual(after[mode]);
    expect(project.versions("t")).toHaveLength(2);
    const tables = (await ask("show tables")).flatMap((row) => Object.values(row));
    expect(tables.filter((name) => String(name).startsWith("_millrace"))).toEqual(["_millrace_publication"]);
  });
});

async function publishAndDie(mode: WriteMode, moment: string): Promise<void> {
  const script = fileURLToPath(new URL("../../support/data/publish-and-die.ts", import.meta.url));
  const args = [script, project.root, mode, moment, "1", JSON.stringify(targets)];
  const child = spawn(process.execPath, [...process.execArgv, ...args], {
    stdio: "inherit",
    env: { ...process.env, TEST_WAREHOUSE_URL: server.url(database) },
  });
  await once(child, "close");
  expect(child.signalCode).toBe("SIGKILL");
}
