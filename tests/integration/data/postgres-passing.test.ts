// Rows that go from one Postgres to another without the engine: the same as if they had been staged, and as safe.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Check } from "../../../src/core/dataset/check.ts";
import type { DatasetOutput } from "../../../src/core/dataset/dataset.ts";
import type { SqlSource } from "../../../src/data/sources/sql/options.ts";
import { type AttemptOptions, DataProject } from "../../support/data/data-project.ts";
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

const url = warehouseName;

interface Passing {
  readonly source?: Partial<SqlSource>;
  readonly output?: Partial<DatasetOutput>;
  readonly checks?: readonly Check[];
  /** A query that changes nothing, and has the rows staged. */
  readonly sql?: string;
}

async function publish({ source, output, ...more }: Passing = {}, attempt: AttemptOptions = {}): Promise<boolean> {
  const sql = { url, ...(source ?? { table: "given" }) } as SqlSource;
  const request = { source: { sql }, output: { dataset: "t", postgres: { url }, ...output }, ...more };
  const { changed } = await project.publish(request, attempt);
  return changed;
}

/** How many files the rows of the last publication were staged in. */
function stagedFiles(): unknown {
  const { data } = project.events.findLast(({ type }) => type === "staged") ?? {};
  return typeof data === "object" && data !== null && "files" in data ? data.files : undefined;
}

const odd = String.raw`create table given as select * from (values
  (1, '', 'a '::char(5), 1.50::numeric(6,2), 1e40::numeric, '{"a": 9007199254740993}'::jsonb, true),
  (2, null, 'b', -0.01, 'NaN', '[]', false), (3, '\N', 'c', 9999.99, 0.10, 'null', null),
  (4, '\.', null, null, null, null, null), (5, E'a"b,\nc\r\td\\', 'ä', 0, 1, '1.50', true))
  v(id, text, fixed, amount, many, body, is_paid);
  alter table given add small smallint default -1, add large bigint default 9007199254740993, add "Odd ""name" real default 0.1,
    add far float8 default '-Infinity', add at timestamptz default '2026-01-02 03:04:05.123456+01', add day date default 'infinity',
    add local timestamp default '2026-01-02', add bytes bytea default '\x00ff', add span interval default '1 month -3 days',
    add key uuid default '00000000-0000-0000-0000-0000000000ff', add moment time default '24:00'`;
const typesOf = (table: string): string =>
  `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
    where attrelid = '${table}'::regclass and attnum > 0 order by attnum`;

test("rows of all types are those that staged rows would be, in columns of the same types", async () => {
  await warehouse.query(odd);
  await publish({ sql: "select * from source", output: { postgres: { url, table: "staged" } } });
  expect(stagedFiles()).toBe(1);
  await publish({ output: { dataset: "passed", postgres: { url, table: "passed" } } });
  expect(stagedFiles()).toBe(0);
  expect(await warehouse.query(typesOf("passed"))).toEqual(await warehouse.query(typesOf("staged")));
  const texts = (table: string): string => `select x::text from ${table} x`;
  const [difference] = await warehouse.query(
    `select (select count(*)::int from passed) as rows, (select count(*)::int from (
      (${texts("passed")} except all ${texts("staged")}) union all (${texts("staged")} except all ${texts("passed")})) d) as others`,
  );
  expect(difference).toEqual({ rows: 5, others: 0 });
});

test("a query passes as a table does, whatever is in its way: a comment at its end, names that need quotes", async () => {
  await publish({ source: { query: `select 1 as id, 'x' as "Order" -- the end;` } });
  expect([stagedFiles(), await warehouse.query("select * from t")]).toEqual([0, [{ id: 1, Order: "x" }]]);
});

test("the same rows again change nothing, and a table that somebody has changed gets them again", async () => {
  await warehouse.query("create table given as select i as id, 'text ' || i as text from generate_series(1, 20000) i");
  expect([await publish(), await publish(), stagedFiles()]).toEqual([true, false, 0]);
  await warehouse.query("delete from t where id = 7");
  expect(await publish()).toBe(true);
  expect(await warehouse.query("select count(*)::int as n, sum(id)::int as ids from t")).toEqual([
    { n: 20_000, ids: 200_010_000 },
  ]);
});

test("checks ask the rows where they are, and rows that break one are staged for somebody to look at", async () => {
  await warehouse.query("create table given as select i as id, i % 3 as kind from generate_series(1, 9) i");
  const checks: Check[] = [{ notNull: ["id"] }, { unique: ["id"] }, { rowCount: { min: 1, max: 9 } }];
  await publish({ checks });
  const results = checks.map(() => ({ passed: true, failingRows: 0 }));
  expect(project.events.find(({ type }) => type === "checks_evaluated")?.data).toMatchObject({ results });
  expect(stagedFiles()).toBe(0);
  await warehouse.query("insert into given values (null, 1)");
  for (const [check, failingRows] of [
    [{ notNull: ["id"] }, 1],
    [{ unique: ["kind"] }, 10],
    [{ rowCount: { max: 9 } }, 1],
  ] as const) {
    expect(await expectFailure(publish({ checks: [check] }))).toMatchObject({ code: "CHECKS_FAILED" });
    expect(stagedFiles()).toBe(1);
    const { data } = project.events.findLast(({ type }) => type === "checks_evaluated") ?? {};
    expect(data).toMatchObject({ results: [{ passed: false, failingRows }] });
  }
  expect(await warehouse.query("select count(*)::int as n from t")).toEqual([{ n: 9 }]);
});

