// Checkpoints and watermarks: what a job remembers, as a person may see and change it.
import type { RunState } from "../core/job/run-state.ts";
import type { Instant, JsonValue, Page, PageQuery, RunIdText } from "./page.ts";

export interface Checkpoint {
  readonly run_id: RunIdText;
  readonly state: RunState;
  /** Newest first, at most three. */
  readonly versions: readonly {
    readonly version: number;
    /** Null when its checksum does not hold. */
    readonly data: JsonValue;
    readonly readable: boolean;
    readonly saved_at: Instant;
  }[];
}

/** Becomes the newest version. The run must not execute. */
export interface PutCheckpoint {
  readonly run_id: RunIdText;
  /** The newest version that the caller saw. 409 when there is a newer one. */
  readonly version: number;
  readonly data: JsonValue;
  readonly reason: string;
  readonly preview?: boolean;
}

export interface CheckpointChange {
  readonly before: JsonValue;
  readonly after: JsonValue;
  readonly differences: readonly { readonly path: string; readonly before: JsonValue; readonly after: JsonValue }[];
  /** Null for a preview. */
  readonly version: number | null;
}

export interface Watermark {
  /** A job may have several, such as one for each table. */
  readonly name: string;
  readonly tenant: string;
  readonly version: number;
  readonly value: string | number;
  readonly updated_at: Instant;
  /** Newest first, at most 50. */
  readonly history: readonly WatermarkVersion[];
  /** Whether the newest version is a change of a person that can be taken back. */
  readonly can_undo: boolean;
}

/** What a source is read in: a row of an activation, or the source itself, with all its parts of time. */
export interface JobUnit {
  /** Empty for a source that is one unit. */
  readonly key: string;
  readonly tenant: string;
  /** Parts of time that were read, half-open and merged; what is between two of them was not. */
  readonly ranges: readonly { readonly from: Instant; readonly to: string }[];
  /** How far it was read, where it has no parts: an instant, a cursor, or when it was read. */
  readonly value: string | number | null;
  readonly last_run_id: RunIdText | null;
  readonly last_read_at: Instant | null;
  /** It failed since, was never read, has a hole, or was read less far than another unit. */
  readonly is_behind: boolean;
  /** The newest failure of a part that was not read since. */
  readonly error: {
    readonly message: string;
    /** Where the part begins. */
    readonly from: Instant | null;
    readonly run_id: RunIdText;
    readonly at: Instant;
  } | null;
}

/** `q` is in the key. */
export interface UnitsQuery extends PageQuery {
  readonly q?: string;
  readonly state?: "failed" | "behind";
}

/** What is behind comes first. */
export interface UnitPage extends Page<JobUnit> {
  /** Of all units of the job, whatever is asked for. */
  readonly summary: {
    readonly units: number;
    readonly failed: number;
    /** With those that failed. */
    readonly behind: number;
    /** How far the units with parts of time are read, at least and at most. */
    readonly read_to: string | null;
    readonly furthest: string | null;
  };
}

/** `q` is in the name. */
export interface WatermarksQuery extends PageQuery {
  readonly q?: string;
}

export interface WatermarkVersion {
  readonly version: number;
  readonly value: string | number;
  readonly at: Instant;
  /** A run, or a person. */
  readonly run_id: RunIdText | null;
  readonly by: string | null;
  readonly reason: string | null;
}

export interface PutWatermark {
  readonly name: string;
  readonly tenant?: string;
  /** The version that the caller saw. 409 when there is a newer one. */
  readonly version: number;
  readonly value: string | number;
  readonly reason: string;
  readonly preview?: boolean;
}

export interface UndoWatermark {
  readonly name: string;
  readonly tenant?: string;
  readonly version: number;
  readonly reason?: string;
}

export interface WatermarkChange {
  readonly name: string;
  readonly before: string | number;
  readonly after: string | number;
  /** `rewind` reads again what was read, `skip` leaves out what was not. */
  readonly direction: "rewind" | "skip" | "none";
  /** Runs that moved it over the range between the two values, newest first, at most 50: what they read is read again. */
  readonly affected_runs: readonly {
    readonly run_id: RunIdText;
    readonly from: string | number | null;
    readonly to: string | number;
    readonly at: Instant;
  }[];
  readonly affected_datasets: readonly string[];
  /** Null for a preview. */
  readonly version: number | null;
}
