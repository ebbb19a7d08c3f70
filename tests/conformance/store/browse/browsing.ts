// Searches over all runs: every filter and combination gives exactly the runs whose summaries fit it, page by page.
import { expect, test } from "vitest";
import { fingerprintError } from "../../../../src/core/errors/error-fingerprint.ts";
import type { RunId } from "../../../../src/core/run-id.ts";
import type { RunState } from "../../../../src/core/job/run-state.ts";
import type { RunSearch } from "../../../../src/store/search/search-store.ts";
import type { RunSummary } from "../../../../src/store/rows/run-records.ts";
import {
  createStoreFixture,
  type CreateStore,
  fenceOf,
  newRun,
  someError,
  type StoreFixture,
} from "../store-fixture.ts";

type Filter = Omit<RunSearch, "limit" | "before">;

export function describeBrowsing(createStore: CreateStore): void {
  test("each search gives the runs that fit it, newest first, whichever index it walks", async () => {
    await using fixture = await createStoreFixture(createStore);
    const all = await manyRuns(fixture);
    expect(new Set(all.map(({ state }) => state)).size).toBe(5);
    for (const filter of filters(all)) {
      const expected = all.filter((run) => fits(run, filter)).map(({ id }) => id);
      expect({ filter, ids: await readPages(fixture, filter, 3) }).toEqual({ filter, ids: expected });
    }
  });

  test("a page that is full to the last run says that it is the last", async () => {
    await using fixture = await createStoreFixture(createStore);
    const ids = [await fixture.submit(), await fixture.submit()];
    expect(await fixture.store.searchRuns({ limit: 2 })).toMatchObject({
      runs: ids.toReversed().map((id) => ({ id })),
      nextBefore: undefined,
    });
    expect(await fixture.store.searchRuns({ limit: 1 })).toMatchObject({ runs: [{ id: ids[1] }], nextBefore: ids[1] });
    expect(await fixture.store.searchRuns({ limit: 0 })).toMatchObject({ runs: [] });
  });

  test("text is found whatever its case, in names, params and errors, and no character of it is special", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const quoted = await fixture.submit({ job: "a", params: { say: 'the "Größe" of 100%_' } });
    const named = await fixture.submit({ job: "Load-Orders" });
    const broken = await fixture.claimJob(await fixture.worker(), "a");
    const error = { ...someError, message: "Host DB-7 is away", causes: ["connect ECONNREFUSED"] };
    await store.settle([{ ...fenceOf(broken), end: "failed", reason: "failed", error }]);
    const find = async (text: string): Promise<readonly RunId[]> =>
      (await store.searchRuns({ text, limit: 10 })).runs.map(({ id }) => id);
    for (const text of [
      '"größe"',
      "GRÖSSE".replace("SS", "ß"),
      "100%_",
      "host db-7",
      "econnrefused",
      "job_failed",
      '{"SAY"',
    ])
      expect({ text, ids: await find(text) }).toEqual({ text, ids: [quoted] });
    expect(await find("LOAD-ord")).toEqual([named]);
    for (const text of ["100__", "%", "grö_e", "disposition", "\0", "'; drop table run", "\\u"])
      expect({ text, ids: (await find(text)).length }).toEqual({ text, ids: text === "%" ? 1 : 0 });
    expect(await find(" R1 ")).toEqual([quoted]);
    expect(await find("r4711")).toEqual([]);
  });

  test("runs of jobs with the text in their names are found behind thousands of others", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    const old = await fixture.submit({ job: "rare-job" });
    const runs = Array.from({ length: 4_000 }, (_, position) => newRun({ job: position === 7 ? "rare" : "often" }));
    await store.submit({ runs, edges: [] });
    const page = await store.searchRuns({ text: "RARE", limit: 10 });
    expect(page.runs.map(({ job }) => job)).toEqual(["rare", "rare-job"]);
    expect(page.nextBefore).toBe(old);
    expect(await store.searchRuns({ text: "RARE", limit: 10, before: old })).toEqual({
      runs: [],
      nextBefore: undefined,
    });
  });

  test("a search that matches nothing stops soon and says where", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store } = fixture;
    await store.submit({ runs: Array.from({ length: 4_000 }, () => newRun()), edges: [] });
    const first = await store.searchRuns({ text: "nowhere", limit: 10 });
    expect(first.runs).toEqual([]);
    expect(first.nextBefore).toBeLessThan(1_000);
    const second = await store.searchRuns({ text: "nowhere", limit: 10, ...toBefore(first.nextBefore) });
    expect(second).toEqual({ runs: [], nextBefore: undefined });
  });
}

function toBefore(before: RunId | undefined): { before?: RunId } {
  return before === undefined ? {} : { before };
}

