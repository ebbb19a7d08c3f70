// Records that come in with the caller's own transaction, on a real Postgres: there at the commit, and not before or without it.
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { enqueueRecords } from "../../src/app/enqueue-records.ts";
import { defineTopic } from "../../src/core/stream/topic.ts";
import { createSystemClock } from "../../src/platforms/local/system-clock.ts";
import { createPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import type { Store } from "../../src/store/store.ts";
import { createEmbeddedLog } from "../../src/stream/embedded/embedded-log.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres/postgres-test-database.ts";
import { codeOf } from "./store/store-fixture.ts";

const schema = z.object({ id: z.string(), n: z.number() });
const orders = defineTopic({ name: "orders", partitions: 3, schema, key: ({ id }) => id });

let database: TestDatabase;
let store: Store;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  store = await createPostgresStore({ url: database.url });
});
afterAll(async () => {
  await (store as Store & AsyncDisposable)[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
});

/** What readers of the topic see, as JSON, by id of the value. */
async function read(name: string): Promise<readonly string[]> {
  const log = createEmbeddedLog({ blocks: store, clock: createSystemClock() });
  const topic = await log.findTopic(name);
  const values: string[] = [];
  for (const { partition, start } of topic?.bounds ?? []) {
    const { records } = await log.read({ topic: topic!, partition, from: start, maxBytes: 1_000_000 });
    values.push(...records.map(({ value }) => Buffer.from(value ?? []).toString()));
  }
  return values.toSorted();
}

const values = [
  { id: "a", n: 1 },
  { id: "b", n: 2 },
  { id: "c", n: 3 },
];
const texts = values.map((value) => JSON.stringify(value));

test("records are there at the commit, not before, and not at all after a rollback", async () => {
  await client.query("begin");
  expect(await enqueueRecords(client, orders, values)).toMatchObject({ records: 3 });
  expect(await read("orders")).toEqual([]);
  await client.query("rollback");
  expect(await read("orders")).toEqual([]);

  const before = await client.query("show search_path");
  await client.query("begin");
  const { ranges } = await enqueueRecords(client, orders, values, { headers: { source: "test" } });
  expect(ranges.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(3);
  await client.query("commit");
  expect(await read("orders")).toEqual(texts);
  expect((await client.query("show search_path")).rows).toEqual(before.rows);
});

test("two transactions append to a topic one behind the other, without a gap", async () => {
  const other = new pg.Client({ connectionString: database.url });
  await other.connect();
  try {
    const topic = defineTopic({ name: "turns", schema });
    await client.query("begin");
    await enqueueRecords(client, topic, values.slice(0, 1));
    await client.query("commit");
    await client.query("begin");
    await enqueueRecords(client, topic, values.slice(1, 2));
    await other.query("begin");
    const waiting = enqueueRecords(other, topic, values.slice(2));
    await client.query("rollback");
    expect((await waiting).ranges).toEqual([{ partition: 0, from: 1, to: 2 }]);
    await other.query("commit");
    expect(await read("turns")).toEqual([texts[0], texts[2]]);
  } finally {
    await other.end();
  }
});

test("what must not be appended is refused before anything is written", async () => {
  const images = defineTopic({ name: "images", schema: z.string(), claimCheck: { above: "1KB" } });
  expect(await codeOf(enqueueRecords(client, orders, values))).toBe("VALUE_INVALID");
  await client.query("begin");
  expect(await codeOf(enqueueRecords(client, orders, [...values, { id: "d", n: "4" } as never]))).toBe(
    "RECORD_INVALID",
  );
  expect(await codeOf(enqueueRecords(client, images, ["small", "x".repeat(2_000)]))).toBe("RECORD_TOO_LARGE");
  // the transaction goes on as if nothing had been asked
  await enqueueRecords(client, images, ["small"]);
  expect(await enqueueRecords(client, images, [])).toEqual({ records: 0, ranges: [] });
  await client.query("commit");
  expect(await read("images")).toEqual(['"small"']);
});
