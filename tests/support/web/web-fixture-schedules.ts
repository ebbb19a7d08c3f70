// Schedules, their fires and the calendar as the fixture server shows them.
import type { Calendar, Fire, ScheduleView } from "../../../src/api/schedule.ts";
import { sketches } from "./web-fixture-jobs.ts";
import { fixtureNowMs, hour, minutesAgo } from "./web-fixture-time.ts";

const timed: readonly ScheduleView[] = sketches
  .filter(({ everyMin }) => everyMin > 0)
  .map(({ name, everyMin, state }) => ({
    job_name: name,
    defined: true,
    timing:
      everyMin === 24 * hour
        ? "30 2 * * * Europe/Berlin"
        : `every ${everyMin < hour ? `${everyMin}m` : `${everyMin / hour}h`}`,
    timezone: everyMin === 24 * hour ? "Europe/Berlin" : null,
    paused: state === "PAUSED",
    paused_by: state === "PAUSED" ? "ada" : null,
    next_fire_at: minutesAgo(-everyMin + 7),
    last_fire_at: minutesAgo(8),
    last_run_id: "r4210",
    overlap: "skip",
    missed: "latest",
    dependencies: name === "sleep_job" ? ["github_job", "jira_job"] : [],
    trigger: null,
    held_by: name === "sleep_job" ? [{ job_name: "jira_job", run_id: null, because: "failed" as const }] : [],
  }));

const triggered: readonly ScheduleView[] = [
  {
    ...triggerOf("margin_report", "after load_orders_rows and load_customers_rows"),
    trigger: {
      summary: "waits for `load_customers_rows`; 1 of 2 came",
      datasets: [
        { dataset: "load_orders_rows", version: 42, seen_version: 41, is_new: true },
        { dataset: "load_customers_rows", version: 17, seen_version: 17, is_new: false },
      ],
      any: false,
      files: null,
      has_come: false,
      look_every_ms: 5_000,
      looked_at: minutesAgo(0.05),
    },
  },
  {
    ...triggerOf("load_deliveries", "for files inbox/deliveries-of-all-shops-*.csv"),
    trigger: {
      summary: "waits for files `inbox/deliveries-of-all-shops-*.csv`; 2 are arriving",
      datasets: [],
      any: false,
      files: {
        path: "inbox/deliveries-of-all-shops-*.csv",
        taken: 1_284,
        arriving: ["inbox/deliveries-of-all-shops-2026-11-20.csv", "inbox/deliveries-of-all-shops-2026-11-21.csv"],
        arriving_count: 2,
      },
      has_come: false,
      look_every_ms: 60_000,
      looked_at: minutesAgo(0.4),
    },
    held_by: [{ job_name: "load_deliveries", run_id: "r4210", because: "unfinished" }],
  },
];

function triggerOf(job: string, timing: string): Omit<ScheduleView, "trigger"> {
  return {
    job_name: job,
    defined: true,
    timing,
    timezone: null,
    paused: false,
    paused_by: null,
    next_fire_at: null,
    last_fire_at: minutesAgo(95),
    last_run_id: "r4203",
    overlap: "queue_one",
    missed: null,
    dependencies: [],
    held_by: [],
  };
}

export const schedules: readonly ScheduleView[] = [...timed, ...triggered];

export const fires: readonly Fire[] = Array.from({ length: 20 }, (_, index) => ({
  fire_at: minutesAgo(index * 240),
  cause:
    index === 1
      ? { datasets: [{ dataset: "load_orders_rows", version: 41 }], files: [], file_count: 0 }
      : index === 2
        ? { datasets: [], files: ["inbox/a.csv"], file_count: 12 }
        : null,
  decision: index === 3 ? "missed" : index === 6 ? "overlapped" : "run",
  run_id: index === 3 || index === 6 ? null : `r${4200 - index}`,
  fired_at: minutesAgo(index * 240 - 0.01),
}));

/** The calendar of the range that is asked for. */
export function calendar(from: string | undefined, to: string | undefined): Calendar {
  const fromMs = from === undefined ? fixtureNowMs - 3 * 86_400_000 : Date.parse(from);
  const toMs = to === undefined ? fromMs + 7 * 86_400_000 : Date.parse(to);
  const days = Math.max(1, Math.min(31, Math.round((toMs - fromMs) / 86_400_000)));
  return {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    fires: Array.from({ length: days }, (_, day) => {
      const atMs = fromMs + day * 86_400_000 + 90 * 60_000;
      const isPast = atMs < fixtureNowMs;
      return {
        job_name: "shop_nightly",
        at: new Date(atMs).toISOString(),
        local: new Date(atMs + 3_600_000).toISOString().slice(0, 16).replace("T", " "),
        timezone: "Europe/Berlin",
        decision: isPast ? (day === 1 ? ("missed" as const) : ("run" as const)) : null,
        run_id: isPast && day !== 1 ? `r${4100 + day}` : null,
        dst: day === 2 ? ("moved" as const) : null,
      };
    }),
    transitions: [
      {
        timezone: "Europe/Berlin",
        at: new Date(fromMs + 2 * 86_400_000 + 60 * 60_000).toISOString(),
        offset_before_min: 60,
        offset_after_min: 120,
      },
    ],
    truncated: false,
  };
}
