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

const trigger = z
  .object({
    summary: z.string().describe("what it waits for, with the schedule as the subject"),
    datasets: z.array(
      z.object({
        dataset: z.string(),
        version: z.int().nullable(),
        seen_version: z.int().nullable().describe("the latest one at its last fire"),
        is_new: z.boolean(),
      }),
    ),
    any: z.boolean().describe("whether one of the datasets is enough"),
    files: z
      .object({
        path: z.string(),
        taken: z.int().describe("files that are there and were fired for"),
        arriving: z.array(z.string()).describe("fire when they are the same at the next look; at most 20 are named"),
        arriving_count: z.int(),
      })
      .nullable(),
    has_come: z.boolean(),
    look_every_ms: z.number(),
    looked_at: nullableInstant,
  })
  .meta({ id: "Trigger" });

const schedule = z
  .object({
    job_name: z.string(),
    defined: z.boolean().describe("whether the server's project has it; otherwise the server does not fire it"),
    timing: z.string(),
    timezone: z.string().nullable(),
    paused: z.boolean(),
    paused_by: z.string().nullable(),
    next_fire_at: nullableInstant.describe(
      "null while it is paused, when it is not defined, and for one that waits for something",
    ),
    last_fire_at: nullableInstant,
    last_run_id: runIdField.nullable(),
    overlap: z.string(),
    missed: z.string().nullable().describe("null for one that waits for something: no instant can be missed"),
    dependencies: z.array(z.string()),
    trigger: trigger.nullable().describe("null for one that fires by time"),
    held_by: z
      .array(
        z.object({
          job_name: z.string(),
          run_id: runIdField.nullable(),
          because: z.enum(["unfinished", "failed", "not_run"]),
        }),
      )
      .describe("what holds it back although it is due, or all has come that it waits for"),
  })
  .meta({ id: "Schedule" });

const fire = z
  .object({
    fire_at: instantField,
    decision,
    run_id: runIdField.nullable(),
    fired_at: instantField,
    cause: z
      .object({
        datasets: z.array(z.object({ dataset: z.string(), version: z.int() })),
        files: z.array(z.string()).describe("at most 20"),
        file_count: z.int(),
      })
      .nullable()
      .describe("what it was for; null for an instant of time"),
  })
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
