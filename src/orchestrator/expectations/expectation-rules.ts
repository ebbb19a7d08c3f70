// What a project expects in time, and how a rule is read that the store holds.
import { z } from "zod";
import type { Freshness } from "../../core/dataset/freshness.ts";
import { parseScheduleTiming } from "../../core/schedule/schedule-definition.ts";
import type { Sla } from "../../core/schedule/sla.ts";
import type { Json } from "../../store/rows/run-records.ts";

export interface ExpectationRules {
  readonly jobs: ReadonlyMap<string, Sla>;
  readonly datasets: ReadonlyMap<string, Freshness>;
}

const positive = z.int().positive();

const slaShape = z.strictObject({
  version: z.literal(1),
  timing: z.unknown(),
  finishWithinMs: positive.nullable(),
  by: z.strictObject({ cron: z.string(), timezone: z.string() }).nullable(),
});

const freshnessShape = z.strictObject({ version: z.literal(1), withinMs: positive, of: z.string().nullable() });

/** `undefined` for a rule of a form that this process does not know; that is left to the one that does. */
export function parseSla(rule: Json): Sla | undefined {
  const parsed = slaShape.safeParse(rule);
  if (!parsed.success) return undefined;
  const { timing, ...rest } = parsed.data;
  if (timing === null) return { ...rest, timing: null };
  const known = parseScheduleTiming(timing);
  return known === undefined || (known.kind !== "cron" && known.kind !== "interval")
    ? undefined
    : { ...rest, timing: known };
}

/** `undefined` for a rule of a form that this process does not know. */
export function parseFreshness(rule: Json): Freshness | undefined {
  return freshnessShape.safeParse(rule).data;
}
