// Makes the services that runs get from the composition root, in the worker and in isolates: data access and paths of
// the project.
import type { Engine } from "../compute/engine.ts";
import type { Environment } from "../config.ts";
import type { Clock } from "../core/clock.ts";
import { isFullRefresh } from "../core/job/full-refresh.ts";
import type { JobData } from "../core/job/job-context.ts";
import { createJobData } from "../data/jobs/job-data.ts";
import type { RunDataInput, RunServices } from "../orchestrator/attempt/job-context-input.ts";
import { type Project, resolveInProject } from "../project/project.ts";

export interface RunServicesParts {
  readonly project: Pick<Project, "root" | "paths">;
  readonly environment: Environment;
  readonly engine: Engine;
  readonly clock: Clock;
}

/** The services of every run of a project. The store is reached through the lease of the run alone. */
export function createRunServices(parts: RunServicesParts): RunServices {
  const { project, environment } = parts;
  return {
    serviceProvider: environment.serviceProvider,
    hasSpark: environment.hasSpark,
    resolvePath: (relative) => resolveInProject(project.root, relative),
    createData: (input) => createRunData(parts, input),
  };
}

function createRunData(
  { project, engine, clock }: RunServicesParts,
  { run, inputs, lease, signal, log, progress }: RunDataInput,
): JobData {
  return createJobData({
    engine,
    inputs,
    signal,
    log,
    progress,
    now: () => clock.now(),
    paths: { root: project.root, lake: project.paths.lake, staging: project.paths.staging },
    run: { id: run.runId, job: run.job, epoch: run.epoch, createdAtMs: run.createdAtMs },
    isFullRefresh: isFullRefresh(run.params),
    emit: (event) => lease.appendEvents([event]),
    catalog: {
      find: (name, version) => lease.findDataset(name, version),
      publications: (name) => lease.findPublications(name),
      names: async () => (await lease.listDatasets()).map((version) => version.dataset),
      record: (version) => lease.recordDataset(version),
      assertHeld: () => lease.assertHeld(),
    },
  });
}
