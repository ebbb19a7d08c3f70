// A run that ended between its publication and its watermarks has published what its job does not know to be read. The next run would
// append that again; so it first moves the watermarks to where that run had come.
import type { DatasetOutput } from "../../core/dataset/dataset.ts";
import type { WatermarkValue } from "../../core/dataset/watermark.ts";
import type { UnitsContext } from "../../core/job/job-plan.ts";
import type { RunId } from "../../core/run-id.ts";

export interface KnownState {
  readonly state: ReadonlyMap<string, WatermarkValue>;
  /** The run whose rows count as read. */
  readonly adopted?: RunId;
}

/** @param state watermarks as they are */
export async function adoptRead(
  ctx: Pick<UnitsContext, "units" | "data">,
  output: DatasetOutput,
  state: ReadonlyMap<string, WatermarkValue>,
): Promise<KnownState> {
  const earlier = await ctx.units.findUnfinished();
  if (earlier === undefined || !(await ctx.data.hasPublished(output, earlier))) return { state };
  await ctx.units.advance(earlier.ends);
  return { state: new Map([...state, ...earlier.ends]), adopted: earlier.runId };
}
