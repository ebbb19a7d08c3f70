// Lists, pages and actions of runs, over a real store and a real worker.
import { describe, expect, it } from "vitest";
import { formatRunId, type RunId } from "../../../src/core/run-id.ts";
import { createRestFixture, type RestFixture } from "../../support/server/rest-fixture.ts";
import { broken, chain, hello, holds, slices, waits } from "../../support/server/rest-jobs.ts";

describe("lists of runs", () => {
  it("shows runs newest first and pages by cursor", async () => {
    await using fixture = await createRestFixture([hello]);
    await fixture.startWorker([hello]);
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      const runId = await fixture.submit(hello, { who: `w${index}` });
      await fixture.waitFor(runId);
      ids.unshift(formatRunId(runId));
    }
    const first = await fixture.call("listRuns", { query: { limit: "2" } });
    expect(first.items.map(({ run_id: id }) => id)).toEqual(ids.slice(0, 2));
    const second = await fixture.call("listRuns", { query: { limit: "4", cursor: first.next_cursor ?? "" } });
    expect(second.items.map(({ run_id: id }) => id)).toEqual(ids.slice(2));
    expect(second.next_cursor).toBeNull();
    expect(first.items[0]).toMatchObject({
      job_name: "hello",
      state: "FINISHED",
      root_run_id: ids[0],
      parent_run_id: null,
      params: { who: "w4" },
      error: null,
    });
    expect(first.items[0]?.duration_ms).toBeGreaterThanOrEqual(0);
  });

  it("filters by job, state, text, time and names to leave out", async () => {
    await using fixture = await createRestFixture([hello, broken]);
    await fixture.startWorker([hello, broken]);
    const good = await fixture.submit(hello, { who: "needle" });
    const bad = await fixture.submit(broken);
    await fixture.waitFor(good);
    const failed = await fixture.waitFor(bad);
    const find = async (query: Record<string, string>): Promise<string[]> =>
      (await fixture.call("listRuns", { query })).items.map(({ job_name: name }) => name);
    expect(await find({ job: "hello" })).toEqual(["hello"]);
    expect(await find({ state: "ERROR, PAUSED" })).toEqual(["broken"]);
    expect(await find({ not: "broken,nobody" })).toEqual(["hello"]);
    expect(await find({ q: "NEEDLE" })).toEqual(["hello"]);
    expect(await find({ q: formatRunId(bad) })).toEqual(["broken"]);
    expect(await find({ until: new Date(failed.createdAtMs - 60_000).toISOString() })).toEqual([]);
    expect(await find({ since: new Date(failed.createdAtMs - 60_000).toISOString() })).toEqual(["broken", "hello"]);
    const [item] = (await fixture.call("listRuns", { query: { state: "ERROR" } })).items;
    expect(item?.error).toMatchObject({ code: "SOURCE_MISSING", hint: "put it there", causes: [] });
    expect(await find({ fingerprint: item?.error?.fingerprint ?? "" })).toEqual(["broken"]);
    expect(await find({ fingerprint: "0" })).toEqual([]);
  });

  it("has runs of pipelines only on request", async () => {
    await using fixture = await createRestFixture([chain]);
    const rootId = await fixture.submit(chain);
    const names = async (query: Record<string, string>): Promise<string[]> =>
      (await fixture.call("listRuns", { query })).items.map(({ job_name: name }) => name).toSorted();
    expect(await names({})).toEqual(["chain"]);
    expect(await names({ children: "true" })).toEqual(["after", "broken", "chain", "hello"]);
    expect(await names({ parent: formatRunId(rootId) })).toEqual(["after", "broken", "hello"]);
    const children = await fixture.call("listChildren", { params: of(rootId), query: { q: "hell" } });
    expect(children.items.map(({ job_name: name }) => name)).toEqual(["hello"]);
  });

  it.each([
    [{ state: "EROR" }, "query.state"],
    [{ cursor: "'; drop table run" }, "query.cursor"],
    [{ limit: "501" }, "query.limit"],
    [{ since: "yesterday" }, "query.since"],
    [{ q: "x".repeat(10_000) }, "query.q"],
    [{ color: "red" }, "color"],
  ])("refuses the query %j and names what is wrong", async (query, path) => {
    await using fixture = await createRestFixture();
    const error = await fixture.refusal("listRuns", { query });
    expect(error.code).toBe("REQUEST_INVALID");
    expect(JSON.stringify(error.details)).toContain(path);
  });

  it.each(["<script>alert(1)</script>", "' or 1=1 --", "__proto__", "%", "_", "\\", "r0"])(
    "takes %j as plain text",
    async (text) => {
      await using fixture = await createRestFixture([hello]);
      await fixture.submit(hello);
      for (const query of [{ q: text }, { job: text }, { not: text }, { tenant: text }, { fingerprint: text }]) {
        const { items } = await fixture.call("listRuns", { query });
        expect(items).toHaveLength("not" in query ? 1 : 0);
      }
    },
  );
});

