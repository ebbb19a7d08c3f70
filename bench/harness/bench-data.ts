// The data layer of a run without a store: its registry of datasets is a map.
import { join } from "node:path";
import type { Engine } from "../../src/compute/engine.ts";
import { createFieldCipher } from "../../src/connections/registry/field-cipher.ts";
import type { DatasetVersion, RunPublications } from "../../src/core/dataset/dataset.ts";
import type { JobData } from "../../src/core/job/job-context.ts";
import type { RunId } from "../../src/core/run-id.ts";
import { createJobData } from "../../src/data/jobs/job-data.ts";

/** Gives each run its access to data. */
export type BenchRuns = (runId: number) => JobData;

/**
 * Runs of one project at `root`, which see each other's datasets.
 * @param failpoint told of the moments of publishing, so that parts of it can be timed
 */
export function createBenchRuns(engine: Engine, root: string, failpoint: (name: string) => void = ignore): BenchRuns {
  const versions = new Map<string, DatasetVersion>();
  return (runId) =>
    createJobData({
      engine,
      catalog: {
        find: (name) => Promise.resolve(versions.get(name)),
        publications: (name) => Promise.resolve(publicationsOf(versions.get(name), runId)),
        names: () => Promise.resolve([...versions.keys()]),
        assertHeld: () => Promise.resolve(),
        record: (version) => {
          const before = versions.get(version.dataset)?.version ?? 0;
          const recorded = { ...version, version: before + 1, createdAtMs: Date.now() };
          versions.set(version.dataset, recorded);
          return Promise.resolve(recorded);
        },
      },
      paths: { root, lake: join(root, "lake"), home: join(root, ".millrace"), staging: join(root, "staging") },
      run: { id: runId as RunId, job: "bench", epoch: 1, createdAtMs: runId },
      signal: new AbortController().signal,
      cipher: () => createFieldCipher(["a key of at least sixteen characters"]),
      log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
      now: Date.now,
      progress: ignore,
      emit: ignore,
      failpoint,
    });
}

function publicationsOf(newest: DatasetVersion | undefined, runId: number): RunPublications {
  if (newest === undefined) return {};
  return newest.runId === runId ? { own: newest, newest } : { newest };
}

function ignore(): void {
  // a bench has no log
}
