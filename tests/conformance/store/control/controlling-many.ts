// The contract of control over jobs, pipelines and the orchestrator as a whole.
import { expect, test } from "vitest";
import type { RunId } from "../../../../src/core/run-id.ts";
import type { ControlAction, ControlResult } from "../../../../src/store/control/control-store.ts";
import {
  codeOf,
  createStoreFixture,
  type CreateStore,
  fenceOf,
  newRun,
  someError,
  type StoreFixture,
} from "../store-fixture.ts";

export function describeControllingMany(createStore: CreateStore): void {
  describeJobs(createStore);
  describePipelines(createStore);
  describeReruns(createStore);
  describeEngine(createStore);
}

function describeJobs(createStore: CreateStore): void {
  test("a paused job parks what it has and what comes later, until it is resumed", async () => {
    await using fixture = await createStoreFixture(createStore);
    const before = await fixture.submit({ job: "a" });
    const other = await fixture.submit({ job: "b" });
    expect(await onJob(fixture, "pause", "a")).toEqual({ changed: 1, requested: 0 });
    const after = await fixture.submit({ job: "a" });
    const later = await fixture.submit({ job: "a", runAtMs: fixture.clock.now() + 5_000 });
    const { b = none() } = await fixture.submitGraph("ba", "b>a");
    expect(await fixture.store.listPausedJobs()).toEqual([
      { job: "a", by: "ann", reason: "upgrade", atMs: fixture.clock.now() },
    ]);
    const workerId = await fixture.worker();
    const claimed = await fixture.store.claim({ workerId, limit: 9 });
    expect(claimed.map(({ runId }) => runId)).toEqual([other, b]);
    expect(await fixture.finish(...claimed)).toMatchObject({ readied: 0 });
    expect(await fixture.store.listRuns({ state: "PAUSED", limit: 9 })).toHaveLength(4);
    expect(await fixture.states({ before, later })).toEqual({ before: "PAUSED", later: "PAUSED(scheduled)" });
    expect(await onJob(fixture, "resume", "a")).toEqual({ changed: 4, requested: 0 });
    expect(await fixture.store.listPausedJobs()).toEqual([]);
    expect(await fixture.states({ before, after, later })).toEqual({
      before: "PENDING",
      after: "PENDING",
      later: "PENDING(scheduled)",
    });
    expect(await fixture.store.claim({ workerId, limit: 9 })).toHaveLength(3);
  });

  test("resuming a job leaves alone what was paused for itself, and what another pause still holds", async () => {
    await using fixture = await createStoreFixture(createStore);
    const own = await fixture.submit({ job: "a" });
    await onRun(fixture, "pause", own);
    await onJob(fixture, "pause", "a");
    await onJob(fixture, "pause", "p");
    const runs = [
      newRun({ job: "p", kind: "pipeline" }),
      newRun({ job: "a", parent: 0 }),
      newRun({ job: "b", parent: 0 }),
    ];
    const [p = none(), a = none(), b = none()] = (await fixture.store.submit({ runs, edges: [] })).runIds;
    expect(await fixture.states({ p, a, b })).toEqual({ p: "PAUSED", a: "PAUSED", b: "PAUSED" });
    await onJob(fixture, "resume", "a");
    expect(await fixture.states({ own, a, b })).toEqual({ own: "PAUSED", a: "PAUSED", b: "PAUSED" });
    await onJob(fixture, "resume", "p");
    expect(await fixture.states({ own, p, a, b })).toEqual({ own: "PAUSED", p: "PENDING", a: "PENDING", b: "PENDING" });
  });

  test("one run of a paused job can be resumed or started by force", async () => {
    await using fixture = await createStoreFixture(createStore);
    const [resumed, forced, parked] = [await fixture.submit(), await fixture.submit(), await fixture.submit()];
    await onJob(fixture, "pause", "job");
    await onRun(fixture, "resume", resumed);
    await onRun(fixture, "force_start", forced);
    const claimed = await fixture.store.claim({ workerId: await fixture.worker(), limit: 9 });
    expect(claimed.map(({ runId }) => runId)).toEqual([forced, resumed]);
    expect(await fixture.state(parked)).toBe("PAUSED");
  });

  test("a job that this store has never seen can be paused, and resumed when nothing is paused", async () => {
    await using fixture = await createStoreFixture(createStore);
    expect(await onJob(fixture, "pause", "unheard_of")).toEqual({ changed: 0, requested: 0 });
    expect(await fixture.state(await fixture.submit({ job: "unheard_of" }))).toBe("PAUSED");
    expect(await onJob(fixture, "resume", "unheard_of")).toEqual({ changed: 1, requested: 0 });
    expect(await onJob(fixture, "resume", "unheard_of")).toEqual({ changed: 0, requested: 0 });
  });

  test("a job is stopped with all its unfinished runs, and by force with those that execute", async () => {
    await using fixture = await createStoreFixture(createStore);
    const workerId = await fixture.worker();
    await fixture.submit();
    await fixture.submit();
    const [executing = none(), other = none()] = await fixture.store.claim({ workerId, limit: 2 });
    await fixture.submit();
    await fixture.submit({ runAtMs: fixture.clock.now() + 5_000 });
    expect(await onJob(fixture, "stop", "job")).toEqual({ changed: 2, requested: 2 });
    expect(await fixture.store.listRequests(workerId)).toHaveLength(2);
    await fixture.finish(other);
    expect(await onJob(fixture, "force_stop", "job")).toEqual({ changed: 1, requested: 0 });
    expect(await fixture.finish(executing)).toMatchObject({ lostRunIds: [executing.runId] });
    expect(await fixture.store.listRuns({ state: "ERROR", limit: 9 })).toHaveLength(3);
  });

  test.each(["force_start", "rerun"] as const)("%s of a whole job is refused", async (action) => {
    await using fixture = await createStoreFixture(createStore);
    expect(await codeOf(onJob(fixture, action, "job"))).toBe("VALUE_INVALID");
  });
}

