// The contract of what is expected in time: rules that are due, facts to judge them by, and turns that happen once.
import { expect, test } from "vitest";
import type {
  DueExpectation,
  ExpectationRecord,
  NewExpectation,
  PunctualityFacts,
  Verdict,
} from "../../../../src/store/expectations/expectation-store.ts";
import { at, createStoreFixture, type CreateStore, newRun, type StoreFixture } from "../store-fixture.ts";

const hourMs = 3_600_000;

export function describeExpecting(createStore: CreateStore): void {
  test("rules are due from their time on, page by page, the longest overdue first", async () => {
    await using fixture = await createStoreFixture(createStore);
    const startMs = fixture.clock.now();
    const rules = [rule("job", "b", startMs + 5), rule("dataset", "a", startMs + 5), rule("job", "a", startMs + 9)];
    await fixture.store.saveExpectations([...rules, rule("job", "later", startMs + hourMs)]);
    expect(await fixture.store.listDueExpectations(10)).toEqual([]);
    fixture.clock.advance(10);
    const [first, second] = await fixture.store.listDueExpectations(2);
    expect(first).toEqual({
      ...rule("dataset", "a", startMs + 5),
      savedAtMs: startMs,
      state: "met",
      sinceMs: undefined,
      runId: undefined,
      seenAtMs: startMs + 10,
    });
    expect(second).toMatchObject({ kind: "job", name: "b" });
    expect(await fixture.store.listDueExpectations(2, second)).toMatchObject([{ kind: "job", name: "a" }]);
  });

  test("a rule that is the same stays as it is, and one that changed begins anew", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const dueMs = clock.now();
    await store.saveExpectations([rule("job", "same", dueMs), rule("job", "changed", dueMs)]);
    const due = await store.listDueExpectations(10);
    await store.applyVerdicts(due.map((record) => broken(record, dueMs)));
    clock.advance(hourMs);
    await store.saveExpectations([
      rule("job", "same", dueMs + 9),
      { ...rule("job", "changed", dueMs + 9), rule: { of: "another" } },
    ]);
    const found = await store.findExpectations("job", ["same", "changed", "unknown"]);
    expect(byName(found, "same")).toMatchObject({ state: "broken", sinceMs: dueMs, savedAtMs: dueMs });
    expect(byName(found, "changed")).toMatchObject({ state: "met", sinceMs: undefined, savedAtMs: dueMs + hourMs });
  });

  test("a rule that nobody looked at for a week is forgotten", async () => {
    await using fixture = await createStoreFixture(createStore);
    await fixture.store.saveExpectations([rule("job", "gone", fixture.clock.now())]);
    fixture.clock.advance(7 * 24 * hourMs);
    await fixture.store.saveExpectations([]);
    expect(await fixture.store.listDueExpectations(10)).toHaveLength(1);
    fixture.clock.advance(1);
    await fixture.store.saveExpectations([]);
    expect(await fixture.store.listDueExpectations(10)).toEqual([]);
  });

  test("of two processes that judge the same rule one makes the turn, and what stays as it is makes none", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const dueMs = clock.now();
    await store.saveExpectations([rule("job", "load", dueMs)]);
    const other = await fixture.underTest.open();
    const due = at(await store.listDueExpectations(1), 0);
    const turn = { kind: "job", name: "load", turn: "late", atMs: dueMs, expectedAtMs: dueMs, runId: undefined };
    expect(await store.applyVerdicts([broken(due, dueMs)])).toEqual([turn]);
    expect(await other.applyVerdicts([broken(due, dueMs)])).toEqual([]);
    // One that looked before and thinks otherwise comes too late as well.
    const stale: Verdict = { ...broken(due, dueMs), state: "met", sinceMs: undefined };
    expect(await other.applyVerdicts([stale])).toEqual([]);
    await other[Symbol.asyncDispose]();
    clock.advance(60_000);
    const again = at(await store.listDueExpectations(1), 0);
    expect(await store.applyVerdicts([broken(again, dueMs)])).toEqual([]);
    clock.advance(60_000);
    const third = at(await store.listDueExpectations(1), 0);
    const met: Verdict = { ...broken(third, dueMs), state: "met", sinceMs: undefined };
    expect(await store.applyVerdicts([met])).toMatchObject([{ turn: "on_time", atMs: dueMs + 120_000 }]);
    const turns = await store.listTurns({ kind: "job", name: "load", limit: 10 });
    expect(turns.map(({ turn: made, atMs }) => [made, atMs - dueMs])).toEqual([
      ["on_time", 120_000],
      ["late", 0],
    ]);
    const before = { kind: "job", name: "load", limit: 10, beforeMs: dueMs + 120_000 } as const;
    expect(await store.listTurns(before)).toMatchObject([{ turn: "late" }]);
    expect(await store.listTurns({ ...before, kind: "dataset" })).toEqual([]);
  });

  test("turns go with the history of their time", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    await store.saveExpectations([rule("dataset", "orders", clock.now())]);
    await store.applyVerdicts([broken(at(await store.listDueExpectations(1), 0), clock.now())]);
    const list = { kind: "dataset", name: "orders", limit: 10 } as const;
    await store.removeHistory({ endedBeforeMs: clock.now(), limit: 10 });
    expect(await store.listTurns(list)).toMatchObject([{ turn: "stale" }]);
    await store.removeHistory({ endedBeforeMs: clock.now() + 1, limit: 10 });
    expect(await store.listTurns(list)).toEqual([]);
  });

  test("what became of an instant and of the last runs is read for many jobs at once", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    const fireAtMs = clock.now();
    await schedule(fixture, "load", fireAtMs);
    await store.fire([
      {
        name: "load",
        seenFireAtMs: fireAtMs,
        nextFireAtMs: fireAtMs + hourMs,
        fires: [{ fireAtMs, decision: "run", submission: { runs: [newRun({ job: "load" })], edges: [] } }],
      },
    ]);
    const run = await fixture.claimOne(await fixture.worker());
    const [undecided] = await store.readPunctuality([{ job: "load", fireAtMs: fireAtMs + hourMs }]);
    expect(undecided?.fire).toBeUndefined();
    expect((await store.readPunctuality([{ job: "load", fireAtMs }]))[0]?.fire?.isFinished).toBe(false);
    await fixture.finish(run);
    await store.pauseSchedule("load", true, "ada");
    const newest = await fixture.submit({ job: "load" });
    const facts = await store.readPunctuality([{ job: "load", fireAtMs }, { job: "unknown" }]);
    expect(facts).toEqual([
      {
        job: "load",
        isPaused: true,
        fire: { decision: "run", runId: run.runId, isFinished: true },
        runs: [
          { runId: newest, createdAtMs: fireAtMs, state: undefined },
          { runId: run.runId, createdAtMs: fireAtMs, state: "FINISHED" },
        ],
      },
      { job: "unknown", isPaused: false, fire: undefined, runs: [] },
    ]);
  });

  test("runs of a backfill do not count, and of the others the last 20 do", async () => {
    await using fixture = await createStoreFixture(createStore);
    const root = newRun({ job: "backfill:load", kind: "pipeline" });
    await fixture.store.submit({ runs: [root, { ...newRun({ job: "load" }), parent: 0 }], edges: [] });
    const own = await fixture.submit({ job: "load" });
    const read = async (): Promise<PunctualityFacts | undefined> =>
      (await fixture.store.readPunctuality([{ job: "load" }]))[0];
    expect((await read())?.runs.map(({ runId }) => runId)).toEqual([own]);
    for (let count = 0; count < 21; count += 1) await fixture.submit({ job: "load" });
    const facts = await read();
    expect(facts?.runs).toHaveLength(20);
    const [run] = facts?.runs ?? [];
    expect(run?.runId).toBeGreaterThan(at(facts?.runs ?? [], 19).runId);
  });

  test("the newest version of a dataset tells when it was published, and how new its rows are", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { store, clock } = fixture;
    await publish(fixture, 5_000);
    clock.advance(1_000);
    await publish(fixture, undefined);
    expect(await store.readFreshness(["orders", "unknown"])).toEqual([
      { dataset: "orders", version: 2, createdAtMs: clock.now(), newestAtMs: undefined },
    ]);
    expect(await store.findDataset("orders", 1)).toMatchObject({ newestAtMs: 5_000 });
    expect(await store.findDataset("orders", 2)).not.toHaveProperty("newestAtMs");
  });
}

