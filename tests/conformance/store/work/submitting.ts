// The contract of `submit` and `claim`: what is accepted, in which order it is handed out, and to whom.
import { expect, test } from "vitest";
import { codeOf, createStoreFixture, type CreateStore, newRun, workerTtlMs } from "../store-fixture.ts";

export function describeSubmitting(createStore: CreateStore): void {
  test("a submitted run is pending, and a claim hands out all that is needed to execute it", async () => {
    await using fixture = await createStoreFixture(createStore);
    const window = { from: "2026-01-01T00:00:00.000Z", to: "2026-01-02T00:00:00.000Z" };
    const params = { since: "2026-01-01", nested: { list: [1, null, "ü"] } };
    const runId = await fixture.submit({ job: "ingest", params, window, tenant: "acme", createdBy: "ada" });
    const submittedAtMs = fixture.clock.now();
    expect(await fixture.run(runId)).toMatchObject({
      job: "ingest",
      state: "PENDING",
      reason: undefined,
      attempt: 0,
      epoch: 0,
      params,
      window,
    });

    fixture.clock.advance(500);
    const claimed = await fixture.claimOne(await fixture.worker());
    expect(claimed).toEqual({
      runId,
      epoch: 1,
      losses: 0,
      hasChildren: false,
      attempt: 1,
      job: "ingest",
      kind: "job",
      rootRunId: runId,
      parentRunId: undefined,
      params,
      window,
      tenant: "acme",
      createdBy: "ada",
      createdAtMs: submittedAtMs,
    });
    expect(await fixture.run(runId)).toMatchObject({
      state: "RUNNING",
      startedAtMs: submittedAtMs + 500,
      finishedAtMs: undefined,
    });
  });

  test("a worker takes only runs of jobs that it has, however many others are before them", async () => {
    await using fixture = await createStoreFixture(createStore);
    for (let index = 0; index < 25; index += 1) await fixture.submit({ job: "other", priority: index % 3 });
    await fixture.submit({ job: "mine", priority: 9 });
    await fixture.submit({ job: "mine", priority: 1 });
    const workerId = await fixture.worker();
    const jobs = new Set(["mine"]);
    const claimed = await fixture.store.claim({ workerId, limit: 2, jobs });
    expect(claimed.map((run) => run.job)).toEqual(["mine", "mine"]);
    expect(await fixture.store.claim({ workerId, limit: 2, jobs })).toEqual([]);
    expect(await fixture.store.claim({ workerId, limit: 100 })).toHaveLength(25);
  });

  test("runs are claimed by priority and then in the order in which they became ready", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runs = [
      ["a", 0],
      ["b", 5],
      ["c", -1],
      ["d", 0],
      ["e", 5],
      ["f", -1],
    ] as const;
    for (const [job, priority] of runs) await fixture.submit({ job, priority });
    const workerId = await fixture.worker();
    const first = await fixture.store.claim({ workerId, limit: 4 });
    const rest = await fixture.store.claim({ workerId, limit: 4 });
    expect([...first, ...rest].map(({ job }) => job).join("")).toBe("cfadbe");
  });

  test("a run that was given back queues behind those that waited", async () => {
    await using fixture = await createStoreFixture(createStore);
    await fixture.submit({ job: "a" });
    await fixture.submit({ job: "b" });
    const workerId = await fixture.worker();
    const first = await fixture.claimOne(workerId);
    await fixture.store.settle([{ runId: first.runId, epoch: first.epoch, end: "released" }]);
    expect((await fixture.store.claim({ workerId, limit: 2 })).map(({ job }) => job)).toEqual(["b", "a"]);
  });

  test("a worker that is unknown, expired, dead or retired gets nothing", async () => {
    await using fixture = await createStoreFixture(createStore);
    await fixture.submit();
    const [expired, dead, retired] = [
      await fixture.worker("expired", 1_000),
      await fixture.worker("dead"),
      await fixture.worker("retired"),
    ];
    fixture.clock.advance(1_000);
    await fixture.store.reap({ limit: 10, deadWorkerIds: [dead], maxLosses: 3 });
    await fixture.store.retireWorker(retired);
    const unknown = (retired + 100) as typeof retired;
    for (const workerId of [expired, dead, retired, unknown]) {
      expect(await fixture.store.claim({ workerId, limit: 1 })).toEqual([]);
    }
    expect(await fixture.store.claim({ workerId: await fixture.worker(), limit: 1 })).toHaveLength(1);
  });

  test("two connections never claim the same run", async () => {
    await using fixture = await createStoreFixture(createStore);
    await using other = await fixture.underTest.open();
    for (let count = 0; count < 40; count += 1) await fixture.submit();
    const workers = [await fixture.worker("one"), await fixture.worker("two")] as const;
    const claims = await Promise.all(
      Array.from({ length: 20 }, (_, turn) =>
        turn % 2 === 0
          ? fixture.store.claim({ workerId: workers[0], limit: 2 })
          : other.claim({ workerId: workers[1], limit: 2 }),
      ),
    );
    const ids = claims.flat().map(({ runId }) => runId);
    expect(ids).toHaveLength(40);
    expect(new Set(ids).size).toBe(40);
  });

  test("a run key names one unfinished run, and is free again when that run has ended", async () => {
    await using fixture = await createStoreFixture(createStore);
    const submission = { runs: [newRun({ job: "a" }), newRun({ job: "b" })], edges: [], runKey: "daily/2026-01-01" };
    const first = await fixture.store.submit(submission);
    expect(first.created).toBe(true);
    expect(await fixture.store.submit(submission)).toEqual({
      rootRunId: first.rootRunId,
      runIds: [first.rootRunId],
      created: false,
    });
    expect((await fixture.store.submit({ ...submission, runKey: "daily/2026-01-02" })).created).toBe(true);

    const workerId = await fixture.worker();
    const root = await fixture.claimOne(workerId);
    expect((await fixture.store.submit(submission)).created).toBe(false);
    await fixture.fail(root);
    const again = await fixture.store.submit(submission);
    expect(again.created).toBe(true);
    expect(again.rootRunId).not.toBe(first.rootRunId);
  });

  test("a run with a time is due then and not earlier", async () => {
    await using fixture = await createStoreFixture(createStore);
    const dueAtMs = fixture.clock.now() + 5_000;
    const runId = await fixture.submit({ runAtMs: dueAtMs });
    const workerId = await fixture.worker();
    expect(await fixture.run(runId)).toMatchObject({ state: "PENDING", reason: "scheduled", runAtMs: dueAtMs });
    expect(await fixture.store.nextDueInMs()).toBe(5_000);
    fixture.clock.advance(4_999);
    expect(await fixture.store.promote(10)).toBe(0);
    fixture.clock.advance(1);
    expect(await fixture.store.promote(10)).toBe(1);
    expect(await fixture.store.nextDueInMs()).toBeUndefined();
    expect((await fixture.claimOne(workerId)).runId).toBe(runId);
  });

  test("promotion takes the oldest first and at most as many as asked for", async () => {
    await using fixture = await createStoreFixture(createStore);
    const nowMs = fixture.clock.now();
    for (const [job, delayMs] of [
      ["late", 3_000],
      ["early", 1_000],
      ["middle", 2_000],
    ] as const) {
      await fixture.submit({ job, runAtMs: nowMs + delayMs });
    }
    fixture.clock.advance(10_000);
    const workerId = await fixture.worker();
    expect(await fixture.store.promote(2)).toBe(2);
    expect((await fixture.store.claim({ workerId, limit: 9 })).map(({ job }) => job)).toEqual(["early", "middle"]);
    expect(await fixture.store.nextDueInMs()).toBe(0);
  });

  test("params above 1 MiB are refused and nothing of the submission is written", async () => {
    await using fixture = await createStoreFixture(createStore);
    const fits = { text: "x".repeat(1_048_576 - JSON.stringify({ text: "" }).length) };
    await fixture.submit({ params: fits });
    const tooLarge = fixture.store.submit({ runs: [newRun(), newRun({ params: { ...fits, more: 1 } })], edges: [] });
    expect(await codeOf(tooLarge)).toBe("PARAMS_INVALID");
    expect(await fixture.store.listRuns({ limit: 10 })).toHaveLength(1);
  });

  test("a submission that could never end is refused", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runs = [newRun({ job: "a" }), newRun({ job: "b" }), newRun({ job: "p", kind: "pipeline" })];
    const edge = (parent: number, child: number) => ({ parent, child, onUpstreamFailure: "cancel" as const });
    const submit = (edges: ReturnType<typeof edge>[]): Promise<unknown> => fixture.store.submit({ runs, edges });
    expect(await codeOf(submit([edge(0, 1), edge(1, 0)]))).toBe("PIPELINE_CYCLE");
    expect(await codeOf(submit([edge(1, 1)]))).toBe("PIPELINE_CYCLE");
    expect(await codeOf(submit([edge(0, 1), edge(0, 1)]))).toBe("VALUE_INVALID");
    expect(await codeOf(submit([edge(0, 3)]))).toBe("VALUE_INVALID");
    expect(await codeOf(submit([edge(0, 2)]))).toBe("VALUE_INVALID");
    expect(await codeOf(fixture.store.submit({ runs: [], edges: [] }))).toBe("VALUE_INVALID");
    const memberOfJob = [newRun(), newRun({ parent: 0 })];
    expect(await codeOf(fixture.store.submit({ runs: memberOfJob, edges: [] }))).toBe("VALUE_INVALID");
    expect(await fixture.store.listRuns({ limit: 10 })).toEqual([]);
  });

  test("workers in service are listed with the process that they are", async () => {
    await using fixture = await createStoreFixture(createStore);
    const workerId = await fixture.worker("anna");
    const gone = await fixture.worker("bert");
    await fixture.store.retireWorker(gone);
    const process = { host: "host", bootId: "boot", pid: 4711, startTicks: "815" };
    const expiresAtMs = fixture.clock.now() + workerTtlMs;
    expect(await fixture.store.listWorkers()).toEqual([{ workerId, name: "anna", process, expiresAtMs }]);
    expect(await fixture.worker("carl")).not.toBe(gone);
  });
}
