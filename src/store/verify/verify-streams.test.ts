import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { GroupDeclaration, RecordBlock } from "../../core/stream/stream-ledger.ts";
import { createSqliteStore } from "../sqlite/sqlite-store.ts";
import type { Store } from "../store.ts";

let folder: string;
let path: string;
let store: Store;

// Topic `events` has two partitions with 20 and 5 records, of which a run of group `count` holds both; group `sums` has done batch 1
// and has batch 2 open.
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-verify-"));
  path = join(folder, "store.db");
  store = await createSqliteStore({ path, clock: { now: () => 1_000_000 } });
  await writeSoundStreams();
});

afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test("sound streams break no invariant", async () => {
  expect(await store.verify()).toEqual([]);
});

test.each([
  ["a block that is missing", "delete from stream_block where partition = 0 and first_offset = 10"],
  ["blocks that end before their partition does", "update stream_head set next_offset = 30 where partition = 0"],
  ["blocks behind the end of their partition", "update stream_head set next_offset = 15 where partition = 0"],
  ["a partition that begins behind its end", "update stream_head set start_offset = 99 where partition = 1"],
  ["blocks of a topic that is gone", "delete from stream_topic"],
  ["a group that passed the end", "update stream_offset set next_offset = 99 where group_name = 'count'"],
  [
    "records in hand that were done",
    "update stream_offset set next_offset = 3, hand_to = 2 where group_name = 'count'",
  ],
  ["a holder that is no member", "delete from stream_member"],
  ["a holding that was never given out", "update stream_lease set epoch = 0 where group_name = 'count'"],
  ["a holding of half a run", "update stream_lease set run_epoch = null where group_name = 'count'"],
  ["an open batch without its run", "update stream_batch set run_id = 99 where state = 'open'"],
  [
    "an open batch of a run that has finished",
    "update stream_batch set run_id = (select run_id from outcome) where state = 'open'",
  ],
  [
    "a batch after one that is open",
    `update stream_batch set state = 'done' where number = 2; update stream_batch set state = 'open' where number = 1`,
  ],
  ["a gap between batches", "update stream_batch set number = 5 where number = 2"],
  ["a batch without records", "update stream_batch_range set to_offset = from_offset where number = 1"],
  ["an append that never was", "update stream_producer set to_offset = 99"],
])("a planted corruption is found: %s", async (_name, sql) => {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
  const violations = await store.verify();
  expect(violations.map(({ invariant }) => invariant)).toContain("I12");
  for (const { message } of violations) expect(message).toMatch(/^(run r\d+|topic [^ ]+|group (count|sums)) /);
});

async function writeSoundStreams(): Promise<void> {
  const topic = await store.declareTopic({ name: "events", partitions: 2, retentionMs: undefined });
  const mark = { producer: "p", sequence: 1 };
  await store.appendBlocks([{ topicId: topic.id, blocks: [block(0, 10), block(1, 5)], mark }]);
  await store.appendBlocks([{ topicId: topic.id, blocks: [block(0, 10)] }]);
  const bounds = (await store.readBounds([topic.id])).get(topic.id) ?? [];
  const topics = [{ name: topic.name, id: topic.id, bounds }];
  const of = (group: string): GroupDeclaration => ({ group, job: group, topics, startAt: "earliest" });
  const process = { host: "h", bootId: "b", pid: 1, startTicks: "1" };
  const workerId = await store.registerWorker({ name: "w", ttlMs: 10_000_000, process });
  await store.submit({ runs: [newRun("count")], edges: [] });
  const [counting] = await store.claim({ workerId, limit: 1 });
  if (counting === undefined) throw new Error("nothing was ready");
  await store.claimPartitions(counting, of("count"));
  for (const number of [1, 2]) {
    await store.lookAtBatches([of("sums")]);
    const from = (number - 1) * 5;
    const ranges = [{ topic: { id: topic.id, name: topic.name }, partition: 0, from, to: from + 5 }];
    const submission = { runs: [newRun("sums")], edges: [] };
    const size = { records: 5, bytes: 50, firstAtMs: 1, minTimeMs: 1, maxTimeMs: 1 };
    await store.openBatch({ ...size, group: "sums", number, job: "sums", because: "records", ranges, submission });
    const [run] = await store.claim({ workerId, limit: 1 });
    if (run === undefined) throw new Error("nothing was ready");
    if (number === 2) return;
    await store.endBatch(run, "sums", number, null);
    await store.settle([{ runId: run.runId, epoch: run.epoch, end: "finished", result: null }]);
  }
}

function block(partition: number, count: number): RecordBlock {
  return { partition, count, bytes: count * 10, minTimeMs: 1, maxTimeMs: 1, payload: Buffer.from("x") };
}

function newRun(job: string) {
  return { job, kind: "job" as const, params: {}, tenant: "t", createdBy: "test" };
}
