// Datasets, lineage and checks over a real store. What the data layer would write is written by hand.
import { describe, expect, it } from "vitest";
import type { CheckResult } from "../../../src/core/dataset/check.ts";
import type { DatasetLocation } from "../../../src/core/dataset/dataset.ts";
import { MillraceError, toErrorRecord } from "../../../src/core/errors/errors.ts";
import { defineJob, type Job } from "../../../src/core/job/job.ts";
import { formatRunId } from "../../../src/core/run-id.ts";
import { currentProcess } from "../../../src/platforms/local/local-process.ts";
import type { ClaimedRun } from "../../../src/store/rows/run-records.ts";
import { createRestFixture, type RestFixture } from "../../support/server/rest-fixture.ts";

const execute = (): number => 1;
const ingest = defineJob({ name: "ingest", inputs: ["files"], outputs: ["orders"], execute });
// A job and its dataset may have the same name.
const daily = defineJob({ name: "daily", inputs: ["orders"], outputs: ["daily"], execute });
const aside = defineJob({ name: "aside", inputs: ["weather"], outputs: ["forecast"], execute });
const plain = defineJob({ name: "plain", execute });
const jobs = [ingest, daily, aside, plain];

describe("datasets", () => {
  it("are those that were published and those that jobs name", async () => {
    await using fixture = await createRestFixture(jobs);
    const run = await publish(fixture, ingest, "orders", ["id", "at"]);
    const { items } = await fixture.call("listDatasets");
    expect(items.map(({ dataset, version, job_name }) => [dataset, version, job_name])).toEqual([
      ["daily", 0, "daily"],
      ["files", 0, null],
      ["forecast", 0, "aside"],
      ["orders", 1, "ingest"],
      ["weather", 0, null],
    ]);
    expect(items[3]).toMatchObject({
      run_id: formatRunId(run.runId),
      row_count: 2,
      columns: [{ name: "id", type: "INTEGER" }, {}],
    });
    const found = await fixture.call("listDatasets", { query: { q: "ORD" } });
    expect(found.items.map(({ dataset }) => dataset)).toEqual(["orders"]);
    expect((await fixture.call("listDatasets", { query: { q: "%" } })).items).toEqual([]);
  });

  it("show no path of this machine", async () => {
    await using fixture = await createRestFixture(jobs);
    await publish(
      fixture,
      ingest,
      "orders",
      ["id"],
      [
        { format: "delta", path: "/nowhere/lake/orders", version: 3 },
        { format: "sqlite", path: "/nowhere/../etc/shop.sqlite", table: "orders" },
        { format: "parquet", path: "/nowhere-else/orders.parquet" },
      ],
    );
    const { locations } = await fixture.call("showDataset", { params: { dataset: "orders" } });
    expect(locations).toEqual([
      { format: "delta", path: "lake/orders", version: 3, table: null },
      { format: "sqlite", path: "shop.sqlite", version: null, table: "orders" },
      { format: "parquet", path: "orders.parquet", version: null, table: null },
    ]);
  });

  it("have pages of versions, each with what became of the columns", async () => {
    await using fixture = await createRestFixture(jobs);
    const shapes = [["id"], ["id", "at"], ["id", "at"], ["at", "price"]];
    for (const columns of shapes) await publish(fixture, ingest, "orders", columns);
    const params = { dataset: "orders" };
    const first = await fixture.call("showDataset", { params, query: { limit: "2" } });
    expect(first.versions).toMatchObject([
      { version: 4, columns_added: ["price"], columns_removed: ["id"] },
      { version: 3, columns_added: [], columns_removed: [] },
    ]);
    const rest = await fixture.call("showDataset", {
      params,
      query: { limit: "2", cursor: String(first.next_cursor) },
    });
    expect(rest.versions).toMatchObject([
      { version: 2, columns_added: ["at"], columns_removed: [] },
      { version: 1, columns_added: [], columns_removed: [] },
    ]);
    expect([rest.next_cursor, rest.version]).toEqual([null, 4]);
    expect(rest.lineage.nodes.map(({ id }) => id)).toEqual([
      "dataset:daily",
      "dataset:files",
      "dataset:orders",
      "job:daily",
      "job:ingest",
    ]);
  });

  it("that nobody has published have no versions, and unknown ones are told", async () => {
    await using fixture = await createRestFixture(jobs);
    const shown = await fixture.call("showDataset", { params: { dataset: "daily" } });
    expect(shown).toMatchObject({ version: 0, versions: [], next_cursor: null, row_count: null });
    const unknown = await fixture.refusal("showDataset", { params: { dataset: "dayly" } });
    expect(unknown).toMatchObject({
      code: "DATASET_UNKNOWN",
      message: "unknown dataset `dayly`, did you mean `daily`?",
    });
    expect((await fixture.refusal("showDataset", { params: { dataset: "__proto__" } })).code).toBe("DATASET_UNKNOWN");
    for (const query of [{ cursor: "x" }, { limit: "501" }, { offset: "2" }]) {
      const refused = await fixture.refusal("showDataset", { params: { dataset: "daily" }, query });
      expect(refused.code).toBe("REQUEST_INVALID");
    }
  });
});

describe("lineage", () => {
  it("goes from what is read to what is published, and knows what jobs of the past published", async () => {
    await using fixture = await createRestFixture(jobs);
    await publish(fixture, defineJob({ name: "retired", execute }), "weather", ["at"]);
    const { nodes, edges } = await fixture.call("showLineage");
    expect(nodes.map(({ id }) => id)).not.toContain("job:plain");
    expect(edges.map(({ from, to }) => `${from} > ${to}`)).toEqual([
      "dataset:files > job:ingest",
      "dataset:orders > job:daily",
      "dataset:weather > job:aside",
      "job:aside > dataset:forecast",
      "job:daily > dataset:daily",
      "job:ingest > dataset:orders",
      "job:retired > dataset:weather",
    ]);
  });
});

