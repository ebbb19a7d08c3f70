// Runs that do what a person asks for a dataset: those of the project's `dataset_job`, which go on when their worker dies, and whose
// history says who asked.
import type { DatasetVersion } from "../../../core/dataset/dataset.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { suggest } from "../../../core/errors/suggest.ts";
import { datasetJobName } from "../../../core/job/built-in-job-names.ts";
import { formatRunId } from "../../../core/run-id.ts";
import { toJson } from "../../../orchestrator/attempt/to-json.ts";
import type { DatasetJobParams } from "../../../orchestrator/submission/dataset-job.ts";
import type { Json } from "../../../store/rows/run-records.ts";
import type { Caller, Handlers } from "../../handler.ts";
import type { ServerServices } from "../../server-services.ts";

/** Care for the tables of datasets. */
export function createDatasetCareHandlers(services: ServerServices): Handlers<"vacuumDataset" | "optimizeDataset"> {
  return {
    vacuumDataset: async ({ params: { dataset }, body: { reason, ...options } }, { caller }) => {
      await assertPublished(services, dataset);
      return { run_id: await submitDatasetRun(services, { action: "vacuum", dataset, ...options }, reason, caller) };
    },
    optimizeDataset: async ({ params: { dataset }, body: { reason, ...options } }, { caller }) => {
      await assertPublished(services, dataset);
      return { run_id: await submitDatasetRun(services, { action: "optimize", dataset, ...options }, reason, caller) };
    },
  };
}

/** @returns the id of the run as people write it */
export async function submitDatasetRun(
  services: ServerServices,
  params: DatasetJobParams,
  reason: string | undefined,
  caller: Caller,
): Promise<string> {
  const all = toJson({ ...params, ...(reason === undefined ? {} : { reason }) }) as Readonly<Record<string, Json>>;
  const { rootRunId } = await services.submit(datasetJobName, { params: all, createdBy: caller.name });
  return formatRunId(rootRunId);
}

/** @throws MillraceError `DATASET_UNKNOWN` with the closest name */
export async function assertPublished({ store }: Pick<ServerServices, "store">, dataset: string): Promise<void> {
  const known: readonly DatasetVersion[] = await store.listDatasets();
  if (known.some((version) => version.dataset === dataset)) return;
  const names = known.map((version) => version.dataset);
  throw new MillraceError("DATASET_UNKNOWN", `no run has published dataset \`${dataset}\`${suggest(dataset, names)}`, {
    hint: "`millrace datasets` lists what there is",
  });
}