function describePipelines(createStore: CreateStore): void {
  test("a paused pipeline lets nothing of it start, and goes on where it was", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { p, a, b, c } = await submitPipeline(fixture);
    const workerId = await fixture.worker();
    const run = await fixture.claimJob(workerId, "a");
    expect(await onRun(fixture, "pause", p)).toEqual({ changed: 3, requested: 1 });
    expect(await fixture.states({ p, a, b, c })).toEqual({
      p: "PAUSED",
      a: "RUNNING",
      b: "PAUSED(waiting_upstream)",
      c: "PAUSED(waiting_upstream)",
    });
    await fixture.finish(run);
    expect(await fixture.store.claim({ workerId, limit: 9 })).toEqual([]);
    expect(await onRun(fixture, "resume", p)).toEqual({ changed: 3, requested: 0 });
    for (const job of ["b", "c", "p"]) await fixture.finish(await fixture.claimJob(workerId, job));
    expect(await fixture.states({ p, a, b, c })).toEqual({
      p: "FINISHED",
      a: "FINISHED",
      b: "FINISHED",
      c: "FINISHED",
    });
  });

  test("a pipeline whose members all ended while it was paused ends when it is resumed", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runs = [newRun({ job: "p", kind: "pipeline" }), newRun({ job: "a", parent: 0 })];
    const { rootRunId } = await fixture.store.submit({ runs, edges: [] });
    const workerId = await fixture.worker();
    const run = await fixture.claimOne(workerId);
    await onRun(fixture, "pause", rootRunId);
    await fixture.finish(run);
    expect(await fixture.state(rootRunId)).toBe("PAUSED");
    await onRun(fixture, "resume", rootRunId);
    expect((await fixture.claimOne(workerId)).runId).toBe(rootRunId);
  });

  test("a stopped pipeline ends its waiting members, then itself", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { p, a, b, c } = await submitPipeline(fixture);
    expect(await onRun(fixture, "stop", p)).toEqual({ changed: 4, requested: 0 });
    const stopped = "ERROR(stopped)";
    expect(await fixture.states({ p, a, b, c })).toEqual({ p: stopped, a: stopped, b: stopped, c: stopped });
  });

  test("a stopped pipeline waits for the members that execute, and ends with the last of them", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runs = [
      newRun({ job: "p", kind: "pipeline" }),
      newRun({ job: "q", kind: "pipeline", parent: 0 }),
      newRun({ job: "a", parent: 1 }),
      newRun({ job: "b", parent: 1 }),
      newRun({ job: "c", parent: 0 }),
    ];
    const edges = [{ parent: 2, child: 3, onUpstreamFailure: "cancel" as const }];
    const { runIds } = await fixture.store.submit({ runs, edges });
    const [p = none(), q = none(), a = none(), b = none(), c = none()] = runIds;
    const run = await fixture.claimJob(await fixture.worker(), "a");
    expect(await onRun(fixture, "stop", p)).toEqual({ changed: 2, requested: 1 });
    const stopped = "ERROR(stopped)";
    expect(await fixture.states({ p, q, a, b, c })).toEqual({
      p: "RUNNING",
      q: "RUNNING",
      a: "RUNNING",
      b: stopped,
      c: stopped,
    });
    await fixture.store.settle([{ ...fenceOf(run), end: "failed", reason: "stopped", error: someError }]);
    expect(await fixture.states({ p, q, a })).toEqual({ p: stopped, q: stopped, a: stopped });
  });

  test("a pipeline that is stopped by force ends with all its members at once", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { p, a, b, c } = await submitPipeline(fixture);
    const run = await fixture.claimJob(await fixture.worker(), "a");
    expect(await onRun(fixture, "force_stop", p)).toEqual({ changed: 4, requested: 0 });
    const stopped = "ERROR(force_stopped)";
    expect(await fixture.states({ p, a, b, c })).toEqual({ p: stopped, a: stopped, b: stopped, c: stopped });
    expect(await fixture.finish(run)).toMatchObject({ lostRunIds: [a] });
  });

  test("stopping one member dooms what depends on it and lets the pipeline end", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { p, a, b, c } = await submitPipeline(fixture);
    await onRun(fixture, "stop", a);
    expect(await fixture.states({ a, b, c })).toEqual({
      a: "ERROR(stopped)",
      b: "ERROR(upstream_failed)",
      c: "ERROR(upstream_failed)",
    });
    expect((await fixture.claimOne(await fixture.worker())).runId).toBe(p);
  });

  test("a pipeline that is started by force goes first, in its own order", async () => {
    await using fixture = await createStoreFixture(createStore);
    await fixture.submit({ job: "other", priority: -500 });
    const { p, a, b } = await submitPipeline(fixture);
    await onRun(fixture, "pause", p);
    await onRun(fixture, "force_start", p);
    const workerId = await fixture.worker();
    const first = await fixture.claimOne(workerId);
    expect(first.runId).toBe(a);
    await fixture.finish(first);
    expect((await fixture.claimOne(workerId)).runId).toBe(b);
  });
}

