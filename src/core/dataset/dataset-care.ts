// Defines what can be done for the tables of a dataset without a change of its rows.
import type { Duration } from "../duration.ts";

/** How files that nobody needs any more are deleted. */
export interface VacuumOptions {
  /** For how long versions stay readable. Default: what the table says. */
  readonly retain?: Duration | undefined;
  /** Goes below what the table says. Whoever reads an older version meanwhile loses it. */
  readonly force?: boolean | undefined;
  /** Tells what would go, and deletes nothing. */
  readonly dryRun?: boolean | undefined;
}

/** What was deleted, or would be. */
export interface VacuumResult {
  readonly deletedFiles: number;
  readonly deletedBytes: number;
  /** Files of the logs of tables, which a checkpoint stands for. */
  readonly deletedLogFiles: number;
  readonly retained: Duration;
  readonly dryRun: boolean;
}

/** How the rows of a table are written again into better files. */
export interface OptimizeOptions {
  /** Columns by which the rows of each partition are sorted, so that a query for some of their values reads few files. */
  readonly sort?: readonly string[] | undefined;
  /** How large files are to become, a number with a unit. Default `128MB`. */
  readonly targetSize?: string | undefined;
  /** Tells which files would be written again, and changes nothing. */
  readonly dryRun?: boolean | undefined;
}

/** What was written again, or would be. */
export interface OptimizeResult {
  readonly removedFiles: number;
  readonly removedBytes: number;
  readonly addedFiles: number;
  readonly addedBytes: number;
  /** Files that somebody changed meanwhile, which stay as they are. */
  readonly skippedFiles: number;
  readonly dryRun: boolean;
}
