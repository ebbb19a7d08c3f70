// Runs of a size that nobody looks at in whole: every answer about them is bounded.
import { describe, expect, it } from "vitest";
import { formatRunId, type RunId } from "../../../src/core/run-id.ts";
import type { NewRun } from "../../../src/store/rows/run-records.ts";
import { createRestFixture, type RestFixture } from "../../support/server/rest-fixture.ts";

const members = 10_000;
const units = 100_000;

describe("a pipeline run of 10,000 runs", () => {
  it("is answered in parts", async () => {
    await using fixture = await createRestFixture();
    const { rootRunId } = await fixture.store.submit(wide());
    const params = { run_id: formatRunId(rootRunId) };
    const detail = await fixture.call("showRun", { params });
    expect(detail.children).toEqual({ PENDING: members });
    expect(sizeOf(detail)).toBeLessThan(20_000);
    const children = await fixture.call("listChildren", { params, query: { limit: "500" } });
    expect([children.items.length, children.next_cursor]).toEqual([
      500,
      formatRunId((rootRunId + members - 499) as RunId),
    ]);
    const graph = await fixture.call("showGraph", { params });
    expect([graph.nodes.length, graph.truncated]).toEqual([5_000, true]);
    expect(graph.edges.length).toBeLessThanOrEqual(5_000);
    const why = await fixture.call("explainRun", { params });
    expect(sizeOf(why)).toBeLessThan(20_000);
    const again = await fixture.store.submit(wide());
    const both = { ...params, other_run_id: formatRunId(again.rootRunId) };
    const comparison = await fixture.call("compareRuns", { params: both });
    expect(comparison.jobs.length).toBeLessThanOrEqual(2_000);
  });
});

describe("a run with 100,000 units", () => {
  it("is counted and paged", async () => {
    await using fixture = await createRestFixture();
    const params = await submitWithUnits(fixture);
    expect((await fixture.call("showRun", { params })).units).toMatchObject({ done: units - 10, failed: 10 });
    const page = await fixture.call("listUnits", { params, query: { limit: "500" } });
    expect(page.items).toHaveLength(500);
    const query = { limit: "500", cursor: page.next_cursor ?? "" };
    expect((await fixture.call("listUnits", { params, query })).items[0]?.key).toBe("unit-000500");
    const failed = await fixture.call("listUnits", { params, query: { state: "failed", limit: "500" } });
    expect(failed.items).toHaveLength(10);
  });
});

function wide() {
  const run: NewRun = { job: "wide", kind: "pipeline", params: {}, tenant: "default", createdBy: "test" };
  const runs = Array.from({ length: members }, (_, index) => ({
    ...run,
    job: `m${index}`,
    kind: "job" as const,
    parent: 0,
  }));
  const edges = runs.slice(1).map((_, index) => ({
    parent: Math.floor(index / 10) + 1,
    child: index + 2,
    onUpstreamFailure: "cancel" as const,
  }));
  return { runs: [run, ...runs], edges };
}

async function submitWithUnits(fixture: RestFixture): Promise<{ run_id: string }> {
  const { store } = fixture;
  const run: NewRun = { job: "sliced", kind: "job", params: {}, tenant: "default", createdBy: "test" };
  const { rootRunId } = await store.submit({ runs: [run], edges: [] });
  const process = { host: "h", bootId: "b", pid: 1, startTicks: "1" };
  const workerId = await store.registerWorker({ name: "w", ttlMs: 60_000, process });
  const [claimed] = await store.claim({ workerId, limit: 1 });
  if (claimed === undefined) throw new Error("nothing to claim");
  for (let start = 0; start < units; start += 10_000) {
    const batch = Array.from({ length: 10_000 }, (_, index) => ({
      key: `unit-${String(start + index).padStart(6, "0")}`,
      state: (start + index) % 10_000 === 7 ? ("failed" as const) : ("done" as const),
    }));
    await store.saveUnits(claimed, batch);
  }
  return { run_id: formatRunId(rootRunId) };
}

function sizeOf(answer: unknown): number {
  return JSON.stringify(answer).length;
}
