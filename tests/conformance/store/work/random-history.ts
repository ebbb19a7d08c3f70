// Random histories of submits, claims, settlements, control, crashes and recovery, against a small model of what must hold:
// an epoch never decreases, an end is final unless a person gives the run another try, a stale lease changes nothing,
// limits hold, and after healing everything has ended.
import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import type { RunId } from "../../../../src/core/run-id.ts";
import { MillraceError } from "../../../../src/core/errors/errors.ts";
import { isTerminal, type RunState, transitions } from "../../../../src/core/job/run-state.ts";
import type { Fence, NewRun, RunSummary, Settlement, WorkerId } from "../../../../src/store/rows/run-records.ts";
import {
  createStoreFixture,
  type CreateStore,
  newRun,
  someError,
  type StoreFixture,
  workerTtlMs,
} from "../store-fixture.ts";

export function describeRandomHistories(createStore: CreateStore): void {
  test(
    "no random history of work, control, crashes and recovery breaks an invariant or leaves a run hanging",
    { timeout: 60_000 },
    async () => {
      const history = fc.array(step, { minLength: 10, maxLength: 60, size: "max" });
      // As many histories as an adapter gets through in this time, at most those of `numRuns`.
      const endAt = performance.now() + 12_000;
      let hasFailed = false;
      await fc.assert(
        fc.asyncProperty(history, async (steps) => {
          // A failure is shrunk however long it takes.
          if (performance.now() > endAt && !hasFailed) return;
          try {
            await performAll(createStore, steps);
          } catch (error) {
            hasFailed = true;
            throw error;
          }
        }),
        { seed: 20_260_101, numRuns: 200 },
      );
    },
  );
}

async function performAll(createStore: CreateStore, steps: readonly Step[]): Promise<void> {
  await using fixture = await createStoreFixture(createStore);
  const model = new Model(fixture);
  for (const [index, next] of steps.entries()) {
    await model.apply(next);
    await model.check(index % 5 === 4);
  }
  await model.heal();
}

const policy = fc.constantFrom("cancel" as const, "skip" as const, "continue" as const);

const actions = ["pause", "resume", "stop", "force_stop", "force_start", "rerun"] as const;
const action = fc.constantFrom(...actions);

