// Tests the sessions of a Postgres store: their settings are in force, they have a schema of their own, and fewer
// connections than asked suffice.
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { enqueue } from "../../src/store/postgres/enqueue.ts";
import { createPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import { prepareSession } from "../../src/store/postgres/session.ts";
import { expectFailure } from "../support/expect-failure.ts";
import { isOwnServer } from "../support/postgres/postgres-shared-server.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres/postgres-test-database.ts";
import { codeOf, newRun } from "./store/store-fixture.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ migrated: false });
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const address = { url: "postgres://ada@db.example/sales", schema: "millrace" };

/** A connection whose settings are these, whatever was asked for. */
function connectionWith(path: string, lockTimeout: string): Parameters<typeof prepareSession>[0] {
  return { query: async (text) => ({ rows: text.includes("pg_settings") ? [{ path, lockTimeout }] : [{}] }) };
}

test.each([
  ['"$user", public', "5000", "search_path"],
  ["public", "5000", "search_path"],
  ["", "5000", "search_path"],
  ["millrace", "0", "lock_timeout"],
  ["millrace", "30000", "lock_timeout"],
])("a session with search_path `%s` and lock_timeout %s is refused by name", async (path, lockTimeout, name) => {
  const error = await expectFailure(
    prepareSession(connectionWith(path, lockTimeout), { address, callTimeoutMs: 10_000 }),
  );
  expect(error).toMatchObject({ code: "STORE_UNAVAILABLE", hint: expect.stringContaining("session pooling") });
  expect(error.message).toContain(`setting \`${name}\``);
});

test("two stores of one database live in schemas of their own, and neither sees runs or hears changes of the other", async () => {
  await using sales = await createPostgresStore({ url: database.url, schema: "sales" });
  await using returns = await createPostgresStore({ url: database.url, schema: "returns_2" });
  const heard: string[] = [];
  using _subscription = returns.subscribe((change) => heard.push(change));
  const { rootRunId } = await sales.submit({ runs: [newRun({ job: "quick" })], edges: [] });
  expect(await returns.findRun(rootRunId)).toBeUndefined();
  const [owner, other] = [
    { project: "sales", environment: "prod" },
    { project: "returns", environment: undefined },
  ];
  expect(await sales.takeStore(owner)).toEqual(owner);
  expect(await returns.takeStore(other)).toEqual(other);
  expect(await sales.takeStore(other)).toEqual(owner);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query("begin");
    const { rootRunId: enqueued } = await enqueue(client, { runs: [newRun({ job: "later" })], edges: [] }, "sales");
    await client.query("commit");
    expect((await sales.findRun(enqueued))?.job).toBe("later");
  } finally {
    await client.end();
  }
  expect(await database.query("select 1 from pg_class where relnamespace = 'public'::regnamespace")).toEqual([]);
  expect(heard).toEqual([]);
});

test.each(["public", "pg_store", "information_schema", "Sales", "two words", 'a"b', "", "1st", "x".repeat(64)])(
  "schema `%s` is refused",
  async (schema) => {
    expect(await codeOf(createPostgresStore({ url: database.url, schema }))).toBe("CONFIG_INVALID");
  },
);

test.runIf(isOwnServer())(
  "a role with three connections is enough: calls wait, and two are left to others",
  async () => {
    await database.query(
      "do $$ begin create role few login connection limit 3; exception when duplicate_object then end $$",
    );
    await database.query(`grant create on database ${database.name} to few`);
    const url = new URL(database.url);
    url.username = "few";
    await using store = await createPostgresStore({
      url: url.href,
      schema: "few",
      poolSize: 10,
      callTimeoutMs: 20_000,
    });
    const runs = Array.from({ length: 60 }, async () => await store.submit({ runs: [newRun()], edges: [] }));
    expect(new Set((await Promise.all(runs)).map(({ rootRunId }) => rootRunId)).size).toBe(60);
    const others = [new pg.Client({ connectionString: url.href }), new pg.Client({ connectionString: url.href })];
    try {
      for (const other of others) await other.connect();
      await store.submit({ runs: [newRun()], edges: [] });
    } finally {
      for (const other of others) await other.end();
    }
  },
);
