// The contract of control while everything moves: several processes claim, finish and fail runs as people pause, stop, force
// and rerun them. Nothing is missed between two tables, no counter goes wrong, and afterwards everything ends.
import { expect, test } from "vitest";
import { MillraceError } from "../../../../src/core/errors/errors.ts";
import type { RunId } from "../../../../src/core/run-id.ts";
import { isTerminal } from "../../../../src/core/job/run-state.ts";
import type { ControlAction } from "../../../../src/store/control/control-store.ts";
import type { WorkerId } from "../../../../src/store/rows/run-records.ts";
import type { Store } from "../../../../src/store/store.ts";
import {
  createStoreFixture,
  type CreateStore,
  fenceOf,
  newRun,
  someError,
  type StoreFixture,
} from "../store-fixture.ts";

const actions: readonly ControlAction[] = ["pause", "resume", "force_start", "rerun", "stop", "force_stop"];

export function describeRacing(createStore: CreateStore): void {
  test("control races with workers, and nothing gets lost or hangs", { timeout: 60_000 }, async () => {
    await using fixture = await createStoreFixture(createStore);
    await using other = await fixture.underTest.open();
    await fixture.store.setLimits([{ gate: "pool:p", capacity: 3 }]);
    const runIds: RunId[] = [];
    for (let round = 0; round < 4; round += 1) {
      runIds.push(...(await submitPipeline(fixture, 12)));
      const random = createRandom(round + 1);
      await Promise.all([
        work(fixture.store, await fixture.worker("a"), random),
        work(other, await fixture.worker("b"), random),
        interfere(fixture.store, runIds, random),
        interfere(other, runIds, random),
      ]);
      expect(await fixture.store.verify()).toEqual([]);
    }
    await heal(fixture);
    const unended = (await fixture.store.listRuns({ limit: 1_000 })).filter(({ state }) => !isTerminal(state));
    expect(unended).toEqual([]);
  });

  test("what is paused at once with being claimed is either parked or asked", async () => {
    await using fixture = await createStoreFixture(createStore);
    await using other = await fixture.underTest.open();
    const workerId = await fixture.worker();
    for (let round = 0; round < 20; round += 1) {
      const runId = await fixture.submit();
      const [claimed] = await Promise.all([
        other.claim({ workerId, limit: 1 }),
        fixture.store.control({ action: "pause", target: { runId }, by: "ann" }),
      ]);
      const [held] = await fixture.store.listRequests(workerId);
      expect(claimed.length === 0 ? await fixture.state(runId) : held?.runId).toBe(
        claimed.length === 0 ? "PAUSED" : runId,
      );
      await fixture.finish(...claimed);
    }
  });

  test("a rerun at once with the end of what it waits for is let go", async () => {
    await using fixture = await createStoreFixture(createStore);
    await using other = await fixture.underTest.open();
    const workerId = await fixture.worker();
    for (let round = 0; round < 20; round += 1) {
      const { a = none(), b = none() } = await fixture.submitGraph("ab", "a>b");
      await fixture.store.control({ action: "stop", target: { runId: b }, by: "ann" });
      const run = await fixture.claimOne(workerId);
      expect(run.runId).toBe(a);
      await Promise.all([
        other.settle([{ ...fenceOf(run), end: "finished", result: null }]),
        fixture.store.control({ action: "rerun", target: { runId: b }, by: "ann" }),
      ]);
      await fixture.finish(await fixture.claimOne(workerId));
      expect(await fixture.states({ a, b })).toEqual({ a: "FINISHED", b: "FINISHED" });
    }
  });
}

async function submitPipeline(fixture: StoreFixture, width: number): Promise<readonly RunId[]> {
  const members = Array.from({ length: width }, (_, index) =>
    newRun({ job: `j${index % 3}`, parent: 0, gates: index % 2 === 0 ? ["pool:p"] : [] }),
  );
  const edges = members.slice(2).flatMap((_, index) => [
    { parent: index + 1, child: index + 3, onUpstreamFailure: "cancel" as const },
    { parent: index + 2, child: index + 3, onUpstreamFailure: "continue" as const },
  ]);
  const runs = [newRun({ job: "p", kind: "pipeline" }), ...members];
  return (await fixture.store.submit({ runs, edges })).runIds;
}

async function work(store: Store, workerId: WorkerId, random: (below: number) => number): Promise<void> {
  for (let turn = 0; turn < 25; turn += 1) {
    const runs = await store.claim({ workerId, limit: 1 + random(4) });
    await store.settle(
      runs.map((run) => {
        const fence = fenceOf(run);
        if (random(5) === 0) return { ...fence, end: "failed", reason: "failed", error: someError };
        return random(5) === 0 ? { ...fence, end: "paused" } : { ...fence, end: "finished", result: null };
      }),
    );
  }
}

async function interfere(store: Store, runIds: readonly RunId[], random: (below: number) => number): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    const action = actions[random(actions.length)] ?? "pause";
    const target = random(6) === 0 ? runIds[0] : runIds[random(runIds.length)];
    try {
      await store.control({ action, target: { runId: target ?? none() }, by: "ann" });
    } catch (error) {
      if (!(error instanceof MillraceError && error.code === "TRANSITION_INVALID")) throw error;
    }
  }
}

async function heal(fixture: StoreFixture): Promise<void> {
  const workerId = await fixture.worker("healer");
  for (let round = 0; round < 200; round += 1) {
    for (const { id } of await fixture.store.listRuns({ state: "PAUSED", limit: 1_000 })) {
      if ((await fixture.run(id)).state !== "PAUSED") continue;
      await fixture.store.control({ action: "resume", target: { runId: id }, by: "ann" });
    }
    const runs = await fixture.store.claim({ workerId, limit: 100 });
    if (runs.length === 0) return;
    await fixture.finish(...runs);
  }
}

// Park and Miller's generator: the same rolls for the same seed.
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

function none(): never {
  throw new Error("fewer runs than expected");
}
