// A schedule as the store holds it, read again by a process that may be of another release.
import { z } from "zod";
import {
  missedPolicies,
  overlapPolicies,
  type Schedule,
  scheduleParamsSchema,
  type ScheduleTiming,
} from "./schedule.ts";
import { parseCron } from "./schedule-cron.ts";
import { parseTimeZone } from "./time-zone.ts";

/** A definition as the store holds it, or `undefined` when it is of a form that this process does not know. */
export function parseScheduleDefinition(definition: unknown): Schedule | undefined {
  const parsed = scheduleSchema.safeParse(definition);
  if (!parsed.success) return undefined;
  try {
    const { timing } = parsed.data;
    if (timing.kind === "cron") {
      parseCron(timing.cron);
      parseTimeZone(timing.timezone);
    }
    return parsed.data;
  } catch {
    // Another release may know other zones and fields.
    return undefined;
  }
}

/** A timing as it was saved beside a schedule; `undefined` for one that this process does not know. */
export function parseScheduleTiming(timing: unknown): ScheduleTiming | undefined {
  return timingSchema.safeParse(timing).data;
}

const positiveMs = z.int().positive();

const timingSchema: z.ZodType<ScheduleTiming> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("cron"), cron: z.string(), timezone: z.string() }),
  z.strictObject({ kind: z.literal("interval"), everyMs: positiveMs, anchorMs: z.int() }),
  z.strictObject({
    kind: z.literal("datasets"),
    datasets: z.array(z.string()).readonly(),
    any: z.boolean(),
    everyMs: positiveMs,
  }),
  z.strictObject({ kind: z.literal("files"), path: z.string(), everyMs: positiveMs }),
]);

const scheduleSchema: z.ZodType<Schedule> = z.strictObject({
  version: z.literal(1),
  timing: timingSchema,
  fastRecoveryMs: positiveMs.nullable(),
  missed: z.enum(missedPolicies),
  maxAgeMs: positiveMs.nullable(),
  overlap: z.enum(overlapPolicies),
  dependencies: z.array(z.string()),
  jitterMs: z.int().nonnegative(),
  window: z.boolean(),
  params: scheduleParamsSchema,
});
