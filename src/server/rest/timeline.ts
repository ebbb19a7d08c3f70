// Runs as bars in the past, and what the schedules will start with how long it usually takes.
import type { Timeline } from "../../api/control.ts";
import { formatRunId } from "../../core/run-id.ts";
import { isTrigger } from "../../core/schedule/schedule.ts";
import { parseScheduleDefinition } from "../../core/schedule/schedule-definition.ts";
import { listFires } from "../../core/schedule/schedule-fires.ts";
import { isScheduled } from "../../orchestrator/scheduling/is-scheduled.ts";
import type { RunBar } from "../../store/browse/browse-store.ts";
import type { ScheduleRecord } from "../../store/schedules/schedule-store.ts";
import type { Handlers } from "../handler.ts";
import { jobHistoryOf } from "../views/job-history.ts";
import type { ServerServices } from "../server-services.ts";
import { toInstant, toInstantOrNull } from "../views/to-instant.ts";
import { toRange } from "../views/to-range.ts";

const hourMs = 3_600_000;
const longestMs = 31 * 24 * hourMs;
const maxBars = 2_000;
const maxFires = 2_000;
/** A schedule of every second would leave no room for the others. */
const maxFiresOfSchedule = 200;

/** Without a range the last and the next 12 hours. */
export function createTimelineHandlers({ store, definitions }: ServerServices): Handlers<"showTimeline"> {
  const isFired = ({ name, paused }: ScheduleRecord): boolean => !paused && isScheduled(definitions(), name);
  return {
    async showTimeline({ query: { from, to } }) {
      const nowMs = await store.readClockMs();
      const { fromMs, toMs } = toRange(
        { from, to },
        {
          defaults: { fromMs: nowMs - 12 * hourMs, toMs: nowMs + 12 * hourMs },
          longestMs,
          names: ["from", "to"],
        },
      );
      // One more than is shown tells whether there are more.
      const bars =
        fromMs >= nowMs ? [] : await store.listBars({ fromMs, toMs: Math.min(toMs, nowMs + 1), limit: maxBars + 1 });
      const fires =
        toMs <= nowMs
          ? []
          : listComingFires((await store.listSchedules()).filter(isFired), Math.max(fromMs, nowMs), toMs);
      const shown = fires.slice(0, maxFires);
      const pastOf = await jobHistoryOf(store).durationsOf(shown.map(({ job }) => job));
      return {
        from: toInstant(fromMs),
        to: toInstant(toMs),
        now: toInstant(nowMs),
        bars: bars.slice(0, maxBars).map(toBar),
        fires: shown.map(({ job, atMs }) => ({
          job_name: job,
          at: toInstant(atMs),
          expected_ms: pastOf(job)?.p50Ms ?? null,
        })),
        truncated: bars.length > maxBars || fires.length > maxFires,
      };
    },
  };
}

interface ComingFire {
  readonly job: string;
  readonly atMs: number;
}

/** By time. A schedule that is late fires as soon as a scheduler looks, which is now. */
function listComingFires(schedules: readonly ScheduleRecord[], fromMs: number, toMs: number): readonly ComingFire[] {
  const fires: ComingFire[] = [];
  for (const { name, definition, nextFireAtMs } of schedules) {
    const schedule = parseScheduleDefinition(definition);
    if (schedule === undefined || isTrigger(schedule.timing) || nextFireAtMs >= toMs) continue;
    if (nextFireAtMs < fromMs) fires.push({ job: name, atMs: fromMs });
    const beginMs = Math.max(fromMs, nextFireAtMs);
    for (const atMs of listFires(schedule.timing, beginMs, toMs, maxFiresOfSchedule)) fires.push({ job: name, atMs });
  }
  return fires.toSorted((a, b) => a.atMs - b.atMs || (a.job < b.job ? -1 : 1));
}

function toBar({ runId, job, state, fromMs, toMs }: RunBar): Timeline["bars"][number] {
  return {
    run_id: formatRunId(runId),
    job_name: job,
    state,
    from: toInstant(fromMs),
    to: toInstantOrNull(toMs),
  };
}
