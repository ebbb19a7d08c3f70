// A dataset that a run of a job has published, as the store knows it; there is no table.
import type { Job } from "../../../src/core/job/job.ts";
import { currentProcess } from "../../../src/platforms/local/local-process.ts";
import type { RestFixture } from "./rest-fixture.ts";

/** Runs the job as far as the store is concerned. */
export async function publishDataset(fixture: RestFixture, job: Job, dataset: string): Promise<void> {
  const { store } = fixture;
  await fixture.submit(job);
  const workerId = await store.registerWorker({ name: "w", ttlMs: 60_000, process: currentProcess() });
  const [run] = await store.claim({ workerId, limit: 1 });
  if (run === undefined) throw new Error("nothing is ready");
  const locations = [{ format: "delta", path: `/nowhere/lake/${dataset}`, version: 0 }];
  const version = { dataset, runId: run.runId, job: job.name, fingerprint: "f", locations, schema: [], rowCount: 2 };
  await store.recordDataset(run, version);
  await store.settle([{ runId: run.runId, epoch: run.epoch, end: "finished", result: null }]);
}