const step = fc.oneof(
  fc.record({
    do: fc.constant("submit" as const),
    count: fc.integer({ min: 1, max: 6 }),
    inPipeline: fc.boolean(),
    edges: fc.array(fc.tuple(fc.nat(5), fc.nat(5), policy), { maxLength: 8 }),
    delayMs: fc.constantFrom(0, 0, 0, 5_000),
    key: fc.option(fc.nat(2), { nil: undefined }),
    gates: fc.subarray(["pool:a", "pool:b"]),
  }),
  fc.record({ do: fc.constant("worker" as const) }),
  // Weighted, so that runs change hands often and old leases come back.
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("claim" as const),
      worker: fc.nat(),
      limit: fc.integer({ min: 0, max: 5 }),
    }),
  },
  fc.record({
    do: fc.constant("settle" as const),
    picks: fc.array(
      fc.tuple(fc.nat(), fc.constantFrom("finished", "failed", "retry", "snoozed", "released", "paused")),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
  }),
  fc.record({ do: fc.constant("write" as const), pick: fc.nat() }),
  fc.record({ do: fc.constant("advance" as const), ms: fc.constantFrom(1, 1_000, 10_000, workerTtlMs) }),
  fc.record({ do: fc.constant("promote" as const), limit: fc.integer({ min: 0, max: 4 }) }),
  fc.record({
    do: fc.constant("reap" as const),
    limit: fc.integer({ min: 1, max: 4 }),
    named: fc.option(fc.nat(), { nil: undefined }),
  }),
  fc.record({ do: fc.constant("retire" as const), worker: fc.nat() }),
  { weight: 3, arbitrary: fc.record({ do: fc.constant("control" as const), action, run: fc.nat() }) },
  fc.record({
    do: fc.constant("control_job" as const),
    action: fc.constantFrom("pause" as const, "resume" as const, "stop" as const, "force_stop" as const),
    job: fc.constantFrom("job", "pipeline"),
  }),
  fc.record({
    do: fc.constant("limit" as const),
    gate: fc.constantFrom("pool:a", "pool:b"),
    capacity: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  }),
  fc.record({
    do: fc.constant("engine" as const),
    action: fc.constantFrom("start" as const, "start" as const, "stop" as const, "emergency_stop" as const),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

class Model {
  readonly #fixture: StoreFixture;
  readonly #workers: WorkerId[] = [];
  /** Every lease ever handed out, held or not: crashed workers and zombies settle from here. */
  readonly #fences: Fence[] = [];
  readonly #newest = new Map<RunId, RunSummary>();
  /** Whether the step that was just made may have given failed runs another try. */
  #mayReopen = false;
  #isClaiming = true;

  constructor(fixture: StoreFixture) {
    this.#fixture = fixture;
  }

  async apply(next: Step): Promise<void> {
    const { store, clock } = this.#fixture;
    this.#mayReopen = next.do === "control" && ["pause", "force_start", "rerun"].includes(next.action);
    switch (next.do) {
      case "submit":
        return await this.#submit(next);
      case "worker":
        this.#workers.push(await this.#fixture.worker());
        return;
      case "claim": {
        const workerId = pick(this.#workers, next.worker);
        if (workerId !== undefined) await this.#claim(workerId, next.limit);
        return;
      }
      case "settle":
        return await this.#settle(next.picks);
      case "write":
        return await this.#write(pick(this.#fences, next.pick));
      case "advance":
        return clock.advance(next.ms);
      case "promote":
        assert.ok((await store.promote(next.limit)) <= next.limit);
        return;
      case "reap": {
        const named = next.named === undefined ? undefined : pick(this.#workers, next.named);
        await store.reap({ limit: next.limit, deadWorkerIds: named === undefined ? [] : [named], maxLosses: 3 });
        return;
      }
      case "retire": {
        const workerId = pick(this.#workers, next.worker);
        if (workerId !== undefined) await store.retireWorker(workerId);
        return;
      }
      case "control":
        return await this.#control(next.action, pick([...this.#newest.values()], next.run));
      case "control_job":
        await store.control({ action: next.action, target: { job: next.job }, by: "model" });
        return;
      case "limit":
        return await store.setLimits([next]);
      case "engine": {
        this.#isClaiming = (await store.switchOrchestrator({ action: next.action, by: "model" })).claiming;
        if (next.action === "emergency_stop") assert.deepEqual(await store.heldFences(this.#fences), []);
      }
    }
  }

  /** Epochs grow, ends are final, counters of attempts stay within claims. */
  async check(isThorough = true): Promise<void> {
    const runs = await this.#fixture.store.listRuns({ limit: 10_000 });
    const current = new Map(runs.map((run) => [run.id, run]));
    for (const before of this.#newest.values()) {
      const now = current.get(before.id);
      assert.ok(now !== undefined);
      assert.ok(now.epoch >= before.epoch);
      assert.ok(now.attempt <= now.epoch);
      const mayReopen = this.#mayReopen && before.state === "ERROR";
      if (isTerminal(before.state) && !mayReopen) assert.deepEqual(now, before);
      this.#newest.set(before.id, now);
    }
    if (!isThorough) return;
    // Orphans past their bound are what happens here while no step reaps; leaving the fixture checks that too.
    const broken = (await this.#fixture.store.verify()).filter(({ invariant }) => invariant !== "I7");
    assert.deepEqual(broken, []);
  }

  /** Crashed workers are reaped, and one good worker finishes whatever it gets: then everything has ended. */
  async heal(): Promise<void> {
    const { store, clock } = this.#fixture;
    const workerId = await this.#fixture.worker("healer", Number.MAX_SAFE_INTEGER / 2);
    clock.advance(workerTtlMs);
    this.#mayReopen = false;
    await store.switchOrchestrator({ action: "start", by: "model" });
    this.#isClaiming = true;
    for (const job of ["job", "pipeline"]) await store.control({ action: "resume", target: { job }, by: "model" });
    for (let round = 0; round < 100; round += 1) {
      clock.advance(10_000);
      await store.reap({ limit: 100, deadWorkerIds: [], maxLosses: 3 });
      await store.promote(100);
      for (const { id } of await store.listRuns({ state: "PAUSED", limit: 1_000 })) await this.#resume(id);
      const runs = await store.claim({ workerId, limit: 100 });
      if (runs.length > 0) await this.#fixture.finish(...runs);
      else if ((await store.nextDueInMs()) === undefined) break;
    }
    await this.check();
    const unended = [...this.#newest.values()].filter(({ state }) => !isTerminal(state));
    assert.deepEqual(unended, []);
  }

  async #submit({ count, inPipeline, edges, delayMs, key, gates }: Extract<Step, { do: "submit" }>): Promise<void> {
    const offset = inPipeline ? 1 : 0;
    const runAtMs = this.#fixture.clock.now() + delayMs;
    const parent = inPipeline ? { parent: 0 } : {};
    const members: NewRun[] = Array.from({ length: count }, () => newRun({ runAtMs, gates, ...parent }));
    const runs = inPipeline ? [newRun({ job: "pipeline", kind: "pipeline" }), ...members] : members;
    // Only upwards and each pair once, so that the graph is one.
    const distinct = new Map(
      edges.filter(([from, to]) => from < to && to < count).map((edge) => [`${edge[0]}>${edge[1]}`, edge]),
    );
    const given = [...distinct.values()].map(([from, to, onUpstreamFailure]) => ({
      parent: from + offset,
      child: to + offset,
      onUpstreamFailure,
    }));
    const runKey = key === undefined ? {} : { runKey: `key-${key}` };
    const { runIds } = await this.#fixture.store.submit({ runs, edges: given, ...runKey });
    for (const runId of runIds) this.#newest.set(runId, await this.#fixture.run(runId));
  }

  async #control(asked: (typeof actions)[number], run: RunSummary | undefined): Promise<void> {
    if (run === undefined) return;
    const { state } = await this.#fixture.run(run.id);
    const from: readonly RunState[] = transitions[asked].from;
    const request = this.#fixture.store.control({ action: asked, target: { runId: run.id }, by: "model" });
    try {
      await request;
    } catch (error) {
      // Refused exactly where the table does not allow it, and not one of the members either.
      assert.equal(error instanceof MillraceError ? error.code : error, "TRANSITION_INVALID");
      assert.ok(!from.includes(state));
    }
  }

  // Its own pause may be gone with the one of its pipeline.
  async #resume(runId: RunId): Promise<void> {
    if ((await this.#fixture.run(runId)).state !== "PAUSED") return;
    await this.#fixture.store.control({ action: "resume", target: { runId }, by: "model" });
  }

  async #claim(workerId: WorkerId, limit: number): Promise<void> {
    const claimed = await this.#fixture.store.claim({ workerId, limit });
    assert.ok(this.#isClaiming || claimed.length === 0);
    for (const run of claimed) {
      // A lease that was handed out before never comes again.
      assert.ok(!this.#fences.some((fence) => fence.runId === run.runId && fence.epoch >= run.epoch));
      this.#fences.push({ runId: run.runId, epoch: run.epoch });
    }
  }

  async #settle(picks: readonly (readonly [number, string])[]): Promise<void> {
    const settlements = picks.flatMap(([index, end]) => {
      const fence = pick(this.#fences, index);
      return fence === undefined ? [] : [this.#settlement(fence, end)];
    });
    const held = await this.#fixture.store.heldFences(settlements.map(({ runId, epoch }) => ({ runId, epoch })));
    const heldOnce = new Set(held.map(({ runId }) => runId));
    const { lostRunIds } = await this.#fixture.store.settle(settlements);
    assert.equal(settlements.length - lostRunIds.length, heldOnce.size);
  }

  #settlement(fence: Fence, end: string): Settlement {
    const delayMs = 1_000;
    switch (end) {
      case "finished":
        return { ...fence, end, result: null };
      case "failed":
        return { ...fence, end, reason: "failed", error: someError };
      case "retry":
        return { ...fence, end, delayMs, error: someError };
      case "snoozed":
        return { ...fence, end, delayMs };
      case "paused":
        return { ...fence, end };
      default:
        return { ...fence, end: "released" };
    }
  }

  async #write(fence: Fence | undefined): Promise<void> {
    if (fence === undefined) return;
    const isHeld = (await this.#fixture.store.heldFences([fence])).length === 1;
    const saved = this.#fixture.store.saveCheckpoint(fence, { epoch: fence.epoch });
    await (isHeld ? saved : assert.rejects(saved, { code: "RUN_LOST" }));
  }
}

function pick<T>(list: readonly T[], index: number): T | undefined {
  return list[index % list.length];
}
