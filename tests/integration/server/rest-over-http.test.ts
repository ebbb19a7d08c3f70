// What the handlers say as clients get it: refusals that name what is allowed, issues of params, logs as a stream.
import { describe, expect, it } from "vitest";
import type { Problem } from "../../../src/api/problem.ts";
import { formatRunId } from "../../../src/core/run-id.ts";
import { broken, hello, holds } from "../../support/server/rest-jobs.ts";
import { startTestServer } from "../../support/server/test-server.ts";

describe("over HTTP", () => {
  it("a wrong state is a conflict with the reason and what is allowed", async () => {
    await using test = await startTestServer({ definitions: [hello] });
    const runId = await test.fixture.submit(hello);
    const params = { run_id: formatRunId(runId) };
    const answer = await test.call("resumeRun", { params, body: {} });
    expect(answer.status).toBe(409);
    // The body is what the server sends with this status.
    expect((await answer.json()) as Problem).toMatchObject({
      code: "TRANSITION_INVALID",
      detail: `cannot resume run \`${params.run_id}\` of \`hello\` while it is: \`PENDING\``,
      allowed: ["start", "stop", "pause", "rerun"],
    });
  });

  it("wrong params are a bad request with each place", async () => {
    await using test = await startTestServer({ definitions: [hello] });
    const body = { params: { who: 7, times: 99 } };
    const answer = await test.call("startJob", { params: { job_name: "hello" }, body });
    expect(answer.status).toBe(400);
    const { issues } = (await answer.json()) as Problem;
    expect(issues?.map(({ path }) => path)).toEqual(["body.params.who", "body.params.times"]);
  });

  it("what nobody knows is not found", async () => {
    await using test = await startTestServer();
    const params = { run_id: "r4711", job_name: "__proto__", other_run_id: "r1" };
    for (const name of ["showRun", "showGraph", "downloadRunLogs", "compareRuns", "showJob", "showGrid"] as const) {
      expect((await test.call(name, { params })).status).toBe(404);
    }
  });

  it("an operator starts and stops, and needs an admin for force", async () => {
    await using test = await startTestServer({ definitions: [holds, broken] });
    await test.fixture.startWorker([holds]);
    const token = test.tokens.operator;
    const params = { job_name: "holds" };
    expect((await test.call("startJob", { params, token, body: { force: true } })).status).toBe(403);
    expect((await test.call("startJob", { params, token, body: {} })).status).toBe(200);
    expect((await test.call("stopJob", { params, token, body: { force: true } })).status).toBe(403);
    expect((await test.call("emergencyStop", { token, body: {} })).status).toBe(403);
    expect((await test.call("stopJob", { params, token, body: { reason: "enough" } })).status).toBe(200);
  });

  it("a selection with another count is a conflict, and one of too many runs is refused", async () => {
    await using test = await startTestServer({ definitions: [hello] });
    await test.fixture.submit(hello);
    const made = await test.call("selectRuns", { body: { action: "stop", filter: {} } });
    const { selection_id: id } = (await made.json()) as { selection_id: string };
    expect((await test.call("applyBulk", { body: { selection_id: id, count: 7 } })).status).toBe(409);
    const token = await test.addToken({ role: "operator", name: "other" });
    expect((await test.call("applyBulk", { token, body: { selection_id: id, count: 1 } })).status).toBe(409);
    expect((await test.call("applyBulk", { body: { selection_id: id, count: 1 } })).status).toBe(200);
  });

  it("a long log is streamed, and read no further than the client takes it", async () => {
    await using test = await startTestServer({ definitions: [hello] });
    const { store } = test.fixture;
    const runId = await test.fixture.submit(hello);
    const message = "x".repeat(900);
    for (let batch = 0; batch < 20; batch += 1) {
      const lines = Array.from({ length: 1_000 }, (_, index) => ({
        runId,
        atMs: batch * 1_000 + index,
        level: "info" as const,
        message,
      }));
      await store.appendLogs(lines);
    }
    let reads = 0;
    const searchLogs = store.searchLogs.bind(store);
    Object.assign(store, {
      searchLogs: async (request: Parameters<typeof searchLogs>[0]) => {
        reads += 1;
        return await searchLogs(request);
      },
    });
    const answer = await fetch(`${test.url}/api/v1/runs/${formatRunId(runId)}/logs.txt`, {
      headers: { authorization: `Bearer ${test.tokens.viewer}` },
    });
    expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(answer.headers.get("content-disposition")).toContain(`${formatRunId(runId)}.log.txt`);
    const reader = answer.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    const whole = await test.call("downloadRunLogs", { params: { run_id: formatRunId(runId) } });
    expect((await whole.text()).trimEnd().split("\n")).toHaveLength(20_000);
    // Twenty pages and the end of the log, and what the first client had taken before it went away.
    expect(reads).toBeGreaterThanOrEqual(20);
    expect(reads).toBeLessThan(35);
  });
});
