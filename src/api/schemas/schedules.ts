// Schemas of schedules, their fires and the calendar.
import { z } from "zod";
import type { SchemasOf } from "../route-schemas.ts";
import {
  instantField,
  integerField,
  jobNameField,
  jobParams,
  listOf,
  pageOf,
  pageQueryFields,
  reasonField,
  runIdField,
} from "./fields.ts";
import { nullableInstant } from "./run-shapes.ts";

const decision = z.enum(["run", "missed", "overlapped", "filled"]);

const schedule = z
  .object({
    job_name: z.string(),
    defined: z.boolean().describe("whether the server's project has it; otherwise the server does not fire it"),
    timing: z.string(),
    timezone: z.string().nullable(),
    paused: z.boolean(),
    paused_by: z.string().nullable(),
    next_fire_at: nullableInstant.describe("null while it is paused, and when it is not defined"),
    last_fire_at: nullableInstant,
    last_run_id: runIdField.nullable(),
    overlap: z.string(),
    missed: z.string(),
    dependencies: z.array(z.string()),
  })
  .meta({ id: "Schedule" });

const fire = z
  .object({ fire_at: instantField, decision, run_id: runIdField.nullable(), fired_at: instantField })
  .meta({ id: "Fire" });

const nextFires = z
  .object({
    job_name: z.string(),
    defined: z.boolean().describe("whether the server's project has it; otherwise nobody fires it"),
    paused: z.boolean(),
    paused_by: z.string().nullable(),
    items: z.array(instantField),
  })
  .meta({ id: "NextFires" });

const calendar = z
  .object({
    from: instantField,
    to: instantField,
    fires: z.array(
      z.object({
        job_name: z.string(),
        at: instantField,
        local: z.string().describe("in the schedule's zone, such as `2026-03-29 03:30`"),
        timezone: z.string(),
        decision: decision.nullable().describe("null for what has not fired yet"),
        run_id: runIdField.nullable(),
        dst: z.enum(["moved", "repeated"]).nullable(),
      }),
    ),
    transitions: z.array(
      z.object({
        timezone: z.string(),
        at: instantField,
        offset_before_min: z.number(),
        offset_after_min: z.number(),
      }),
    ),
    truncated: z.boolean(),
  })
  .meta({ id: "Calendar" });

export const scheduleSchemas: SchemasOf<
  "listSchedules" | "putSchedule" | "removeSchedule" | "listFires" | "listNextFires" | "showCalendar"
> = {
  listSchedules: { response: listOf(schedule) },
  putSchedule: {
    params: jobParams,
    body: z.strictObject({
      paused: z.boolean(),
      was_paused: z.boolean().describe("what the caller saw; 409 when it is not so any more").optional(),
      reason: reasonField.optional(),
    }),
    response: schedule,
  },
  removeSchedule: { params: jobParams, response: z.null() },
  listFires: { params: jobParams, query: z.strictObject(pageQueryFields), response: pageOf(fire) },
  listNextFires: {
    params: jobParams,
    query: z.strictObject({ count: integerField(1, 1_000).describe("default 10").optional() }),
    response: nextFires,
  },
  showCalendar: {
    query: z.strictObject({
      from: instantField.describe("default: now").optional(),
      to: instantField.describe("default: a week later; at most 31 days").optional(),
      job: jobNameField.optional(),
    }),
    response: calendar,
  },
};
