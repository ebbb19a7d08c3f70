// The contract of dependencies: when dependants are let go, what the failure of an upstream run does to all below it,
// and how a pipeline run follows its members.
import { expect, test } from "vitest";
import { createStoreFixture, type CreateStore, newRun } from "../store-fixture.ts";

export function describeGraphs(createStore: CreateStore): void {
  test("a chain runs one after the other", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runs = await fixture.submitGraph("abc", "a>b b>c");
    const workerId = await fixture.worker();
    expect(await fixture.states(runs)).toEqual({
      a: "PENDING",
      b: "PENDING(waiting_upstream)",
      c: "PENDING(waiting_upstream)",
    });
    for (const job of ["a", "b", "c"]) {
      const [run, ...others] = await fixture.store.claim({ workerId, limit: 9 });
      expect([run?.job, others.length]).toEqual([job, 0]);
      expect(await fixture.finish(run ?? fail())).toEqual({ lostRunIds: [], readied: job === "c" ? 0 : 1 });
    }
  });

  test("a fan-out lets all go at once, a fan-in waits for the last", async () => {
    await using fixture = await createStoreFixture(createStore);
    const names = "bcdefgh";
    const edges = names
      .split("")
      .flatMap((name) => [`a>${name}`, `${name}>z`])
      .join(" ");
    const { z = fail() } = await fixture.submitGraph(`a${names}z`, edges);
    const workerId = await fixture.worker();
    expect(await fixture.finish(await fixture.claimOne(workerId))).toMatchObject({ readied: names.length });
    const middle = await fixture.store.claim({ workerId, limit: 99 });
    expect(middle.map(({ job }) => job).join("")).toBe(names);
    expect(await fixture.finish(...middle.slice(0, 3))).toMatchObject({ readied: 0 });
    expect(await fixture.finish(...middle.slice(3, -1))).toMatchObject({ readied: 0 });
    expect(await fixture.state(z)).toBe("PENDING(waiting_upstream)");
    expect(await fixture.finish(...middle.slice(-1))).toMatchObject({ readied: 1 });
    expect((await fixture.claimOne(workerId)).runId).toBe(z);
  });

  test("a diamond runs its end once, also when both sides finish in one batch", async () => {
    await using fixture = await createStoreFixture(createStore);
    await fixture.submitGraph("abcd", "a>b a>c b>d c>d");
    const workerId = await fixture.worker();
    await fixture.finish(await fixture.claimOne(workerId));
    expect(await fixture.finish(...(await fixture.store.claim({ workerId, limit: 9 })))).toMatchObject({ readied: 1 });
    expect((await fixture.store.claim({ workerId, limit: 9 })).map(({ job }) => job)).toEqual(["d"]);
  });

  test("a dependant with a time waits for both its parents and its time", async () => {
    await using fixture = await createStoreFixture(createStore);
    const dueAtMs = fixture.clock.now() + 5_000;
    const edges = [{ parent: 0, child: 1, onUpstreamFailure: "cancel" as const }];
    const { runIds } = await fixture.store.submit({
      runs: [newRun({ job: "a" }), newRun({ job: "b", runAtMs: dueAtMs })],
      edges,
    });
    const child = runIds[1] ?? fail();
    expect(await fixture.store.nextDueInMs()).toBeUndefined();
    const workerId = await fixture.worker();
    expect(await fixture.finish(await fixture.claimOne(workerId))).toMatchObject({ readied: 0 });
    expect(await fixture.run(child)).toMatchObject({ state: "PENDING", reason: "scheduled", runAtMs: dueAtMs });
    expect(await fixture.store.nextDueInMs()).toBe(dueAtMs - fixture.clock.now());
  });

  const policies: readonly [string, string, Record<string, string>][] = [
    ["cancel fails all below", "a>b b>c", { b: "ERROR(upstream_failed)", c: "ERROR(upstream_failed)" }],
    ["skip ends a dependant as finished", "a>b:skip", { b: "FINISHED(skipped)", c: "PENDING" }],
    ["continue runs a dependant anyway", "a>b:continue b>c", { b: "PENDING", c: "PENDING(waiting_upstream)" }],
    [
      "a skipped run skips what would cancel",
      "a>b:skip b>c:cancel",
      { b: "FINISHED(skipped)", c: "FINISHED(skipped)" },
    ],
    ["a skipped run skips what would skip", "a>b:skip b>c:skip", { b: "FINISHED(skipped)", c: "FINISHED(skipped)" }],
    ["a skipped run lets go what continues", "a>b:skip b>c:continue", { b: "FINISHED(skipped)", c: "PENDING" }],
    [
      "a cancelled run lets go what continues",
      "a>b:cancel b>c:continue",
      { b: "ERROR(upstream_failed)", c: "PENDING" },
    ],
    [
      "a cancelled run skips what would skip",
      "a>b:cancel b>c:skip",
      { b: "ERROR(upstream_failed)", c: "FINISHED(skipped)" },
    ],
  ];

  test.each(policies)("when an upstream run fails: %s", async (_name, edges, expected) => {
    await using fixture = await createStoreFixture(createStore);
    const runs = await fixture.submitGraph("abc", edges);
    await fixture.fail(await fixture.claimJob(await fixture.worker(), "a"));
    expect(await fixture.states(runs)).toEqual({ a: "ERROR(failed)", ...expected });
  });

  test("a dependant is ended by its first failed parent, without waiting for the others", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runs = await fixture.submitGraph("abcd", "a>c b>c c>d:continue");
    const workerId = await fixture.worker();
    await fixture.fail(await fixture.claimJob(workerId, "a"));
    expect(await fixture.states(runs)).toEqual({
      a: "ERROR(failed)",
      b: "PENDING",
      c: "ERROR(upstream_failed)",
      d: "PENDING",
    });
    await fixture.finish(await fixture.claimJob(workerId, "b"));
    expect(await fixture.eventTypes(runs["c"] ?? fail())).toEqual(["submitted", "cancelled"]);
    expect((await fixture.claimOne(workerId)).job).toBe("d");
  });

  test("of two parents that fail in one batch, the one that cancels decides", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runs = await fixture.submitGraph("abc", "a>c:skip b>c:cancel");
    await fixture.fail(...(await fixture.store.claim({ workerId: await fixture.worker(), limit: 9 })));
    expect(await fixture.state(runs["c"] ?? fail())).toBe("ERROR(upstream_failed)");
  });

  test("a retry of an upstream run lets nobody go and ends nobody", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runs = await fixture.submitGraph("ab", "a>b:skip");
    const run = await fixture.claimOne(await fixture.worker());
    const error = {
      code: "JOB_FAILED_TRANSIENT",
      message: "again",
      disposition: "retry",
      origin: "user-code",
    } as const;
    await fixture.store.settle([{ runId: run.runId, epoch: run.epoch, end: "retry", delayMs: 1, error }]);
    expect(await fixture.states(runs)).toEqual({ a: "PENDING(waiting_retry)", b: "PENDING(waiting_upstream)" });
  });

  test("a pipeline run is pending, runs from the first claim of a member, and is ready when all have ended", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runs = [
      newRun({ job: "p", kind: "pipeline" }),
      newRun({ job: "a", parent: 0 }),
      newRun({ job: "b", parent: 0 }),
    ];
    const edges = [{ parent: 1, child: 2, onUpstreamFailure: "cancel" as const }];
    const { rootRunId } = await fixture.store.submit({ runs, edges, runKey: "k" });
    const workerId = await fixture.worker();
    expect(await fixture.state(rootRunId)).toBe("PENDING");
    fixture.clock.advance(10);
    const first = await fixture.claimOne(workerId);
    expect(first).toMatchObject({ job: "a", rootRunId, parentRunId: rootRunId });
    expect(await fixture.run(rootRunId)).toMatchObject({ state: "RUNNING", startedAtMs: fixture.clock.now() });
    expect(await fixture.store.countChildren(rootRunId)).toEqual({ RUNNING: 1, PENDING: 1 });
    await fixture.fail(first);
    expect(await fixture.store.countChildren(rootRunId)).toEqual({ ERROR: 2 });
    expect(await fixture.state(rootRunId)).toBe("RUNNING");
    expect((await fixture.store.listRuns({ state: "RUNNING", limit: 9 })).map(({ id }) => id)).toEqual([rootRunId]);

    const pipeline = await fixture.claimOne(workerId);
    expect(pipeline).toMatchObject({ runId: rootRunId, kind: "pipeline", epoch: 1, attempt: 1 });
    await fixture.fail(pipeline);
    expect(await fixture.state(rootRunId)).toBe("ERROR(failed)");
    expect(await fixture.eventTypes(rootRunId)).toEqual(["submitted", "started", "failed"]);
    expect((await fixture.store.submit({ runs, edges, runKey: "k" })).created).toBe(true);
  });

  test("a pipeline of nothing is ready at once, and pipelines nest", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runs = [
      newRun({ job: "p", kind: "pipeline" }),
      newRun({ job: "q", kind: "pipeline", parent: 0 }),
      newRun({ job: "a", parent: 1 }),
    ];
    const { runIds } = await fixture.store.submit({ runs, edges: [] });
    const workerId = await fixture.worker();
    const inner = await fixture.claimOne(workerId);
    expect(await Promise.all(runIds.map((id) => fixture.state(id)))).toEqual(["RUNNING", "RUNNING", "RUNNING"]);
    for (let run = inner; ; run = await fixture.claimOne(workerId)) {
      await fixture.finish(run);
      if (run.job === "p") break;
    }
    const empty = await fixture.submit({ kind: "pipeline" });
    expect((await fixture.claimOne(workerId)).runId).toBe(empty);
    expect(await fixture.state(empty)).toBe("RUNNING");
    expect(await fixture.eventTypes(empty)).toEqual(["submitted", "started"]);
  });

  test("edges and upstream runs are those within the pipeline", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runs = [newRun({ job: "p", kind: "pipeline" }), ...["a", "b", "c"].map((job) => newRun({ job, parent: 0 }))];
    const edges = [
      { parent: 1, child: 2, onUpstreamFailure: "cancel" as const },
      { parent: 2, child: 3, onUpstreamFailure: "skip" as const },
    ];
    const { rootRunId, runIds } = await fixture.store.submit({ runs, edges });
    const [, a = fail(), b = fail(), c = fail()] = runIds;
    expect(await fixture.store.listEdges(rootRunId)).toEqual([
      { from: a, to: b },
      { from: b, to: c },
    ]);
    expect((await fixture.store.findUpstream(b, "a"))?.id).toBe(a);
    expect((await fixture.store.findUpstream(c, "a"))?.id).toBe(a);
    expect(await fixture.store.findUpstream(b, "c")).toBeUndefined();
  });

  test("a fan-out of 12,000 is submitted in one transaction and let go in parts, each at most 5,000", async () => {
    await using fixture = await createStoreFixture(createStore);
    const count = 12_000;
    const runs = [newRun({ job: "root" }), ...Array.from({ length: count }, () => newRun({ job: "leaf" }))];
    const edges = Array.from({ length: count }, (_, index) => ({
      parent: 0,
      child: index + 1,
      onUpstreamFailure: "cancel" as const,
    }));
    await fixture.store.submit({ runs, edges });
    const workerId = await fixture.worker();
    expect(await fixture.finish(await fixture.claimOne(workerId))).toEqual({ lostRunIds: [], readied: 5_000 });
    const counts: number[] = [];
    while ((await fixture.store.nextDueInMs()) === 0) {
      expect(await fixture.store.verify()).toEqual([]);
      counts.push(await fixture.store.promote(10));
    }
    expect(counts.filter((moved) => moved > 0)).toEqual([5_000, 2_000]);
    expect(await fixture.store.claim({ workerId, limit: 20_000 })).toHaveLength(count);
  });

  test("a failure reaches any number of dependants in parts, and a rerun in between lets none hang", async () => {
    await using fixture = await createStoreFixture(createStore);
    const count = 7_000;
    const members = Array.from({ length: count }, () => newRun({ job: "leaf", parent: 0 }));
    const runs = [newRun({ job: "p", kind: "pipeline" }), newRun({ job: "root", parent: 0 }), ...members];
    const edges = members.map((_, index) => ({ parent: 1, child: index + 2, onUpstreamFailure: "cancel" as const }));
    const { rootRunId, runIds } = await fixture.store.submit({ runs, edges });
    const workerId = await fixture.worker();
    const control = { target: { runId: runIds[1] ?? fail() }, by: "ann" };
    await fixture.fail(await fixture.claimOne(workerId));
    expect(await fixture.store.verify()).toEqual([]);
    await fixture.store.control({ ...control, action: "rerun" });
    expect(await fixture.store.verify()).toEqual([]);
    await fixture.fail(await fixture.claimOne(workerId));
    while ((await fixture.store.nextDueInMs()) === 0) await fixture.store.promote(10);
    expect(await fixture.store.countChildren(rootRunId)).toEqual({ ERROR: count + 1 });
    expect((await fixture.claimOne(workerId)).runId).toBe(rootRunId);
  });
}

function fail(): never {
  throw new Error("fewer runs than expected");
}
