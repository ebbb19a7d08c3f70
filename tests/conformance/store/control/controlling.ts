// The contract of control over single runs: every action in every state, what it does to those that wait, and how what
// executes is asked. The table of transitions in src/core/job/run-state.ts says what is allowed.
import { expect, test } from "vitest";
import type { RunId } from "../../../../src/core/run-id.ts";
import { applyTransition, type RunState, transitions } from "../../../../src/core/job/run-state.ts";
import type { ControlAction } from "../../../../src/store/control/control-store.ts";
import {
  codeOf,
  createStoreFixture,
  type CreateStore,
  fenceOf,
  newRun,
  someError,
  type StoreFixture,
} from "../store-fixture.ts";

const actions: readonly ControlAction[] = ["pause", "resume", "stop", "force_stop", "force_start", "rerun"];

/** Ways to be in a state, with how a run gets there. */
const positions: readonly (readonly [where: string, RunState, (fixture: StoreFixture) => Promise<RunId>])[] = [
  ["ready", "PENDING", (fixture) => fixture.submit()],
  ["scheduled", "PENDING", (fixture) => fixture.submit({ runAtMs: fixture.clock.now() + 5_000 })],
  ["waiting for another", "PENDING", submitWaiting],
  ["leased", "RUNNING", submitLeased],
  ["parked", "PAUSED", (fixture) => fixture.submit().then((runId) => paused(fixture, runId))],
  ["parked before its time", "PAUSED", submitParkedScheduled],
  ["paused while it waits", "PAUSED", (fixture) => submitWaiting(fixture).then((runId) => paused(fixture, runId))],
  ["finished", "FINISHED", (fixture) => submitEnded(fixture, "finish")],
  ["failed", "ERROR", (fixture) => submitEnded(fixture, "fail")],
  ["stopped", "ERROR", submitStopped],
];

const table = positions.flatMap(([where, state, create]) =>
  actions.map((action) => [action, where, state, create] as const),
);

