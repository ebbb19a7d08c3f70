// Schedules and their fires on the wire: when each fires, or what it waits for, what of it has come and what holds it back.
import type { Fire, ScheduleView, TriggerView } from "../../../api/schedule.ts";
import { formatRunId } from "../../../core/run-id.ts";
import { describeTiming, isTrigger, type TriggerTiming } from "../../../core/schedule/schedule.ts";
import { describeWait } from "../../../orchestrator/explain/explain-schedule.ts";
import { loadScheduleFacts, type ScheduleFacts } from "../../../orchestrator/explain/schedule-facts.ts";
import { isScheduled } from "../../../orchestrator/scheduling/is-scheduled.ts";
import { readCause } from "../../../orchestrator/scheduling/decide-trigger.ts";
import type { FireRecord, ScheduleRecord } from "../../../store/schedules/schedule-store.ts";
import type { ServerServices } from "../../server-services.ts";
import { toInstant, toInstantOrNull } from "../../views/to-instant.ts";

/** In the order given. */
export async function loadScheduleViews(
  services: ServerServices,
  records: readonly ScheduleRecord[],
): Promise<readonly ScheduleView[]> {
  return (await loadScheduleFacts(services.store, records)).map((facts) => toScheduleView(services, facts));
}

export async function loadScheduleView(services: ServerServices, record: ScheduleRecord): Promise<ScheduleView> {
  const [view] = await loadScheduleViews(services, [record]);
  if (view === undefined) throw new RangeError("one record has one view");
  return view;
}

export function toFireView({ fireAtMs, decision, runId, firedAtMs, cause }: FireRecord): Fire {
  return {
    fire_at: toInstant(fireAtMs),
    decision,
    run_id: runId === undefined ? null : formatRunId(runId),
    fired_at: toInstant(firedAtMs),
    cause: toCause(cause),
  };
}

function toCause(stored: FireRecord["cause"]): Fire["cause"] {
  const cause = readCause(stored);
  if (cause === undefined) return null;
  if ("files" in cause) return { datasets: [], files: cause.files, file_count: cause.count };
  const datasets = Object.entries(cause.datasets).map(([dataset, version]) => ({ dataset, version }));
  return { datasets, files: [], file_count: 0 };
}

function toScheduleView(services: ServerServices, facts: ScheduleFacts): ScheduleView {
  const { record, schedule, holds, unfinished } = facts;
  const { name, paused } = record;
  const defined = isScheduled(services.definitions(), name);
  const trigger = schedule !== undefined && isTrigger(schedule.timing) ? schedule.timing : undefined;
  return {
    job_name: name,
    defined,
    timing: schedule === undefined ? "unknown" : describeTiming(schedule.timing),
    timezone: schedule?.timing.kind === "cron" ? schedule.timing.timezone : null,
    paused,
    paused_by: record.pausedBy ?? null,
    // what waits for something has no next instant that anybody knows
    next_fire_at: paused || !defined || trigger !== undefined ? null : toInstant(record.nextFireAtMs),
    last_fire_at: toInstantOrNull(record.lastFireAtMs),
    last_run_id: record.lastRunId === undefined ? null : formatRunId(record.lastRunId),
    // what comes while a run is unfinished is never left out
    overlap: trigger !== undefined && schedule?.overlap === "skip" ? "queue_one" : (schedule?.overlap ?? "unknown"),
    missed: trigger === undefined ? (schedule?.missed ?? "unknown") : null,
    dependencies: schedule?.dependencies ?? [],
    trigger: trigger === undefined ? null : toTriggerView(facts, trigger),
    held_by: [
      ...holds.map(({ job, because }) => ({ job_name: job, run_id: null, because })),
      ...(unfinished === undefined
        ? []
        : [{ job_name: name, run_id: formatRunId(unfinished), because: "unfinished" as const }]),
    ],
  };
}

/** Files that are named. */
const maxArriving = 20;

function toTriggerView(facts: ScheduleFacts, timing: TriggerTiming): TriggerView {
  const { record, awaited, files, hasCome } = facts;
  return {
    summary: describeWait(facts, timing),
    datasets: awaited.map(({ dataset, version, seenVersion, isNew }) => ({
      dataset,
      version: version ?? null,
      seen_version: seenVersion ?? null,
      is_new: isNew,
    })),
    any: timing.kind === "datasets" && timing.any,
    files:
      timing.kind === "datasets" || files === undefined
        ? null
        : {
            path: timing.path,
            taken: files.taken,
            arriving: files.arriving.slice(0, maxArriving),
            arriving_count: files.arriving.length,
          },
    has_come: hasCome,
    look_every_ms: timing.everyMs,
    looked_at: toInstantOrNull(record.lookedAtMs),
  };
}