describe("a run", () => {
  it("has its attempts, worker, progress and what may be asked of it while it executes", async () => {
    await using fixture = await createRestFixture([holds]);
    await fixture.startWorker([holds]);
    const runId = await fixture.submit(holds);
    const detail = await untilShown(fixture, runId, ({ progress }) => progress !== null);
    expect(detail).toMatchObject({
      state: "RUNNING",
      children: null,
      actions: ["stop", "pause", "rerun"],
      attempts: [{ attempt: 1, epoch: 1, ended_at: null, end: null, error: null, metrics: null }],
      progress: { percent: 25, done: 25, total: 100, operation: "holding" },
    });
    expect(detail.worker).toBe(detail.attempts[0]?.worker);
    expect(detail.progress?.rate).toBeGreaterThan(0);
    const [listed] = (await fixture.call("listRuns", {})).items;
    expect(listed?.progress?.percent).toBe(25);
  });

  it("has its result, units, metrics and the end of its history when it has ended", async () => {
    await using fixture = await createRestFixture([slices]);
    await fixture.startWorker([slices]);
    const runId = await fixture.submit(slices);
    await fixture.waitFor(runId);
    const detail = await fixture.call("showRun", { params: of(runId) });
    expect(detail).toMatchObject({
      state: "FINISHED",
      reason: "partial",
      units: { done: 6, failed: 1 },
      actions: ["rerun"],
    });
    expect(detail.attempts).toMatchObject([{ attempt: 1, end: "finished", error: null }]);
    expect(detail.attempts[0]?.metrics?.store_calls).toBeGreaterThan(0);
    const events = await fixture.call("listRunEvents", { params: of(runId) });
    expect(events.items.map(({ seq }) => seq)).toEqual(
      Array.from({ length: detail.last_seq }, (_, index) => index + 1),
    );
    expect(events.items[0]).toMatchObject({ type: "submitted", job_name: "slices", run_id: formatRunId(runId) });
    const first = await fixture.call("listRunEvents", { params: of(runId), query: { limit: "1" } });
    expect(first).toEqual({ items: events.items.slice(0, 1), next_cursor: "1" });
    const rest = await fixture.call("listRunEvents", { params: of(runId), query: { after: "1" } });
    expect(rest).toEqual({ items: events.items.slice(1), next_cursor: null });
  });

  it("has its units in pages, whatever their keys are", async () => {
    await using fixture = await createRestFixture([slices]);
    await fixture.startWorker([slices]);
    const runId = await fixture.submit(slices);
    await fixture.waitFor(runId);
    const keys: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const query = { limit: "3", ...(cursor === undefined ? {} : { cursor }) };
      const page = await fixture.call("listUnits", { params: of(runId), query });
      keys.push(...page.items.map(({ key }) => key));
      cursor = page.next_cursor;
    }
    expect(keys).toEqual(Array.from({ length: 7 }, (_, index) => `s${index} <b>/ü`));
    const failed = await fixture.call("listUnits", { params: of(runId), query: { state: "failed" } });
    expect(failed.items).toEqual([{ loop: "1", key: "s3 <b>/ü", state: "failed", error: "no such slice" }]);
    expect((await fixture.refusal("listUnits", { params: of(runId), query: { cursor: "<>" } })).code).toBe(
      "REQUEST_INVALID",
    );
  });

  it("of a pipeline counts its members, names the first that failed and draws the graph", async () => {
    await using fixture = await createRestFixture([chain]);
    await fixture.startWorker([...chain.nodes()].map(({ job }) => job));
    const runId = await fixture.submit(chain);
    await fixture.waitFor(runId);
    const detail = await fixture.call("showRun", { params: of(runId) });
    expect(detail).toMatchObject({ kind: "pipeline", state: "ERROR", children: { FINISHED: 1, ERROR: 2 } });
    expect(detail.actions).toEqual(["start", "pause", "retry", "rerun"]);
    const children = await fixture.call("listChildren", { params: of(runId) });
    const idOf = (name: string): string | undefined => children.items.find((run) => run.job_name === name)?.run_id;
    expect(detail.first_failed_run_id).toBe(idOf("broken"));
    expect(children.items[0]).not.toHaveProperty("result");
    const detailed = await fixture.call("listChildren", { params: of(runId), query: { result: "true" } });
    expect(detailed.items.find((run) => run.job_name === "broken")).toMatchObject({ result: null });
    const last = await fixture.call("listRunEvents", { params: of(runId), query: { tail: "true", limit: "4" } });
    expect(last.items).toHaveLength(4);
    expect(last.items.at(-1)).toMatchObject({ run_id: formatRunId(runId), type: "failed" });
    expect(
      (await fixture.refusal("listRunEvents", { params: of(runId), query: { tail: "true", after: "1" } })).code,
    ).toBe("REQUEST_INVALID");
    const graph = await fixture.call("showGraph", { params: of(runId) });
    expect(graph.edges).toContainEqual({ from: idOf("broken"), to: idOf("after") });
    expect(graph.nodes.map((node) => [node.job_name, node.state, node.spans.length])).toEqual([
      ["broken", "ERROR", 1],
      ["hello", "FINISHED", 1],
      ["after", "ERROR", 0],
    ]);
    expect(graph.truncated).toBe(false);
    const why = await fixture.call("explainRun", { params: of(runId) });
    expect(why).toMatchObject({
      run_id: formatRunId(runId),
      state: "ERROR",
      because: [{ job_name: "broken" }, { job_name: "after" }],
    });
  });

  it("says why it waits", async () => {
    await using fixture = await createRestFixture([waits]);
    const runId = await fixture.submit(waits);
    const why = await fixture.call("explainRun", { params: of(runId) });
    expect(why.summary).toMatch(/worker/);
    expect(why.because).toEqual([]);
  });

  it.each([
    "showRun",
    "listChildren",
    "showGraph",
    "listRunEvents",
    "listUnits",
    "explainRun",
    "listRunLogs",
    "downloadRunLogs",
  ] as const)("is refused by %s when nobody knows it, or its id is none", async (name) => {
    await using fixture = await createRestFixture();
    expect((await fixture.refusal(name, { params: { run_id: "r4711" } })).code).toBe("RUN_UNKNOWN");
    for (const id of ["4711", "r0", "r-1", "r1e3", "__proto__", "r9".repeat(5_000), "'; drop table run; --"]) {
      expect((await fixture.refusal(name, { params: { run_id: id } })).code).toBe("REQUEST_INVALID");
    }
  });
});

