// The contract of control over jobs, pipelines and the engine as a whole.
import { expect, test } from "vitest";
import type { RunId } from "../../../../src/core/run-id.ts";
import type { ControlAction, ControlResult } from "../../../../src/store/control/control-store.ts";
import { codeOf, createBench, type CreateStore, fenceOf, newRun, someError, type StoreBench } from "../bench.ts";

export function describeControllingMany(createStore: CreateStore): void {
  describeJobs(createStore);
  describePipelines(createStore);
  describeReruns(createStore);
  describeEngine(createStore);
}

function describeJobs(createStore: CreateStore): void {
  test("a paused job parks what it has and what comes later, until it is resumed", async () => {
    await using bench = await createBench(createStore);
    const before = await bench.submit({ job: "a" });
    const other = await bench.submit({ job: "b" });
    expect(await onJob(bench, "pause", "a")).toEqual({ changed: 1, requested: 0 });
    const after = await bench.submit({ job: "a" });
    const later = await bench.submit({ job: "a", runAtMs: bench.clock.now() + 5_000 });
    const { b = none() } = await bench.submitGraph("ba", "b>a");
    expect(await bench.store.listPausedJobs()).toEqual([
      { job: "a", by: "ann", reason: "upgrade", atMs: bench.clock.now() },
    ]);
    const workerId = await bench.worker();
    const claimed = await bench.store.claim({ workerId, limit: 9 });
    expect(claimed.map(({ runId }) => runId)).toEqual([other, b]);
    expect(await bench.finish(...claimed)).toMatchObject({ readied: 0 });
    expect(await bench.store.listRuns({ state: "PAUSED", limit: 9 })).toHaveLength(4);
    expect(await bench.states({ before, later })).toEqual({ before: "PAUSED", later: "PAUSED(scheduled)" });
    expect(await onJob(bench, "resume", "a")).toEqual({ changed: 4, requested: 0 });
    expect(await bench.store.listPausedJobs()).toEqual([]);
    expect(await bench.states({ before, after, later })).toEqual({
      before: "PENDING",
      after: "PENDING",
      later: "PENDING(scheduled)",
    });
    expect(await bench.store.claim({ workerId, limit: 9 })).toHaveLength(3);
  });

  test("resuming a job leaves alone what was paused for itself, and what another pause still holds", async () => {
    await using bench = await createBench(createStore);
    const own = await bench.submit({ job: "a" });
    await onRun(bench, "pause", own);
    await onJob(bench, "pause", "a");
    await onJob(bench, "pause", "p");
    const runs = [
      newRun({ job: "p", kind: "pipeline" }),
      newRun({ job: "a", parent: 0 }),
      newRun({ job: "b", parent: 0 }),
    ];
    const [p = none(), a = none(), b = none()] = (await bench.store.submit({ runs, edges: [] })).runIds;
    expect(await bench.states({ p, a, b })).toEqual({ p: "PAUSED", a: "PAUSED", b: "PAUSED" });
    await onJob(bench, "resume", "a");
    expect(await bench.states({ own, a, b })).toEqual({ own: "PAUSED", a: "PAUSED", b: "PAUSED" });
    await onJob(bench, "resume", "p");
    expect(await bench.states({ own, p, a, b })).toEqual({ own: "PAUSED", p: "PENDING", a: "PENDING", b: "PENDING" });
  });

  test("one run of a paused job can be resumed or started by force", async () => {
    await using bench = await createBench(createStore);
    const [resumed, forced, parked] = [await bench.submit(), await bench.submit(), await bench.submit()];
    await onJob(bench, "pause", "job");
    await onRun(bench, "resume", resumed);
    await onRun(bench, "force_start", forced);
    const claimed = await bench.store.claim({ workerId: await bench.worker(), limit: 9 });
    expect(claimed.map(({ runId }) => runId)).toEqual([forced, resumed]);
    expect(await bench.state(parked)).toBe("PAUSED");
  });

  test("a job that this store has never seen can be paused, and resumed when nothing is paused", async () => {
    await using bench = await createBench(createStore);
    expect(await onJob(bench, "pause", "unheard_of")).toEqual({ changed: 0, requested: 0 });
    expect(await bench.state(await bench.submit({ job: "unheard_of" }))).toBe("PAUSED");
    expect(await onJob(bench, "resume", "unheard_of")).toEqual({ changed: 1, requested: 0 });
    expect(await onJob(bench, "resume", "unheard_of")).toEqual({ changed: 0, requested: 0 });
  });

  test("a job is stopped with all its unfinished runs, and by force with those that execute", async () => {
    await using bench = await createBench(createStore);
    const workerId = await bench.worker();
    await bench.submit();
    await bench.submit();
    const [executing = none(), other = none()] = await bench.store.claim({ workerId, limit: 2 });
    await bench.submit();
    await bench.submit({ runAtMs: bench.clock.now() + 5_000 });
    expect(await onJob(bench, "stop", "job")).toEqual({ changed: 2, requested: 2 });
    expect(await bench.store.listRequests(workerId)).toHaveLength(2);
    await bench.finish(other);
    expect(await onJob(bench, "force_stop", "job")).toEqual({ changed: 1, requested: 0 });
    expect(await bench.finish(executing)).toMatchObject({ lostRunIds: [executing.runId] });
    expect(await bench.store.listRuns({ state: "ERROR", limit: 9 })).toHaveLength(3);
  });

  test.each(["force_start", "rerun"] as const)("%s of a whole job is refused", async (action) => {
    await using bench = await createBench(createStore);
    expect(await codeOf(onJob(bench, action, "job"))).toBe("VALUE_INVALID");
  });
}

