// Defines how a job declares where its rows come from.
import type { MillraceError } from "../errors/errors.ts";
import type { OneOf } from "../one-of.ts";
import type { CursorFormats } from "./cursor-value.ts";
import type { Variables } from "./variables.ts";
import type { TopicRange } from "../stream/topic-reader.ts";
import type { Window } from "../schedule/window.ts";
import type { WatermarkValue } from "./watermark.ts";

/** Kind of source → what a job says of such a source; the kinds themselves add to this interface (`data/sources`). */
export interface SourceKinds {}

/** Exactly one kind of source. */
export type Source = OneOf<SourceKinds>;

/** What a source without a single row means: an error, a warning, or nothing special. */
export type EmptyPolicy = "fail" | "warn" | "ok";

/** A part of a source that is read on its own, such as a day or an account. */
export interface SourceUnit {
  /** Identifies the unit; empty when there is one alone. */
  readonly key: string;
  /** What `{{…}}` in the source stands for. */
  readonly variables: Variables;
  /** Rows that were read before although they are as new as this unit's watermark: they are left out when they come again. */
  readonly known?: KnownRows;
}

/** Rows at the end of what was read before. */
export interface KnownRows {
  /** Of the watched field. */
  readonly value: WatermarkValue;
  readonly fingerprints: readonly string[];
}

/** Rows at the end of what was read that are remembered; of more it is known that they are too many. */
export const maxKnownRows = 1_000;

/** A field of rows that is looked at, and how it is written, where it is an instant. */
export interface WatchedField extends CursorFormats {
  readonly name: string;
}

/** Rows of a dataset that requests carry, some with each. */
export interface PayloadReading {
  /** Scope of the variables. */
  readonly name: string;
  readonly dataset: string;
  /** The same for all attempts of a run, so that all of them make the same batches. */
  readonly version: number;
  /** Most rows of a batch. */
  readonly batch: number;
  /** Columns that all rows of a batch have the same values in. */
  readonly by: readonly string[];
  /** Columns whose values order the rows, before all others do. */
  readonly order: readonly string[];
  /** Columns of the rows that are sent. Default: all. */
  readonly fields?: readonly string[];
}

/** What became of a unit. */
export interface UnitOutcome {
  readonly key: string;
  /**
   * `skipped`: a rule of the source says that this one is to be left out · `givenUp`: a person has said that what was sent for it was
   * carried out, so that it is not sent again, and the rows of its answer are lost.
   */
  readonly status: "read" | "skipped" | "failed" | "givenUp";
  readonly rows: number;
  /** The greatest value of the field that the source reads on by. */
  readonly maximum?: WatermarkValue;
  /** The rows that have it, as far as they are few. */
  readonly newest?: KnownRows;
  /** Why it failed, or was given up. */
  readonly error?: MillraceError;
}

/** How a source with variables is read. */
export interface SourceReading {
  /** Default: one without variables. A unit that fails leaves the others unless `isWhole`; when all fail, the first error is thrown. */
  readonly units?: readonly SourceUnit[];
  /** Each unit is read once for each batch of these rows. */
  readonly payload?: PayloadReading;
  /** What requests do there, where the job says so. Default: it follows from their method. */
  readonly effect?: "reads" | "writes";
  /** Whether a unit that fails fails all of them. Default false. */
  readonly isWhole?: boolean;
  /** Units that are read at once. Default 1. */
  readonly concurrency?: number;
  /** When the run began to read, the same for all its attempts. Default: attempts know nothing of each other. */
  readonly sinceMs?: number;
  /** A unit with fewer rows fails. Default 0. */
  readonly minRows?: number;
  /** Field of rows whose greatest value is wanted of each unit. */
  readonly watch?: WatchedField;
  /** The parts of time that are read, where units are such: what the mode `delete_insert` replaces. Default: the window of the run. */
  readonly covers?: { readonly windows: readonly Window[]; readonly timezone: string };
  /** Of a source of changes: versions of its table, after the first up to the second. Default: all since its beginning. */
  readonly changes?: { readonly after?: number; readonly upTo: number };
  /** Of a source of records: which of them. Default: all that are there. */
  readonly ranges?: readonly TopicRange[];
  /** How many rows are enough, for a sample; a source may give more. Default: all. */
  readonly rowsWanted?: number;
  /** Scopes of variables whose values are in no message. */
  readonly secretScopes?: readonly string[];
  /** Takes what is to be done when the rows are published, or never will be; it throws nothing. Default: it is left undone. */
  afterwards?(work: () => Promise<void>): void;
  /** Called when all units were read and before anything is published. */
  onRead?(outcomes: readonly UnitOutcome[]): Promise<void>;
}
