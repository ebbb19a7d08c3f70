// Defines an event as a query reads it together with the job of its run.
import type { RunId } from "../../core/run-id.ts";

export interface JobEventRow {
  readonly runId: RunId;
  readonly job: string;
  readonly seq: number;
  readonly type: string;
  /** JSON. */
  readonly data: string | null;
  readonly atMs: number;
}
