// The same answers on Postgres: what its driver gives back fits the schemas, too.
import { expect, it } from "vitest";
import { MillraceError, toErrorRecord } from "../../../src/core/errors/errors.ts";
import { formatRunId } from "../../../src/core/run-id.ts";
import { toSubmission } from "../../../src/orchestrator/submission/to-submission.ts";
import { createPostgresStore } from "../../../src/store/postgres/postgres-store.ts";
import { createTestDatabase } from "../../support/postgres/postgres-test-database.ts";
import { createRestCaller } from "../../support/server/rest-fixture.ts";
import { chain, hello } from "../../support/server/rest-jobs.ts";

it("every read and action answers by its schema on Postgres", async () => {
  await using database = await createTestDatabase();
  await using store = await createPostgresStore({ url: database.url });
  const { call, refusal } = createRestCaller(store, [chain]);
  const submission = toSubmission(chain, { params: { who: "ada" }, tenant: "default", createdBy: "test" });
  const { rootRunId } = await store.submit(submission);
  const process = { host: "h", bootId: "b", pid: 1, startTicks: "1" };
  const workerId = await store.registerWorker({ name: "w", ttlMs: 60_000, process });
  const claimed = await store.claim({ workerId, limit: 2 });
  for (const run of claimed) {
    await store.recordProgress([{ runId: run.runId, done: 1, total: 4, operation: "half", atMs: Date.now() }]);
    await store.appendLogs([{ runId: run.runId, atMs: Date.now(), level: "info", message: `${run.job} says hello` }]);
  }
  const params = { run_id: formatRunId(rootRunId) };
  expect(await call("showRun", { params })).toMatchObject({ state: "RUNNING", children: { RUNNING: 2, PENDING: 1 } });
  expect((await call("listJobs")).items.find(({ job_name: name }) => name === "hello")).toMatchObject({
    state: "RUNNING",
    running: 1,
    current: { percent: 25 },
  });
  const error = toErrorRecord(new MillraceError("SOURCE_MISSING", "no file"));
  await store.settle(
    claimed.map(({ runId, epoch, job }) =>
      job === "hello"
        ? { runId, epoch, end: "finished", result: { rows: 3 }, metrics: { cpuMs: 7, peakMemoryBytes: 9_000_000_000 } }
        : { runId, epoch, end: "failed", reason: "failed", error },
    ),
  );
  for (const run of await store.claim({ workerId, limit: 1 })) {
    await store.settle([{ runId: run.runId, epoch: run.epoch, end: "failed", reason: "upstream_failed", error }]);
  }
  expect((await call("listRuns", { query: { children: "true", q: "HELLO" } })).items).toHaveLength(1);
  expect((await call("listChildren", { params })).items).toHaveLength(3);
  expect((await call("showGraph", { params })).nodes).toHaveLength(3);
  expect((await call("listRunEvents", { params })).items.length).toBeGreaterThan(0);
  expect((await call("listRunLogs", { params, query: { q: "says" } })).items).toHaveLength(2);
  expect(await call("downloadRunLogs", { params })).toContain("hello says hello");
  expect((await call("listUnits", { params })).items).toEqual([]);
  expect((await call("explainRun", { params })).state).toBe("ERROR");
  expect((await call("showJob", { params: { job_name: "hello" } })).rows).toBe(3);
  expect((await call("showGrid", { params: { job_name: "chain" } })).columns).toHaveLength(1);
  expect((await call("showMetrics")).cpu_ms.reduce((sum, value) => sum + value, 0)).toBe(7);
  expect((await call("listFailures")).items).toHaveLength(1);
  expect((await call("showTimeline")).bars).toHaveLength(1);
  expect((await call("search", { query: { q: "hello" } })).jobs).toHaveLength(1);
  expect((await call("showOrchestrator")).store).toBe("postgres");
  const rerun = await call("rerunRun", { params });
  const both = { ...params, other_run_id: rerun.run_id };
  expect((await call("compareRuns", { params: both })).jobs).toHaveLength(3);
  const selection = await call("selectRuns", { body: { action: "retry", filter: { state: "ERROR" } } });
  const body = { selection_id: selection.selection_id, count: 1 };
  expect((await call("applyBulk", { body })).changed).toBe(3);
  expect((await call("stopJob", { params: { job_name: hello.name } })).changed).toBe(1);
  expect((await refusal("resumeRun", { params })).code).toBe("TRANSITION_INVALID");
});
