// What people ask of runs, over a real store and a real worker.
import { describe, expect, it } from "vitest";
import { formatRunId, type RunId } from "../../../src/core/run-id.ts";
import { createRestFixture } from "../../support/server/rest-fixture.ts";
import { broken, chain, hello, holds, waits } from "../../support/server/rest-jobs.ts";

describe("a run that executes", () => {
  it("is paused and resumed", async () => {
    await using fixture = await createRestFixture([waits]);
    await fixture.startWorker([waits]);
    const runId = await fixture.submit(waits);
    await fixture.waitForEvent(runId, "snoozed");
    const body = { reason: "maintenance" };
    const paused = await fixture.call("pauseRun", { params: of(runId), body });
    expect(paused.changed + paused.requested).toBe(1);
    await fixture.waitForEvent(runId, "paused");
    expect(await fixture.call("showRun", { params: of(runId) })).toMatchObject({
      state: "PAUSED",
      actions: ["start", "stop", "resume", "rerun"],
    });
    const events = await fixture.store.listEvents(runId, 0, 100);
    expect(events.find(({ type }) => type === "paused")?.data).toMatchObject({ by: "ada", reason: "maintenance" });
    expect(await fixture.call("resumeRun", { params: of(runId) })).toEqual({ changed: 1, requested: 0 });
  });

  it("is stopped, and ends at once by force", async () => {
    await using fixture = await createRestFixture([holds]);
    await fixture.startWorker([holds]);
    const [gentle, forced] = [await fixture.submit(holds, { a: 1 }), await fixture.submit(holds, { a: 2 })];
    for (const runId of [gentle, forced]) await fixture.waitForEvent(runId, "started");
    expect(await fixture.call("stopRun", { params: of(gentle) })).toEqual({ changed: 0, requested: 1 });
    expect(await fixture.waitFor(gentle)).toMatchObject({ state: "ERROR", reason: "stopped" });
    expect(await fixture.call("stopRun", { params: of(forced), body: { force: true } })).toEqual({
      changed: 1,
      requested: 0,
    });
    expect(await fixture.waitFor(forced)).toMatchObject({ state: "ERROR", reason: "force_stopped" });
  });
});

describe("a run that failed", () => {
  it("gets another try, and a pipeline the members that failed", async () => {
    await using fixture = await createRestFixture([broken, chain]);
    await fixture.startWorker([...chain.nodes()].map(({ job }) => job));
    const [single, pipeline] = [await fixture.submit(broken), await fixture.submit(chain)];
    for (const runId of [single, pipeline]) await fixture.waitFor(runId);
    expect(await fixture.call("retryRun", { params: of(single) })).toEqual({ changed: 1, requested: 0 });
    expect((await fixture.call("retryRun", { params: of(pipeline) })).changed).toBe(3);
    expect(await fixture.waitFor(single)).toMatchObject({ state: "ERROR" });
    const detail = await fixture.call("showRun", { params: of(single) });
    expect(detail.attempts).toHaveLength(2);
  });

  it("is rerun as a new run with the same params, whoever asks", async () => {
    await using fixture = await createRestFixture([hello]);
    const runId = await fixture.submit(hello, { who: "ada" });
    const rerun = await fixture.call("rerunRun", { params: of(runId) }, { name: "bob" });
    expect(rerun.created).toBe(true);
    expect(await fixture.call("showRun", { params: { run_id: rerun.run_id } })).toMatchObject({
      params: { who: "ada" },
      created_by: "bob",
      state: "PENDING",
    });
    expect(rerun.run_id).not.toBe(formatRunId(runId));
  });
});

describe("a run that waits", () => {
  it("starts ahead of others by force, and not without", async () => {
    await using fixture = await createRestFixture([hello]);
    const runId = await fixture.submit(hello);
    await fixture.call("pauseRun", { params: of(runId) });
    const error = await fixture.refusal("startRun", { params: of(runId) });
    expect(error).toMatchObject({ code: "REQUEST_INVALID", details: { issues: [{ path: "body.force" }] } });
    expect(await fixture.call("startRun", { params: of(runId), body: { force: true } })).toEqual({
      changed: 1,
      requested: 0,
    });
    expect(await fixture.store.findRun(runId)).toMatchObject({ state: "PENDING" });
  });

  it("is cancelled", async () => {
    await using fixture = await createRestFixture([hello]);
    const runId = await fixture.submit(hello);
    expect(await fixture.call("cancelRun", { params: of(runId), body: { reason: "<b>not</b> today" } })).toMatchObject({
      changed: 1,
    });
    expect(await fixture.store.findRun(runId)).toMatchObject({ state: "ERROR" });
  });
});

describe("what cannot be", () => {
  it.each([
    ["resumeRun", "FINISHED"],
    ["stopRun", "FINISHED"],
    ["pauseRun", "FINISHED"],
    ["retryRun", "FINISHED"],
    ["cancelRun", "FINISHED"],
  ] as const)("%s of a run that is %s is refused with what is allowed", async (action, state) => {
    await using fixture = await createRestFixture([hello]);
    await fixture.startWorker([hello]);
    const runId = await fixture.submit(hello);
    await fixture.waitFor(runId);
    const error = await fixture.refusal(action, { params: of(runId) });
    expect(error.code).toBe("TRANSITION_INVALID");
    expect(error.message).toContain(`\`${state}\``);
    expect(error.details).toMatchObject({ allowed: ["rerun"] });
  });

  it("leaves one of two who press opposite buttons with a clear answer", async () => {
    await using fixture = await createRestFixture([hello]);
    const runId = await fixture.submit(hello);
    await fixture.call("pauseRun", { params: of(runId) });
    const answers = await Promise.allSettled([
      fixture.call("resumeRun", { params: of(runId) }),
      fixture.call("stopRun", { params: of(runId) }),
      fixture.call("pauseRun", { params: of(runId) }),
    ]);
    for (const answer of answers) {
      if (answer.status === "rejected") expect(answer.reason).toMatchObject({ code: "TRANSITION_INVALID" });
    }
    expect(answers.some(({ status }) => status === "fulfilled")).toBe(true);
    expect(await fixture.store.verify()).toEqual([]);
  });

  it.each(["startRun", "stopRun", "cancelRun", "pauseRun", "resumeRun", "retryRun", "rerunRun"] as const)(
    "%s refuses runs nobody knows, and bodies that say more than they may",
    async (action) => {
      await using fixture = await createRestFixture([hello]);
      const runId = await fixture.submit(hello);
      const body = action === "startRun" ? { force: true } : {};
      expect((await fixture.refusal(action, { params: { run_id: "r4711" }, body })).code).toBe("RUN_UNKNOWN");
      const bad = [{ force: "yes" }, { reason: "x".repeat(501) }, { by: "mallory" }, [], "stop", { reason: 7 }];
      for (const each of bad) {
        expect((await fixture.refusal(action, { params: of(runId), body: each })).code).toBe("REQUEST_INVALID");
      }
    },
  );

  it.each(["cancelRun", "pauseRun", "resumeRun", "retryRun", "rerunRun"] as const)(
    "%s knows no force",
    async (action) => {
      await using fixture = await createRestFixture([hello]);
      const runId = await fixture.submit(hello);
      expect((await fixture.refusal(action, { params: of(runId), body: { force: true } })).code).toBe(
        "REQUEST_INVALID",
      );
    },
  );
});

function of(runId: RunId): { run_id: string } {
  return { run_id: formatRunId(runId) };
}
