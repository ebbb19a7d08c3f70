// The contract of checkpoints that people look at and change.
import { expect, test } from "vitest";
import type { RunId } from "../../../../src/core/run-id.ts";
import { codeOf, createBench, type CreateStore, fenceOf, type StoreBench } from "../bench.ts";

export function describeJobCheckpoints(createStore: CreateStore): void {
  test("checkpoints of a job are those of its unfinished and failed runs, newest run first", async () => {
    await using bench = await createBench(createStore);
    const workerId = await bench.worker();
    const take = async (job: string, data?: number) => {
      await bench.submit({ job });
      const run = await bench.claimJob(workerId, job);
      if (data !== undefined) await bench.store.saveCheckpoint(run, data);
      return run;
    };
    const failed = await take("etl", 1);
    await bench.fail(failed);
    await bench.fail(await take("etl"));
    await bench.finish(await take("etl", 2));
    const running = await take("etl", 3);
    const waiting = await take("etl", 4);
    await bench.store.saveCheckpoint(waiting, 5);
    const retry = { end: "retry", runAtMs: bench.clock.now() + 9, error: someFailure } as const;
    await bench.store.settle([{ ...fenceOf(waiting), ...retry }]);
    await take("other", 6);
    await bench.submit({ job: "etl" });

    const listed = await bench.store.listJobCheckpoints("etl", 10);
    expect(listed.map(({ run, versions }) => [run.id, run.state, versions.map(({ data }) => data)])).toEqual([
      [waiting.runId, "PENDING", [5, 4]],
      [running.runId, "RUNNING", [3]],
      [failed.runId, "ERROR", [1]],
    ]);
    expect((await bench.store.listJobCheckpoints("etl", 1)).map(({ run }) => run.id)).toEqual([waiting.runId]);
    expect(await bench.store.listJobCheckpoints("nobody", 10)).toEqual([]);
  });

  test("what a person writes is what the next attempt goes on from", async () => {
    await using bench = await createBench(createStore);
    const { runId } = await failedRun(bench);
    const data = { page: 2, ["__proto__"]: null };
    const put = { runId, seenVersion: 1, data, by: "ann", reason: "page 3 was half read" };
    expect(await bench.store.putCheckpoint(put)).toBe(2);
    await bench.store.control({ action: "rerun", target: { runId }, by: "ann" });
    const again = await bench.claimOne(await bench.worker("v"));
    expect((await bench.store.loadCheckpoints(runId)).map((version) => version.data)).toEqual([data, { page: 3 }]);
    await bench.store.saveCheckpoint(again, { page: 4 });
    expect((await bench.store.loadCheckpoints(runId)).map(({ version }) => version)).toEqual([3, 2, 1]);
    const changed = (await bench.store.listEvents(runId, 0, 100)).find(({ type }) => type === "checkpoint_changed");
    expect(changed?.data).toEqual({ by: "ann", reason: "page 3 was half read", version: 2 });
  });

  test("a checkpoint that somebody changed since is not written over", async () => {
    await using bench = await createBench(createStore);
    const { runId } = await failedRun(bench);
    const put = (seenVersion: number) => bench.store.putCheckpoint({ ...change(runId), seenVersion });
    expect(await codeOf(put(0))).toBe("VERSION_CONFLICT");
    expect(await codeOf(put(2))).toBe("VERSION_CONFLICT");
    const codes = await Promise.all([codeOf(put(1)), codeOf(put(1))]);
    expect(codes.toSorted()).toEqual(["VERSION_CONFLICT", "no error"]);
    expect((await bench.store.loadCheckpoints(runId)).map(({ version }) => version)).toEqual([2, 1]);
  });

  test("runs that execute, have finished or have not begun keep what they have", async () => {
    await using bench = await createBench(createStore);
    const workerId = await bench.worker();
    const put = (runId: RunId) => codeOf(bench.store.putCheckpoint({ ...change(runId), seenVersion: 0 }));
    await bench.submit();
    const run = await bench.claimOne(workerId);
    expect(await put(run.runId)).toBe("TRANSITION_INVALID");
    await bench.finish(run);
    expect(await put(run.runId)).toBe("TRANSITION_INVALID");
    const fresh = await bench.submit();
    expect(await put(fresh)).toBe("TRANSITION_INVALID");
    expect(await put((fresh + 1) as RunId)).toBe("RUN_UNKNOWN");
  });

  test("a paused run takes a checkpoint", async () => {
    await using bench = await createBench(createStore);
    const runId = await bench.submit();
    const run = await bench.claimOne(await bench.worker());
    await bench.store.settle([{ ...fenceOf(run), end: "released" }]);
    await bench.store.control({ action: "pause", target: { runId }, by: "ann" });
    expect(await bench.store.putCheckpoint({ ...change(runId), seenVersion: 0 })).toBe(1);
    expect(await bench.state(runId)).toBe("PAUSED");
  });
}

const someFailure = { code: "JOB_FAILED", message: "broke", disposition: "retry", origin: "user-code" } as const;

async function failedRun(bench: StoreBench): ReturnType<StoreBench["claimOne"]> {
  await bench.submit();
  const run = await bench.claimOne(await bench.worker());
  await bench.store.saveCheckpoint(run, { page: 3 });
  await bench.fail(run);
  return run;
}

function change(runId: RunId): { runId: RunId; data: null; by: string; reason: string } {
  return { runId, data: null, by: "ann", reason: "start over" };
}
