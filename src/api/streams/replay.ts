// Replays on the wire: the records of a job's topics once more, beside the live group, and what becomes of the result.
import type { ReplayState } from "../../core/stream/replay.ts";
import type { Instant, RunIdText } from "../page.ts";
import type { OffsetRangeView } from "./topic.ts";

export interface ReplayView {
  /** Its group: `sums@replay-1`. */
  readonly replay: string;
  readonly job_name: string;
  readonly state: ReplayState;
  /** Records that are done, and all of them; offsets without a record count. */
  readonly done: number;
  readonly total: number;
  /** When it is done at the rate so far; null where nothing tells. */
  readonly eta: Instant | null;
  readonly ranges: readonly (OffsetRangeView & { readonly topic: string; readonly offset: number })[];
  /** Records that handlers produce are appended, and connections may be used. */
  readonly with_effects: boolean;
  /** Becomes the datasets as soon as it is ready. */
  readonly swap: boolean;
  /** Of a job that handles records the run that works through it; then that of the swap. */
  readonly run_id: RunIdText | null;
  /** What its job has published, and where that is until it is swapped in. */
  readonly outputs: readonly { readonly dataset: string; readonly replay_dataset: string }[];
  readonly created_at: Instant;
  readonly created_by: string;
  readonly ended_at: Instant | null;
  /** Why it failed. */
  readonly error: string | null;
}

/** An offset of every partition, or the first record at or after a time. */
export type ReplayPlace = { readonly offset: number } | { readonly at: Instant };

export interface StartReplay {
  /** Default: as early as the topics go. */
  readonly from?: ReplayPlace;
  /** Nothing at or past it. Default: where the topics end now; for a swap, where the live group stands. */
  readonly to?: ReplayPlace;
  /** What it is called after `@replay-`; default: its number. */
  readonly name?: string;
  readonly swap?: boolean;
  readonly with_effects?: boolean;
  readonly reason?: string;
}

export interface ReplayPath {
  readonly replay: string;
}

export interface ReplaysQuery {
  readonly job?: string;
}
