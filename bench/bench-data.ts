// The data layer of a run that exists for a bench alone: its datasets are remembered in memory, and it has no log.
import { join } from "node:path";
import type { Engine } from "../src/compute/engine.ts";
import type { DatasetVersion } from "../src/core/dataset.ts";
import type { JobData } from "../src/core/job-context.ts";
import type { RunId } from "../src/core/run-id.ts";
import { createJobData } from "../src/data/job-data.ts";

/** @param root folder of the project, which exists */
export function createBenchData(engine: Engine, root: string): JobData {
  const versions = new Map<string, DatasetVersion>();
  return createJobData({
    engine,
    registry: {
      find: (name) => Promise.resolve(versions.get(name)),
      names: () => Promise.resolve([...versions.keys()]),
      assertHeld: () => Promise.resolve(),
      record: (version) => {
        const recorded = { ...version, version: 1, createdAtMs: Date.now() };
        versions.set(version.dataset, recorded);
        return Promise.resolve(recorded);
      },
    },
    paths: { root, lake: join(root, "lake"), staging: join(root, "staging") },
    run: { id: 1 as RunId, job: "bench", epoch: 1, createdAtMs: Date.now() },
    signal: new AbortController().signal,
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    now: Date.now,
    progress: () => undefined,
    emit: ignore,
  });
}

function ignore(): void {
  // a bench has no log
}
