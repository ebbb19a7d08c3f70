// The contract of control over single runs: every action in every state, what it does to those that wait, and how what
// executes is asked. The table of transitions in src/core/job/run-state.ts says what is allowed.
import { expect, test } from "vitest";
import type { RunId } from "../../../../src/core/run-id.ts";
import { applyTransition, type RunState, transitions } from "../../../../src/core/job/run-state.ts";
import type { ControlAction } from "../../../../src/store/control/control-store.ts";
import { codeOf, createBench, type CreateStore, fenceOf, newRun, someError, type StoreBench } from "../bench.ts";

const actions: readonly ControlAction[] = ["pause", "resume", "stop", "force_stop", "force_start", "rerun"];

/** Ways to be in a state, with how a run gets there. */
const positions: readonly (readonly [where: string, RunState, (bench: StoreBench) => Promise<RunId>])[] = [
  ["ready", "PENDING", (bench) => bench.submit()],
  ["scheduled", "PENDING", (bench) => bench.submit({ runAtMs: bench.clock.now() + 5_000 })],
  ["waiting for another", "PENDING", submitWaiting],
  ["leased", "RUNNING", submitLeased],
  ["parked", "PAUSED", (bench) => bench.submit().then((runId) => paused(bench, runId))],
  ["parked before its time", "PAUSED", submitParkedScheduled],
  ["paused while it waits", "PAUSED", (bench) => submitWaiting(bench).then((runId) => paused(bench, runId))],
  ["finished", "FINISHED", (bench) => submitEnded(bench, "finish")],
  ["failed", "ERROR", (bench) => submitEnded(bench, "fail")],
  ["stopped", "ERROR", submitStopped],
];

const table = positions.flatMap(([where, state, create]) =>
  actions.map((action) => [action, where, state, create] as const),
);

