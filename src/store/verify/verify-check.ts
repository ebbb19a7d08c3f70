// One invariant as a query: it selects the rows that break it.
import type { Now } from "../rows/script.ts";

export interface Check {
  /** `I1` … `I12`, see docs/reference/guarantees.md. */
  readonly invariant: string;
  /** Yields `message`, one row for each violation. */
  readonly sql: string;
  /** The parameters: times to compare with. */
  readonly times?: (now: Now) => readonly number[];
}