function describePipelines(createStore: CreateStore): void {
  test("a paused pipeline lets nothing of it start, and goes on where it was", async () => {
    await using bench = await createBench(createStore);
    const { p, a, b, c } = await submitPipeline(bench);
    const workerId = await bench.worker();
    const run = await bench.claimJob(workerId, "a");
    expect(await onRun(bench, "pause", p)).toEqual({ changed: 3, requested: 1 });
    expect(await bench.states({ p, a, b, c })).toEqual({
      p: "PAUSED",
      a: "RUNNING",
      b: "PAUSED(waiting_upstream)",
      c: "PAUSED(waiting_upstream)",
    });
    await bench.finish(run);
    expect(await bench.store.claim({ workerId, limit: 9 })).toEqual([]);
    expect(await onRun(bench, "resume", p)).toEqual({ changed: 3, requested: 0 });
    for (const job of ["b", "c", "p"]) await bench.finish(await bench.claimJob(workerId, job));
    expect(await bench.states({ p, a, b, c })).toEqual({ p: "FINISHED", a: "FINISHED", b: "FINISHED", c: "FINISHED" });
  });

  test("a pipeline whose members all ended while it was paused ends when it is resumed", async () => {
    await using bench = await createBench(createStore);
    const runs = [newRun({ job: "p", kind: "pipeline" }), newRun({ job: "a", parent: 0 })];
    const { rootRunId } = await bench.store.submit({ runs, edges: [] });
    const workerId = await bench.worker();
    const run = await bench.claimOne(workerId);
    await onRun(bench, "pause", rootRunId);
    await bench.finish(run);
    expect(await bench.state(rootRunId)).toBe("PAUSED");
    await onRun(bench, "resume", rootRunId);
    expect((await bench.claimOne(workerId)).runId).toBe(rootRunId);
  });

  test("a stopped pipeline ends its waiting members, then itself", async () => {
    await using bench = await createBench(createStore);
    const { p, a, b, c } = await submitPipeline(bench);
    expect(await onRun(bench, "stop", p)).toEqual({ changed: 4, requested: 0 });
    const stopped = "ERROR(stopped)";
    expect(await bench.states({ p, a, b, c })).toEqual({ p: stopped, a: stopped, b: stopped, c: stopped });
  });

  test("a stopped pipeline waits for the members that execute, and ends with the last of them", async () => {
    await using bench = await createBench(createStore);
    const runs = [
      newRun({ job: "p", kind: "pipeline" }),
      newRun({ job: "q", kind: "pipeline", parent: 0 }),
      newRun({ job: "a", parent: 1 }),
      newRun({ job: "b", parent: 1 }),
      newRun({ job: "c", parent: 0 }),
    ];
    const edges = [{ parent: 2, child: 3, onUpstreamFailure: "cancel" as const }];
    const { runIds } = await bench.store.submit({ runs, edges });
    const [p = none(), q = none(), a = none(), b = none(), c = none()] = runIds;
    const run = await bench.claimJob(await bench.worker(), "a");
    expect(await onRun(bench, "stop", p)).toEqual({ changed: 2, requested: 1 });
    const stopped = "ERROR(stopped)";
    expect(await bench.states({ p, q, a, b, c })).toEqual({
      p: "RUNNING",
      q: "RUNNING",
      a: "RUNNING",
      b: stopped,
      c: stopped,
    });
    await bench.store.settle([{ ...fenceOf(run), end: "failed", reason: "stopped", error: someError }]);
    expect(await bench.states({ p, q, a })).toEqual({ p: stopped, q: stopped, a: stopped });
  });

  test("a pipeline that is stopped by force ends with all its members at once", async () => {
    await using bench = await createBench(createStore);
    const { p, a, b, c } = await submitPipeline(bench);
    const run = await bench.claimJob(await bench.worker(), "a");
    expect(await onRun(bench, "force_stop", p)).toEqual({ changed: 4, requested: 0 });
    const stopped = "ERROR(force_stopped)";
    expect(await bench.states({ p, a, b, c })).toEqual({ p: stopped, a: stopped, b: stopped, c: stopped });
    expect(await bench.finish(run)).toMatchObject({ lostRunIds: [a] });
  });

  test("stopping one member dooms what depends on it and lets the pipeline end", async () => {
    await using bench = await createBench(createStore);
    const { p, a, b, c } = await submitPipeline(bench);
    await onRun(bench, "stop", a);
    expect(await bench.states({ a, b, c })).toEqual({
      a: "ERROR(stopped)",
      b: "ERROR(upstream_failed)",
      c: "ERROR(upstream_failed)",
    });
    expect((await bench.claimOne(await bench.worker())).runId).toBe(p);
  });

  test("a pipeline that is started by force goes first, in its own order", async () => {
    await using bench = await createBench(createStore);
    await bench.submit({ job: "other", priority: -500 });
    const { p, a, b } = await submitPipeline(bench);
    await onRun(bench, "pause", p);
    await onRun(bench, "force_start", p);
    const workerId = await bench.worker();
    const first = await bench.claimOne(workerId);
    expect(first.runId).toBe(a);
    await bench.finish(first);
    expect((await bench.claimOne(workerId)).runId).toBe(b);
  });
}

