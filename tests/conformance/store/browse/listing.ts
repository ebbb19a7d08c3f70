// Lists of runs: every filter gives exactly the runs whose summaries fit it, newest first, page by page.
import { expect, test } from "vitest";
import type { RunState } from "../../../../src/core/job/run-state.ts";
import type { RunFilter, RunSummary } from "../../../../src/store/rows/run-records.ts";
import { createStoreFixture, type CreateStore, newRun, type StoreFixture } from "../store-fixture.ts";

const states: readonly (RunState | undefined)[] = [
  undefined,
  "NOT_STARTED",
  "PENDING",
  "RUNNING",
  "PAUSED",
  "FINISHED",
  "ERROR",
];

export function describeListing(createStore: CreateStore): void {
  test("each filter gives the runs that fit it, whichever way it is looked for", async () => {
    await using fixture = await createStoreFixture(createStore);
    const all = await oneOfEach(fixture);
    const seen = new Set(all.map(({ state }) => state));
    expect([...seen].toSorted()).toEqual(["ERROR", "FINISHED", "PAUSED", "PENDING", "RUNNING"]);
    const parents = [undefined, ...new Set(all.map(({ parentRunId }) => parentRunId))];
    for (const filter of filters(parents)) {
      const expected = all.filter((run) => fits(run, filter)).map(({ id }) => id);
      expect({ filter, ids: await readPages(fixture, filter) }).toEqual({ filter, ids: expected });
    }
  });

  test("a pipeline whose members are paused one by one is not paused itself", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const runs = [newRun({ job: "pipeline", kind: "pipeline" }), newRun({ job: "member", parent: 0 })];
    const [pipeline, member] = (await store.submit({ runs, edges: [] })).runIds;
    if (pipeline === undefined || member === undefined) throw new Error("two runs were submitted");
    await store.control({ action: "pause", target: { runId: member }, by: "test" });
    expect(await fixture.state(member)).toBe("PAUSED");
    expect(await fixture.state(pipeline)).toBe("PENDING");
    await store.control({ action: "pause", target: { runId: pipeline }, by: "test" });
    expect(await fixture.state(pipeline)).toBe("PAUSED");
    expect((await store.listRuns({ state: "PAUSED", limit: 10 })).map(({ id }) => id)).toEqual([member, pipeline]);
  });
}

// Pipelines before they start, running, paused and ended; runs on their own in every place.
async function oneOfEach(fixture: StoreFixture): Promise<readonly RunSummary[]> {
  const { store, clock } = fixture;
  const worker = await fixture.worker();
  const submitPipeline = async (): Promise<void> => {
    const runs = [
      newRun({ job: "pipeline", kind: "pipeline" }),
      newRun({ job: "a", parent: 0 }),
      newRun({ job: "b", parent: 0 }),
    ];
    await store.submit({ runs, edges: [{ parent: 1, child: 2, onUpstreamFailure: "cancel" }] });
  };
  for (let count = 0; count < 4; count += 1) await submitPipeline();
  // The first ends, the second fails, the third has begun, and its other member is paused.
  const [first, second, third] = await store.claim({ workerId: worker, limit: 3 });
  if (first === undefined || second === undefined || third === undefined) throw new Error("three runs were ready");
  await fixture.finish(first);
  await fixture.fail(second);
  await store.settle([{ ...third, end: "snoozed", delayMs: 1_000 }]);
  const rest = await store.claim({ workerId: worker, limit: 10, jobs: new Set(["b"]) });
  await fixture.finish(...rest);
  for (let look = 0; look < 2; look += 1) await fixture.finish(...(await claimPipelines(fixture)));
  const [waiting] = await store.listRuns({ job: "b", state: "PENDING", limit: 1 });
  if (waiting === undefined) throw new Error("a member waits");
  await store.control({ action: "pause", target: { runId: waiting.id }, by: "test" });
  // On their own.
  const park = await fixture.submit({ job: "a" });
  await store.control({ action: "pause", target: { runId: park }, by: "test" });
  await fixture.submit({ job: "a", runAtMs: clock.now() + 5_000 });
  await fixture.submit({ job: "c" });
  await fixture.claimJob(worker, "c");
  await fixture.submit({ job: "c" });
  return await store.listRuns({ limit: 100 });
}

async function claimPipelines(fixture: StoreFixture): ReturnType<StoreFixture["store"]["claim"]> {
  return await fixture.store.claim({ workerId: await fixture.worker(), limit: 10, jobs: new Set() });
}

function* filters(parents: readonly RunSummary["parentRunId"][]): Generator<Omit<RunFilter, "limit">> {
  for (const state of states) {
    for (const job of [undefined, "a", "b", "c", "pipeline", "unknown"]) {
      for (const parentRunId of parents) {
        for (const rootsOnly of parentRunId === undefined ? [false, true] : [false]) {
          yield {
            rootsOnly,
            ...(state === undefined ? {} : { state }),
            ...(job === undefined ? {} : { job }),
            ...(parentRunId === undefined ? {} : { parentRunId }),
          };
        }
      }
    }
  }
}

function fits(run: RunSummary, { state, job, parentRunId, rootsOnly }: Omit<RunFilter, "limit">): boolean {
  return (
    (state === undefined || run.state === state) &&
    (job === undefined || run.job === job) &&
    (parentRunId === undefined || run.parentRunId === parentRunId) &&
    (rootsOnly !== true || run.parentRunId === undefined)
  );
}

// Pages of two.
async function readPages({ store }: StoreFixture, filter: Omit<RunFilter, "limit">): Promise<number[]> {
  const ids: number[] = [];
  for (let before: RunFilter["before"]; ;) {
    const page = await store.listRuns({ ...filter, limit: 2, ...(before === undefined ? {} : { before }) });
    ids.push(...page.map(({ id }) => id));
    before = page.at(-1)?.id;
    if (before === undefined || page.length < 2) return ids;
  }
}
