// Schedules as people see them: what fires when, what has fired, and which fires the clocks of their zones move.
import type { Page } from "../../../api/page.ts";
import type { Fire, NextFires, ScheduleView } from "../../../api/schedule.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { parseScheduleDefinition } from "../../../core/schedule/schedule-definition.ts";
import { listFires as findFires } from "../../../core/schedule/schedule-fires.ts";
import { assertRemovable, isScheduled } from "../../../orchestrator/scheduling/is-scheduled.ts";
import type { ScheduleRecord } from "../../../store/schedules/schedule-store.ts";
import { loadCalendar } from "../../views/calendar.ts";
import type { CallContext, CallInput, Handlers } from "../../handler.ts";
import { requestInvalid } from "../../request-invalid.ts";
import { requireJobName } from "../../require-job.ts";
import type { ServerServices } from "../../server-services.ts";
import { toInstant } from "../../views/to-instant.ts";
import { toRange } from "../../views/to-range.ts";
import { loadScheduleView, loadScheduleViews, toFireView } from "./to-schedule.ts";

const dayMs = 86_400_000;
const longestMs = 31 * dayMs;
const defaultFires = 50;
const defaultNextFires = 10;
/** A fire on the 29th of February is at most eight years away. */
const farthestMs = 9 * 366 * dayMs;

export function createScheduleHandlers(
  services: ServerServices,
): Handlers<"listSchedules" | "putSchedule" | "removeSchedule" | "listFires" | "listNextFires" | "showCalendar"> {
  const { store } = services;
  return {
    listSchedules: async () => ({ items: await loadScheduleViews(services, await store.listSchedules()) }),
    async removeSchedule({ params: { job_name: job } }) {
      await requireSchedule(services, job);
      assertRemovable(services.definitions(), job);
      await store.removeSchedule(job);
      return null;
    },
    putSchedule: (input, context) => putSchedule(services, input, context),
    listFires: (input) => listFires(services, input),
    listNextFires: (input) => listNextFires(services, input),
    async showCalendar({ query: { from, to, job } }) {
      if (job !== undefined) await requireJobName(services, job);
      const nowMs = await store.readClockMs();
      const fromMs = from === undefined ? nowMs : Date.parse(from);
      const range = toRange(
        { from, to },
        { defaults: { fromMs: nowMs, toMs: fromMs + 7 * dayMs }, longestMs, names: ["from", "to"] },
      );
      return await loadCalendar(store, {
        ...range,
        nowMs,
        job,
        fires: (name) => isScheduled(services.definitions(), name),
      });
    },
  };
}

async function putSchedule(
  services: ServerServices,
  { params: { job_name: job }, body: { paused, was_paused: wasPaused } }: CallInput<"putSchedule">,
  { caller }: CallContext,
): Promise<ScheduleView> {
  const { store } = services;
  const schedule = await requireSchedule(services, job);
  if (wasPaused !== undefined && wasPaused !== schedule.paused) throw changedMeanwhile(schedule);
  // Whoever paused it first stays named.
  if (paused !== schedule.paused) await store.pauseSchedule(job, paused, caller.name);
  return await loadScheduleView(services, await requireSchedule(services, job));
}

async function listFires(
  services: ServerServices,
  { params: { job_name: job }, query: { cursor, limit = defaultFires } }: CallInput<"listFires">,
): Promise<Page<Fire>> {
  const fires = await services.store.listFires(job, parseCursor(cursor), limit + 1);
  // Fires stay when their schedule is gone.
  if (fires.length === 0 && cursor === undefined) await requireSchedule(services, job);
  const shown = fires.slice(0, limit);
  return {
    items: shown.map(toFireView),
    next_cursor: fires.length > limit ? String(shown.at(-1)?.fireAtMs) : null,
  };
}

async function listNextFires(
  services: ServerServices,
  { params: { job_name: job }, query: { count = defaultNextFires } }: CallInput<"listNextFires">,
): Promise<NextFires> {
  const record = await requireSchedule(services, job);
  const defined = isScheduled(services.definitions(), job);
  const schedule = parseScheduleDefinition(record.definition);
  const nowMs = await services.store.readClockMs();
  const fires = schedule === undefined || !defined ? [] : findFires(schedule.timing, nowMs, nowMs + farthestMs, count);
  return {
    job_name: job,
    defined,
    paused: record.paused,
    paused_by: record.pausedBy ?? null,
    items: fires.map(toInstant),
  };
}

/** @throws MillraceError `JOB_UNKNOWN` | `THING_UNKNOWN` when the job has no schedule */
async function requireSchedule(services: ServerServices, job: string): Promise<ScheduleRecord> {
  const found = (await services.store.listSchedules()).find(({ name }) => name === job);
  if (found !== undefined) return found;
  await requireJobName(services, job);
  throw new MillraceError("THING_UNKNOWN", `job \`${job}\` has no schedule`, {
    hint: "give it one with `schedule` in its definition; a scheduler then takes it up",
  });
}

function parseCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw requestInvalid({ path: "query.cursor", message: "expected `next_cursor` of another page of this list" });
}

function changedMeanwhile({ name, paused, pausedBy }: ScheduleRecord): MillraceError {
  const now = paused ? `was paused by ${pausedBy ?? "somebody"}` : "is not paused any more";
  return new MillraceError("VERSION_CONFLICT", `the schedule of \`${name}\` ${now}`, {
    hint: "look at it again and decide anew",
  });
}
