// A reset that fails, or that a run gets between, loses sight of nothing: the next one finds all that there is to delete.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ResetPlan } from "../../../src/core/dataset/dataset-reset.ts";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import { defineJob } from "../../../src/core/job/job.ts";
import { createDatasetJob } from "../../../src/orchestrator/submission/dataset-job.ts";
import { currentProcess } from "../../../src/platforms/local/local-process.ts";
import type { ClaimedRun, RunSummary } from "../../../src/store/rows/run-records.ts";
import { createWorkerFixture, type WorkerFixture } from "../../support/workers/worker-fixture.ts";

let fixture: WorkerFixture;
beforeEach(async () => {
  fixture = await createWorkerFixture();
});
afterEach(() => fixture[Symbol.asyncDispose]());

const ingest = defineJob({ name: "ingest", execute: () => 1 });
const names = ["people", "people_quarantine"];

async function begin(): Promise<ClaimedRun> {
  const workerId = await fixture.store.registerWorker({ name: "w", ttlMs: 60_000, process: currentProcess() });
  await fixture.submit(ingest);
  const [run] = await fixture.store.claim({ workerId, limit: 1, jobs: new Set(["ingest"]) });
  if (run === undefined) throw new Error("nothing is ready");
  return run;
}

async function finish({ runId, epoch }: ClaimedRun): Promise<void> {
  await fixture.store.settle([{ runId, epoch, end: "finished", result: null }]);
}

/** Publishes datasets into one folder. */
async function publish(datasets: readonly string[], folder: string): Promise<void> {
  const run = await begin();
  for (const dataset of datasets) {
    const locations = [{ format: "delta" as const, path: `/${folder}/${dataset}`, version: 0 }];
    const made = { runId: run.runId, job: "ingest", dataset, locations, schema: [], rowCount: 1, fingerprint: "f" };
    const quarantineOf = { job: "ingest", output: { dataset: "people" }, checks: [] };
    await fixture.store.recordDataset(run, dataset === "people" ? made : { ...made, quarantineOf });
  }
  await finish(run);
}

/** Resets after `first`, and then once more undisturbed. */
async function resetTwice(
  first: (plan: ResetPlan) => Promise<void>,
): Promise<{ ends: RunSummary[]; deleted: string[] }> {
  let work = first;
  const deleted: string[] = [];
  const job = createDatasetJob({
    store: fixture.store,
    findOutput: () => undefined,
    deleteTables: async (plan) => {
      await work(plan);
      deleted.push(...plan.tables.map(({ path }) => path));
    },
  });
  await fixture.startWorker([job]);
  const reset = async (): Promise<RunSummary> =>
    await fixture.waitFor(await fixture.submit(job, { action: "reset", dataset: "people" }));
  const ends = [await reset()];
  deleted.length = 0;
  work = async () => undefined;
  expect(await known()).toContain("people");
  ends.push(await reset());
  return { ends, deleted };
}

async function known(): Promise<string[]> {
  return (await fixture.store.listDatasets()).map(({ dataset }) => dataset);
}

test.each([[["people"]], [["people_quarantine"]], [names]])(
  "a dataset whose job publishes %j while its tables are deleted is known until another reset",
  async (between) => {
    await publish(names, "old");
    const { ends, deleted } = await resetTwice(() => publish(between, "new"));
    expect(ends).toMatchObject([{ state: "ERROR", error: { code: "DATASET_RESET" } }, { state: "FINISHED" }]);
    const all = [...names.map((name) => `/old/${name}`), ...between.map((name) => `/new/${name}`)];
    expect(deleted.toSorted()).toEqual(all.toSorted());
    expect(await known()).toEqual([]);
  },
);

test("a reset whose tables cannot be deleted forgets nothing", async () => {
  await publish(names, "old");
  const { ends, deleted } = await resetTwice(() => Promise.reject(new MillraceError("VALUE_INVALID", "no")));
  expect(ends).toMatchObject([{ state: "ERROR", error: { code: "VALUE_INVALID" } }, { state: "FINISHED" }]);
  expect(deleted).toEqual(["/old/people", "/old/people_quarantine"]);
  expect(await known()).toEqual([]);
});

const refused = [{ error: { code: "DATASET_RESET" } }, { error: { code: "DATASET_RESET" } }];

test("nothing is deleted under a run that may publish at any time", async () => {
  await publish(names, "old");
  await begin();
  const { ends, deleted } = await resetTwice(() => Promise.reject(new Error("it was deleted")));
  expect(ends).toMatchObject(refused);
  expect(deleted).toEqual([]);
});

test("nothing is forgotten under a run that has begun since", async () => {
  await publish(names, "old");
  const { ends } = await resetTwice(async () => void (await begin()));
  expect(ends).toMatchObject(refused);
  expect(await known()).toEqual(names);
});
