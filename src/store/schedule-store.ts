// Schedules as rows. Any number of processes may look for what is due; comparing and setting `nextFireAtMs`, with one row
// for each fire, makes each tick happen once.
import type { Json, Submission } from "./run-records.ts";
import type { RunId } from "../core/run-id.ts";

export interface ScheduleStore {
  /** Inserts what is new, updates what changed, and leaves the rest alone; a schedule that a person paused stays paused. */
  saveSchedules(schedules: readonly NewSchedule[]): Promise<void>;
  removeSchedule(name: string): Promise<boolean>;
  pauseSchedule(name: string, paused: boolean, by: string): Promise<boolean>;
  listSchedules(): Promise<readonly ScheduleRecord[]>;
  /** Due ones, the longest overdue first. */
  listDueSchedules(limit: number): Promise<readonly ScheduleRecord[]>;
  /** When the next unpaused schedule is due, or `undefined`. */
  nextFireAtMs(): Promise<number | undefined>;
  /** Applies each tick whose schedule still stands where it was seen, all in one transaction. Others are left alone. */
  fire(ticks: readonly ScheduleTick[]): Promise<readonly FiredTick[]>;
  /** Fires of a schedule, newest first. */
  listFires(schedule: string, beforeFireAtMs: number | undefined, limit: number): Promise<readonly FireRecord[]>;
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
  readonly lastFireAtMs: number | undefined;
  readonly lastRunId: RunId | undefined;
}

/** What the scheduler decided about one due schedule. */
export interface ScheduleTick {
  readonly name: string;
  /** The `nextFireAtMs` that the decision was based on. */
  readonly seenFireAtMs: number;
  readonly nextFireAtMs: number;
  readonly fires: readonly NewFire[];
}

/** One instant of a schedule. Only `run` has a submission; `held` looks again at the tick's `nextFireAtMs` and writes no fire. */
export interface NewFire {
  readonly fireAtMs: number;
  readonly decision: FireDecision;
  readonly submission?: Submission;
  /** Runs ended in the same transaction, for `overlap: "cancel_running"`. */
  readonly stopRunIds?: readonly RunId[];
}

/** `missed`: too late under the policy · `overlapped`: the run before was unfinished. */
export type FireDecision = "run" | "missed" | "overlapped";

export interface FiredTick {
  readonly name: string;
  readonly runIds: readonly RunId[];
}

export interface FireRecord {
  readonly schedule: string;
  readonly fireAtMs: number;
  readonly decision: FireDecision;
  readonly runId: RunId | undefined;
  /** When it was decided; `firedAtMs - fireAtMs` is the lateness. */
  readonly firedAtMs: number;
}
