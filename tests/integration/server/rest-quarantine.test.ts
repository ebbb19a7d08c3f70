// Quarantines and resets over a real store. What the data layer tells of rows is the fixture's.
import { describe, expect, it } from "vitest";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import { defineJob } from "../../../src/core/job/job.ts";
import { formatRunId } from "../../../src/core/run-id.ts";
import { currentProcess } from "../../../src/platforms/local/local-process.ts";
import type { RunId } from "../../../src/core/run-id.ts";
import { createRestFixture, type RestFixture } from "../../support/server/rest-fixture.ts";

const ingest = defineJob({ name: "ingest", outputs: ["people", "people_quarantine"], execute: () => 1 });
const settling = defineJob({ name: "dataset_job", execute: () => 1 });

/** A dataset with three rows set aside. */
async function publishAside(fixture: RestFixture): Promise<RunId> {
  const { store } = fixture;
  await fixture.submit(ingest);
  const workerId = await store.registerWorker({ name: "w", ttlMs: 60_000, process: currentProcess() });
  const [run] = await store.claim({ workerId, limit: 1 });
  if (run === undefined) throw new Error("nothing is ready");
  const shared = { runId: run.runId, job: "ingest", fingerprint: "f" };
  const at = (name: string) => [{ format: "delta" as const, path: `/nowhere/lake/${name}`, version: 0 }];
  await store.recordDataset(run, { ...shared, dataset: "people", locations: at("people"), schema: [], rowCount: 9 });
  await store.recordDataset(run, {
    ...shared,
    dataset: "people_quarantine",
    locations: at("people_quarantine"),
    schema: [{ name: "_reasons", type: "VARCHAR[]" }],
    rowCount: 3,
    quarantineOf: { job: "ingest", output: { dataset: "people" }, checks: [] },
  });
  await store.settle([{ runId: run.runId, epoch: run.epoch, end: "finished", result: null }]);
  return run.runId;
}

const params = { dataset: "people" };

describe("quarantines", () => {
  it("are counted for datasets and listed with their checks and runs", async () => {
    await using fixture = await createRestFixture([ingest]);
    expect((await fixture.call("listQuarantine")).items).toEqual([]);
    await publishAside(fixture);
    expect((await fixture.call("listQuarantine")).items).toEqual([
      {
        dataset: "people",
        quarantine: "people_quarantine",
        version: 1,
        job_name: "ingest",
        rows: 3,
        oldest_at: "2026-01-02T00:00:00.000Z",
        checks: [{ name: "not_null(email)", rows: 3 }],
        runs: [
          { run_id: "r1", rows: 2, at: "2026-01-02T00:00:00.000Z" },
          { run_id: null, rows: 1, at: null },
        ],
      },
    ]);
    const { items } = await fixture.call("listDatasets");
    expect(items.map(({ dataset, quarantined }) => [dataset, quarantined])).toEqual([
      ["people", 3],
      ["people_quarantine", null],
    ]);
    expect(await fixture.call("showDataset", { params })).toMatchObject({ quarantined: 3 });
  });

  it("show their rows as JSON, filtered", async () => {
    await using fixture = await createRestFixture([ingest]);
    await publishAside(fixture);
    const query = { run: "r1", where: '{"email":null}', limit: "1" };
    const shown = await fixture.call("showQuarantine", { params, query });
    expect(shown).toMatchObject({ rows: 1, items: [{ id: "1", email: null, _reasons: ["not_null(email)"] }] });
    for (const where of ["email", "[]", "null", '{"id":1}']) {
      const failing = fixture.call("showQuarantine", { params, query: { where } });
      await expect(failing).rejects.toMatchObject({ code: "REQUEST_INVALID" });
    }
  });

  it.each(["release", "discard"] as const)(
    "%s previews, then submits a run that says who, which and why",
    async (action) => {
      await using fixture = await createRestFixture([ingest, settling]);
      await publishAside(fixture);
      const route = action === "release" ? "releaseQuarantine" : "discardQuarantine";
      const preview = await fixture.call(route, { params, body: { preview: true } });
      expect(preview).toMatchObject({ version: 1, rows: 3, run_id: null });
      const body = { check: "not_null(email)", where: { email: null }, reason: "seen" };
      const settled = await fixture.call(route, { params, body });
      const run = await fixture.call("showRun", { params: { run_id: settled.run_id ?? "" } });
      expect(run).toMatchObject({
        job_name: "dataset_job",
        params: {
          action,
          dataset: "people",
          version: 1,
          check: "not_null(email)",
          where: { email: null },
          reason: "seen",
        },
      });
      const later = fixture.call(route, { params, body: { version: 2 } });
      await expect(later).rejects.toMatchObject({ code: "VALUE_INVALID" });
    },
  );
});

describe("care for a dataset", () => {
  it("submits runs with what was asked, and refuses a dataset that nobody has published", async () => {
    await using fixture = await createRestFixture([ingest, settling]);
    await publishAside(fixture);
    const vacuumed = await fixture.call("vacuumDataset", { params, body: { retain: "9d", dry_run: true } });
    const optimized = await fixture.call("optimizeDataset", { params, body: { sort: ["id"], reason: "slow" } });
    const show = (runId: string): Promise<unknown> => fixture.call("showRun", { params: { run_id: runId } });
    expect(await show(vacuumed.run_id)).toMatchObject({
      job_name: "dataset_job",
      params: { action: "vacuum", dataset: "people", retain: "9d", dry_run: true },
    });
    expect(await show(optimized.run_id)).toMatchObject({
      params: { action: "optimize", dataset: "people", sort: ["id"], reason: "slow" },
    });
    const unknown = fixture.call("vacuumDataset", { params: { dataset: "peopel" }, body: {} });
    await expect(unknown).rejects.toMatchObject({ code: "DATASET_UNKNOWN" });
  });
});

describe("resetting a dataset", () => {
  it("tells what would go, then submits a run", async () => {
    await using fixture = await createRestFixture([ingest, settling]);
    const runId = await publishAside(fixture);
    expect(formatRunId(runId)).toBe("r1");
    await fixture.store.setWatermark({
      job: "ingest",
      tenant: "default",
      name: "default",
      seenVersion: 0,
      value: 7,
      by: "ann",
      reason: "",
    });
    const preview = await fixture.call("resetDataset", { params, body: { preview: true } });
    expect(preview).toEqual({
      datasets: ["people", "people_quarantine"],
      job_names: ["ingest"],
      versions: 2,
      tables: [
        { format: "delta", path: "lake/people", version: 0, table: null },
        { format: "delta", path: "lake/people_quarantine", version: 0, table: null },
      ],
      shared: [],
      watermarks: [{ job_name: "ingest", name: "default", value: 7 }],
      run_id: null,
    });
    expect((await fixture.call("resetDataset", { params, body: {} })).run_id).toMatch(/^r\d+$/);
  });

  it("is refused for a dataset that nobody has published", async () => {
    await using fixture = await createRestFixture([ingest, settling]);
    const failing = fixture.call("resetDataset", { params: { dataset: "poeple" }, body: { preview: true } });
    await expect(failing).rejects.toBeInstanceOf(MillraceError);
    await expect(failing).rejects.toMatchObject({ code: "DATASET_UNKNOWN" });
  });
});
