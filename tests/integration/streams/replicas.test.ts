// The runs of stream jobs are kept alive, share the work, and are scaled by what waits.
import { describe, expect, test } from "vitest";
import { findLag, startReplicas } from "../../../src/app/streams/start-replicas.ts";
import type { Job } from "../../../src/core/job/job.ts";
import { defineTopic } from "../../../src/core/stream/topic.ts";
import { maxCrashes } from "../../../src/orchestrator/streams/decide-replicas.ts";
import { ReplicaKeeper } from "../../../src/orchestrator/streams/replica-keeper.ts";
import { toSubmission } from "../../../src/orchestrator/submission/to-submission.ts";
import { streamJob } from "../../../src/stream/jobs/stream-job.ts";
import { createStreamFixture, type StreamFixture } from "../../support/streams/stream-fixture.ts";
import { ShiftedClock } from "../../support/streams/shifted-clock.ts";
import { streamPlaces } from "../../support/streams/stream-places.ts";

const events = defineTopic<"events", { readonly n: number }>({
  name: "events",
  partitions: 4,
  key: ({ n }) => String(n % 40),
});

function keeperOf({ store, clock, log, errors }: StreamFixture, jobs: readonly Job[]): ReplicaKeeper {
  return new ReplicaKeeper({
    store,
    clock,
    jobs: jobs.flatMap(({ name, stream }) => (stream === undefined ? [] : [{ job: name, stream }])),
    toSubmission: (name, options) =>
      toSubmission(jobs.find((job) => job.name === name) ?? fail(name), { ...options, tenant: "default" }),
    lagOf: (stream) => findLag(store, log, stream),
    router: () => ({ routesFor: () => [] }),
    onError: (error) => errors.push(error),
  });
}

function fail(name: string): never {
  throw new Error(`no job ${name}`);
}

const numbers = (count: number): readonly { n: number }[] => Array.from({ length: count }, (_, n) => ({ n }));

