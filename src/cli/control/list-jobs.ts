// The jobs and pipelines of a project with what its files say about them.
import type { JobDefinition, JobOverview } from "../../api/job.ts";
import { builtInFile } from "../../core/job/built-in-file.ts";
import type { ControlCalls } from "./control-plane.ts";
import { readPages } from "./read-pages.ts";

export type ListedJob = JobOverview & { readonly definition: JobDefinition };

/** By name. Without those that every project has: nobody wrote them, and nobody starts them by hand. */
export async function listProjectJobs(plane: ControlCalls): Promise<readonly ListedJob[]> {
  const { items } = await readPages((query) => plane.call("listJobs", { query: { ...query, definition: true } }));
  return items.flatMap(({ definition, ...job }) =>
    definition === undefined || definition.file === builtInFile ? [] : [{ ...job, definition }],
  );
}
