// Actions on frozen selections of runs, over a real store and a real worker.
import { describe, expect, it } from "vitest";
import { formatRunId, type RunId } from "../../../src/core/run-id.ts";
import { createRestFixture, type RestFixture } from "../../support/server/rest-fixture.ts";
import { broken, chain, hello } from "../../support/server/rest-jobs.ts";

describe("a selection", () => {
  it("is exactly what the filter found, and stays that", async () => {
    await using fixture = await createRestFixture([hello, broken]);
    const runIds = await submitMany(fixture, 13);
    const filter = { job: "hello", state: "PENDING" };
    const selection = await fixture.call("selectRuns", { body: { action: "stop", filter } });
    expect(selection).toMatchObject({ action: "stop", count: 13, by_state: { PENDING: 13 } });
    expect(selection.sample).toHaveLength(10);
    const later = await fixture.submit(hello, { who: "later" });
    const body = { selection_id: selection.selection_id, count: 13, reason: "<i>enough</i>" };
    expect(await fixture.call("applyBulk", { body })).toEqual({ count: 13, changed: 13, requested: 0, refused: [] });
    for (const runId of runIds) expect(await fixture.store.findRun(runId)).toMatchObject({ state: "ERROR" });
    expect(await fixture.store.findRun(later)).toMatchObject({ state: "PENDING" });
    const events = await fixture.store.listEvents(runIds[0] ?? later, 0, 100);
    expect(JSON.stringify(events)).toContain("<i>enough</i>");
  });

  it("reports runs whose state no longer allows it, and changes the others", async () => {
    await using fixture = await createRestFixture([hello, broken]);
    const [first, second] = await submitMany(fixture, 2);
    const selection = await fixture.call("selectRuns", { body: { action: "pause", filter: {} } });
    await fixture.call("stopRun", { params: { run_id: idOf(first) } });
    await fixture.startWorker([broken]);
    const result = await fixture.call("applyBulk", { body: { selection_id: selection.selection_id, count: 2 } });
    // A stopped run counts as failed: pausing it gives it another try first.
    expect(result.count).toBe(2);
    expect(result.changed).toBeGreaterThanOrEqual(1);
    expect(await fixture.store.findRun(second ?? (0 as RunId))).toMatchObject({ state: "PAUSED" });
    const resume = await fixture.call("selectRuns", {
      body: { action: "retry", run_ids: [idOf(first), idOf(second)] },
    });
    const refused = await fixture.call("applyBulk", { body: { selection_id: resume.selection_id, count: 2 } });
    expect(refused.refused.map(({ run_id: id }) => id)).toContain(idOf(second));
    expect(refused.refused[0]?.detail).toMatch(/cannot retry run/);
  });

  it("retries exactly the failed runs that were named", async () => {
    await using fixture = await createRestFixture([broken, chain]);
    await fixture.startWorker([...chain.nodes()].map(({ job }) => job));
    const runIds = [
      await fixture.submit(broken),
      await fixture.submit(broken, { a: 1 }),
      await fixture.submit(broken, { a: 2 }),
    ];
    for (const runId of runIds) await fixture.waitFor(runId);
    const named = runIds.slice(0, 2).map(formatRunId);
    const selection = await fixture.call("selectRuns", { body: { action: "retry", run_ids: [...named, ...named] } });
    expect(selection.count).toBe(2);
    await fixture.call("applyBulk", { body: { selection_id: selection.selection_id, count: 2 } });
    for (const runId of runIds) await fixture.waitFor(runId);
    const attempts = await Promise.all(runIds.map(async (runId) => (await fixture.store.listAttempts(runId)).length));
    expect(attempts).toEqual([2, 2, 1]);
  });

  it("is used once, by the token that made it, with its count", async () => {
    await using fixture = await createRestFixture([hello]);
    await submitMany(fixture, 3);
    const { selection_id: id } = await fixture.call("selectRuns", { body: { action: "stop", filter: {} } });
    const refuse = async (body: object): Promise<string> => (await fixture.refusal("applyBulk", { body })).code;
    expect(await refuse({ selection_id: id, count: 2 })).toBe("SELECTION_UNKNOWN");
    expect(await refuse({ selection_id: "another", count: 3 })).toBe("SELECTION_UNKNOWN");
    const other = fixture.call("applyBulk", { body: { selection_id: id, count: 3 } }, { tokenId: "t2" });
    await expect(other).rejects.toMatchObject({ code: "SELECTION_UNKNOWN" });
    await fixture.call("applyBulk", { body: { selection_id: id, count: 3 } });
    expect(await refuse({ selection_id: id, count: 3 })).toBe("SELECTION_UNKNOWN");
  });

  it("may be empty", async () => {
    await using fixture = await createRestFixture();
    const selection = await fixture.call("selectRuns", { body: { action: "stop", filter: { q: "nothing" } } });
    expect(selection).toMatchObject({ count: 0, by_state: {}, sample: [] });
    const result = await fixture.call("applyBulk", { body: { selection_id: selection.selection_id, count: 0 } });
    expect(result).toEqual({ count: 0, changed: 0, requested: 0, refused: [] });
  });

  it("of more than 10,000 runs is refused", async () => {
    await using fixture = await createRestFixture([hello]);
    const run = { job: "hello", kind: "job" as const, params: {}, tenant: "default", createdBy: "test" };
    for (let batch = 0; batch < 3; batch += 1) {
      const members = Array.from({ length: 4_000 }, () => ({ ...run, parent: 0 }));
      await fixture.store.submit({ runs: [{ ...run, kind: "pipeline" as const }, ...members], edges: [] });
    }
    const error = await fixture.refusal("selectRuns", { body: { action: "stop", filter: { children: true } } });
    expect(error).toMatchObject({ code: "SELECTION_TOO_LARGE", hint: "narrow it, for example with `since` or `job`" });
  });

  it.each([
    {},
    { action: "stop" },
    { action: "delete", filter: {} },
    { action: "stop", filter: {}, run_ids: ["r1"] },
    { action: "stop", run_ids: [] },
    { action: "stop", run_ids: Array.from({ length: 10_001 }, (_, index) => `r${index + 1}`) },
    { action: "stop", run_ids: ["r1; drop table run"] },
    { action: "stop", filter: { limit: 5 } },
    { action: "stop", filter: { state: "DONE" } },
  ])("is refused for a request that makes no sense, case %#", async (body) => {
    await using fixture = await createRestFixture();
    expect((await fixture.refusal("selectRuns", { body })).code).toBe("REQUEST_INVALID");
  });

  it("is refused with a run nobody knows", async () => {
    await using fixture = await createRestFixture();
    expect((await fixture.refusal("selectRuns", { body: { action: "stop", run_ids: ["r4711"] } })).code).toBe(
      "RUN_UNKNOWN",
    );
  });
});

async function submitMany(fixture: RestFixture, count: number): Promise<readonly RunId[]> {
  const runIds: RunId[] = [];
  for (let index = 0; index < count; index += 1) runIds.push(await fixture.submit(hello, { who: `w${index}` }));
  return runIds;
}

function idOf(runId: RunId | undefined): string {
  return formatRunId(runId ?? (0 as RunId));
}