describe.each(streamPlaces())("on %s", (kind) => {
  test("replicas share the partitions, and each record is handled by one of them", async () => {
    await using fixture = await createStreamFixture(kind);
    const handled = new Map<number, string[]>();
    const job = streamJob({
      name: "count",
      topic: events,
      replicas: 2,
      handle: async ({ n }, ctx) => {
        await Promise.resolve();
        handled.set(n, [...(handled.get(n) ?? []), String(ctx.params.replica)]);
      },
    });
    const keeper = keeperOf(fixture, [job]);
    await keeper.look();
    // There already, whoever looks again.
    await keeper.look();
    expect((await fixture.store.listRuns({ limit: 9 })).map(({ params }) => params)).toEqual([
      { replica: 1 },
      { replica: 0 },
    ]);
    await fixture.startWorker([job]);
    await fixture.until(async () => (await fixture.store.findGroup("count"))?.members.length === 2);
    await fixture.until(async () =>
      (await fixture.group("count")).members.every(({ partitions }) => partitions.length === 2),
    );
    await fixture.produce(events, numbers(400));
    await fixture.untilCaughtUp(events, "count");
    expect([...handled.values()].every((by) => by.length === 1)).toBe(true);
    expect(new Set([...handled.values()].flat())).toEqual(new Set(["0", "1"]));
  });

  test("records of a key keep their order while two produce side by side and replicas come and go, and each is handled once", async () => {
    await using fixture = await createStreamFixture(kind);
    const byKey = new Map<string, number[]>();
    const job = streamJob({
      name: "count",
      topic: events,
      lanes: 3,
      handle: async ({ n }, ctx) => {
        if (n % 11 === 0) await fixture.clock.sleep(n % 4);
        const key = ctx.record.key ?? "";
        byKey.set(key, [...(byKey.get(key) ?? []), n]);
      },
    });
    const handled = (): number => [...byKey.values()].flat().length;
    // a key is one producer's: its order is theirs
    const produce = async (parity: number): Promise<void> => {
      const own = numbers(1_200).filter(({ n }) => n % 2 === parity);
      for (let at = 0; at < own.length; at += 20) {
        await fixture.produce(events, own.slice(at, at + 20));
        await fixture.until(async () => handled() >= at);
      }
    };
    await fixture.startWorker([job], { slots: 3 });
    const first = await fixture.submit(job, { replica: 0 });
    const producing = Promise.all([produce(0), produce(1)]);
    await fixture.until(async () => handled() > 100);
    await fixture.submit(job, { replica: 1 });
    await fixture.until(async () => (await fixture.group("count")).members.length === 2);
    await fixture.store.control({ action: "pause", target: { runId: first }, by: "ann" });
    await fixture.until(async () => (await fixture.store.findRun(first))?.state === "PAUSED");
    await fixture.store.control({ action: "resume", target: { runId: first }, by: "ann" });
    await producing;
    await fixture.untilCaughtUp(events, "count");
    expect(byKey.size).toBe(40);
    for (const [key, seen] of byKey)
      expect([key, seen]).toEqual([key, Array.from({ length: 30 }, (_, index) => Number(key) + 40 * index)]);
  });

  test("there are more replicas while much waits", async () => {
    await using fixture = await createStreamFixture(kind);
    const job = streamJob({
      name: "count",
      topic: events,
      replicas: { min: 1, max: 3, lag: 100 },
      handle: () => undefined,
    });
    const keeper = keeperOf(fixture, [job]);
    await keeper.look();
    const countRuns = async (): Promise<number> => (await fixture.store.listRuns({ limit: 9 })).length;
    expect(await countRuns()).toBe(1);
    await fixture.produce(events, numbers(250));
    await keeper.look();
    expect(await countRuns()).toBe(3);
  });

  test("there are fewer again when nothing has waited for a minute, and those that are left do the work", async () => {
    const clock = new ShiftedClock();
    await using fixture = await createStreamFixture(kind, undefined, clock);
    const handled: number[] = [];
    const job = streamJob({
      name: "count",
      topic: events,
      replicas: { min: 1, max: 2, lag: 100 },
      handle: ({ n }) => void handled.push(n),
    });
    const keeper = keeperOf(fixture, [job]);
    await fixture.produce(events, numbers(250));
    await keeper.look();
    await fixture.startWorker([job], { leaseTtlMs: 600_000 });
    await fixture.untilCaughtUp(events, "count");
    await fixture.until(async () => (await fixture.group("count")).members.length === 2);
    const states = async (): Promise<readonly string[]> =>
      (await fixture.store.listRuns({ limit: 9 })).map(({ state }) => state).toSorted();
    // each tells once that nothing waits, then a minute is over
    await fixture.clock.sleep(2_200);
    clock.shift(61_000);
    await fixture.until(async () => (await states()).includes("FINISHED"));
    await keeper.look();
    expect(await states()).toEqual(["FINISHED", "RUNNING"]);
    await fixture.produce(events, numbers(40));
    await fixture.untilCaughtUp(events, "count");
    expect(handled).toHaveLength(290);
    expect((await fixture.group("count")).members.map(({ partitions }) => partitions.length)).toEqual([4]);
  });

  test("one that a person stopped stays stopped, and one that fails again and again is told and not started any more", async () => {
    await using fixture = await createStreamFixture(kind);
    const job = streamJob({ name: "count", topic: events, handle: () => undefined });
    const broken = streamJob({ name: "broken", topic: defineTopic({ name: "other" }), handle: () => undefined });
    const doomed = { ...broken, execute: () => Promise.reject(new Error("cannot start")) };
    const keeper = keeperOf(fixture, [job, broken]);
    await keeper.look();
    await fixture.startWorker([job, doomed]);
    await fixture.until(async () => (await fixture.store.findGroup("count"))?.members.length === 1);
    await fixture.store.control({ action: "stop", target: { job: "count" }, by: "ann" });
    await fixture.until(async () => (await fixture.store.listRuns({ job: "count", limit: 1 }))[0]?.state === "ERROR");
    await keeper.look();
    expect(await fixture.store.listRuns({ job: "count", limit: 9 })).toHaveLength(1);
    // The clock of the store does not wait for us: each of its restarts is asked for as a person would.
    await fixture.until(async () => {
      const runs = await fixture.store.listRuns({ job: "broken", limit: 99 });
      if (runs[0]?.state !== "ERROR") return false;
      if (runs.length === maxCrashes) return true;
      await fixture.submit(doomed, { replica: 0 });
      return false;
    });
    await keeper.look();
    expect(fixture.errors.map(({ code }) => code)).toEqual(["WORKER_CRASH_LOOP"]);
    expect([...keeper.crashed]).toEqual(["broken"]);
    expect(await fixture.store.listRuns({ job: "broken", limit: 99 })).toHaveLength(maxCrashes);
  });

  test("what stops when it is told to starts the missing at once", async () => {
    await using fixture = await createStreamFixture(kind);
    const job = streamJob({ name: "count", topic: events, handle: () => undefined });
    const definitions = { jobs: new Map([[job.name, job]]), find: () => job };
    const { store, clock, log } = fixture;
    const parts = {
      store,
      clock,
      definitions,
      tenant: "default",
      notifying: { router: () => ({ routesFor: () => [] }) },
    };
    const replicas = startReplicas(parts as never, () => Promise.resolve(log));
    await fixture.until(async () => (await store.listRuns({ limit: 9 })).length === 1);
    await replicas.stop();
    expect([...replicas.crashed]).toEqual([]);
  });
});
