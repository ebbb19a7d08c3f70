// The jobs that every project has. A project may have jobs of these names of its own instead.
import type { Engine } from "../compute/engine.ts";
import type { Clock } from "../core/clock.ts";
import { builtInFile } from "../core/job/built-in-file.ts";
import type { Job } from "../core/job/job.ts";
import { deleteTables } from "../data/datasets/delete-tables.ts";
import { createDatasetJob } from "../orchestrator/submission/dataset-job.ts";
import { readHealthWithoutHeld } from "../orchestrator/explain/late-schedules.ts";
import { createSleepJob } from "../orchestrator/upkeep/sleep-job.ts";
import { collectPayloads } from "../stream/claims/collect-payloads.ts";
import { currentProcess } from "../platforms/local/local-process.ts";
import { measureDisks } from "../platforms/local/measure-disks.ts";
import type { Definitions } from "../project/definitions.ts";
import type { Project } from "../project/project.ts";
import { createSwapJob } from "../stream/replay/swap-job.ts";
import type { Store } from "../store/store.ts";
import { openProjectPayloads, streamFolders } from "./streams/create-job-streams.ts";

export interface BuiltInJobsInput {
  readonly project: Project;
  readonly clock: Clock;
  readonly store: Store;
  readonly engine: Engine;
  /** Cleans up behind attempts that died. */
  readonly recoverLeftovers: () => Promise<void>;
}

/** Adds them to the project's own. */
export function addBuiltInJobs(definitions: Definitions, input: BuiltInJobsInput): Definitions {
  for (const job of [sleepJobOf(input), datasetJobOf(definitions, input), createSwapJob()]) {
    if (!definitions.jobs.has(job.name) && !definitions.pipelines.has(job.name)) definitions.add(job, builtInFile);
  }
  return definitions;
}

function sleepJobOf({ project, clock, store, recoverLeftovers }: BuiltInJobsInput): Job {
  const { paths, settings } = project;
  return createSleepJob({
    store: { ...store, readHealth: ({ lateMs }) => readHealthWithoutHeld(store, lateMs) },
    clock,
    host: currentProcess().host,
    retentionMs: settings.retentionMs,
    recoverLeftovers,
    collectPayloads: (signal) => removePayloads({ project, clock, store }, signal),
    measureDisks: () => measureDisks({ store: paths.store, staging: paths.staging }),
  });
}

/** A record with a token has a day to be appended. */
const payloadGraceMs = 86_400_000;

async function removePayloads(
  { project, clock, store }: Pick<BuiltInJobsInput, "project" | "clock" | "store">,
  signal: AbortSignal,
): Promise<number> {
  const { streams } = project.settings;
  // The store does not know what records on another log name, so nothing of it may go.
  if (typeof streams.log === "object") return 0;
  const folders = streamFolders({ root: project.root, home: project.paths.home }, streams.payloads);
  const { removed } = await collectPayloads({
    store: openProjectPayloads(folders),
    sweep: store,
    graceMs: payloadGraceMs,
    now: () => clock.now(),
    signal,
  });
  return removed;
}

function datasetJobOf(definitions: Definitions, { project, store, engine }: BuiltInJobsInput): Job {
  return createDatasetJob({
    store,
    findOutput: (job) => definitions.jobs.get(job)?.output,
    deleteTables: ({ datasets, tables }) => deleteTables({ engine, root: project.root, datasets, tables }),
  });
}