export function describeControlling(createStore: CreateStore): void {
  test.each(table)("%s of a run that is %s", async (action, _where, state, create) => {
    await using fixture = await createStoreFixture(createStore);
    const runId = await create(fixture);
    expect((await fixture.run(runId)).state).toBe(state);
    const before = await fixture.eventTypes(runId);
    const result = fixture.store.control({ action, target: { runId }, by: "ann", reason: "test" });
    const from: readonly RunState[] = transitions[action].from;
    if (!from.includes(state)) {
      await expect(result).rejects.toThrow(errorOf(() => applyTransition(state, action)));
      expect(await fixture.eventTypes(runId)).toEqual(before);
      return;
    }
    const isAsked = state === "RUNNING" && action !== "force_stop";
    expect(await result).toEqual(isAsked ? { changed: 0, requested: 1 } : { changed: 1, requested: 0 });
    expect((await fixture.run(runId)).state).toBe(isAsked ? "RUNNING" : transitions[action].to);
    const last = (await fixture.store.listEvents(runId, before.length, 9)).at(-1);
    expect(last).toMatchObject({ type: eventOf(action, isAsked), data: { by: "ann", reason: "test" } });
  });

  test("an unknown run is refused", async () => {
    await using fixture = await createStoreFixture(createStore);
    const request = { action: "stop", target: { runId: 77 as RunId }, by: "ann" } as const;
    expect(await codeOf(fixture.store.control(request))).toBe("RUN_UNKNOWN");
  });

  test("a paused run is not claimed; resumed, it goes back to its queue or its time", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runAtMs = fixture.clock.now() + 5_000;
    const runIds = [await fixture.submit(), await fixture.submit({ runAtMs })];
    for (const runId of runIds) await control(fixture, "pause", runId);
    const workerId = await fixture.worker();
    fixture.clock.advance(1_000);
    expect(await fixture.store.claim({ workerId, limit: 9 })).toEqual([]);
    expect(await fixture.store.nextDueInMs()).toBeUndefined();
    for (const runId of runIds) await control(fixture, "resume", runId);
    expect(await Promise.all(runIds.map((runId) => fixture.state(runId)))).toEqual(["PENDING", "PENDING(scheduled)"]);
    expect(await fixture.store.nextDueInMs()).toBe(runAtMs - fixture.clock.now());
    await control(fixture, "pause", runIds[1]);
    fixture.clock.advance(5_000);
    await control(fixture, "resume", runIds[1]);
    expect(await fixture.store.claim({ workerId, limit: 9 })).toHaveLength(2);
  });

  test("a run that is paused while it waits is parked when it is let go", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { a = none(), b = none() } = await fixture.submitGraph("ab", "a>b");
    await control(fixture, "pause", b);
    const workerId = await fixture.worker();
    expect(await fixture.finish(await fixture.claimOne(workerId))).toMatchObject({ readied: 0 });
    expect(await fixture.states({ a, b })).toEqual({ a: "FINISHED", b: "PAUSED" });
    expect(await fixture.store.claim({ workerId, limit: 9 })).toEqual([]);
    await control(fixture, "resume", b);
    expect((await fixture.claimOne(workerId)).runId).toBe(b);
  });

  test("a worker is told what is asked of its runs, and of no others", async () => {
    await using fixture = await createStoreFixture(createStore);
    for (let count = 0; count < 3; count += 1) await fixture.submit();
    const [workerId, other] = [await fixture.worker(), await fixture.worker("other")];
    const first = await fixture.claimOne(workerId);
    const second = await fixture.claimOne(workerId);
    const third = await fixture.claimOne(other);
    await control(fixture, "pause", first.runId);
    await fixture.store.control({ action: "stop", target: { runId: second.runId }, by: "bob", reason: "wrong day" });
    await control(fixture, "stop", third.runId);
    expect(await fixture.store.listRequests(workerId)).toEqual([
      { ...fenceOf(first), action: "pause", by: "ann", reason: undefined },
      { ...fenceOf(second), action: "stop", by: "bob", reason: "wrong day" },
    ]);
    // A stop outranks a pause that nobody obeyed yet.
    await control(fixture, "stop", first.runId);
    expect((await fixture.store.listRequests(workerId)).map(({ action }) => action)).toEqual(["stop", "stop"]);
    await fixture.finish(first, third);
    await fixture.store.settle([{ ...fenceOf(second), end: "failed", reason: "stopped", error: someError }]);
    expect(await fixture.state(first.runId)).toBe("FINISHED");
    expect(await fixture.state(second.runId)).toBe("ERROR(stopped)");
    expect(await fixture.store.listRequests(workerId)).toEqual([]);
  });

  test("a request that was not obeyed yet can be withdrawn", async () => {
    await using fixture = await createStoreFixture(createStore);
    await fixture.submit();
    const workerId = await fixture.worker();
    const run = await fixture.claimOne(workerId);
    await control(fixture, "pause", run.runId);
    expect(await control(fixture, "resume", run.runId)).toEqual({ changed: 1, requested: 0 });
    expect(await fixture.store.listRequests(workerId)).toEqual([]);
    await fixture.store.settle([{ ...fenceOf(run), end: "released" }]);
    expect(await fixture.state(run.runId)).toBe("PENDING");
  });

  const yields: readonly [string, "paused" | "released" | "snoozed" | "retry", string][] = [
    ["that yields", "paused", "PENDING"],
    ["that is given back", "released", "PENDING"],
    ["that snoozes", "snoozed", "PENDING(waiting_poll)"],
    ["that is to be retried", "retry", "PENDING(waiting_retry)"],
  ];

  test.each(yields)("a run %s after a pause is parked, and goes on from there", async (_name, end, resumed) => {
    await using fixture = await createStoreFixture(createStore);
    const runId = await fixture.submit();
    const run = await fixture.claimOne(await fixture.worker());
    await control(fixture, "pause", runId);
    const delayMs = 1_000;
    const fence = fenceOf(run);
    await fixture.store.settle([
      end === "retry"
        ? { ...fence, end, delayMs, error: someError }
        : end === "snoozed"
          ? { ...fence, end, delayMs }
          : { ...fence, end },
    ]);
    expect((await fixture.run(runId)).state).toBe("PAUSED");
    expect((await fixture.eventTypes(runId)).at(-1)).toBe("paused");
    await control(fixture, "resume", runId);
    expect(await fixture.state(runId)).toBe(resumed);
  });

  test("a run that somebody stopped never goes on, however its lease ends", async () => {
    await using fixture = await createStoreFixture(createStore);
    for (let count = 0; count < 5; count += 1) await fixture.submit();
    const [workerId, dying, leaving] = [
      await fixture.worker(),
      await fixture.worker("dying"),
      await fixture.worker("leaving"),
    ];
    const own = await fixture.store.claim({ workerId, limit: 3 });
    const runs = [...own, await fixture.claimOne(dying), await fixture.claimOne(leaving)];
    for (const { runId } of runs) await control(fixture, "stop", runId);
    const [released = none(), snoozed = none(), retried = none()] = runs.map(fenceOf);
    const delayMs = 1_000;
    await fixture.store.settle([
      { ...released, end: "released" },
      { ...snoozed, end: "snoozed", delayMs },
      { ...retried, end: "retry", delayMs, error: someError },
    ]);
    await fixture.store.reap({ limit: 9, deadWorkerIds: [dying], maxLosses: 3 });
    await fixture.store.retireWorker(leaving);
    for (const { runId } of runs) expect(await fixture.state(runId)).toBe("ERROR(stopped)");
  });

  test("a force-stopped run is taken from its worker, whose writes are refused", async () => {
    await using fixture = await createStoreFixture(createStore);
    await fixture.store.setLimits([{ gate: "pool:p", capacity: 1 }]);
    const { a = none(), b = none() } = await fixture.submitGraph("ab", "a>b:continue", { gates: ["pool:p"] });
    const workerId = await fixture.worker();
    const run = await fixture.claimOne(workerId);
    await control(fixture, "force_stop", a);
    expect(await fixture.state(a)).toBe("ERROR(force_stopped)");
    expect(await fixture.store.heldFences([fenceOf(run)])).toEqual([]);
    expect(await codeOf(fixture.store.saveCheckpoint(run, {}))).toBe("RUN_LOST");
    expect(await fixture.finish(run)).toEqual({ lostRunIds: [a], readied: 0 });
    expect((await fixture.store.listAttempts(a)).map(({ end }) => end)).toEqual(["stopped"]);
    // Its slot is free for the next.
    expect((await fixture.claimOne(workerId)).runId).toBe(b);
    await control(fixture, "rerun", a);
    expect(await codeOf(fixture.store.saveCheckpoint(run, {}))).toBe("RUN_LOST");
  });

  test("stopping a run does to its dependants what a failure does", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runs = await fixture.submitGraph("abcd", "a>b a>c:skip a>d:continue");
    await control(fixture, "stop", runs["a"]);
    expect(await fixture.states(runs)).toEqual({
      a: "ERROR(stopped)",
      b: "ERROR(upstream_failed)",
      c: "FINISHED(skipped)",
      d: "PENDING",
    });
  });

  test("a run that is started by force goes before all others and leaves the counters of the rest alone", async () => {
    await using fixture = await createStoreFixture(createStore);
    await fixture.submit({ priority: -1_000 });
    const { a = none(), b = none(), c = none() } = await fixture.submitGraph("abc", "a>b b>c a>c");
    await control(fixture, "force_start", b);
    const workerId = await fixture.worker();
    const run = await fixture.claimOne(workerId);
    expect(run.runId).toBe(b);
    await fixture.finish(run);
    expect(await fixture.states({ a, b, c })).toEqual({ a: "PENDING", b: "FINISHED", c: "PENDING(waiting_upstream)" });
    expect(await fixture.store.verify()).toEqual([]);
    await fixture.finish(await fixture.claimJob(workerId, "a"));
    expect(await fixture.state(c)).toBe("PENDING");
  });

  test("a forced start does not pass a limit", async () => {
    await using fixture = await createStoreFixture(createStore);
    await fixture.store.setLimits([{ gate: "pool:p", capacity: 1 }]);
    const workerId = await fixture.worker();
    await fixture.submit({ gates: ["pool:p"] });
    const first = await fixture.claimOne(workerId);
    const forced = await fixture.submit({ gates: ["pool:p"], runAtMs: fixture.clock.now() + 5_000 });
    await control(fixture, "force_start", forced);
    expect(await fixture.store.claim({ workerId, limit: 9 })).toEqual([]);
    await fixture.finish(first);
    expect((await fixture.claimOne(workerId)).runId).toBe(forced);
  });

  test("a rerun counts attempts anew, keeps its lane, its history and its key, and goes on where the run was", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runs = [newRun({ job: "j", gates: ["pool:p"], priority: 7 })];
    const { rootRunId: runId } = await fixture.store.submit({ runs, edges: [], runKey: "k" });
    const workerId = await fixture.worker();
    const failed = await fixture.claimOne(workerId);
    await fixture.store.saveCheckpoint(failed, { page: 3 });
    await fixture.fail(failed);
    await control(fixture, "rerun", runId);
    expect(await fixture.run(runId)).toMatchObject({ state: "PENDING", attempt: 0, epoch: 1, error: undefined });
    expect(await fixture.store.submit({ runs, edges: [], runKey: "k" })).toMatchObject({
      created: false,
      rootRunId: runId,
    });
    await fixture.store.setLimits([{ gate: "pool:p", capacity: 1 }]);
    await fixture.submit({ gates: ["pool:p"], priority: 8 });
    const again = await fixture.claimOne(workerId);
    expect(again).toMatchObject({ runId, attempt: 1, epoch: 2 });
    expect(await fixture.store.claim({ workerId, limit: 9 })).toEqual([]);
    expect((await fixture.store.loadCheckpoints(runId))[0]?.data).toEqual({ page: 3 });
    await fixture.finish(again);
    expect(await fixture.eventTypes(runId)).toEqual(["submitted", "started", "failed", "rerun", "started", "finished"]);
  });

  test("a rerun does not take its key from another run", async () => {
    await using fixture = await createStoreFixture(createStore);
    const submission = { runs: [newRun()], edges: [], runKey: "k" };
    const { rootRunId } = await fixture.store.submit(submission);
    await control(fixture, "stop", rootRunId);
    const second = await fixture.store.submit(submission);
    await control(fixture, "rerun", rootRunId);
    expect(await fixture.store.submit(submission)).toMatchObject({ created: false, rootRunId: second.rootRunId });
    expect(await fixture.state(rootRunId)).toBe("PENDING");
  });

  test("listeners are told of requests and of work, and what they throw reaches nobody", async () => {
    await using fixture = await createStoreFixture(createStore);
    const changes: string[] = [];
    using _broken = fixture.store.subscribe(() => {
      throw new Error("a listener that throws");
    });
    const subscription = fixture.store.subscribe((change) => changes.push(change));
    const runId = await fixture.submit();
    await fixture.heard(() => changes.includes("ready"));
    await control(fixture, "pause", runId);
    await fixture.heard(() => changes.includes("control"));
    subscription[Symbol.dispose]();
    changes.length = 0;
    await control(fixture, "resume", runId);
    expect(changes).toEqual([]);
  });
}

async function control(fixture: StoreFixture, action: ControlAction, runId: RunId | undefined): Promise<unknown> {
  return await fixture.store.control({ action, target: { runId: runId ?? none() }, by: "ann" });
}

async function paused(fixture: StoreFixture, runId: RunId): Promise<RunId> {
  await control(fixture, "pause", runId);
  return runId;
}

async function submitWaiting(fixture: StoreFixture): Promise<RunId> {
  const { b } = await fixture.submitGraph("ab", "a>b");
  return b ?? none();
}

async function submitLeased(fixture: StoreFixture): Promise<RunId> {
  await fixture.submit();
  return (await fixture.claimOne(await fixture.worker())).runId;
}

async function submitParkedScheduled(fixture: StoreFixture): Promise<RunId> {
  return await paused(fixture, await fixture.submit({ runAtMs: fixture.clock.now() + 5_000 }));
}

async function submitEnded(fixture: StoreFixture, end: "finish" | "fail"): Promise<RunId> {
  await fixture.submit();
  const run = await fixture.claimOne(await fixture.worker());
  await fixture[end](run);
  return run.runId;
}

async function submitStopped(fixture: StoreFixture): Promise<RunId> {
  const runId = await fixture.submit();
  await control(fixture, "stop", runId);
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
