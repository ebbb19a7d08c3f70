// A run has one start and one duration of its own, whatever was tried again, waited for or taken back in between.
import { expect, test } from "vitest";
import type { RunId } from "../../../../src/core/run-id.ts";
import type { Settlement } from "../../../../src/store/rows/run-records.ts";
import {
  createStoreFixture,
  type CreateStore,
  fenceOf,
  newRun,
  someError,
  type StoreFixture,
} from "../store-fixture.ts";

const second = 1_000;

interface Times {
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
}

type WithoutFence<S> = S extends unknown ? Omit<S, "runId" | "epoch"> : never;
type Ending = WithoutFence<Settlement>;

/** Wherever a duration or a start of an ended run is shown. */
async function assertTimes(fixture: StoreFixture, runId: RunId, { startedAtMs, finishedAtMs }: Times): Promise<void> {
  const { store } = fixture;
  const { job } = await fixture.run(runId);
  expect(await fixture.run(runId)).toMatchObject({ startedAtMs, finishedAtMs, attemptStartedAtMs: undefined });
  expect((await store.listRuns({ limit: 100 })).find(({ id }) => id === runId)).toMatchObject({ startedAtMs });
  expect(await store.listRecentRuns([job], 1)).toMatchObject([{ startedAtMs, finishedAtMs }]);
  const range = { fromMs: 0, toMs: finishedAtMs + 1, job };
  expect(await store.sampleDurations({ ...range, limit: 10 })).toMatchObject([
    { durationMs: finishedAtMs - startedAtMs },
  ]);
}

async function lastFeedStart(fixture: StoreFixture, runId: RunId): Promise<number | undefined> {
  const { events } = await fixture.store.readFeed("0", { limit: 1_000 });
  return events.findLast((event) => event.runId === runId)?.startedAtMs;
}

function endingAs(end: "retry" | "snoozed" | "released", delayMs: number): Ending {
  switch (end) {
    case "released":
      return { end };
    case "snoozed":
      return { end, delayMs };
    case "retry":
      return { end, delayMs, error: someError };
  }
}

export function describeRunTimes(createStore: CreateStore): void {
  test.each(["retry", "snoozed", "released"] as const)(
    "a run whose attempts end `%s` began with the first of them",
    async (end) => {
      await using fixture = await createStoreFixture(createStore);
      const { store, clock } = fixture;
      const worker = await fixture.worker();
      const runId = await fixture.submit({ job: "hide" });
      clock.advance(second);
      const startedAtMs = clock.now();
      for (let attempt = 1; attempt <= 3; attempt += 1) {
        const run = await fixture.claimOne(worker);
        expect(await fixture.run(runId)).toMatchObject({
          state: "RUNNING",
          startedAtMs,
          attemptStartedAtMs: clock.now(),
        });
        clock.advance(4 * second);
        if (attempt === 3) {
          await fixture.finish(run);
          break;
        }
        await store.settle([{ ...fenceOf(run), ...endingAs(end, 3 * second) }]);
        expect(await fixture.run(runId)).toMatchObject({ startedAtMs, attemptStartedAtMs: undefined });
        clock.advance(3 * second);
        await store.promote(100);
      }
      await assertTimes(fixture, runId, { startedAtMs, finishedAtMs: startedAtMs + 18 * second });
      expect(await store.jobStatistics({ sinceMs: 0 })).toMatchObject([
        { p50Ms: 18 * second, p95Ms: 18 * second, busyMs: 4 * second },
      ]);
      expect(await lastFeedStart(fixture, runId)).toBe(startedAtMs);
    },
  );

  test("a run of a dead worker, and one that a person starts again, began when it first did", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const worker = await fixture.worker();
    const runId = await fixture.submit({ job: "flaky" });
    const startedAtMs = clock.now();
    await fixture.fail(await fixture.claimOne(worker));
    clock.advance(30 * second);
    await store.control({ action: "rerun", target: { runId }, by: "ada" });
    expect(await fixture.run(runId)).toMatchObject({ state: "PENDING", startedAtMs });
    const run = await fixture.claimOne(worker);
    clock.advance(second);
    await fixture.finish(run);
    await assertTimes(fixture, runId, { startedAtMs, finishedAtMs: startedAtMs + 31 * second });
  });

  test("a pipeline that is taken back keeps the start of its first member", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const worker = await fixture.worker();
    const runs = [
      newRun({ job: "all", kind: "pipeline" }),
      newRun({ job: "a", parent: 0 }),
      newRun({ job: "b", parent: 0 }),
    ];
    const { rootRunId } = await store.submit({ runs, edges: [] });
    const startedAtMs = clock.now();
    const members = await store.claim({ workerId: worker, limit: 2 });
    const [first, other] = members;
    if (first === undefined || other === undefined) throw new Error("two members were ready");
    clock.advance(2 * second);
    await fixture.finish(first);
    await fixture.fail(other);
    await fixture.fail(await fixture.claimJob(worker, "all"));
    expect(await fixture.run(rootRunId)).toMatchObject({ state: "ERROR", startedAtMs });
    clock.advance(10 * second);
    await store.control({ action: "rerun", target: { runId: rootRunId }, by: "ada" });
    expect((await fixture.run(rootRunId)).state).toBe("PENDING");
    const again = await fixture.claimOne(worker);
    expect(await fixture.run(rootRunId)).toMatchObject({ state: "RUNNING", startedAtMs });
    clock.advance(second);
    await fixture.finish(again);
    await fixture.finish(await fixture.claimJob(worker, "all"));
    await assertTimes(fixture, rootRunId, { startedAtMs, finishedAtMs: startedAtMs + 13 * second });
  });
}
