// Care for the tables of datasets, on the wire. Each is a run, whose result says what was done.
import type { RunIdText } from "../page.ts";

export interface VacuumDataset {
  /** A duration such as `7d`. Default: what the table says. */
  readonly retain?: string;
  /** Goes below what the table says. */
  readonly force?: boolean;
  readonly dry_run?: boolean;
  readonly reason?: string;
}

export interface OptimizeDataset {
  /** Columns. */
  readonly sort?: readonly string[];
  /** A size such as `128MB`. */
  readonly target_size?: string;
  readonly dry_run?: boolean;
  readonly reason?: string;
}

export interface DatasetCareRun {
  readonly run_id: RunIdText;
}
