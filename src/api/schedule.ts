// Schedules on the wire.
import type { Instant, PageQuery, RunIdText } from "./page.ts";

export interface ScheduleView {
  readonly job_name: string;
  /** Whether the server's project has it; otherwise the server does not fire it. */
  readonly defined: boolean;
  /** `0 6 * * 1-5 Europe/Berlin`, `every 4h`, `after orders and customers`, `for files inbox/*.csv`. */
  readonly timing: string;
  readonly timezone: string | null;
  readonly paused: boolean;
  readonly paused_by: string | null;
  /** Null while it is paused, when it is not defined, and for one that waits for something. */
  readonly next_fire_at: Instant | null;
  readonly last_fire_at: Instant | null;
  readonly last_run_id: RunIdText | null;
  readonly overlap: string;
  /** Null for one that waits for something: no instant can be missed. */
  readonly missed: string | null;
  readonly dependencies: readonly string[];
  /** Null for one that fires by time. */
  readonly trigger: TriggerView | null;
  /** What holds it back although it is due, or all has come that it waits for. */
  readonly held_by: readonly {
    readonly job_name: string;
    /** A run of its own; null for one of its `dependencies`. */
    readonly run_id: RunIdText | null;
    readonly because: "unfinished" | "failed" | "not_run";
  }[];
}

/** What a schedule waits for, and what of it has come. */
export interface TriggerView {
  /** In a few words with the schedule as their subject: "waits for `orders`". */
  readonly summary: string;
  /** Empty for one that waits for files. */
  readonly datasets: readonly {
    readonly dataset: string;
    /** The latest one; null where there is none. */
    readonly version: number | null;
    /** The latest one at its last fire. */
    readonly seen_version: number | null;
    /** Whether it came since. */
    readonly is_new: boolean;
  }[];
  /** Whether one of the datasets is enough. */
  readonly any: boolean;
  /** As the last look left it. Null for one that waits for datasets. */
  readonly files: {
    readonly path: string;
    /** Files that are there and were fired for. */
    readonly taken: number;
    /** Files that fire when they are the same at the next look; at most 20 are named. */
    readonly arriving: readonly string[];
    readonly arriving_count: number;
  } | null;
  /** Whether all datasets came that it waits for. */
  readonly has_come: boolean;
  readonly look_every_ms: number;
  /** When a scheduler last looked; null for one that is new or changed. */
  readonly looked_at: Instant | null;
}

export interface PutSchedule {
  readonly paused: boolean;
  /** What the caller saw. 409 when it is not so any more. */
  readonly was_paused?: boolean;
  readonly reason?: string;
}

/** `filled`: another run, named beside it, had the window already. */
export type FireDecision = "run" | "missed" | "overlapped" | "filled";

export interface FiresQuery extends PageQuery {}

export interface Fire {
  readonly fire_at: Instant;
  readonly decision: FireDecision;
  readonly run_id: RunIdText | null;
  readonly fired_at: Instant;
  /** What it was for; null for an instant of time. */
  readonly cause: {
    readonly datasets: readonly { readonly dataset: string; readonly version: number }[];
    /** At most 20. */
    readonly files: readonly string[];
    readonly file_count: number;
  } | null;
}

/** 1 to 1,000; default 10. */
export interface NextFiresQuery {
  readonly count?: number;
}

/** When a schedule fires next, whether or not it is paused. */
export interface NextFires {
  readonly job_name: string;
  /** Whether the server's project has it; otherwise nobody fires it, and there are none. */
  readonly defined: boolean;
  readonly paused: boolean;
  readonly paused_by: string | null;
  readonly items: readonly Instant[];
}

/** At most 31 days. */
export interface CalendarQuery {
  readonly from?: Instant;
  readonly to?: Instant;
  readonly job?: string;
}

export interface Calendar {
  readonly from: Instant;
  readonly to: Instant;
  /** By time, at most 5,000; past ones are fires that happened. */
  readonly fires: readonly {
    readonly job_name: string;
    readonly at: Instant;
    /** In the schedule's zone, `2026-03-29 03:30`. */
    readonly local: string;
    readonly timezone: string;
    readonly decision: FireDecision | null;
    readonly run_id: RunIdText | null;
    /** The clock of the zone changes that day and moves or doubles this fire. */
    readonly dst: "moved" | "repeated" | null;
  }[];
  /** Changes of the clock in the range. */
  readonly transitions: readonly {
    readonly timezone: string;
    readonly at: Instant;
    readonly offset_before_min: number;
    readonly offset_after_min: number;
  }[];
  readonly truncated: boolean;
}
