// What a Postgres database may be when a store is opened on it, and what a store does to it beside the port: migrations,
// partitions, and work that comes in with the caller's own transaction.
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MillraceError } from "../../src/core/errors/errors.ts";
import { migrations } from "../../src/store/migrations/migrations.ts";
import { Database } from "../../src/store/postgres/database.ts";
import { defaultSchema } from "../../src/store/postgres/session.ts";
import { enqueue } from "../../src/store/postgres/enqueue.ts";
import { migrate } from "../../src/store/postgres/migrate.ts";
import { createPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import { isOwnServer, sharedPostgresUrl } from "../support/postgres/postgres-shared-server.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres/postgres-test-database.ts";
import { codeOf, newRun } from "./store/store-fixture.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

async function failureOf(url: string): Promise<MillraceError> {
  try {
    await using _store = await createPostgresStore({ url });
  } catch (error) {
    if (error instanceof MillraceError) return error;
    throw error;
  }
  throw new Error("it opened");
}

test("a server that is not there, a database that is not there and a wrong address are told apart, without the password", async () => {
  const here = new URL(await sharedPostgresUrl());
  const gone = await failureOf("postgres://ada:s3cret@127.0.0.1:1/millrace");
  expect(gone).toMatchObject({ code: "STORE_UNAVAILABLE", disposition: "retry" });
  expect(gone.message).toContain("127.0.0.1:1/millrace");
  here.pathname = "/nowhere";
  expect(await failureOf(here.href)).toMatchObject({
    code: "STORE_UNAVAILABLE",
    hint: expect.stringContaining("createdb"),
  });
  const odd = await failureOf("postgres://ada:s3cret/x@127.0.0.1:port/millrace");
  expect(odd.code).toBe("CONFIG_INVALID");
  expect(await failureOf("mysql://127.0.0.1:3306/millrace")).toMatchObject({ code: "CONFIG_INVALID" });
  for (const error of [gone, odd])
    expect(JSON.stringify(error) + error.message + String(error.hint)).not.toContain("s3cret");
});

test.runIf(isOwnServer())("a wrong password is refused and named nowhere", async () => {
  await database.query(
    "do $$ begin create role guarded login password 'right'; exception when duplicate_object then end $$",
  );
  const url = new URL(database.url);
  url.username = "guarded";
  url.password = "wr0ng";
  const error = await failureOf(url.href);
  expect(error).toMatchObject({ code: "STORE_UNAVAILABLE", message: expect.stringContaining("refuses the password") });
  expect(error.message + String(error.hint)).not.toContain("wr0ng");
});

test("a read-only database is refused at the start, and one that becomes read-only is told by the call", async () => {
  await using other = await createTestDatabase();
  await using store = await createPostgresStore({ url: other.url });
  await other.query(`alter database ${other.name} set default_transaction_read_only = on`);
  expect(await failureOf(other.url)).toMatchObject({
    code: "STORE_UNAVAILABLE",
    message: expect.stringContaining("read-only"),
  });
  await other.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
  const submit = async () => await store.submit({ runs: [newRun()], edges: [] });
  await submit().catch(() => {});
  await expect(submit()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE", hint: expect.stringContaining("primary") });
});

test("a database without tables is refused when migration is not wanted", async () => {
  await using empty = await createTestDatabase({ migrated: false });
  const opening = createPostgresStore({ url: empty.url, migrate: false });
  await expect(opening).rejects.toMatchObject({
    code: "STORE_VERSION",
    hint: expect.stringContaining("millrace migrate"),
  });
});

test("a schema that somebody else filled is left alone", async () => {
  await using empty = await createTestDatabase({ migrated: false });
  await empty.query("create schema millrace");
  await empty.query("create table millrace.run (id int)");
  expect(await codeOf(createPostgresStore({ url: empty.url }))).toBe("STORE_CORRUPT");
  expect(await empty.query("select count(*)::int as tables from pg_tables where schemaname = 'millrace'")).toEqual([
    { tables: 1 },
  ]);
});

test("a store from a newer version is refused, unless that version says that this one can go on", async () => {
  await using newer = await createTestDatabase();
  const insert =
    "insert into millrace.migration (version, name, compatible_with, applied_at) values ($1, 'later', $2, 0)";
  await newer.query(insert, migrations.length + 1, migrations.length);
  await (await createPostgresStore({ url: newer.url }))[Symbol.asyncDispose]();
  await newer.query(insert, migrations.length + 2, migrations.length + 2);
  expect(await codeOf(createPostgresStore({ url: newer.url }))).toBe("STORE_VERSION");
});

test("migrations are applied once, one after the other, and a migration that fails leaves what was before", async () => {
  await using empty = await createTestDatabase({ migrated: false });
  await using db = new Database({
    address: { url: empty.url, schema: defaultSchema },
    poolSize: 2,
    callTimeoutMs: 30_000,
  });
  expect(await migrate(db, { apply: true, migrations: migrations.slice(0, 1) })).toEqual([1]);
  const [run] = await empty.query(
    "insert into millrace.lane (job, kind, tenant, gates) values ('j', 'job', 't', '[]') returning id",
  );
  const version = migrations.length + 1;
  const broken = {
    version,
    name: "broken",
    compatibleWith: version,
    sqlite: "",
    postgres: "create table half (id int); select 1 / 0",
  };
  expect(await codeOf(migrate(db, { apply: true, migrations: [...migrations, broken] }))).toBe("INTERNAL");
  expect(await empty.query("select max(version) as version from millrace.migration")).toEqual([{ version: 1 }]);
  expect(await Promise.all([1, 2, 3].map(async () => await migrate(db, { apply: true })))).toContainEqual(
    migrations.slice(1).map(({ version }) => version),
  );
  expect(await migrate(db, { apply: true })).toEqual([]);
  expect(await empty.query("select id from millrace.lane")).toEqual([run]);
});

test("work that comes in with the caller's transaction is there exactly when that commits", async () => {
  await using store = await createPostgresStore({ url: database.url });
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query("create table if not exists public.customer (name text)");
    const before = await client.query("show search_path");
    await client.query("begin");
    await client.query("insert into customer values ('ada')");
    const lost = await enqueue(client, { runs: [newRun({ job: "greet" })], edges: [] });
    expect(await store.findRun(lost.rootRunId)).toBeUndefined();
    await client.query("rollback");
    expect(await store.findRun(lost.rootRunId)).toBeUndefined();

    const heard = Promise.withResolvers<string>();
    using _subscription = store.subscribe((change) => heard.resolve(change));
    await client.query("begin");
    await client.query("insert into customer values ('ada')");
    const kept = await enqueue(client, { runs: [newRun({ job: "greet" })], edges: [], runKey: "greet-ada" });
    // Names without a schema mean what they meant before.
    await client.query("insert into customer values ('bob')");
    await client.query("commit");
    expect(kept.created).toBe(true);
    expect((await store.findRun(kept.rootRunId))?.state).toBe("PENDING");
    expect((await client.query("show search_path")).rows).toEqual(before.rows);
    expect((await client.query("select count(*)::int as names from customer")).rows).toEqual([{ names: 2 }]);
    await store.submit({ runs: [newRun()], edges: [] });
    expect(await heard.promise).toBe("ready");
  } finally {
    await client.end();
  }
});

test("enqueue outside a transaction is refused, and nothing is written", async () => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    expect(await codeOf(enqueue(client, { runs: [newRun({ job: "alone" })], edges: [] }))).toBe("VALUE_INVALID");
    expect(await database.query("select 1 from millrace.run where job = 'alone'")).toEqual([]);
  } finally {
    await client.end();
  }
});

