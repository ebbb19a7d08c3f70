// What a job of map and reduce would do now: which files or rows it would read, and where its own would go.
import { quoteIdentifier } from "../../compute/engine.ts";
import { toDatasetName } from "../../core/dataset/dataset-handle.ts";
import type { OutputOptions } from "../../core/dataset/dataset.ts";
import type { PublishRequest } from "../../core/job/job-context.ts";
import type { JobPlan, PlanContext } from "../../core/job/job-plan.ts";
import type { MapInput } from "../../core/mapreduce/map-reduce-request.ts";

/** @throws MillraceError `SOURCE_MISSING`, `DATASET_UNKNOWN` and what else looking at the input throws */
export async function planMapReduce(ctx: PlanContext, input: MapInput, output: OutputOptions): Promise<JobPlan> {
  const { sql: _sql, output: planned, notes, ...plan } = await ctx.plan({ ...readingOf(input), output });
  // those of the input, which are not those of the rows
  const { columns: _columns, ...known } = planned;
  const note = "what columns the rows have is only known when `map` and `reduce` have made them";
  return { ...plan, units: [{ key: "" }], deferred: 0, sql: [], output: known, notes: [...notes, note] };
}

function readingOf(input: MapInput): Pick<PublishRequest, "source" | "sql"> {
  if ("files" in input) return { source: { file: { path: input.files, format: "text" } } };
  const name = "dataset" in input ? toDatasetName(input.dataset) : input.topic.name;
  return { sql: `SELECT * FROM ${quoteIdentifier(name)}` };
}