function describeReruns(createStore: CreateStore): void {
  test("a pipeline is rerun from its failed members on; what finished stays finished", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { p, a, b, c } = await submitPipeline(fixture);
    const workerId = await fixture.worker();
    await fixture.finish(await fixture.claimJob(workerId, "a"));
    await fixture.fail(await fixture.claimJob(workerId, "b"));
    await fixture.fail(await fixture.claimJob(workerId, "p"));
    expect(await fixture.states({ p, c })).toEqual({ p: "ERROR(failed)", c: "ERROR(upstream_failed)" });
    expect(await onRun(fixture, "rerun", p)).toEqual({ changed: 3, requested: 0 });
    expect(await fixture.states({ p, a, b, c })).toEqual({
      p: "PENDING",
      a: "FINISHED",
      b: "PENDING",
      c: "PENDING(waiting_upstream)",
    });
    for (const job of ["b", "c", "p"]) await fixture.finish(await fixture.claimJob(workerId, job));
    expect(await fixture.state(p)).toBe("FINISHED");
    const types = await fixture.eventTypes(p);
    expect(types).toEqual(["submitted", "started", "failed", "rerun", "started", "finished"]);
  });

  test("a member is rerun with what hangs on it; its pipeline waits for them again", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { p, b, c } = await submitPipeline(fixture);
    const workerId = await fixture.worker();
    await fixture.finish(await fixture.claimJob(workerId, "a"));
    await fixture.fail(await fixture.claimJob(workerId, "b"));
    await fixture.fail(await fixture.claimJob(workerId, "p"));
    expect(await onRun(fixture, "rerun", b)).toEqual({ changed: 3, requested: 0 });
    expect(await fixture.states({ p, b, c })).toEqual({ p: "PENDING", b: "PENDING", c: "PENDING(waiting_upstream)" });
    for (const job of ["b", "c"]) await fixture.finish(await fixture.claimJob(workerId, job));
    expect((await fixture.claimOne(workerId)).runId).toBe(p);
  });

  test("what ended only because of a run comes back with it, and what something else dooms stays", async () => {
    await using fixture = await createStoreFixture(createStore);
    const workerId = await fixture.worker();
    // a dooms b, which dooms c; d is skipped for good; e is doomed by f as well, which failed by itself.
    const runs = await fixture.submitGraph("abcdef", "a>b b>c a>d:skip a>e f>e");
    const { a = none(), f = none() } = runs;
    await fixture.fail(...(await fixture.store.claim({ workerId, limit: 9 })));
    expect(await fixture.states(runs)).toMatchObject({
      b: "ERROR(upstream_failed)",
      c: "ERROR(upstream_failed)",
      d: "FINISHED(skipped)",
      e: "ERROR(upstream_failed)",
    });
    expect(await onRun(fixture, "rerun", a)).toEqual({ changed: 3, requested: 0 });
    expect(await fixture.states(runs)).toEqual({
      a: "PENDING",
      b: "PENDING(waiting_upstream)",
      c: "PENDING(waiting_upstream)",
      d: "FINISHED(skipped)",
      e: "ERROR(upstream_failed)",
      f: "ERROR(failed)",
    });
    expect(await onRun(fixture, "rerun", f)).toEqual({ changed: 2, requested: 0 });
    for (let round = 0; round < 3; round += 1)
      await fixture.finish(...(await fixture.store.claim({ workerId, limit: 9 })));
    expect(await fixture.states(runs)).toMatchObject({ a: "FINISHED", b: "FINISHED", c: "FINISHED", e: "FINISHED" });
  });

  test("a member that is rerun while its pipeline is summed up makes that sum worthless", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { p, a } = await submitPipeline(fixture);
    const workerId = await fixture.worker();
    await fixture.fail(await fixture.claimJob(workerId, "a"));
    const summing = await fixture.claimJob(workerId, "p");
    await onRun(fixture, "rerun", a);
    expect(await fixture.fail(summing)).toMatchObject({ lostRunIds: [p] });
    expect(await fixture.store.verify()).toEqual([]);
    for (const job of ["a", "b", "c"]) await fixture.finish(await fixture.claimJob(workerId, job));
    expect((await fixture.claimOne(workerId)).runId).toBe(p);
  });

  test("failed members are rerun while the others of their pipeline go on", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runs = [
      newRun({ job: "p", kind: "pipeline" }),
      newRun({ job: "a", parent: 0 }),
      newRun({ job: "b", parent: 0 }),
    ];
    const [p = none(), a = none(), b = none()] = (await fixture.store.submit({ runs, edges: [] })).runIds;
    const workerId = await fixture.worker();
    const [first = none(), second = none()] = await fixture.store.claim({ workerId, limit: 2 });
    await fixture.fail(first);
    expect(await onRun(fixture, "rerun", p)).toEqual({ changed: 1, requested: 0 });
    expect(await fixture.states({ p, a, b })).toEqual({ p: "RUNNING", a: "PENDING", b: "RUNNING" });
    await fixture.finish(second);
    await fixture.finish(await fixture.claimOne(workerId));
    expect((await fixture.claimOne(workerId)).runId).toBe(p);
  });

  test("a rerun of a paused job waits for its job", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runId = await fixture.submit();
    await onRun(fixture, "stop", runId);
    await onJob(fixture, "pause", "job");
    await onRun(fixture, "rerun", runId);
    expect(await fixture.state(runId)).toBe("PAUSED");
    await onJob(fixture, "resume", "job");
    expect(await fixture.state(runId)).toBe("PENDING");
  });
}

