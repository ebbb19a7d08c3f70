// Defines how a job declares where its rows come from.
import type { MillraceError } from "../errors/errors.ts";
import type { Variables } from "./variables.ts";
import type { WatermarkValue } from "./watermark.ts";

/** Kind of source → what a job says of such a source; the kinds themselves add to this interface (`data/sources`). */
export interface SourceKinds {}

/** Exactly one kind of source. */
export type Source = OneOf<SourceKinds>;

/** What is said of one kind, without what is said of the others. */
type OneOf<Kinds> = {
  [Kind in keyof Kinds]: Kinds[Kind] & {
    readonly [Option in Exclude<OptionOf<Kinds[keyof Kinds]>, keyof Kinds[Kind]>]?: never;
  };
}[keyof Kinds];

type OptionOf<Said> = Said extends unknown ? keyof Said : never;

/** What a source without a single row means: an error, a warning, or nothing special. */
export type EmptyPolicy = "fail" | "warn" | "ok";

/** A part of a source that is read on its own, such as a day or an account. */
export interface SourceUnit {
  /** Identifies the unit; empty when there is one alone. */
  readonly key: string;
  /** What `{{…}}` in the source stands for. */
  readonly variables: Variables;
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
  /** `skipped`: a rule of the source says that this one is to be left out. */
  readonly status: "read" | "skipped" | "failed";
  readonly rows: number;
  /** The greatest value of the field that the source reads on by. */
  readonly maximum?: WatermarkValue;
  /** Why it failed. */
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
  /** Field of rows whose greatest value is wanted of each unit. */
  readonly watch?: string;
  /** Scopes of variables whose values are in no message. */
  readonly secretScopes?: readonly string[];
  /** Called when all units were read and before anything is published. */
  onRead?(outcomes: readonly UnitOutcome[]): Promise<void>;
}
