// The contract of the store's replays, which both stores keep.
import { expect, test } from "vitest";
import type { RunId } from "../../../src/core/run-id.ts";
import type { TopicRange } from "../../../src/core/stream/topic-reader.ts";
import type { StoreUnderTest } from "../store/store-fixture.ts";

const topic = { name: "orders", id: "11111111-1111-4111-8111-111111111111" };
const ranges: readonly TopicRange[] = [
  { topic, partition: 0, from: 2, to: 10 },
  { topic, partition: 1, from: 0, to: 0 },
];

function replayOf(name: string) {
  return { id: `sums@replay-${name}`, job: "sums", ranges, withEffects: false, isSwapWanted: false, createdBy: "ada" };
}

/** @param open a store of its own for each test */
export function describeReplays(open: () => Promise<StoreUnderTest>): void {
  test("a replay stands where its ranges begin, as a group that others see", async () => {
    await using opened = await open();
    const { store } = opened;
    const replay = await store.startReplay(replayOf("1"));
    expect(replay).toMatchObject({ state: "running", ranges, positions: [2, 0], outputs: [], runId: undefined });
    const group = await store.findGroup("sums@replay-1");
    expect(group?.positions.map(({ partition, offset }) => [partition, offset])).toEqual([
      [0, 2],
      [1, 0],
    ]);
    expect(await store.listReplays({ isActive: true })).toEqual([replay]);
    expect(await store.listReplays({ job: "other" })).toEqual([]);
  });

  test("two replays of one name are refused", async () => {
    await using opened = await open();
    const { store } = opened;
    await store.startReplay(replayOf("1"));
    await expect(store.startReplay(replayOf("1"))).rejects.toMatchObject({ code: "REPLAY_EXISTS" });
  });

  test("its run is submitted with it", async () => {
    await using opened = await open();
    const { store } = opened;
    const runs = [{ job: "sums", kind: "job" as const, params: {}, tenant: "default", createdBy: "ada" }];
    const { runId } = await store.startReplay({ ...replayOf("1"), submission: { runs, edges: [] } });
    expect(await store.findRun(runId as RunId)).toMatchObject({ job: "sums" });
  });

  test("at an end its group is forgotten, and nothing changes it any more", async () => {
    await using opened = await open();
    const { store } = opened;
    await store.startReplay(replayOf("1"));
    expect(await store.changeReplay("sums@replay-1", { from: "swapping", to: "swapped" })).toBe(false);
    expect(await store.changeReplay("sums@replay-1", { from: "running", to: "failed", error: "no more" })).toBe(true);
    expect(await store.changeReplay("sums@replay-1", { from: "running", to: "ready" })).toBe(false);
    expect(await store.findReplay("sums@replay-1")).toMatchObject({ state: "failed", error: "no more" });
    expect(await store.findGroup("sums@replay-1")).toBeUndefined();
    expect(await store.listReplays({ isActive: true })).toEqual([]);
  });

  test("one that is ready goes on where it ended when it is to be swapped", async () => {
    await using opened = await open();
    const { store } = opened;
    await store.startReplay(replayOf("1"));
    await store.changeReplay("sums@replay-1", { from: "running", to: "ready" });
    expect(await store.findReplay("sums@replay-1")).toMatchObject({ positions: [10, 0] });
    expect(await store.changeReplay("sums@replay-1", { from: "ready", to: "swapping" })).toBe(true);
    expect(await store.findReplay("sums@replay-1")).toMatchObject({ state: "swapping", positions: [10, 0] });
    expect(await store.findGroup("sums@replay-1")).toMatchObject({ job: "sums" });
  });

  test("a swap begins only while the live group stands where the replay ends", async () => {
    await using opened = await open();
    const { store } = opened;
    const { id } = await store.declareTopic({ name: "orders", partitions: 1, retentionMs: undefined });
    const own = { name: "orders", id };
    await store.appendBlocks([
      {
        topicId: id,
        blocks: [{ partition: 0, count: 4, bytes: 4, minTimeMs: 1, maxTimeMs: 1, payload: Buffer.from("x") }],
      },
    ]);
    const bounds = (await store.readBounds([id])).get(id) ?? [];
    await store.lookAtBatches([{ group: "sums", job: "sums", topics: [{ ...own, bounds }], startAt: "earliest" }]);
    await store.startReplay({ ...replayOf("1"), ranges: [{ topic: own, partition: 0, from: 0, to: 4 }] });
    await store.changeReplay("sums@replay-1", { from: "running", to: "swapping" });
    const run = { kind: "job" as const, params: {}, tenant: "default", createdBy: "ada" };
    const swap = (to: number) =>
      store.changeReplay("sums@replay-1", {
        from: "swapping",
        to: "swapping",
        submission: { runs: [{ ...run, job: "replay_swap" }], edges: [] },
        standing: { group: "sums", ranges: [{ topic: own, partition: 0, from: 0, to }] },
      });
    expect(await swap(4)).toBe(false);
    expect(await swap(0)).toBe(true);
    const { runId } = (await store.findReplay("sums@replay-1")) ?? {};
    expect(runId).toBeDefined();
    // and the live group gets no batch until the swap is over
    const size = { records: 4, bytes: 4, firstAtMs: 1 };
    const batch = { ...size, group: "sums", number: 1, job: "sums", because: "records" as const };
    const range = { topic: own, partition: 0, from: 0, to: 4 };
    const live = { runs: [{ ...run, job: "sums" }], edges: [] };
    expect(await store.openBatch({ ...batch, ranges: [range], submission: live })).toBeUndefined();
    await store.changeReplay("sums@replay-1", { from: "swapping", to: "swapped" });
    expect(await store.openBatch({ ...batch, ranges: [range], submission: live })).toBeDefined();
  });
}
