// Batches of a group on the wire: exact ranges of topics that one run works through.
import type { BatchCause, BatchState } from "../../core/stream/batch.ts";
import type { Instant, PageQuery, RunIdText } from "../page.ts";
import type { OffsetRangeView } from "./topic.ts";

export interface BatchView {
  readonly group: string;
  /** From 1. */
  readonly number: number;
  readonly job_name: string;
  /** `open`: its run has it, or has failed with it. */
  readonly state: BatchState;
  /** Whether nobody works on it although it is open: its run has ended. The run is retried, or the batch given up. */
  readonly stuck: boolean;
  /** Why it was made when it was. */
  readonly because: BatchCause;
  readonly run_id: RunIdText;
  readonly records: number;
  readonly bytes: number;
  readonly ranges: readonly (OffsetRangeView & { readonly topic: string })[];
  /** When the first of its records came. */
  readonly first_at: Instant;
  readonly opened_at: Instant;
  readonly ended_at: Instant | null;
  /** Who gave it up. */
  readonly ended_by: string | null;
}

export interface BatchPath {
  readonly group: string;
  readonly batch: number;
}

export type BatchesQuery = PageQuery;
