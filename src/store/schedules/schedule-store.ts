// Schedules as rows. Any number of processes may look for what is due; comparing and setting `nextFireAtMs`, with one row
// for each fire, makes each tick happen once.
import type { RunId } from "../../core/run-id.ts";
import type { RunState } from "../../core/job/run-state.ts";
import type { WindowOverview, WindowQuery } from "../submit/windows.ts";
import type { FillResult, Json, Submission } from "../rows/run-records.ts";

export interface ScheduleStore {
  /** Inserts what is new, updates what changed, and leaves the rest alone; a schedule that a person paused stays paused. */
  saveSchedules(schedules: readonly NewSchedule[]): Promise<void>;
  /** Its fires stay in the history. @returns whether there was one */
  removeSchedule(name: string): Promise<boolean>;
  pauseSchedule(name: string, paused: boolean, by: string): Promise<boolean>;
  listSchedules(): Promise<readonly ScheduleRecord[]>;
  /** Due and unpaused ones, the longest overdue first; `after`, the last one of an earlier answer, goes on behind it. */
  listDueSchedules(
    limit: number,
    after?: Pick<ScheduleRecord, "name" | "nextFireAtMs">,
  ): Promise<readonly DueSchedule[]>;
  /**
   * In how many ms the first unpaused schedule is due that is due after `afterMs` (default: ever), by the clock of the store;
   * `undefined` without any.
   */
  nextFireInMs(afterMs?: number): Promise<number | undefined>;
  /**
   * Applies each tick whose unpaused schedule still stands where it was seen, all in one transaction; others are left alone
   * and out of the answer. An instant that fired before fires no more. At most 1,000 ticks.
   * @throws MillraceError as `submit` does; then nothing is written
   */
  fire(ticks: readonly ScheduleTick[]): Promise<readonly FiredTick[]>;
  /** Fires of a schedule, newest first. */
  listFires(schedule: string, beforeFireAtMs: number | undefined, limit: number): Promise<readonly FireRecord[]>;
  /** Among the last `lookBack` fires of each of these schedules, those that left their window without a run, newest first; one statement for all. */
  listSkippedFires(schedules: readonly string[], lookBack: number): Promise<readonly FireRecord[]>;
  /** What each job or pipeline did last, also as a member of a pipeline; those without a run are left out. */
  listActivity(jobs: readonly string[]): Promise<readonly JobActivity[]>;
  /** Windows within the range for which a job or pipeline has a run that is unfinished or FINISHED, by start. */
  listWindows(query: WindowQuery): Promise<WindowOverview>;
  /**
   * Submits runs that fill windows, those at `positions`, unless one of these windows has a run by now that is unfinished or
   * FINISHED: of the same job, tenant, params and window. Looks and writes under one lock of the job.
   * @throws MillraceError as `submit` does
   */
  fillWindows(submission: Submission, positions: readonly number[]): Promise<FillResult>;
}

export interface NewSchedule {
  /** The name of the job or pipeline it starts. */
  readonly name: string;
  /** The checked definition; its meaning belongs to the scheduler. */
  readonly definition: Json;
  /** First fire of a new or changed definition. */
  readonly nextFireAtMs: number;
}

export interface ScheduleRecord extends NewSchedule {
  readonly paused: boolean;
  readonly pausedBy: string | undefined;
  /** The last instant that made a run. */
  readonly lastFireAtMs: number | undefined;
  readonly lastRunId: RunId | undefined;
  /** When that run was made, which is later than its instant. */
  readonly lastFiredAtMs: number | undefined;
  /** What the scheduler left with the last tick that had something; its meaning belongs to the scheduler. */
  readonly seen: Json | undefined;
  /** When a scheduler last looked and could decide; `undefined` for one that is new or changed. */
  readonly lookedAtMs: number | undefined;
}

export interface DueSchedule extends ScheduleRecord {
  /** The store's time of the look: decisions go by it, not by the clock of the process. */
  readonly seenAtMs: number;
}

/** What the scheduler decided about one due schedule. */
export interface ScheduleTick {
  readonly name: string;
  /** The `nextFireAtMs` that the decision was based on. */
  readonly seenFireAtMs: number;
  readonly nextFireAtMs: number;
  /**
   * What an unfinished root run of that name, whoever started it, does to a tick that would make a run: `skip` turns its
   * runs into `overlapped`, `hold` leaves the schedule as it is, `ignore` (the default) nothing. With `skip` and `hold` a tick
   * makes at most one run.
   */
  readonly whileUnfinished?: "skip" | "hold" | "ignore";
  /** What the schedule has seen, for its next look; its meaning belongs to the scheduler. Default: what it had seen. */
  readonly seen?: Json;
  /** Oldest first. */
  readonly fires: readonly NewFire[];
}

/** One instant of a schedule. `run` has a submission, the others have none. */
export interface NewFire {
  readonly fireAtMs: number;
  readonly decision: FireDecision;
  readonly submission?: Submission;
  /** What it fires for, where that is more than its instant; its meaning belongs to the scheduler. */
  readonly cause?: Json;
}

/**
 * `run`: made a run · `missed`: too late under the policy · `overlapped`: a run before was unfinished · `filled`: another run
 * had its window already, which only the store finds out.
 */
export type FireDecision = "run" | "missed" | "overlapped" | "filled";

export interface FiredTick {
  readonly name: string;
  /** Root runs that it made. */
  readonly runIds: readonly RunId[];
  /** The schedule was left as it is: these root runs are unfinished. */
  readonly heldBy: readonly RunId[];
  /** The store's time of the transaction. */
  readonly firedAtMs: number;
}

export interface FireRecord {
  readonly schedule: string;
  readonly fireAtMs: number;
  readonly decision: FireDecision;
  /** That it made, or that had its window. */
  readonly runId: RunId | undefined;
  /** When it was decided; `firedAtMs - fireAtMs` is the lateness. */
  readonly firedAtMs: number;
  readonly cause: Json | undefined;
}

export interface JobActivity {
  readonly job: string;
  /** Its run with the greatest id. */
  readonly lastRunId: RunId;
  /** How that one ended; `undefined` while it has not. */
  readonly lastState: Extract<RunState, "FINISHED" | "ERROR"> | undefined;
  /** Whether that one FINISHED in part. */
  readonly isPartial: boolean;
  readonly lastFinishedAtMs: number | undefined;
  /** Any of its runs is unfinished. */
  readonly isUnfinished: boolean;
}