test("partitions are made ahead of the runs, and go when they are empty and behind them", async () => {
  await using fresh = await createTestDatabase();
  await using store = await createPostgresStore({ url: fresh.url });
  const list = async () =>
    (
      await fresh.query(
        "select relname as name from pg_class where relispartition and relkind = 'r' and relname like 'run\\_%' order by 1",
      )
    ).map(({ name }) => name);
  expect(await list()).toEqual(["run_0", "run_default"]);
  await fresh.query("select setval('millrace.run_id_seq', 600000)");
  await store.tidy();
  await store.tidy();
  expect(await list()).toEqual(["run_0", "run_1", "run_default"]);
  await fresh.query("select setval('millrace.run_id_seq', 1000000)");
  const { rootRunId } = await store.submit({ runs: [newRun()], edges: [] });
  await store.tidy();
  expect(await list()).toEqual(["run_1", "run_default"]);
  expect((await store.findRun(rootRunId))?.state).toBe("PENDING");
  // Without upkeep the default partition takes them, and still nothing is lost.
  await fresh.query("select setval('millrace.run_id_seq', 5000000)");
  const late = await store.submit({ runs: [newRun()], edges: [] });
  await store.tidy();
  expect((await store.findRun(late.rootRunId))?.state).toBe("PENDING");
  expect(await store.verify()).toEqual([]);
});
