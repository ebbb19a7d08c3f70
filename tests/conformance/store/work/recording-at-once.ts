// Several processes write at the same time: what is numbered has no gaps, and nobody waits for ever.
import { expect, test } from "vitest";
import type { RunId } from "../../../../src/core/run-id.ts";
import type { Store } from "../../../../src/store/store.ts";
import { codeOf, createBench, type CreateStore, fenceOf, newRun, type StoreBench } from "../bench.ts";

export function describeRecordingAtOnce(createStore: CreateStore): void {
  test("runs that record the first versions of a dataset at once get numbers without gaps", async () => {
    await using bench = await createBench(createStore);
    const stores = await openThree(bench);
    const fences = await claimMany(bench, 12);
    const versions = await Promise.all(
      fences.map(async ({ runId, epoch }, position) => {
        const made = {
          dataset: "flights",
          runId,
          job: "job",
          locations: [],
          schema: [],
          rowCount: 1,
          fingerprint: "f",
        };
        return (await pick(stores, position).recordDataset({ runId, epoch }, made)).version;
      }),
    );
    expect(versions.toSorted((a, b) => a - b)).toEqual(fences.map((_, position) => position + 1));
    await close(bench, stores);
  });

  test("lines that two processes log for a run are all kept, each in its order", async () => {
    await using bench = await createBench(createStore);
    const stores = await openThree(bench);
    const runId = await bench.submit();
    const other = await bench.submit();
    const line = { atMs: bench.clock.now(), level: "info" as const };
    await Promise.all(
      Array.from({ length: 12 }, async (_, batch) => {
        const own = [runId, other, runId].map((id, index) => ({ ...line, runId: id, message: `${batch}.${index}` }));
        // Half of them name the runs in the opposite order.
        await pick(stores, batch).appendLogs(batch % 2 === 0 ? own : own.toReversed());
      }),
    );
    const logs = await bench.store.listLogs(runId, 0, 100);
    expect(logs.map(({ seq }) => seq)).toEqual(Array.from({ length: 24 }, (_, index) => index + 1));
    expect(await bench.store.listLogs(other, 0, 100)).toHaveLength(12);
    await close(bench, stores);
  });

  test("progress of the same runs in any order ends with the newest reports", async () => {
    await using bench = await createBench(createStore);
    const stores = await openThree(bench);
    const runIds = [await bench.submit(), await bench.submit(), await bench.submit()];
    await Promise.all(
      Array.from({ length: 12 }, async (_, done) => {
        const records = runIds.map((runId) => ({ runId, done, total: 11, operation: undefined, atMs: done }));
        await pick(stores, done).recordProgress(done % 2 === 0 ? records : records.toReversed());
      }),
    );
    for (const runId of runIds) expect((await bench.run(runId)).progress).toMatchObject({ done: 11 });
    await close(bench, stores);
  });

  test("of a write and a settlement of the same lease the write comes first or not at all", async () => {
    await using bench = await createBench(createStore);
    const stores = await openThree(bench);
    const fences = await claimMany(bench, 8);
    const codes = await Promise.all(
      fences.flatMap((fence, position) => [
        codeOf(pick(stores, position).saveCheckpoint(fence, position)),
        codeOf(pick(stores, position + 1).settle([{ ...fence, end: "finished", result: null }])),
        codeOf(pick(stores, position + 2).appendEvents(fence, [{ type: "note" }])),
      ]),
    );
    expect(codes.filter((code) => code !== "no error" && code !== "RUN_LOST")).toEqual([]);
    for (const { runId } of fences) {
      expect(await bench.state(runId)).toBe("FINISHED");
      // What was written after the end would stand behind it.
      expect((await bench.eventTypes(runId)).at(-1)).toBe("finished");
    }
    await close(bench, stores);
  });

  test("of a rerun and the removal of the history one comes first", async () => {
    await using bench = await createBench(createStore);
    const stores = await openThree(bench);
    const fences = await claimMany(bench, 12);
    await bench.fail(...fences);
    bench.clock.advance(1);
    const endedBeforeMs = bench.clock.now();
    const rerun = async (runId: RunId, position: number): Promise<string> =>
      await codeOf(pick(stores, position).control({ action: "rerun", target: { runId }, by: "test" }));
    const removal = async (store: Store): Promise<number> => await store.removeHistory({ endedBeforeMs, limit: 3 });
    const [codes, removed] = await Promise.all([
      Promise.all(fences.map(({ runId }, position) => rerun(runId, position))),
      Promise.all(Array.from({ length: 6 }, async (_, position) => await removal(pick(stores, position)))),
    ]);
    const rerunCount = codes.filter((code) => code === "no error").length;
    const left = await bench.store.listRuns({ limit: 100 });
    expect(left.filter(({ state }) => state === "PENDING")).toHaveLength(rerunCount);
    expect(left).toHaveLength(fences.length - removed.reduce((sum, count) => sum + count, 0));
    expect(codes.filter((code) => code !== "no error" && code !== "RUN_UNKNOWN")).toEqual([]);
    await close(bench, stores);
  });
}

async function openThree(bench: StoreBench): Promise<readonly Store[]> {
  return [bench.store, await bench.underTest.open(), await bench.underTest.open()];
}

async function close(bench: StoreBench, stores: readonly Store[]): Promise<void> {
  for (const store of stores) if (store !== bench.store) await store[Symbol.asyncDispose]();
}

function pick(stores: readonly Store[], position: number): Store {
  const store = stores[position % stores.length];
  if (store === undefined) throw new Error("no store is open");
  return store;
}

async function claimMany(bench: StoreBench, count: number): Promise<{ runId: RunId; epoch: number }[]> {
  for (let index = 0; index < count; index += 1) await bench.store.submit({ runs: [newRun()], edges: [] });
  const claimed = await bench.store.claim({ workerId: await bench.worker(), limit: count });
  return claimed.map((run) => fenceOf(run));
}