// Pipelines and runs on their own, of two tenants, over two hours, in every state, failed in two ways.
async function manyRuns(fixture: StoreFixture): Promise<readonly RunSummary[]> {
  const { store, clock } = fixture;
  for (let hour = 0; hour < 3; hour += 1) {
    const runs = [
      newRun({ job: "nightly", kind: "pipeline" }),
      newRun({ job: "load", parent: 0, params: { day: hour } }),
      newRun({ job: "clean", parent: 0, tenant: "acme" }),
    ];
    await store.submit({ runs, edges: [{ parent: 1, child: 2, onUpstreamFailure: "cancel" }] });
    await fixture.submit({ job: "load", tenant: "acme", params: { city: "Bern" } });
    await fixture.submit({ job: "export" });
    clock.advance(hour === 1 ? 3_600_000 : 60_000);
  }
  const worker = await fixture.worker();
  const claimed = await store.claim({ workerId: worker, limit: 100, jobs: new Set(["load"]) });
  const [first, second, third, fourth, fifth] = claimed;
  if (!first || !second || !third || !fourth || !fifth) throw new Error("five runs of load were ready");
  await fixture.finish(first);
  await fixture.fail(second, third);
  const other = { ...someError, message: "host `db` is away" };
  await store.settle([{ ...fenceOf(fourth), end: "failed", reason: "failed", error: other }]);
  await store.settle([{ ...fenceOf(fifth), end: "snoozed", delayMs: 1_000 }]);
  for (let look = 0; look < 2; look += 1) {
    await fixture.finish(...(await store.claim({ workerId: worker, limit: 10, jobs: new Set() })));
  }
  const exports = await store.listRuns({ job: "export", state: "PENDING", limit: 3 });
  const [paused] = exports;
  if (paused === undefined) throw new Error("runs of export wait");
  await store.control({ action: "pause", target: { runId: paused.id }, by: "test" });
  await fixture.claimJob(worker, "export");
  return await store.listRuns({ limit: 100 });
}

const stateLists: readonly (readonly RunState[] | undefined)[] = [
  undefined,
  [],
  ["NOT_STARTED"],
  ["ERROR"],
  ["FINISHED"],
  ["FINISHED", "ERROR"],
  ["PENDING", "RUNNING"],
  ["PAUSED"],
  ["RUNNING", "ERROR"],
  ["PENDING", "FINISHED"],
];

function* filters(all: readonly RunSummary[]): Generator<Filter> {
  const oldest = all.at(-1)?.createdAtMs ?? 0;
  const pipeline = all.find(({ kind }) => kind === "pipeline");
  if (pipeline === undefined) throw new Error("a pipeline was submitted");
  const narrowings: Filter[] = [
    {},
    { rootsOnly: true },
    { job: "load" },
    { job: "nowhere" },
    { job: "load", tenant: "acme" },
    { tenant: "acme" },
    { notJobs: ["load", "clean", "nightly"] },
    { sinceMs: oldest + 3_600_000 },
    { untilMs: oldest + 3_600_000 },
    { sinceMs: oldest + 60_000, untilMs: oldest + 60_001, rootsOnly: true },
    { fingerprint: fingerprintError(someError) },
    { fingerprint: "no such failure", job: "load" },
    { parentRunId: pipeline.id },
    { text: "bern" },
    { text: "LOAD", rootsOnly: true },
    { text: "away", job: "load" },
  ];
  for (const narrowing of narrowings) {
    for (const states of stateLists) yield { ...narrowing, ...(states === undefined ? {} : { states }) };
  }
}

function fits(run: RunSummary, filter: Filter): boolean {
  const { states, job, notJobs, sinceMs = 0, untilMs = Infinity, tenant, fingerprint, parentRunId, rootsOnly } = filter;
  const text = filter.text?.toLowerCase();
  const error = run.error === undefined ? undefined : fingerprintError(run.error);
  return (
    states?.includes(run.state) !== false &&
    (job === undefined || run.job === job) &&
    notJobs?.includes(run.job) !== true &&
    run.createdAtMs >= sinceMs &&
    run.createdAtMs < untilMs &&
    (tenant === undefined || run.tenant === tenant) &&
    (fingerprint === undefined || error === fingerprint) &&
    (parentRunId === undefined || run.parentRunId === parentRunId) &&
    (rootsOnly !== true || run.parentRunId === undefined) &&
    (text === undefined || [run.job, JSON.stringify(run.params), run.error?.message ?? ""].some(has(text)))
  );
}

function has(text: string): (part: string) => boolean {
  return (part) => part.toLowerCase().includes(text);
}

async function readPages({ store }: StoreFixture, filter: Filter, limit: number): Promise<number[]> {
  const ids: number[] = [];
  for (let before: RunId | undefined; ;) {
    const page = await store.searchRuns({ ...filter, limit, ...toBefore(before) });
    expect(page.runs.length).toBeLessThanOrEqual(limit);
    ids.push(...page.runs.map(({ id }) => id));
    before = page.nextBefore;
    if (before === undefined) return ids;
  }
}
