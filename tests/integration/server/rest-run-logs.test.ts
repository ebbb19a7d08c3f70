// Log pages and the whole log as text, over a real store and a real worker.
import { describe, expect, it } from "vitest";
import { defineJob } from "../../../src/core/job/job.ts";
import { formatRunId, type RunId } from "../../../src/core/run-id.ts";
import { createRestFixture, type RestFixture } from "../../support/server/rest-fixture.ts";
import { hello } from "../../support/server/rest-jobs.ts";

const chatty = defineJob({
  name: "chatty",
  execute(ctx) {
    for (let line = 1; line <= 50; line += 1) ctx.log[line % 10 === 0 ? "error" : "info"](`line ${line} of fifty`);
  },
});

describe("the log of a run", () => {
  it("pages forth from the begin and back from the end", async () => {
    await using fixture = await createRestFixture([chatty]);
    const params = await runToEnd(fixture);
    const first = await fixture.call("listRunLogs", { params, query: { limit: "20" } });
    expect(first.items.map(({ message }) => message)).toEqual(lines(1, 20));
    expect([first.has_before, first.has_after]).toEqual([false, true]);
    const next = await fixture.call("listRunLogs", { params, query: { limit: "40", after: first.after_cursor ?? "" } });
    expect(next.items.map(({ message }) => message)).toEqual(lines(21, 50));
    expect([next.has_before, next.has_after]).toEqual([true, false]);
    const last = await fixture.call("listRunLogs", { params, query: { limit: "5", tail: "true" } });
    expect(last.items.map(({ message }) => message)).toEqual(lines(46, 50));
    const query = { limit: "5", before: last.before_cursor ?? "" };
    const before = await fixture.call("listRunLogs", { params, query });
    expect(before.items.map(({ message }) => message)).toEqual(lines(41, 45));
    expect(before.items[0]).toMatchObject({ level: "info", job_name: "chatty", run_id: params.run_id, fields: null });
  });

  it("is searched and filtered by the server", async () => {
    await using fixture = await createRestFixture([chatty]);
    const params = await runToEnd(fixture);
    const errors = await fixture.call("listRunLogs", { params, query: { level: "warn" } });
    expect(errors.items.map(({ message }) => message)).toEqual(
      [10, 20, 30, 40, 50].map((line) => `line ${line} of fifty`),
    );
    const found = await fixture.call("listRunLogs", { params, query: { q: "LINE 7 " } });
    expect(found.items.map(({ message }) => message)).toEqual(["line 7 of fifty"]);
    for (const q of ["<script>", "%", "' or 1=1 --"]) {
      expect((await fixture.call("listRunLogs", { params, query: { q } })).items).toEqual([]);
    }
  });

  it.each([{ limit: "1001" }, { level: "loud" }, { after: "x", before: "y" }, { after: "'; drop table log" }])(
    "refuses the query %j",
    async (query) => {
      await using fixture = await createRestFixture([chatty]);
      const params = await runToEnd(fixture);
      expect((await fixture.refusal("listRunLogs", { params, query })).code).toMatch(/^(REQUEST|VALUE)_INVALID$/);
    },
  );

  it("comes as text of one line each, without characters that steer a terminal", async () => {
    await using fixture = await createRestFixture([hello]);
    await fixture.startWorker([hello]);
    const runId = await fixture.submit(hello);
    await fixture.waitFor(runId);
    const text = await fixture.call("downloadRunLogs", { params: of(runId) });
    const withoutTimes = text.replaceAll(/^\S+Z/gm, "<at>").split("\n");
    expect(withoutTimes).toEqual([
      `<at> INFO  ${formatRunId(runId)} hello hello {"who":"you"}`,
      `<at> WARN  ${formatRunId(runId)} hello careful �[31mred�`,
      "    second line",
      "",
    ]);
    const warnings = await fixture.call("downloadRunLogs", { params: of(runId), query: { level: "error" } });
    expect(warnings).toBe("");
  });

  it("is read page by page, however long it is, and no further than somebody takes it", async () => {
    await using fixture = await createRestFixture([chatty]);
    const params = await runToEnd(fixture);
    const runId = Number(params.run_id.slice(1)) as RunId;
    const extra = Array.from({ length: 2_500 }, (_, index) => ({
      runId,
      atMs: fixture.clock.now(),
      level: "info" as const,
      message: `more ${index}`,
    }));
    await fixture.store.appendLogs(extra);
    const text = await fixture.call("downloadRunLogs", { params });
    expect(text.trimEnd().split("\n")).toHaveLength(2_550);
  });
});

function lines(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index} of fifty`);
}

function of(runId: RunId): { run_id: string } {
  return { run_id: formatRunId(runId) };
}

async function runToEnd(fixture: RestFixture): Promise<{ run_id: string }> {
  await fixture.startWorker([chatty]);
  const runId = await fixture.submit(chatty);
  await fixture.waitFor(runId);
  return of(runId);
}