export function describeControlling(createStore: CreateStore): void {
  test.each(table)("%s of a run that is %s", async (action, _where, state, create) => {
    await using bench = await createBench(createStore);
    const runId = await create(bench);
    expect((await bench.run(runId)).state).toBe(state);
    const before = await bench.eventTypes(runId);
    const result = bench.store.control({ action, target: { runId }, by: "ann", reason: "test" });
    const from: readonly RunState[] = transitions[action].from;
    if (!from.includes(state)) {
      await expect(result).rejects.toThrow(errorOf(() => applyTransition(state, action)));
      expect(await bench.eventTypes(runId)).toEqual(before);
      return;
    }
    const isAsked = state === "RUNNING" && action !== "force_stop";
    expect(await result).toEqual(isAsked ? { changed: 0, requested: 1 } : { changed: 1, requested: 0 });
    expect((await bench.run(runId)).state).toBe(isAsked ? "RUNNING" : transitions[action].to);
    const last = (await bench.store.listEvents(runId, before.length, 9)).at(-1);
    expect(last).toMatchObject({ type: eventOf(action, isAsked), data: { by: "ann", reason: "test" } });
  });

  test("an unknown run is refused", async () => {
    await using bench = await createBench(createStore);
    const request = { action: "stop", target: { runId: 77 as RunId }, by: "ann" } as const;
    expect(await codeOf(bench.store.control(request))).toBe("RUN_UNKNOWN");
  });

  test("a paused run is not claimed; resumed, it goes back to its queue or its time", async () => {
    await using bench = await createBench(createStore);
    const runAtMs = bench.clock.now() + 5_000;
    const runIds = [await bench.submit(), await bench.submit({ runAtMs })];
    for (const runId of runIds) await control(bench, "pause", runId);
    const workerId = await bench.worker();
    bench.clock.advance(1_000);
    expect(await bench.store.claim({ workerId, limit: 9 })).toEqual([]);
    expect(await bench.store.nextDueAtMs()).toBeUndefined();
    for (const runId of runIds) await control(bench, "resume", runId);
    expect(await Promise.all(runIds.map((runId) => bench.state(runId)))).toEqual(["PENDING", "PENDING(scheduled)"]);
    expect(await bench.store.nextDueAtMs()).toBe(runAtMs);
    await control(bench, "pause", runIds[1]);
    bench.clock.advance(5_000);
    await control(bench, "resume", runIds[1]);
    expect(await bench.store.claim({ workerId, limit: 9 })).toHaveLength(2);
  });

  test("a run that is paused while it waits is parked when it is let go", async () => {
    await using bench = await createBench(createStore);
    const { a = none(), b = none() } = await bench.submitGraph("ab", "a>b");
    await control(bench, "pause", b);
    const workerId = await bench.worker();
    expect(await bench.finish(await bench.claimOne(workerId))).toMatchObject({ readied: 0 });
    expect(await bench.states({ a, b })).toEqual({ a: "FINISHED", b: "PAUSED" });
    expect(await bench.store.claim({ workerId, limit: 9 })).toEqual([]);
    await control(bench, "resume", b);
    expect((await bench.claimOne(workerId)).runId).toBe(b);
  });

  test("a worker is told what is asked of its runs, and of no others", async () => {
    await using bench = await createBench(createStore);
    for (let count = 0; count < 3; count += 1) await bench.submit();
    const [workerId, other] = [await bench.worker(), await bench.worker("other")];
    const first = await bench.claimOne(workerId);
    const second = await bench.claimOne(workerId);
    const third = await bench.claimOne(other);
    await control(bench, "pause", first.runId);
    await bench.store.control({ action: "stop", target: { runId: second.runId }, by: "bob", reason: "wrong day" });
    await control(bench, "stop", third.runId);
    expect(await bench.store.listRequests(workerId)).toEqual([
      { ...fenceOf(first), action: "pause", by: "ann", reason: undefined },
      { ...fenceOf(second), action: "stop", by: "bob", reason: "wrong day" },
    ]);
    // A stop outranks a pause that nobody obeyed yet.
    await control(bench, "stop", first.runId);
    expect((await bench.store.listRequests(workerId)).map(({ action }) => action)).toEqual(["stop", "stop"]);
    await bench.finish(first, third);
    await bench.store.settle([{ ...fenceOf(second), end: "failed", reason: "stopped", error: someError }]);
    expect(await bench.state(first.runId)).toBe("FINISHED");
    expect(await bench.state(second.runId)).toBe("ERROR(stopped)");
    expect(await bench.store.listRequests(workerId)).toEqual([]);
  });

  test("a request that was not obeyed yet can be withdrawn", async () => {
    await using bench = await createBench(createStore);
    await bench.submit();
    const workerId = await bench.worker();
    const run = await bench.claimOne(workerId);
    await control(bench, "pause", run.runId);
    expect(await control(bench, "resume", run.runId)).toEqual({ changed: 1, requested: 0 });
    expect(await bench.store.listRequests(workerId)).toEqual([]);
    await bench.store.settle([{ ...fenceOf(run), end: "released" }]);
    expect(await bench.state(run.runId)).toBe("PENDING");
  });

  const yields: readonly [string, "paused" | "released" | "snoozed" | "retry", string][] = [
    ["that yields", "paused", "PENDING"],
    ["that is given back", "released", "PENDING"],
    ["that snoozes", "snoozed", "PENDING(waiting_poll)"],
    ["that is to be retried", "retry", "PENDING(waiting_retry)"],
  ];

  test.each(yields)("a run %s after a pause is parked, and goes on from there", async (_name, end, resumed) => {
    await using bench = await createBench(createStore);
    const runId = await bench.submit();
    const run = await bench.claimOne(await bench.worker());
    await control(bench, "pause", runId);
    const runAtMs = bench.clock.now() + 1_000;
    const fence = fenceOf(run);
    await bench.store.settle([
      end === "retry"
        ? { ...fence, end, runAtMs, error: someError }
        : end === "snoozed"
          ? { ...fence, end, runAtMs }
          : { ...fence, end },
    ]);
    expect((await bench.run(runId)).state).toBe("PAUSED");
    expect((await bench.eventTypes(runId)).at(-1)).toBe("paused");
    await control(bench, "resume", runId);
    expect(await bench.state(runId)).toBe(resumed);
  });

  test("a run that somebody stopped never goes on, however its lease ends", async () => {
    await using bench = await createBench(createStore);
    for (let count = 0; count < 5; count += 1) await bench.submit();
    const [workerId, dying, leaving] = [
      await bench.worker(),
      await bench.worker("dying"),
      await bench.worker("leaving"),
    ];
    const own = await bench.store.claim({ workerId, limit: 3 });
    const runs = [...own, await bench.claimOne(dying), await bench.claimOne(leaving)];
    for (const { runId } of runs) await control(bench, "stop", runId);
    const [released = none(), snoozed = none(), retried = none()] = runs.map(fenceOf);
    const runAtMs = bench.clock.now() + 1_000;
    await bench.store.settle([
      { ...released, end: "released" },
      { ...snoozed, end: "snoozed", runAtMs },
      { ...retried, end: "retry", runAtMs, error: someError },
    ]);
    await bench.store.reap({ limit: 9, deadWorkerIds: [dying], maxLosses: 3 });
    await bench.store.retireWorker(leaving);
    for (const { runId } of runs) expect(await bench.state(runId)).toBe("ERROR(stopped)");
  });

  test("a force-stopped run is taken from its worker, whose writes are refused", async () => {
    await using bench = await createBench(createStore);
    await bench.store.setLimits([{ gate: "pool:p", capacity: 1 }]);
    const { a = none(), b = none() } = await bench.submitGraph("ab", "a>b:continue", { gates: ["pool:p"] });
    const workerId = await bench.worker();
    const run = await bench.claimOne(workerId);
    await control(bench, "force_stop", a);
    expect(await bench.state(a)).toBe("ERROR(force_stopped)");
    expect(await bench.store.heldFences([fenceOf(run)])).toEqual([]);
    expect(await codeOf(bench.store.saveCheckpoint(run, {}))).toBe("RUN_LOST");
    expect(await bench.finish(run)).toEqual({ lostRunIds: [a], readied: 0 });
    expect((await bench.store.listAttempts(a)).map(({ end }) => end)).toEqual(["stopped"]);
    // Its slot is free for the next.
    expect((await bench.claimOne(workerId)).runId).toBe(b);
    await control(bench, "rerun", a);
    expect(await codeOf(bench.store.saveCheckpoint(run, {}))).toBe("RUN_LOST");
  });

  test("stopping a run does to its dependants what a failure does", async () => {
    await using bench = await createBench(createStore);
    const runs = await bench.submitGraph("abcd", "a>b a>c:skip a>d:continue");
    await control(bench, "stop", runs["a"]);
    expect(await bench.states(runs)).toEqual({
      a: "ERROR(stopped)",
      b: "ERROR(upstream_failed)",
      c: "FINISHED(skipped)",
      d: "PENDING",
    });
  });

  test("a run that is started by force goes before all others and leaves the counters of the rest alone", async () => {
    await using bench = await createBench(createStore);
    await bench.submit({ priority: -1_000 });
    const { a = none(), b = none(), c = none() } = await bench.submitGraph("abc", "a>b b>c a>c");
    await control(bench, "force_start", b);
    const workerId = await bench.worker();
    const run = await bench.claimOne(workerId);
    expect(run.runId).toBe(b);
    await bench.finish(run);
    expect(await bench.states({ a, b, c })).toEqual({ a: "PENDING", b: "FINISHED", c: "PENDING(waiting_upstream)" });
    expect(await bench.store.verify()).toEqual([]);
    await bench.finish(await bench.claimJob(workerId, "a"));
    expect(await bench.state(c)).toBe("PENDING");
  });

  test("a forced start does not pass a limit", async () => {
    await using bench = await createBench(createStore);
    await bench.store.setLimits([{ gate: "pool:p", capacity: 1 }]);
    const workerId = await bench.worker();
    await bench.submit({ gates: ["pool:p"] });
    const first = await bench.claimOne(workerId);
    const forced = await bench.submit({ gates: ["pool:p"], runAtMs: bench.clock.now() + 5_000 });
    await control(bench, "force_start", forced);
    expect(await bench.store.claim({ workerId, limit: 9 })).toEqual([]);
    await bench.finish(first);
    expect((await bench.claimOne(workerId)).runId).toBe(forced);
  });

  test("a rerun counts attempts anew, keeps its lane, its history and its key, and goes on where the run was", async () => {
    await using bench = await createBench(createStore);
    const runs = [newRun({ job: "j", gates: ["pool:p"], priority: 7 })];
    const { rootRunId: runId } = await bench.store.submit({ runs, edges: [], runKey: "k" });
    const workerId = await bench.worker();
    const failed = await bench.claimOne(workerId);
    await bench.store.saveCheckpoint(failed, { page: 3 });
    await bench.fail(failed);
    await control(bench, "rerun", runId);
    expect(await bench.run(runId)).toMatchObject({ state: "PENDING", attempt: 0, epoch: 1, error: undefined });
    expect(await bench.store.submit({ runs, edges: [], runKey: "k" })).toMatchObject({
      created: false,
      rootRunId: runId,
    });
    await bench.store.setLimits([{ gate: "pool:p", capacity: 1 }]);
    await bench.submit({ gates: ["pool:p"], priority: 8 });
    const again = await bench.claimOne(workerId);
    expect(again).toMatchObject({ runId, attempt: 1, epoch: 2 });
    expect(await bench.store.claim({ workerId, limit: 9 })).toEqual([]);
    expect((await bench.store.loadCheckpoints(runId))[0]?.data).toEqual({ page: 3 });
    await bench.finish(again);
    expect(await bench.eventTypes(runId)).toEqual(["submitted", "started", "failed", "rerun", "started", "finished"]);
  });

  test("a rerun does not take its key from another run", async () => {
    await using bench = await createBench(createStore);
    const submission = { runs: [newRun()], edges: [], runKey: "k" };
    const { rootRunId } = await bench.store.submit(submission);
    await control(bench, "stop", rootRunId);
    const second = await bench.store.submit(submission);
    await control(bench, "rerun", rootRunId);
    expect(await bench.store.submit(submission)).toMatchObject({ created: false, rootRunId: second.rootRunId });
    expect(await bench.state(rootRunId)).toBe("PENDING");
  });

  test("listeners are told of requests and of work, and what they throw reaches nobody", async () => {
    await using bench = await createBench(createStore);
    const hints: string[] = [];
    using _broken = bench.store.subscribe(() => {
      throw new Error("a listener that throws");
    });
    const subscription = bench.store.subscribe((hint) => hints.push(hint));
    const runId = await bench.submit();
    await bench.heard(() => hints.includes("ready"));
    await control(bench, "pause", runId);
    await bench.heard(() => hints.includes("control"));
    subscription[Symbol.dispose]();
    hints.length = 0;
    await control(bench, "resume", runId);
    expect(hints).toEqual([]);
  });
}

