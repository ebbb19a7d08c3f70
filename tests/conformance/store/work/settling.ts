// The contract of `settle` and of every other fenced write: what each end of a lease means, and that an old lease writes nothing.
import { expect, test } from "vitest";
import { MillraceError } from "../../../../src/core/errors/errors.ts";
import type { RunId } from "../../../../src/core/run-id.ts";
import type { Fence } from "../../../../src/store/rows/run-records.ts";
import type { Store } from "../../../../src/store/store.ts";
import { codeOf, createStoreFixture, type CreateStore, fenceOf, someError } from "../store-fixture.ts";

export function describeSettling(createStore: CreateStore): void {
  test("a finished run shows its result and its history", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runId = await fixture.submit();
    const run = await fixture.claimOne(await fixture.worker("anna"));
    fixture.clock.advance(250);
    const events = [{ type: "checks_passed", data: { count: 3 } }];
    const settled = await fixture.store.settle([{ ...fenceOf(run), end: "finished", result: { rows: 12 }, events }]);
    expect(settled).toEqual({ lostRunIds: [], readied: 0 });
    const finishedAtMs = fixture.clock.now();
    expect(await fixture.run(runId)).toMatchObject({
      state: "FINISHED",
      reason: undefined,
      result: { rows: 12 },
      attempt: 1,
      epoch: 1,
      startedAtMs: finishedAtMs - 250,
      finishedAtMs,
    });
    expect(await fixture.eventTypes(runId)).toEqual(["submitted", "started", "checks_passed", "finished"]);
    expect(await fixture.store.listAttempts(runId)).toEqual([
      {
        epoch: 1,
        attempt: 1,
        worker: "anna",
        startedAtMs: finishedAtMs - 250,
        endedAtMs: finishedAtMs,
        end: "finished",
        error: undefined,
      },
    ]);
  });

  test("a partial finish says so, and a failure keeps its error and reason", async () => {
    await using fixture = await createStoreFixture(createStore);
    const workerId = await fixture.worker();
    const [partial, failed] = [await fixture.submit(), await fixture.submit()];
    const [first, second] = [await fixture.claimOne(workerId), await fixture.claimOne(workerId)];
    await fixture.store.settle([
      { ...fenceOf(first), end: "finished", reason: "partial", result: null },
      { ...fenceOf(second), end: "failed", reason: "checks_failed", error: someError },
    ]);
    expect(await fixture.run(partial)).toMatchObject({
      state: "FINISHED",
      reason: "partial",
      result: null,
      error: undefined,
    });
    expect(await fixture.run(failed)).toMatchObject({
      state: "ERROR",
      reason: "checks_failed",
      result: undefined,
      error: someError,
    });
    expect(await fixture.eventTypes(failed)).toEqual(["submitted", "started", "failed"]);
  });

  test("an error whose details cannot be stored is kept without them, and the rest of the batch settles", async () => {
    await using fixture = await createStoreFixture(createStore);
    const workerId = await fixture.worker();
    const [odd, plain] = [await fixture.submit(), await fixture.submit()];
    const [first, second] = [await fixture.claimOne(workerId), await fixture.claimOne(workerId)];
    const error = { ...someError, details: { rows: 12n } };
    const settled = await fixture.store.settle([
      { ...fenceOf(first), end: "failed", reason: "failed", error },
      { ...fenceOf(second), end: "finished", result: null },
    ]);
    expect(settled.lostRunIds).toEqual([]);
    expect((await fixture.run(odd)).error).toEqual(someError);
    expect(await fixture.state(plain)).toBe("FINISHED");
  });

  test("a run that was parked for a service says why it waits", async () => {
    await using fixture = await createStoreFixture(createStore);
    await fixture.submit();
    const claimed = await fixture.claimOne(await fixture.worker());
    const because = "nothing may be sent to `crm` for the next 1h";
    const delayMs = 3_600_000;
    await fixture.store.settle([{ ...fenceOf(claimed), end: "snoozed", delayMs, wait: { kind: "service", because } }]);
    expect(await fixture.store.findWaitFacts(claimed.runId)).toMatchObject({
      run: { reason: "waiting_poll", runAtMs: fixture.clock.now() + delayMs },
      wait: { kind: "service", because },
    });
  });

  test("a retry counts as an attempt, a snooze and a release do not, and each claim has a new epoch", async () => {
    await using fixture = await createStoreFixture(createStore);
    const workerId = await fixture.worker();
    const runId = await fixture.submit();
    const seen: string[] = [];
    const claim = async (): Promise<Fence> => {
      await fixture.store.promote(10);
      const run = await fixture.claimOne(workerId);
      seen.push(`${run.epoch}/${run.attempt}`);
      return fenceOf(run);
    };
    const laterMs = (): number => fixture.clock.now() + 1_000;

    await fixture.store.settle([{ ...(await claim()), end: "snoozed", delayMs: 1_000 }]);
    expect(await fixture.run(runId)).toMatchObject({
      state: "PENDING",
      reason: "waiting_poll",
      attempt: 0,
      epoch: 1,
      runAtMs: laterMs(),
    });
    fixture.clock.advance(1_000);
    await fixture.store.settle([{ ...(await claim()), end: "retry", delayMs: 1_000, error: someError }]);
    expect(await fixture.run(runId)).toMatchObject({
      state: "PENDING",
      reason: "waiting_retry",
      attempt: 1,
      epoch: 2,
      runAtMs: laterMs(),
    });
    fixture.clock.advance(1_000);
    expect(await fixture.store.settle([{ ...(await claim()), end: "released" }])).toEqual({
      lostRunIds: [],
      readied: 1,
    });
    expect(await fixture.run(runId)).toMatchObject({ state: "PENDING", reason: undefined, attempt: 1, epoch: 3 });
    await fixture.fail(await claim());

    expect(seen).toEqual(["1/1", "2/1", "3/2", "4/2"]);
    expect(await fixture.run(runId)).toMatchObject({ state: "ERROR", attempt: 2, epoch: 4 });
    expect((await fixture.store.listAttempts(runId)).map(({ end, attempt }) => `${end} ${attempt}`)).toEqual([
      "snoozed 1",
      "retry 1",
      "released 2",
      "failed 2",
    ]);
    expect(await fixture.eventTypes(runId)).toEqual([
      "submitted",
      "started",
      "snoozed",
      "started",
      "retry_scheduled",
      "started",
      "released",
      "started",
      "failed",
    ]);
  });

  test("a lease settles once: the second settlement and one in the same batch are lost and write nothing", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runId = await fixture.submit();
    const run = await fixture.claimOne(await fixture.worker());
    const settled = await fixture.finish(run, run);
    expect(settled.lostRunIds).toEqual([runId]);
    expect((await fixture.fail(run)).lostRunIds).toEqual([runId]);
    expect(await fixture.state(runId)).toBe("FINISHED");
    expect(await fixture.store.listAttempts(runId)).toHaveLength(1);
    expect(await fixture.eventTypes(runId)).toEqual(["submitted", "started", "finished"]);
  });

  test("a batch settles what still holds and reports the rest", async () => {
    await using fixture = await createStoreFixture(createStore);
    const workerId = await fixture.worker();
    const ids = [await fixture.submit(), await fixture.submit(), await fixture.submit()];
    const runs = await fixture.store.claim({ workerId, limit: 3 });
    await fixture.store.settle([{ ...fenceOf(runs[1] ?? fail()), end: "released" }]);
    expect((await fixture.finish(...runs)).lostRunIds).toEqual([ids[1]]);
    expect(await Promise.all(ids.map((id) => fixture.state(id)))).toEqual(["FINISHED", "PENDING", "FINISHED"]);
  });

  const fencedWrites: readonly [string, (store: Store, fence: Fence) => Promise<unknown>][] = [
    ["saveCheckpoint", (store, fence) => store.saveCheckpoint(fence, { page: 1 })],
    ["saveUnits", (store, fence) => store.saveUnits(fence, [{ key: "u", state: "done" }])],
    ["saveSteps", (store, fence) => saveOneStep(store, fence)],
    [
      "advanceWatermarks",
      (store, fence) => store.advanceWatermarks(fence, [{ name: "default", value: 1, seenVersion: 0 }]),
    ],
    ["appendEvents", (store, fence) => store.appendEvents(fence, [{ type: "note" }])],
    ["recordDataset", (store, fence) => store.recordDataset(fence, datasetOf(fence.runId))],
  ];

  test.each(fencedWrites)("%s of a lease that is gone is RUN_LOST and writes nothing", async (_name, write) => {
    await using fixture = await createStoreFixture(createStore);
    const workerId = await fixture.worker();
    const runId = await fixture.submit();
    const stale = fenceOf(await fixture.claimOne(workerId));
    const neverClaimed = { runId, epoch: 7 };
    await fixture.store.settle([{ ...stale, end: "released" }]);
    expect(await codeOf(write(fixture.store, stale))).toBe("RUN_LOST");
    const held = fenceOf(await fixture.claimOne(workerId));
    expect(await codeOf(write(fixture.store, stale))).toBe("RUN_LOST");
    expect(await codeOf(write(fixture.store, neverClaimed))).toBe("RUN_LOST");
    expect(await writtenBy(fixture.store, runId)).toEqual({
      checkpoints: [],
      units: [],
      step: undefined,
      watermarks: [],
      notes: 0,
      datasets: [],
    });
    await write(fixture.store, held);
    await fixture.finish(held);
    expect(await codeOf(write(fixture.store, held))).toBe("RUN_LOST");
  });

  test("heldFences keeps those whose lease has that epoch", async () => {
    await using fixture = await createStoreFixture(createStore);
    const workerId = await fixture.worker();
    await fixture.submit();
    await fixture.submit();
    const [first, second] = [fenceOf(await fixture.claimOne(workerId)), fenceOf(await fixture.claimOne(workerId))];
    const older = { ...second, epoch: second.epoch - 1 };
    expect(await fixture.store.heldFences([first, older, second])).toEqual([first, second]);
    await fixture.finish(first);
    expect(await fixture.store.heldFences([first, second])).toEqual([second]);
  });
}

export function datasetOf(runId: RunId, dataset = "flights") {
  const locations = [{ format: "parquet" as const, path: "/lake/flights.parquet" }];
  return {
    dataset,
    runId,
    job: "job",
    locations,
    schema: [{ name: "id", type: "BIGINT" }],
    rowCount: 3,
    fingerprint: "f1",
  };
}

async function writtenBy(store: Store, runId: RunId): Promise<unknown> {
  const events = await store.listEvents(runId, 0, 100);
  return {
    checkpoints: await store.loadCheckpoints(runId),
    units: await store.loadUnits(runId),
    step: await store.loadStep(runId, "s"),
    watermarks: await store.listWatermarks("job"),
    notes: events.filter(({ type }) => type === "note").length,
    datasets: await store.listDatasets(),
  };
}

// Says which runs are lost instead of throwing, since it writes for many.
async function saveOneStep(store: Store, fence: Fence): Promise<void> {
  const [lost] = await store.saveSteps([{ ...fence, name: "s", value: 1 }]);
  if (lost !== undefined) throw new MillraceError("RUN_LOST", `lease of run \`${lost}\` is gone`);
}

function fail(): never {
  throw new Error("fewer runs than expected");
}
