// Several processes write at the same time: what is numbered has no gaps, and nobody waits for ever.
import { expect, test } from "vitest";
import type { RunId } from "../../../../src/core/run-id.ts";
import type { Store } from "../../../../src/store/store.ts";
import { codeOf, createStoreFixture, type CreateStore, fenceOf, newRun, type StoreFixture } from "../store-fixture.ts";

export function describeRecordingAtOnce(createStore: CreateStore): void {
  test("runs that record the first versions of a dataset at once get numbers without gaps", async () => {
    await using fixture = await createStoreFixture(createStore);
    const stores = await openThree(fixture);
    const fences = await claimMany(fixture, 12);
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
    await close(fixture, stores);
  });

  test("lines that two processes log for a run are all kept, each in its order", async () => {
    await using fixture = await createStoreFixture(createStore);
    const stores = await openThree(fixture);
    const runId = await fixture.submit();
    const other = await fixture.submit();
    const line = { atMs: fixture.clock.now(), level: "info" as const };
    await Promise.all(
      Array.from({ length: 12 }, async (_, batch) => {
        const own = [runId, other, runId].map((id, index) => ({ ...line, runId: id, message: `${batch}.${index}` }));
        // Half of them name the runs in the opposite order.
        await pick(stores, batch).appendLogs(batch % 2 === 0 ? own : own.toReversed());
      }),
    );
    const logs = await fixture.store.listLogs(runId, 0, 100);
    expect(logs.map(({ seq }) => seq)).toEqual(Array.from({ length: 24 }, (_, index) => index + 1));
    expect(await fixture.store.listLogs(other, 0, 100)).toHaveLength(12);
    await close(fixture, stores);
  });

  test("progress of the same runs in any order ends with the newest reports", async () => {
    await using fixture = await createStoreFixture(createStore);
    const stores = await openThree(fixture);
    const runIds = [await fixture.submit(), await fixture.submit(), await fixture.submit()];
    await Promise.all(
      Array.from({ length: 12 }, async (_, done) => {
        const records = runIds.map((runId) => ({ runId, done, total: 11, operation: undefined, atMs: done }));
        await pick(stores, done).recordProgress(done % 2 === 0 ? records : records.toReversed());
      }),
    );
    for (const runId of runIds) expect((await fixture.run(runId)).progress).toMatchObject({ done: 11 });
    await close(fixture, stores);
  });

  test("of a write and a settlement of the same lease the write comes first or not at all", async () => {
    await using fixture = await createStoreFixture(createStore);
    const stores = await openThree(fixture);
    const fences = await claimMany(fixture, 8);
    const codes = await Promise.all(
      fences.flatMap((fence, position) => [
        codeOf(pick(stores, position).saveCheckpoint(fence, position)),
        codeOf(pick(stores, position + 1).settle([{ ...fence, end: "finished", result: null }])),
        codeOf(pick(stores, position + 2).appendEvents(fence, [{ type: "note" }])),
      ]),
    );
    expect(codes.filter((code) => code !== "no error" && code !== "RUN_LOST")).toEqual([]);
    for (const { runId } of fences) {
      expect(await fixture.state(runId)).toBe("FINISHED");
      // What was written after the end would stand behind it.
      expect((await fixture.eventTypes(runId)).at(-1)).toBe("finished");
    }
    await close(fixture, stores);
  });

  test("of a rerun and the removal of the history one comes first", async () => {
    await using fixture = await createStoreFixture(createStore);
    const stores = await openThree(fixture);
    const fences = await claimMany(fixture, 12);
    await fixture.fail(...fences);
    fixture.clock.advance(1);
    const endedBeforeMs = fixture.clock.now();
    const rerun = async (runId: RunId, position: number): Promise<string> =>
      await codeOf(pick(stores, position).control({ action: "rerun", target: { runId }, by: "test" }));
    const removal = async (store: Store): Promise<number> => await store.removeHistory({ endedBeforeMs, limit: 3 });
    const [codes, removed] = await Promise.all([
      Promise.all(fences.map(({ runId }, position) => rerun(runId, position))),
      Promise.all(Array.from({ length: 6 }, async (_, position) => await removal(pick(stores, position)))),
    ]);
    const rerunCount = codes.filter((code) => code === "no error").length;
    const left = await fixture.store.listRuns({ limit: 100 });
    expect(left.filter(({ state }) => state === "PENDING")).toHaveLength(rerunCount);
    expect(left).toHaveLength(fences.length - removed.reduce((sum, count) => sum + count, 0));
    expect(codes.filter((code) => code !== "no error" && code !== "RUN_UNKNOWN")).toEqual([]);
    await close(fixture, stores);
  });
}

async function openThree(fixture: StoreFixture): Promise<readonly Store[]> {
  return [fixture.store, await fixture.underTest.open(), await fixture.underTest.open()];
}

async function close(fixture: StoreFixture, stores: readonly Store[]): Promise<void> {
  for (const store of stores) if (store !== fixture.store) await store[Symbol.asyncDispose]();
}

function pick(stores: readonly Store[], position: number): Store {
  const store = stores[position % stores.length];
  if (store === undefined) throw new Error("no store is open");
  return store;
}

async function claimMany(fixture: StoreFixture, count: number): Promise<{ runId: RunId; epoch: number }[]> {
  for (let index = 0; index < count; index += 1) await fixture.store.submit({ runs: [newRun()], edges: [] });
  const claimed = await fixture.store.claim({ workerId: await fixture.worker(), limit: count });
  return claimed.map((run) => fenceOf(run));
}