describe("comparing runs", () => {
  it("tells params, states, rows and errors apart", async () => {
    await using fixture = await createRestFixture([hello, broken]);
    await fixture.startWorker([hello, broken]);
    const [first, second, third] = [
      await fixture.submit(hello, { who: "ada", times: 1 }),
      await fixture.submit(hello, { who: "bob", times: 1 }),
      await fixture.submit(broken),
    ];
    for (const runId of [first, second, third]) await fixture.waitFor(runId);
    const compare = async (a: RunId, b: RunId) =>
      await fixture.call("compareRuns", { params: { run_id: formatRunId(a), other_run_id: formatRunId(b) } });
    const same = await compare(first, second);
    expect(same.params).toEqual([{ path: "who", before: "ada", after: "bob" }]);
    expect(same.code_changed).toBe(false);
    expect(same.jobs).toMatchObject([
      { job_name: "hello", states: ["FINISHED", "FINISHED"], rows: [3, 3], attempts: [1, 1] },
    ]);
    const other = await compare(second, third);
    expect(other.errors[0]).toBeNull();
    expect(other.errors[1]).toMatchObject({ code: "SOURCE_MISSING" });
    expect(other.jobs.map((job) => [job.job_name, ...job.states])).toEqual([
      ["hello", "FINISHED", null],
      ["broken", null, "ERROR"],
    ]);
    const itself = { run_id: formatRunId(first), other_run_id: formatRunId(first) };
    expect((await fixture.refusal("compareRuns", { params: itself })).code).toBe("VALUE_INVALID");
    const unknown = { run_id: formatRunId(first), other_run_id: "r4711" };
    expect((await fixture.refusal("compareRuns", { params: unknown })).code).toBe("RUN_UNKNOWN");
  });
});

function of(runId: RunId): { run_id: string } {
  return { run_id: formatRunId(runId) };
}

async function untilShown(
  fixture: RestFixture,
  runId: RunId,
  isReady: (detail: Awaited<ReturnType<typeof show>>) => boolean,
): Promise<Awaited<ReturnType<typeof show>>> {
  for (;;) {
    const detail = await show(fixture, runId);
    if (isReady(detail)) return detail;
    await fixture.clock.sleep(5);
  }
}

async function show(fixture: RestFixture, runId: RunId) {
  return await fixture.call("showRun", { params: of(runId) });
}