describe("checks", () => {
  const passed: CheckResult = {
    name: "not null id",
    severity: "block",
    passed: true,
    failingRows: 0,
    detail: "all have one",
  };
  const range: CheckResult = { name: "range", severity: "quarantine", passed: false, failingRows: 3, detail: "3 of 9" };

  it("are rows with their newest results, and say where failing rows are", async () => {
    await using fixture = await createRestFixture(jobs);
    const first = await evaluate(fixture, "orders", [passed, range], { into: "orders_quarantine" });
    const second = await evaluate(fixture, "orders", [{ ...passed, passed: false, failingRows: 1 }], {
      staging: ".millrace/failed/orders",
    });
    const { items } = await fixture.call("listChecks");
    expect(items).toMatchObject([
      {
        dataset: "orders",
        job_name: "ingest",
        name: "not null id",
        severity: "block",
        results: [
          { run_id: formatRunId(second.runId), passed: false, failing_rows: 1, rows_at: ".millrace/failed/orders" },
          { run_id: formatRunId(first.runId), passed: true, rows_at: null },
        ],
      },
      { name: "range", severity: "quarantine", results: [{ passed: false, rows_at: "orders_quarantine" }] },
    ]);
    const names = async (query: Record<string, string>) => (await fixture.call("listChecks", { query })).items.length;
    expect(await names({ dataset: "orders" })).toBe(2);
    expect(await names({ dataset: "daily" })).toBe(0);
    expect(await names({ job: "ingest" })).toBe(2);
    expect(await names({ job: "plain" })).toBe(0);
    expect(await names({ since: "2100-01-01T00:00:00Z" })).toBe(0);
  });

  it("have at most 30 results each", async () => {
    await using fixture = await createRestFixture(jobs);
    for (let run = 0; run < 33; run += 1) await evaluate(fixture, "orders", [passed]);
    const [row] = (await fixture.call("listChecks")).items;
    expect(row?.results).toHaveLength(30);
    expect(row?.results[0]?.run_id).toBe("r33");
  });

  const bad: readonly [query: Record<string, string>, code: string][] = [
    [{ dataset: "ordres" }, "DATASET_UNKNOWN"],
    [{ job: "ingset" }, "JOB_UNKNOWN"],
    [{ since: "monday" }, "REQUEST_INVALID"],
    [{ severity: "block" }, "REQUEST_INVALID"],
    [{ dataset: "" }, "REQUEST_INVALID"],
  ];

  it.each(bad)("refuse %o with %s", async (query, code) => {
    await using fixture = await createRestFixture(jobs);
    expect((await fixture.refusal("listChecks", { query })).code).toBe(code);
  });
});

it("where a cluster has computed rows is told by the run, of each dataset the last place", async () => {
  await using fixture = await createRestFixture(jobs);
  const run = await claim(fixture, ingest);
  const told = [
    { dataset: "orders", where: "Spark 4.2.0 at `spark:15002`", operation: "one" },
    { dataset: "orders", where: "Spark 4.2.0 at `spark:15002`", operation: "two" },
    { dataset: "pages", where: "Spark 4.2.0 at `spark:15002`" },
  ];
  await fixture.store.appendEvents(
    run,
    told.map((data) => ({ type: "computed_elsewhere", data })),
  );
  const detail = await fixture.call("showRun", { params: { run_id: formatRunId(run.runId) } });
  expect(detail.computed).toEqual([
    { ...told[1], job_name: "ingest" },
    { ...told[2], job_name: "ingest", operation: null },
  ]);
});

async function claim(fixture: RestFixture, job: Job): Promise<ClaimedRun> {
  await fixture.submit(job, { at: performance.now() });
  const workerId = await fixture.store.registerWorker({ name: "hand", ttlMs: 60_000, process: currentProcess() });
  const [run] = await fixture.store.claim({ workerId, limit: 1 });
  if (run === undefined) throw new Error("nothing is ready");
  return run;
}

async function publish(
  fixture: RestFixture,
  job: Job,
  dataset: string,
  columns: readonly string[],
  locations: readonly DatasetLocation[] = [{ format: "parquet", path: "/nowhere/out.parquet" }],
): Promise<ClaimedRun> {
  const run = await claim(fixture, job);
  const schema = columns.map((name) => ({ name, type: "INTEGER" }));
  const facts = { runId: run.runId, job: job.name, rowCount: 2, fingerprint: `${run.runId}` };
  await fixture.store.recordDataset(run, { dataset, locations, schema, ...facts });
  await fixture.store.settle([{ runId: run.runId, epoch: run.epoch, end: "finished", result: null }]);
  return run;
}

async function evaluate(
  fixture: RestFixture,
  dataset: string,
  results: readonly CheckResult[],
  { into, staging }: { readonly into?: string; readonly staging?: string } = {},
): Promise<ClaimedRun> {
  const run = await claim(fixture, ingest);
  const events = [{ type: "checks_evaluated", data: { dataset, results: results.map((result) => ({ ...result })) } }];
  const quarantined = into === undefined ? [] : [{ type: "quarantined", data: { dataset, into, rows: 3 } }];
  await fixture.store.appendEvents(run, [...events, ...quarantined]);
  const fence = { runId: run.runId, epoch: run.epoch };
  const error = toErrorRecord(new MillraceError("CHECKS_FAILED", "checks failed", { details: { staging } }));
  await fixture.store.settle([
    staging === undefined
      ? { ...fence, end: "finished", result: null }
      : { ...fence, end: "failed", reason: "checks_failed", error },
  ]);
  return run;
}
