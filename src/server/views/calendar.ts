// Fires of a range by time: what has fired from the store, what will fire from the definitions, and what the clocks of the
// zones do to them.
import { setImmediate } from "node:timers/promises";
import type { Calendar } from "../../api/schedule.ts";
import { formatRunId } from "../../core/run-id.ts";
import { isTrigger, type ScheduleTiming } from "../../core/schedule/schedule.ts";
import { parseScheduleDefinition } from "../../core/schedule/schedule-definition.ts";
import { parseCron } from "../../core/schedule/schedule-cron.ts";
import { nextFire } from "../../core/schedule/schedule-fires.ts";
import { parseTimeZone, type TimeZone } from "../../core/schedule/time-zone.ts";
import type { FireRecord, ScheduleRecord } from "../../store/schedules/schedule-store.ts";
import type { Store } from "../../store/store.ts";
import { toInstant } from "./to-instant.ts";

export interface CalendarRequest {
  /** Half-open. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: number;
  /** Default: all schedules. */
  readonly job: string | undefined;
  /** Whether anybody fires the schedule of that name from now on. */
  readonly fires: (name: string) => boolean;
}

type CalendarFire = Calendar["fires"][number];

const maxFires = 5_000;
const firesInTurn = 500;
const minuteMs = 60_000;
const dayMs = 86_400_000;

/** At most 5,000 fires, the first of the range; `truncated` says whether there are more. */
export async function loadCalendar(
  store: Pick<Store, "listSchedules" | "listFires">,
  request: CalendarRequest,
): Promise<Calendar> {
  const { fromMs, toMs, job } = request;
  const schedules = (await store.listSchedules()).flatMap((record): Known[] => {
    const timing =
      job === undefined || record.name === job ? parseScheduleDefinition(record.definition)?.timing : undefined;
    return timing === undefined ? [] : [{ record, timing, zone: zoneOf(timing) }];
  });
  const past = await loadPast(store, schedules, request);
  const coming = await listComing(schedules, request, maxFires + 1 - Math.min(maxFires, past.fires.length));
  const fires = [...past.fires, ...coming].toSorted((a, b) => a.atMs - b.atMs);
  return {
    from: toInstant(fromMs),
    to: toInstant(toMs),
    fires: fires.slice(0, maxFires).map(toFire),
    transitions: listTransitions(schedules, fromMs, toMs),
    truncated: past.truncated || fires.length > maxFires,
  };
}

interface Known {
  readonly record: ScheduleRecord;
  readonly timing: ScheduleTiming;
  readonly zone: TimeZone;
}

interface KnownFire {
  readonly known: Known;
  readonly atMs: number;
  /** What became of it, once it has fired. */
  readonly fired?: FireRecord;
}

// Steps of elapsed time are in no zone.
function zoneOf(timing: ScheduleTiming): TimeZone {
  return parseTimeZone(timing.kind === "cron" ? timing.timezone : "UTC");
}

async function loadPast(
  store: Pick<Store, "listFires">,
  schedules: readonly Known[],
  { fromMs, toMs, nowMs }: CalendarRequest,
): Promise<{ readonly fires: readonly KnownFire[]; readonly truncated: boolean }> {
  const fires: KnownFire[] = [];
  let truncated = false;
  if (fromMs > nowMs) return { fires, truncated };
  // Schedules that fire often leave room for the others.
  const share = Math.max(100, Math.floor((2 * maxFires) / Math.max(1, schedules.length)));
  for (const known of schedules) {
    const newest = await store.listFires(known.record.name, toMs, share + 1);
    const own = newest.filter(({ fireAtMs }) => fireAtMs >= fromMs);
    truncated ||= own.length > share;
    for (const fired of own.slice(0, share)) fires.push({ known, atMs: fired.fireAtMs, fired });
  }
  return { fires, truncated };
}

// The earliest of all next fires, again and again, so that a schedule of every minute costs no more than the others.
async function listComing(
  schedules: readonly Known[],
  { fromMs, toMs, fires: isFired }: CalendarRequest,
  limit: number,
): Promise<KnownFire[]> {
  const next = schedules.flatMap((known) => {
    const { name, paused, nextFireAtMs } = known.record;
    if (isTrigger(known.timing)) return [];
    const atMs = nextFireAtMs >= fromMs ? nextFireAtMs : nextFire(known.timing, fromMs - 1);
    return paused || !isFired(name) || atMs === undefined || atMs >= toMs ? [] : [{ known, atMs }];
  });
  const fires: KnownFire[] = [];
  while (next.length > 0 && fires.length < limit) {
    let first = 0;
    for (let index = 1; index < next.length; index += 1) {
      if ((next[index]?.atMs ?? Infinity) < (next[first]?.atMs ?? Infinity)) first = index;
    }
    const [earliest] = next.splice(first, 1);
    if (earliest === undefined) break;
    fires.push(earliest);
    const { known, atMs } = earliest;
    // The next fire of an expression takes some 30 µs, and others wait for this thread.
    if (fires.length % firesInTurn === 0) await setImmediate();
    const following = nextFire(known.timing, atMs);
    if (following !== undefined && following < toMs) next.push({ known, atMs: following });
  }
  return fires;
}

function toFire({ known: { record, timing, zone }, atMs, fired }: KnownFire): CalendarFire {
  return {
    job_name: record.name,
    at: toInstant(atMs),
    local: new Date(atMs + zone.offsetMs(atMs)).toISOString().slice(0, 16).replace("T", " "),
    timezone: zone.name,
    decision: fired?.decision ?? null,
    run_id: fired?.runId === undefined ? null : formatRunId(fired.runId),
    dst: timing.kind === "cron" ? describeDst(timing.cron, zone, atMs) : null,
  };
}

/** `moved`: its local time does not exist that day, so it fires right after the gap · `repeated`: it comes twice. */
function describeDst(cron: string, zone: TimeZone, atMs: number): CalendarFire["dst"] {
  const recent = zone.recentTransition(atMs);
  // What a gap swallows fires right at its end; only there is the expression asked again.
  if (recent?.atMs === atMs && recent.toMs > recent.fromMs) {
    const localMs = atMs + recent.toMs;
    return parseCron(cron).nextLocalMs(localMs - 1) === localMs ? null : "moved";
  }
  const back = zone.nextTransition(atMs, atMs + dayMs) ?? recent;
  if (back === undefined || back.toMs >= back.fromMs) return null;
  const repeatedMs = back.fromMs - back.toMs;
  return atMs >= back.atMs - repeatedMs && atMs < back.atMs + repeatedMs ? "repeated" : null;
}

function listTransitions(schedules: readonly Known[], fromMs: number, toMs: number): Calendar["transitions"] {
  const zones = new Map(schedules.map(({ zone }) => [zone.name, zone]));
  const found: { readonly atMs: number; readonly shown: Calendar["transitions"][number] }[] = [];
  for (const zone of zones.values()) {
    let change = zone.nextTransition(fromMs - 1, toMs - 1);
    while (change !== undefined) {
      const { atMs, fromMs: before, toMs: after } = change;
      const offsets = { offset_before_min: before / minuteMs, offset_after_min: after / minuteMs };
      found.push({ atMs, shown: { timezone: zone.name, at: toInstant(atMs), ...offsets } });
      change = zone.nextTransition(atMs, toMs - 1);
    }
  }
  return found.toSorted((a, b) => a.atMs - b.atMs).map(({ shown }) => shown);
}
