// The contract of checkpoints that people look at and change.
import { expect, test } from "vitest";
import type { RunId } from "../../../../src/core/run-id.ts";
import { codeOf, createStoreFixture, type CreateStore, fenceOf, type StoreFixture } from "../store-fixture.ts";

export function describeJobCheckpoints(createStore: CreateStore): void {
  test("checkpoints of a job are those of its unfinished and failed runs, newest run first", async () => {
    await using fixture = await createStoreFixture(createStore);
    const workerId = await fixture.worker();
    const take = async (job: string, data?: number) => {
      await fixture.submit({ job });
      const run = await fixture.claimJob(workerId, job);
      if (data !== undefined) await fixture.store.saveCheckpoint(run, data);
      return run;
    };
    const failed = await take("etl", 1);
    await fixture.fail(failed);
    await fixture.fail(await take("etl"));
    await fixture.finish(await take("etl", 2));
    const running = await take("etl", 3);
    const waiting = await take("etl", 4);
    await fixture.store.saveCheckpoint(waiting, 5);
    const retry = { end: "retry", delayMs: 9, error: someFailure } as const;
    await fixture.store.settle([{ ...fenceOf(waiting), ...retry }]);
    await take("other", 6);
    await fixture.submit({ job: "etl" });

    const listed = await fixture.store.listJobCheckpoints("etl", 10);
    expect(listed.map(({ run, versions }) => [run.id, run.state, versions.map(({ data }) => data)])).toEqual([
      [waiting.runId, "PENDING", [5, 4]],
      [running.runId, "RUNNING", [3]],
      [failed.runId, "ERROR", [1]],
    ]);
    expect((await fixture.store.listJobCheckpoints("etl", 1)).map(({ run }) => run.id)).toEqual([waiting.runId]);
    expect(await fixture.store.listJobCheckpoints("nobody", 10)).toEqual([]);
  });

  test("what a person writes is what the next attempt goes on from", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { runId } = await failedRun(fixture);
    const data = { page: 2, ["__proto__"]: null };
    const put = { runId, seenVersion: 1, data, by: "ann", reason: "page 3 was half read" };
    expect(await fixture.store.putCheckpoint(put)).toBe(2);
    await fixture.store.control({ action: "rerun", target: { runId }, by: "ann" });
    const again = await fixture.claimOne(await fixture.worker("v"));
    expect((await fixture.store.loadCheckpoints(runId)).map((version) => version.data)).toEqual([data, { page: 3 }]);
    await fixture.store.saveCheckpoint(again, { page: 4 });
    expect((await fixture.store.loadCheckpoints(runId)).map(({ version }) => version)).toEqual([3, 2, 1]);
    const changed = (await fixture.store.listEvents(runId, 0, 100)).find(({ type }) => type === "checkpoint_changed");
    expect(changed?.data).toEqual({ by: "ann", reason: "page 3 was half read", version: 2 });
  });

  test("a checkpoint that somebody changed since is not written over", async () => {
    await using fixture = await createStoreFixture(createStore);
    const { runId } = await failedRun(fixture);
    const put = (seenVersion: number) => fixture.store.putCheckpoint({ ...change(runId), seenVersion });
    expect(await codeOf(put(0))).toBe("VERSION_CONFLICT");
    expect(await codeOf(put(2))).toBe("VERSION_CONFLICT");
    const codes = await Promise.all([codeOf(put(1)), codeOf(put(1))]);
    expect(codes.toSorted()).toEqual(["VERSION_CONFLICT", "no error"]);
    expect((await fixture.store.loadCheckpoints(runId)).map(({ version }) => version)).toEqual([2, 1]);
  });

  test("runs that execute, have finished or have not begun keep what they have", async () => {
    await using fixture = await createStoreFixture(createStore);
    const workerId = await fixture.worker();
    const put = (runId: RunId) => codeOf(fixture.store.putCheckpoint({ ...change(runId), seenVersion: 0 }));
    await fixture.submit();
    const run = await fixture.claimOne(workerId);
    expect(await put(run.runId)).toBe("TRANSITION_INVALID");
    await fixture.finish(run);
    expect(await put(run.runId)).toBe("TRANSITION_INVALID");
    const fresh = await fixture.submit();
    expect(await put(fresh)).toBe("TRANSITION_INVALID");
    expect(await put((fresh + 1) as RunId)).toBe("RUN_UNKNOWN");
  });

  test("a paused run takes a checkpoint", async () => {
    await using fixture = await createStoreFixture(createStore);
    const runId = await fixture.submit();
    const run = await fixture.claimOne(await fixture.worker());
    await fixture.store.settle([{ ...fenceOf(run), end: "released" }]);
    await fixture.store.control({ action: "pause", target: { runId }, by: "ann" });
    expect(await fixture.store.putCheckpoint({ ...change(runId), seenVersion: 0 })).toBe(1);
    expect(await fixture.state(runId)).toBe("PAUSED");
  });
}

const someFailure = { code: "JOB_FAILED", message: "broke", disposition: "retry", origin: "user-code" } as const;

async function failedRun(fixture: StoreFixture): ReturnType<StoreFixture["claimOne"]> {
  await fixture.submit();
  const run = await fixture.claimOne(await fixture.worker());
  await fixture.store.saveCheckpoint(run, { page: 3 });
  await fixture.fail(run);
  return run;
}

function change(runId: RunId): { runId: RunId; data: null; by: string; reason: string } {
  return { runId, data: null, by: "ann", reason: "start over" };
}
