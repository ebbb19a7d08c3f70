// What only a database with several writers at once can show: a reader is never led past records that are yet to be committed.
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPostgresStore } from "../../../src/store/postgres/postgres-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres/postgres-test-database.ts";
import { block } from "./ledger-fixture.ts";

let database: TestDatabase;
let store: Store;

beforeAll(async () => {
  database = await createTestDatabase();
  store = await createPostgresStore({ url: database.url, migrate: false, poolSize: 4 });
});

afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

test("an append that begins while a slow one is open waits for it, and readers see the two in the order of their commits", async () => {
  const topic = await store.declareTopic({ name: "orders", partitions: 2, retentionMs: undefined });
  const slow = new pg.Client({ connectionString: database.url });
  await slow.connect();
  try {
    await slow.query("begin");
    const head = "update millrace.stream_head set next_offset = next_offset + 1 where topic_id = $1 and partition = 0";
    await slow.query(head, [topic.id]);
    await slow.query(
      `insert into millrace.stream_block (topic_id, partition, first_offset, record_count, bytes, stored_bytes, min_time, max_time,
        high_time, appended_at, payload) values ($1, 0, 0, 1, 1, 4, 1, 1, 1, 1, $2)`,
      [topic.id, Buffer.from("slow")],
    );
    const fast = store.appendBlocks([{ topicId: topic.id, blocks: [block(0, 3)] }]);
    await waitForLock();
    expect(await readTexts(0)).toEqual([]);
    // Another partition is held up by nobody.
    await store.appendBlocks([{ topicId: topic.id, blocks: [block(1, 2)] }]);
    expect(await readTexts(1)).toEqual(["1:2"]);
    await slow.query("commit");
    expect(await fast).toEqual([[{ partition: 0, from: 1, to: 4 }]]);
    expect(await readTexts(0)).toEqual(["slow", "0:3"]);
  } finally {
    await slow.end();
  }

  async function readTexts(partition: number): Promise<readonly string[]> {
    const { blocks } = await store.readBlocks({ topicId: topic.id, partition, from: 0, maxBytes: 1_000 });
    return blocks.map(({ payload }) => Buffer.from(payload).toString());
  }
});

test("what an append that was rolled back had taken is given to the next, so that offsets have no gap", async () => {
  const topic = await store.declareTopic({ name: "mails", partitions: 1, retentionMs: undefined });
  const gone = { topicId: "gone", blocks: [block(0, 1)] };
  const failed = store.appendBlocks([{ topicId: topic.id, blocks: [block(0, 5)] }, gone]);
  await expect(failed).rejects.toMatchObject({ code: "TOPIC_UNKNOWN" });
  expect(await store.appendBlocks([{ topicId: topic.id, blocks: [block(0, 2)] }])).toEqual([
    [{ partition: 0, from: 0, to: 2 }],
  ]);
});

async function waitForLock(): Promise<void> {
  await expect
    .poll(
      async () => {
        const sql =
          "select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        return (await database.query(sql))[0]?.["waiting"];
      },
      { timeout: 10_000, interval: 5 },
    )
    .toBe(1);
}
