// What a declarative job would do now, from the same parts that its run is made of.
import type { SourceUnit } from "../../core/dataset/source.ts";
import type { WatermarkValue } from "../../core/dataset/watermark.ts";
import type { PublishRequest } from "../../core/job/job-context.ts";
import type { JobPlan, PlanContext, PlannedUnit } from "../../core/job/job-plan.ts";
import type { Window } from "../../core/schedule/window.ts";
import { toDatasetOutput } from "../publish/named-request.ts";
import { prepareUnits } from "../units/read-in-units.ts";
import type { UnitOptions } from "../units/unit-options.ts";

/** Of a job whose rows are read at once. */
export async function planWhole(ctx: PlanContext, request: PublishRequest): Promise<JobPlan> {
  return { units: [{ key: "" }], deferred: 0, ...(await ctx.plan(request)) };
}

/** Of a job whose source is read in units. @throws MillraceError `INPUT_INVALID` as its run would */
export async function planInUnits(ctx: PlanContext, options: UnitOptions, request: PublishRequest): Promise<JobPlan> {
  const { reading, deferred, due } = await prepareUnits(ctx, options, toDatasetOutput(request.output));
  const plan = await ctx.plan({ ...request, reading });
  const units = (reading.units ?? []).map((unit) => describeUnit(unit, due.get(unit.key)));
  const notes = units.length === 0 ? ["no unit is due: nothing is sent or published"] : [];
  return { ...plan, units, deferred, notes: [...plan.notes, ...notes] };
}

function describeUnit({ key, variables }: SourceUnit, window: Window | undefined): PlannedUnit {
  const { watermark } = variables;
  const isKnown = window === undefined && (typeof watermark === "string" || typeof watermark === "number");
  return {
    key,
    ...(window === undefined ? {} : { window }),
    ...(isKnown ? { watermark: watermark satisfies WatermarkValue } : {}),
  };
}
