// Transactions take positions in the stream of events before they commit: who follows must not pass those that are open.
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Database } from "../../src/store/postgres/database.ts";
import { defaultSchema } from "../../src/store/postgres/session.ts";
import { enqueue } from "../../src/store/postgres/enqueue.ts";
import { FeedHorizon } from "../../src/store/postgres/feed-horizon.ts";
import { createPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import type { Store } from "../../src/store/store.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres/postgres-test-database.ts";
import { newRun } from "./store/store-fixture.ts";

let database: TestDatabase;
let store: Store;
let clients: pg.Client[];

beforeEach(async () => {
  database = await createTestDatabase();
  store = await createPostgresStore({ url: database.url });
  clients = [];
});

afterEach(async () => {
  for (const client of clients) await client.end();
  await store[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

test("nothing behind an open transaction is handed out until it commits, and then all comes in order", async () => {
  const before = await submit("before");
  await store.feedEnd();
  const slow = await begin();
  const late = await enqueueOn(slow);
  const after = await submit("after");
  const first = await store.readFeed("0", { limit: 100 });
  expect(first.events.map(({ runId }) => runId)).toEqual([before]);
  await slow.query("commit");
  const second = await store.readFeed(first.position, { limit: 100 });
  expect(second.events.map(({ runId }) => runId)).toEqual([late, after]);
  expect((await store.readFeed(second.position, { limit: 100 })).events).toEqual([]);
});

test("positions of a transaction that is rolled back hold nobody up", async () => {
  await store.feedEnd();
  const slow = await begin();
  await enqueueOn(slow);
  const after = await submit("after");
  expect((await store.readFeed("0", { limit: 100 })).events).toEqual([]);
  await slow.query("rollback");
  expect((await store.readFeed("0", { limit: 100 })).events.map(({ runId }) => runId)).toEqual([after]);
});

test("of many that commit in another order than they began none is skipped and none comes twice", async () => {
  // Transactions that make the same new kind of work wait for each other; this one is known.
  const seen = [await submit("enqueued")];
  let position = await store.feedEnd();
  const open = [await begin(), await begin(), await begin()];
  const look = async (): Promise<void> => {
    const page = await store.readFeed(position, { limit: 2 });
    seen.push(...page.events.map(({ runId }) => runId));
    position = page.position;
  };
  const submitted = [...seen];
  for (const turn of [0, 2, 1, 0, 1, 2, 2, 0, 1]) {
    const client = open[turn];
    if (client === undefined) throw new Error("three connections are open");
    submitted.push(await enqueueOn(client), await submit("plain"));
    await look();
    if (turn === 1) {
      await client.query("commit");
      await client.query("begin");
    }
    await look();
  }
  for (const client of open.toReversed()) await client.query("commit");
  while (seen.length < submitted.length) await look();
  await look();
  expect(seen.toSorted((a, b) => a - b)).toEqual(submitted.toSorted((a, b) => a - b));
  expect(seen).toEqual(await listPositions());
});

test("a transaction that writes no events holds nobody up, however long it stays open", async () => {
  const stranger = await begin();
  await stranger.query("create table stranger (id int)");
  const runId = await submit("plain");
  expect((await store.readFeed("0", { limit: 100 })).events.map((event) => event.runId)).toEqual([runId]);
});

test("who begins to follow while others write waits for them", async () => {
  const slow = await begin();
  const late = await enqueueOn(slow);
  const end = store.feedEnd();
  await slow.query("commit");
  expect((await store.readFeed("0", { limit: 100 })).events.map(({ runId }) => runId)).toEqual([late]);
  expect(await end).toBe("1");
});

test("a transaction that stays open for too long is passed", async () => {
  const db = new Database({
    address: { url: database.url, schema: defaultSchema },
    poolSize: 1,
    callTimeoutMs: 10_000,
  });
  try {
    const horizon = new FeedHorizon({ db, longestWaitMs: 0 });
    expect(await horizon.advance()).toBe(0);
    const slow = await begin();
    await enqueueOn(slow);
    await submit("after");
    expect(await horizon.advance()).toBe(0);
    expect(await horizon.advance()).toBe(2);
    await slow.query("commit");
    expect(await horizon.advance()).toBe(2);
  } finally {
    await db[Symbol.asyncDispose]();
  }
});

test("events that are older than the stream are no part of it", async () => {
  await database.query("update millrace.event set id = null");
  await database.query("insert into millrace.feed_floor (id, position) values (1, 1)");
  await database.query("select setval('millrace.event_seq', 1)");
  expect(await store.readFeed("0", { limit: 10 })).toMatchObject({ events: [], position: "1", isComplete: false });
  expect((await store.readFeed("1", { limit: 10 })).isComplete).toBe(true);
  const runId = await submit("new");
  expect((await store.readFeed("1", { limit: 10 })).events.map((event) => event.runId)).toEqual([runId]);
});

async function submit(job: string): Promise<number> {
  return (await store.submit({ runs: [newRun({ job })], edges: [] })).rootRunId;
}

async function begin(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  clients.push(client);
  await client.query("begin");
  return client;
}

async function enqueueOn(client: pg.Client): Promise<number> {
  return (await enqueue(client, { runs: [newRun({ job: "enqueued" })], edges: [] })).rootRunId;
}

async function listPositions(): Promise<unknown[]> {
  const rows = await database.query("select run_id::int as run from millrace.event order by id");
  return rows.map(({ run }) => run);
}