function rule(kind: NewExpectation["kind"], name: string, dueAtMs: number): NewExpectation {
  return { kind, name, rule: { of: name }, expectedAtMs: dueAtMs, dueAtMs };
}

/** Looked at again a minute later. */
function broken({ kind, name, dueAtMs, seenAtMs }: DueExpectation, expectedAtMs: number): Verdict {
  const next = { dueAtMs: seenAtMs + 60_000, sinceMs: expectedAtMs, runId: undefined };
  return { kind, name, seenDueAtMs: dueAtMs, state: "broken", expectedAtMs, ...next };
}

function byName(records: readonly ExpectationRecord[], name: string): ExpectationRecord | undefined {
  return records.find((record) => record.name === name);
}

async function schedule({ store }: StoreFixture, name: string, nextFireAtMs: number): Promise<void> {
  await store.saveSchedules([{ name, definition: { of: name }, nextFireAtMs }]);
}

async function publish(fixture: StoreFixture, newestAtMs: number | undefined): Promise<void> {
  const runId = await fixture.submit({ job: "load" });
  const run = await fixture.claimOne(await fixture.worker());
  await fixture.store.recordDataset(run, {
    dataset: "orders",
    runId,
    job: "load",
    locations: [],
    schema: [],
    rowCount: 1,
    fingerprint: String(runId),
    ...(newestAtMs === undefined ? {} : { newestAtMs }),
  });
  await fixture.finish(run);
}