async function control(bench: StoreBench, action: ControlAction, runId: RunId | undefined): Promise<unknown> {
  return await bench.store.control({ action, target: { runId: runId ?? none() }, by: "ann" });
}

async function paused(bench: StoreBench, runId: RunId): Promise<RunId> {
  await control(bench, "pause", runId);
  return runId;
}

async function submitWaiting(bench: StoreBench): Promise<RunId> {
  const { b } = await bench.submitGraph("ab", "a>b");
  return b ?? none();
}

async function submitLeased(bench: StoreBench): Promise<RunId> {
  await bench.submit();
  return (await bench.claimOne(await bench.worker())).runId;
}

async function submitParkedScheduled(bench: StoreBench): Promise<RunId> {
  return await paused(bench, await bench.submit({ runAtMs: bench.clock.now() + 5_000 }));
}

async function submitEnded(bench: StoreBench, end: "finish" | "fail"): Promise<RunId> {
  await bench.submit();
  const run = await bench.claimOne(await bench.worker());
  await bench[end](run);
  return run.runId;
}

async function submitStopped(bench: StoreBench): Promise<RunId> {
  const runId = await bench.submit();
  await control(bench, "stop", runId);
  return runId;
}

function eventOf(action: ControlAction, isAsked: boolean): string {
  if (isAsked) return `${action}_requested`;
  const words = { pause: "paused", resume: "resumed", stop: "stopped", force_stop: "force_stopped" };
  const rest = { force_start: "force_started", rerun: "rerun" };
  return { ...words, ...rest }[action];
}

function errorOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("expected the transition to be refused");
}

function none(): never {
  throw new Error("fewer runs than expected");
}
