// Schedules on the wire.
import type { Instant, PageQuery, RunIdText } from "./page.ts";

export interface ScheduleView {
  readonly job_name: string;
  /** Whether the server's project has it; otherwise the server does not fire it. */
  readonly defined: boolean;
  /** `0 6 * * 1-5 Europe/Berlin`, `every 4h`. */
  readonly timing: string;
  readonly timezone: string | null;
  readonly paused: boolean;
  readonly paused_by: string | null;
  /** Null while it is paused, and when it is not defined. */
  readonly next_fire_at: Instant | null;
  readonly last_fire_at: Instant | null;
  readonly last_run_id: RunIdText | null;
  readonly overlap: string;
  readonly missed: string;
  readonly dependencies: readonly string[];
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