function describeReruns(createStore: CreateStore): void {
  test("a pipeline is rerun from its failed members on; what finished stays finished", async () => {
    await using bench = await createBench(createStore);
    const { p, a, b, c } = await submitPipeline(bench);
    const workerId = await bench.worker();
    await bench.finish(await bench.claimJob(workerId, "a"));
    await bench.fail(await bench.claimJob(workerId, "b"));
    await bench.fail(await bench.claimJob(workerId, "p"));
    expect(await bench.states({ p, c })).toEqual({ p: "ERROR(failed)", c: "ERROR(upstream_failed)" });
    expect(await onRun(bench, "rerun", p)).toEqual({ changed: 3, requested: 0 });
    expect(await bench.states({ p, a, b, c })).toEqual({
      p: "PENDING",
      a: "FINISHED",
      b: "PENDING",
      c: "PENDING(waiting_upstream)",
    });
    for (const job of ["b", "c", "p"]) await bench.finish(await bench.claimJob(workerId, job));
    expect(await bench.state(p)).toBe("FINISHED");
    const types = await bench.eventTypes(p);
    expect(types).toEqual(["submitted", "started", "failed", "rerun", "started", "finished"]);
  });

  test("a member is rerun with what hangs on it; its pipeline waits for them again", async () => {
    await using bench = await createBench(createStore);
    const { p, b, c } = await submitPipeline(bench);
    const workerId = await bench.worker();
    await bench.finish(await bench.claimJob(workerId, "a"));
    await bench.fail(await bench.claimJob(workerId, "b"));
    await bench.fail(await bench.claimJob(workerId, "p"));
    expect(await onRun(bench, "rerun", b)).toEqual({ changed: 3, requested: 0 });
    expect(await bench.states({ p, b, c })).toEqual({ p: "PENDING", b: "PENDING", c: "PENDING(waiting_upstream)" });
    for (const job of ["b", "c"]) await bench.finish(await bench.claimJob(workerId, job));
    expect((await bench.claimOne(workerId)).runId).toBe(p);
  });

  test("what ended only because of a run comes back with it, and what something else dooms stays", async () => {
    await using bench = await createBench(createStore);
    const workerId = await bench.worker();
    // a dooms b, which dooms c; d is skipped for good; e is doomed by f as well, which failed by itself.
    const runs = await bench.submitGraph("abcdef", "a>b b>c a>d:skip a>e f>e");
    const { a = none(), f = none() } = runs;
    await bench.fail(...(await bench.store.claim({ workerId, limit: 9 })));
    expect(await bench.states(runs)).toMatchObject({
      b: "ERROR(upstream_failed)",
      c: "ERROR(upstream_failed)",
      d: "FINISHED(skipped)",
      e: "ERROR(upstream_failed)",
    });
    expect(await onRun(bench, "rerun", a)).toEqual({ changed: 3, requested: 0 });
    expect(await bench.states(runs)).toEqual({
      a: "PENDING",
      b: "PENDING(waiting_upstream)",
      c: "PENDING(waiting_upstream)",
      d: "FINISHED(skipped)",
      e: "ERROR(upstream_failed)",
      f: "ERROR(failed)",
    });
    expect(await onRun(bench, "rerun", f)).toEqual({ changed: 2, requested: 0 });
    for (let round = 0; round < 3; round += 1) await bench.finish(...(await bench.store.claim({ workerId, limit: 9 })));
    expect(await bench.states(runs)).toMatchObject({ a: "FINISHED", b: "FINISHED", c: "FINISHED", e: "FINISHED" });
  });

  test("a member that is rerun while its pipeline is summed up makes that sum worthless", async () => {
    await using bench = await createBench(createStore);
    const { p, a } = await submitPipeline(bench);
    const workerId = await bench.worker();
    await bench.fail(await bench.claimJob(workerId, "a"));
    const summing = await bench.claimJob(workerId, "p");
    await onRun(bench, "rerun", a);
    expect(await bench.fail(summing)).toMatchObject({ lostRunIds: [p] });
    expect(await bench.store.verify()).toEqual([]);
    for (const job of ["a", "b", "c"]) await bench.finish(await bench.claimJob(workerId, job));
    expect((await bench.claimOne(workerId)).runId).toBe(p);
  });

  test("failed members are rerun while the others of their pipeline go on", async () => {
    await using bench = await createBench(createStore);
    const runs = [
      newRun({ job: "p", kind: "pipeline" }),
      newRun({ job: "a", parent: 0 }),
      newRun({ job: "b", parent: 0 }),
    ];
    const [p = none(), a = none(), b = none()] = (await bench.store.submit({ runs, edges: [] })).runIds;
    const workerId = await bench.worker();
    const [first = none(), second = none()] = await bench.store.claim({ workerId, limit: 2 });
    await bench.fail(first);
    expect(await onRun(bench, "rerun", p)).toEqual({ changed: 1, requested: 0 });
    expect(await bench.states({ p, a, b })).toEqual({ p: "RUNNING", a: "PENDING", b: "RUNNING" });
    await bench.finish(second);
    await bench.finish(await bench.claimOne(workerId));
    expect((await bench.claimOne(workerId)).runId).toBe(p);
  });

  test("a rerun of a paused job waits for its job", async () => {
    await using bench = await createBench(createStore);
    const runId = await bench.submit();
    await onRun(bench, "stop", runId);
    await onJob(bench, "pause", "job");
    await onRun(bench, "rerun", runId);
    expect(await bench.state(runId)).toBe("PAUSED");
    await onJob(bench, "resume", "job");
    expect(await bench.state(runId)).toBe("PENDING");
  });
}