function describeEngine(createStore: CreateStore): void {
  test("a stopped orchestrator hands out nothing and lets workers finish; a started one goes on", async () => {
    await using fixture = await createStoreFixture(createStore);
    expect(await fixture.store.orchestratorState()).toMatchObject({ claiming: true, stopped: 0 });
    await fixture.submit();
    await fixture.submit();
    const workerId = await fixture.worker();
    const run = await fixture.claimOne(workerId);
    const stopped = await fixture.store.switchOrchestrator({ action: "stop", by: "ann", reason: "upgrade" });
    expect(stopped).toEqual({ claiming: false, by: "ann", reason: "upgrade", atMs: fixture.clock.now(), stopped: 0 });
    expect(await fixture.store.orchestratorState()).toEqual(stopped);
    expect(await fixture.store.claim({ workerId, limit: 9 })).toEqual([]);
    await fixture.finish(run);
    await fixture.store.switchOrchestrator({ action: "start", by: "bob" });
    expect(await fixture.store.orchestratorState()).toMatchObject({ claiming: true, by: "bob", reason: undefined });
    await fixture.claimOne(workerId);
  });

  test("an emergency stop ends all that executes, and what depended on it, and nothing more", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runs = await fixture.submitGraph("abc", "a>b a>c:continue");
    const waiting = await fixture.submit({ job: "later", priority: 5 });
    const workerId = await fixture.worker();
    const run = await fixture.claimOne(workerId);
    const state = await fixture.store.switchOrchestrator({ action: "emergency_stop", by: "ann" });
    expect(state).toMatchObject({ claiming: false, stopped: 1 });
    expect(await fixture.states({ ...runs, waiting })).toEqual({
      a: "ERROR(force_stopped)",
      b: "ERROR(upstream_failed)",
      c: "PENDING",
      waiting: "PENDING",
    });
    expect(await codeOf(fixture.store.saveCheckpoint(run, {}))).toBe("RUN_LOST");
    expect(await fixture.store.claim({ workerId, limit: 9 })).toEqual([]);
  });
}

async function onRun(fixture: StoreFixture, action: ControlAction, runId: RunId): Promise<ControlResult> {
  return await fixture.store.control({ action, target: { runId }, by: "ann" });
}

async function onJob(fixture: StoreFixture, action: ControlAction, job: string): Promise<ControlResult> {
  return await fixture.store.control({ action, target: { job }, by: "ann", reason: "upgrade" });
}

/** A pipeline `p` of the chain a, b, c. */
async function submitPipeline(fixture: StoreFixture): Promise<Record<"p" | "a" | "b" | "c", RunId>> {
  const runs = [newRun({ job: "p", kind: "pipeline" }), ...["a", "b", "c"].map((job) => newRun({ job, parent: 0 }))];
  const edges = [
    { parent: 1, child: 2, onUpstreamFailure: "cancel" as const },
    { parent: 2, child: 3, onUpstreamFailure: "cancel" as const },
  ];
  const [p = none(), a = none(), b = none(), c = none()] = (await fixture.store.submit({ runs, edges })).runIds;
  return { p, a, b, c };
}

function none(): never {
  throw new Error("fewer runs than expected");
}