test.each<[string, Passing]>([
  ["a step", { sql: "select id from source" }],
  ["a check in other words", { checks: [{ range: { id: { min: 1 } } }] }],
  ["rows that are added", { output: { mode: "append" } }],
  ["rows that are merged", { output: { mode: "merge", key: ["id"] } }],
  ["another target beside it", { output: { parquet: { path: "t.parquet" } } }],
  ["a value that is bound", { source: { query: "select * from given where id < $1", params: [99] } }],
  ["an array", { source: { query: "select id, array[id] as ids from given" } }],
])("%s has the rows staged", async (_what, passing) => {
  await warehouse.query("create table given as select 1 as id");
  await publish(passing);
  expect([stagedFiles(), await warehouse.query("select id from t")]).toEqual([1, [{ id: 1 }]]);
});

test("a source that breaks off leaves the table as it was, and is what the error names", async () => {
  await warehouse.query("create table given as select 1 as id");
  await publish();
  const error = await expectFailure(
    publish({ source: { query: "select 100 / (50000 - i) as id from generate_series(1, 60000) i" } }),
  );
  expect(error.code).toBe("REQUEST_REJECTED");
  expect(error.message).toContain("22012");
  expect(await warehouse.query("select id from t")).toEqual([{ id: 1 }]);
});

test("a target that refuses a row says so, and the source is let go", async () => {
  await warehouse.query(
    "create table given as select i as id from generate_series(1, 60000) i; create table t (id int check (id < 50000))",
  );
  expect(await expectFailure(publish())).toMatchObject({ code: "REQUEST_REJECTED" });
  expect(await warehouse.query("select count(*)::int as n from t")).toEqual([{ n: 0 }]);
});

test.each(["staged", "audited", "postgres:written"])(
  "an attempt that ends at `%s` has published nothing, and the next one publishes all",
  async (moment) => {
    await warehouse.query("create table given as select 2 as id; create table t as select 1 as id");
    const failpoint = (name: string): void => {
      if (name === moment) throw new Error("killed");
    };
    await expect(publish({}, { runId: 5, failpoint })).rejects.toThrow("killed");
    expect(await warehouse.query("select id from t")).toEqual([{ id: 1 }]);
    expect(await publish({}, { runId: 5, epoch: 2 })).toBe(true);
    expect(await warehouse.query("select id from t")).toEqual([{ id: 2 }]);
  },
);

test("a run that was submitted earlier does not take the place of a later one", async () => {
  await warehouse.query("create table given as select 1 as id");
  await publish({}, { runId: 9 });
  expect(await expectFailure(publish({}, { runId: 8 }))).toMatchObject({ code: "RUN_SUPERSEDED" });
});

test("rows that a constraint of the table refuses, and a check that types do not allow, are told as of staged rows", async () => {
  await warehouse.query("create table given (id int, body json); insert into given values (1, '{}'), (1, '[]')");
  await warehouse.query("create table t (id int primary key, body json)");
  const repeated = await expectFailure(publish({ checks: [{ unique: ["id"] }] }));
  expect(repeated).toMatchObject({ code: "CHECKS_FAILED", message: expect.stringContaining("id") });
  await warehouse.query("update given set id = 2 where body::text = '[]'");
  expect(await publish({ checks: [{ unique: ["body"] }] })).toBe(true);
  expect(await warehouse.query("select count(*)::int as n from t")).toEqual([{ n: 2 }]);
});

test("a trigger that keeps rows out is named, and the table stays as it was", async () => {
  await warehouse.query(`create table given as select generate_series(1, 5) as id; create table t (id int); insert into t values (9);
    create function keep() returns trigger language plpgsql as 'begin if new.id = 3 then return null; end if; return new; end';
    create trigger keep before insert on t for each row execute function keep()`);
  const error = await expectFailure(publish());
  expect(error).toMatchObject({ code: "TARGET_UNSUPPORTED", message: expect.stringContaining("`4` of `5` rows") });
  expect(await warehouse.query("select id from t")).toEqual([{ id: 9 }]);
});

test.each(["given", "(select * from given)"])("a column that rounds times is refused, of %s", async (from) => {
  await warehouse.query("create table given as select timestamp '2026-01-01 23:59:59.6' as at");
  await warehouse.query("create table t (at timestamp(0))");
  const source = from === "given" ? { table: from } : { query: `select * from ${from} as g` };
  const more = from === "given" ? {} : { sql: "select * from source" };
  const error = await expectFailure(publish({ source, ...more }));
  expect(error).toMatchObject({
    code: "TARGET_UNSUPPORTED",
    message: expect.stringContaining("`timestamp(0) without time zone`"),
  });
});