function describeEngine(createStore: CreateStore): void {
  test("a stopped engine hands out nothing and lets workers finish; a started one goes on", async () => {
    await using bench = await createBench(createStore);
    expect(await bench.store.engineState()).toMatchObject({ claiming: true, stopped: 0 });
    await bench.submit();
    await bench.submit();
    const workerId = await bench.worker();
    const run = await bench.claimOne(workerId);
    const stopped = await bench.store.controlEngine({ action: "stop", by: "ann", reason: "upgrade" });
    expect(stopped).toEqual({ claiming: false, by: "ann", reason: "upgrade", atMs: bench.clock.now(), stopped: 0 });
    expect(await bench.store.engineState()).toEqual(stopped);
    expect(await bench.store.claim({ workerId, limit: 9 })).toEqual([]);
    await bench.finish(run);
    await bench.store.controlEngine({ action: "start", by: "bob" });
    expect(await bench.store.engineState()).toMatchObject({ claiming: true, by: "bob", reason: undefined });
    await bench.claimOne(workerId);
  });

  test("an emergency stop ends all that executes, and what depended on it, and nothing more", async () => {
    await using bench = await createBench(createStore);
    const runs = await bench.submitGraph("abc", "a>b a>c:continue");
    const waiting = await bench.submit({ job: "later", priority: 5 });
    const workerId = await bench.worker();
    const run = await bench.claimOne(workerId);
    const state = await bench.store.controlEngine({ action: "emergency_stop", by: "ann" });
    expect(state).toMatchObject({ claiming: false, stopped: 1 });
    expect(await bench.states({ ...runs, waiting })).toEqual({
      a: "ERROR(force_stopped)",
      b: "ERROR(upstream_failed)",
      c: "PENDING",
      waiting: "PENDING",
    });
    expect(await codeOf(bench.store.saveCheckpoint(run, {}))).toBe("RUN_LOST");
    expect(await bench.store.claim({ workerId, limit: 9 })).toEqual([]);
  });
}

async function onRun(bench: StoreBench, action: ControlAction, runId: RunId): Promise<ControlResult> {
  return await bench.store.control({ action, target: { runId }, by: "ann" });
}

async function onJob(bench: StoreBench, action: ControlAction, job: string): Promise<ControlResult> {
  return await bench.store.control({ action, target: { job }, by: "ann", reason: "upgrade" });
}

/** A pipeline `p` of the chain a, b, c. */
async function submitPipeline(bench: StoreBench): Promise<Record<"p" | "a" | "b" | "c", RunId>> {
  const runs = [newRun({ job: "p", kind: "pipeline" }), ...["a", "b", "c"].map((job) => newRun({ job, parent: 0 }))];
  const edges = [
    { parent: 1, child: 2, onUpstreamFailure: "cancel" as const },
    { parent: 2, child: 3, onUpstreamFailure: "cancel" as const },
  ];
  const [p = none(), a = none(), b = none(), c = none()] = (await bench.store.submit({ runs, edges })).runIds;
  return { p, a, b, c };
}

function none(): never {
  throw new Error("fewer runs than expected");
}
