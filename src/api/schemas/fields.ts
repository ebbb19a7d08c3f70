// Fields that many routes have in common, each bounded: what is too long or too many is refused before anybody reads it.
import { z } from "zod";
import type { RunReason, RunState } from "../../core/job/run-state.ts";
import type { JsonValue, Page } from "../page.ts";

/** `r42`. */
export const runIdField: z.ZodType<string> = z
  .string()
  .regex(/^r[1-9]\d{0,14}$/, "expected a run id like `r42`")
  .meta({ examples: ["r42"] });

/** Name of a job or pipeline. Runs may be of jobs that nobody defines any more, and of backfills, `backfill:<name>`. */
export const jobNameField: z.ZodType<string> = z
  .string()
  .min(1)
  .max(200)
  .meta({ examples: ["daily_sales"] });

/** ISO 8601 with a time zone; `2026-03-01T06:00:00.000Z`. */
export const instantField: z.ZodType<string> = z.iso
  .datetime({ offset: true })
  .max(40)
  .meta({ examples: ["2026-03-01T06:00:00.000Z"] });

/** A date or an instant, as windows take it. */
export const windowEdgeField: z.ZodType<string> = z
  .string()
  .min(4)
  .max(40)
  .meta({ examples: ["2026-03-01"] });

export const windowField: z.ZodType<{ from: string; to: string }> = z.strictObject({
  from: windowEdgeField,
  to: windowEdgeField,
});

/** What a person says why; part of the history and the audit. */
export const reasonField: z.ZodType<string> = z.string().max(500).describe("why, for the history and the audit");

/** Plain text to look for. */
export const searchTextField: z.ZodType<string> = z.string().max(200).describe("plain text, whatever its case");

/** Opaque; of the page before. */
export const cursorField: z.ZodType<string> = z.string().min(1).max(8_000).describe("`next_cursor` of the page before");

/** 1 to 500, in a query. */
export const limitField: z.ZodType<number> = z.coerce.number().int().min(1).max(500).describe("default 50");

/** Several values separated by commas. */
export const commaListField: z.ZodType<string> = z.string().min(1).max(2_000).describe("separated by commas");

/** `true` or `false`, in a query. */
export const queryBooleanField: z.ZodType<boolean> = z.enum(["true", "false"]).transform((text) => text === "true");

/** Any JSON. */
export const jsonField: z.ZodType<JsonValue> = z.any();

/** Params of a run by name. */
export const paramsField: z.ZodType<Readonly<Record<string, JsonValue>>> = z.record(z.string().max(200), jsonField);

/** In the order in which screens list them. */
export const runStates: readonly RunState[] = ["NOT_STARTED", "PENDING", "RUNNING", "FINISHED", "ERROR", "PAUSED"];

export const runStateField: z.ZodType<RunState> = z.enum(runStates).meta({ id: "RunState" });

export const runReasonField: z.ZodType<RunReason> = z.enum([
  "scheduled",
  "waiting_upstream",
  "waiting_retry",
  "waiting_poll",
  "partial",
  "skipped",
  "cancelled",
  "upstream_failed",
  "failed",
  "checks_failed",
  "timed_out",
  "stopped",
  "force_stopped",
  "lost",
]);

/** Whole numbers of a query. */
export function integerField(minimum: number, maximum: number): z.ZodType<number> {
  return z.coerce.number().int().min(minimum).max(maximum);
}

/** Path parameters of a route about a job. */
export const jobParams: z.ZodType<{ job_name: string }> = z.strictObject({ job_name: jobNameField });

/** Path parameters of a route about a run. */
export const runParams: z.ZodType<{ run_id: string }> = z.strictObject({ run_id: runIdField });

/** Adds the fields of a page to those of a query. */
export const pageQueryFields: {
  readonly cursor: z.ZodExactOptional<z.ZodType<string>>;
  readonly limit: z.ZodExactOptional<z.ZodType<number>>;
} = { cursor: z.exactOptional(cursorField), limit: z.exactOptional(limitField) };

/** A page of a list. */
export function pageOf<Item>(item: z.ZodType<Item>): z.ZodType<Page<Item>> {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}

/** A list that needs no pages. */
export function listOf<Item>(item: z.ZodType<Item>): z.ZodType<{ readonly items: readonly Item[] }> {
  return z.object({ items: z.array(item) });
}
