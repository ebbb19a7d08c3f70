// The contract of dependencies: when dependants are let go, what the failure of an upstream run does to all below it,
// and how a pipeline run follows its members.
import { expect, test } from "vitest";
import { createBench, type CreateStore, newRun } from "../bench.ts";

export function describeGraphs(createStore: CreateStore): void {
  test("a chain runs one after the other", async () => {
    await using bench = await createBench(createStore);
    const runs = await bench.submitGraph("abc", "a>b b>c");
    const workerId = await bench.worker();
    expect(await bench.states(runs)).toEqual({
      a: "PENDING",
      b: "PENDING(waiting_upstream)",
      c: "PENDING(waiting_upstream)",
    });
    for (const job of ["a", "b", "c"]) {
      const [run, ...others] = await bench.store.claim({ workerId, limit: 9 });
      expect([run?.job, others.length]).toEqual([job, 0]);
      expect(await bench.finish(run ?? fail())).toEqual({ lostRunIds: [], readied: job === "c" ? 0 : 1 });
    }
  });

  test("a fan-out lets all go at once, a fan-in waits for the last", async () => {
    await using bench = await createBench(createStore);
    const names = "bcdefgh";
    const edges = names
      .split("")
      .flatMap((name) => [`a>${name}`, `${name}>z`])
      .join(" ");
    const { z = fail() } = await bench.submitGraph(`a${names}z`, edges);
    const workerId = await bench.worker();
    expect(await bench.finish(await bench.claimOne(workerId))).toMatchObject({ readied: names.length });
    const middle = await bench.store.claim({ workerId, limit: 99 });
    expect(middle.map(({ job }) => job).join("")).toBe(names);
    expect(await bench.finish(...middle.slice(0, 3))).toMatchObject({ readied: 0 });
    expect(await bench.finish(...middle.slice(3, -1))).toMatchObject({ readied: 0 });
    expect(await bench.state(z)).toBe("PENDING(waiting_upstream)");
    expect(await bench.finish(...middle.slice(-1))).toMatchObject({ readied: 1 });
    expect((await bench.claimOne(workerId)).runId).toBe(z);
  });

  test("a diamond runs its end once, also when both sides finish in one batch", async () => {
    await using bench = await createBench(createStore);
    await bench.submitGraph("abcd", "a>b a>c b>d c>d");
    const workerId = await bench.worker();
    await bench.finish(await bench.claimOne(workerId));
    expect(await bench.finish(...(await bench.store.claim({ workerId, limit: 9 })))).toMatchObject({ readied: 1 });
    expect((await bench.store.claim({ workerId, limit: 9 })).map(({ job }) => job)).toEqual(["d"]);
  });

  test("a dependant with a time waits for both its parents and its time", async () => {
    await using bench = await createBench(createStore);
    const dueAtMs = bench.clock.now() + 5_000;
    const edges = [{ parent: 0, child: 1, onUpstreamFailure: "cancel" as const }];
    const { runIds } = await bench.store.submit({
      runs: [newRun({ job: "a" }), newRun({ job: "b", runAtMs: dueAtMs })],
      edges,
    });
    const child = runIds[1] ?? fail();
    expect(await bench.store.nextDueAtMs()).toBeUndefined();
    const workerId = await bench.worker();
    expect(await bench.finish(await bench.claimOne(workerId))).toMatchObject({ readied: 0 });
    expect(await bench.run(child)).toMatchObject({ state: "PENDING", reason: "scheduled", runAtMs: dueAtMs });
    expect(await bench.store.nextDueAtMs()).toBe(dueAtMs);
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
    await using bench = await createBench(createStore);
    const runs = await bench.submitGraph("abc", edges);
    await bench.fail(await bench.claimJob(await bench.worker(), "a"));
    expect(await bench.states(runs)).toEqual({ a: "ERROR(failed)", ...expected });
  });

  test("a dependant is ended by its first failed parent, without waiting for the others", async () => {
    await using bench = await createBench(createStore);
    const runs = await bench.submitGraph("abcd", "a>c b>c c>d:continue");
    const workerId = await bench.worker();
    await bench.fail(await bench.claimJob(workerId, "a"));
    expect(await bench.states(runs)).toEqual({
      a: "ERROR(failed)",
      b: "PENDING",
      c: "ERROR(upstream_failed)",
      d: "PENDING",
    });
    await bench.finish(await bench.claimJob(workerId, "b"));
    expect(await bench.eventTypes(runs["c"] ?? fail())).toEqual(["submitted", "cancelled"]);
    expect((await bench.claimOne(workerId)).job).toBe("d");
  });

  test("of two parents that fail in one batch, the one that cancels decides", async () => {
    await using bench = await createBench(createStore);
    const runs = await bench.submitGraph("abc", "a>c:skip b>c:cancel");
    await bench.fail(...(await bench.store.claim({ workerId: await bench.worker(), limit: 9 })));
    expect(await bench.state(runs["c"] ?? fail())).toBe("ERROR(upstream_failed)");
  });

  test("a retry of an upstream run lets nobody go and ends nobody", async () => {
    await using bench = await createBench(createStore);
    const runs = await bench.submitGraph("ab", "a>b:skip");
    const run = await bench.claimOne(await bench.worker());
    const error = {
      code: "JOB_FAILED_TRANSIENT",
      message: "again",
      disposition: "retry",
      origin: "user-code",
    } as const;
    await bench.store.settle([
      { runId: run.runId, epoch: run.epoch, end: "retry", runAtMs: bench.clock.now() + 1, error },
    ]);
    expect(await bench.states(runs)).toEqual({ a: "PENDING(waiting_retry)", b: "PENDING(waiting_upstream)" });
  });

  test("a pipeline run is pending, runs from the first claim of a member, and is ready when all have ended", async () => {
    await using bench = await createBench(createStore);
    const runs = [
      newRun({ job: "p", kind: "pipeline" }),
      newRun({ job: "a", parent: 0 }),
      newRun({ job: "b", parent: 0 }),
    ];
    const edges = [{ parent: 1, child: 2, onUpstreamFailure: "cancel" as const }];
    const { rootRunId } = await bench.store.submit({ runs, edges, runKey: "k" });
    const workerId = await bench.worker();
    expect(await bench.state(rootRunId)).toBe("PENDING");
    bench.clock.advance(10);
    const first = await bench.claimOne(workerId);
    expect(first).toMatchObject({ job: "a", rootRunId, parentRunId: rootRunId });
    expect(await bench.run(rootRunId)).toMatchObject({ state: "RUNNING", startedAtMs: bench.clock.now() });
    expect(await bench.store.countChildren(rootRunId)).toEqual({ RUNNING: 1, PENDING: 1 });
    await bench.fail(first);
    expect(await bench.store.countChildren(rootRunId)).toEqual({ ERROR: 2 });
    expect(await bench.state(rootRunId)).toBe("RUNNING");
    expect((await bench.store.listRuns({ state: "RUNNING", limit: 9 })).map(({ id }) => id)).toEqual([rootRunId]);

    const pipeline = await bench.claimOne(workerId);
    expect(pipeline).toMatchObject({ runId: rootRunId, kind: "pipeline", epoch: 1, attempt: 1 });
    await bench.fail(pipeline);
    expect(await bench.state(rootRunId)).toBe("ERROR(failed)");
    expect(await bench.eventTypes(rootRunId)).toEqual(["submitted", "started", "failed"]);
    expect((await bench.store.submit({ runs, edges, runKey: "k" })).created).toBe(true);
  });

  test("a pipeline of nothing is ready at once, and pipelines nest", async () => {
    await using bench = await createBench(createStore);
    const runs = [
      newRun({ job: "p", kind: "pipeline" }),
      newRun({ job: "q", kind: "pipeline", parent: 0 }),
      newRun({ job: "a", parent: 1 }),
    ];
    const { runIds } = await bench.store.submit({ runs, edges: [] });
    const workerId = await bench.worker();
    const inner = await bench.claimOne(workerId);
    expect(await Promise.all(runIds.map((id) => bench.state(id)))).toEqual(["RUNNING", "RUNNING", "RUNNING"]);
    for (let run = inner; ; run = await bench.claimOne(workerId)) {
      await bench.finish(run);
      if (run.job === "p") break;
    }
    const empty = await bench.submit({ kind: "pipeline" });
    expect((await bench.claimOne(workerId)).runId).toBe(empty);
    expect(await bench.state(empty)).toBe("RUNNING");
    expect(await bench.eventTypes(empty)).toEqual(["submitted", "started"]);
  });

  test("edges and upstream runs are those within the pipeline", async () => {
    await using bench = await createBench(createStore);
    const runs = [newRun({ job: "p", kind: "pipeline" }), ...["a", "b", "c"].map((job) => newRun({ job, parent: 0 }))];
    const edges = [
      { parent: 1, child: 2, onUpstreamFailure: "cancel" as const },
      { parent: 2, child: 3, onUpstreamFailure: "skip" as const },
    ];
    const { rootRunId, runIds } = await bench.store.submit({ runs, edges });
    const [, a = fail(), b = fail(), c = fail()] = runIds;
    expect(await bench.store.listEdges(rootRunId)).toEqual([
      { from: a, to: b },
      { from: b, to: c },
    ]);
    expect((await bench.store.findUpstream(b, "a"))?.id).toBe(a);
    expect((await bench.store.findUpstream(c, "a"))?.id).toBe(a);
    expect(await bench.store.findUpstream(b, "c")).toBeUndefined();
  });

  test("a fan-out of 12,000 is submitted in one transaction and let go in parts, each at most 5,000", async () => {
    await using bench = await createBench(createStore);
    const count = 12_000;
    const runs = [newRun({ job: "root" }), ...Array.from({ length: count }, () => newRun({ job: "leaf" }))];
    const edges = Array.from({ length: count }, (_, index) => ({
      parent: 0,
      child: index + 1,
      onUpstreamFailure: "cancel" as const,
    }));
    await bench.store.submit({ runs, edges });
    const workerId = await bench.worker();
    expect(await bench.finish(await bench.claimOne(workerId))).toEqual({ lostRunIds: [], readied: 5_000 });
    const counts: number[] = [];
    while ((await bench.store.nextDueAtMs()) === 0) {
      expect(await bench.store.verify()).toEqual([]);
      counts.push(await bench.store.promote(10));
    }
    expect(counts.filter((moved) => moved > 0)).toEqual([5_000, 2_000]);
    expect(await bench.store.claim({ workerId, limit: 20_000 })).toHaveLength(count);
  });

  test("a failure reaches any number of dependants in parts, and a rerun in between lets none hang", async () => {
    await using bench = await createBench(createStore);
    const count = 7_000;
    const members = Array.from({ length: count }, () => newRun({ job: "leaf", parent: 0 }));
    const runs = [newRun({ job: "p", kind: "pipeline" }), newRun({ job: "root", parent: 0 }), ...members];
    const edges = members.map((_, index) => ({ parent: 1, child: index + 2, onUpstreamFailure: "cancel" as const }));
    const { rootRunId, runIds } = await bench.store.submit({ runs, edges });
    const workerId = await bench.worker();
    const control = { target: { runId: runIds[1] ?? fail() }, by: "ann" };
    await bench.fail(await bench.claimOne(workerId));
    expect(await bench.store.verify()).toEqual([]);
    await bench.store.control({ ...control, action: "rerun" });
    expect(await bench.store.verify()).toEqual([]);
    await bench.fail(await bench.claimOne(workerId));
    while ((await bench.store.nextDueAtMs()) === 0) await bench.store.promote(10);
    expect(await bench.store.countChildren(rootRunId)).toEqual({ ERROR: count + 1 });
    expect((await bench.claimOne(workerId)).runId).toBe(rootRunId);
  });
}

function fail(): never {
  throw new Error("fewer runs than expected");
}
