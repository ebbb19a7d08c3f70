// A replay: the code of a stream job once more over a fixed range of its topics, as a group of its own beside the live one. What it
// publishes goes beside the datasets of the job; a swap makes it the datasets.
import type { TopicRange } from "./topic-reader.ts";

/**
 * `running`: not all records are done. `ready`: they are. `swapping`: its result is to become the datasets, for which the live group is
 * held as soon as both are near. `swapped`, `cancelled` and `failed` are ends.
 */
export type ReplayState = "running" | "ready" | "swapping" | "swapped" | "cancelled" | "failed";

/** What is told of a replay. */
export interface ReplayRecord {
  /** Its group: `job@replay-name`. */
  readonly id: string;
  readonly job: string;
  readonly state: ReplayState;
  /** Where each partition begins and ends; a swap moves the ends on to where the live group stands. */
  readonly ranges: readonly TopicRange[];
  /** Where each partition stands, in the order of `ranges`. */
  readonly positions: readonly number[];
  /** Whether records that its handlers produce are appended, and connections may be used. */
  readonly withEffects: boolean;
  /** Swaps as soon as it is ready. */
  readonly isSwapWanted: boolean;
  /** Of a job of records the run that works through it, then that of the swap. */
  readonly runId: number | undefined;
  /** What its job has published so far, as the job says it. */
  readonly outputs: readonly ReplayOutput[];
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly endedAtMs: number | undefined;
  /** Why it failed. */
  readonly error: string | undefined;
}

/** An output of the job, with the name of its dataset and whatever else is said of it. */
export type ReplayOutput = Readonly<Record<string, unknown>> & { readonly dataset: string };

/** What runs do with replays. Refused with `RUN_LOST` when the lease is gone. */
export interface ReplayLedger {
  findReplay(id: string): Promise<ReplayRecord | undefined>;
  /** An output that the replay publishes to; told again nothing changes. */
  noteReplayOutput(id: string, output: ReplayOutput): Promise<void>;
}

/** What a replay may be called. */
export const replayNamePattern: RegExp = /^[a-z0-9][a-z0-9_]{0,39}$/;

/** The group that replays a job. */
export function replayId(job: string, name: string): string {
  return `${job}${mark}${name}`;
}

/** The dataset that the rows of a replay go to, in the place of another. */
export function replayDataset(dataset: string, id: string): string {
  const end = `__replay_${id.slice(id.indexOf(mark) + mark.length)}`;
  return `${dataset.slice(0, maxNameLength - end.length)}${end}`;
}

/** Records that are done, and all of them. Offsets without a record count. */
export function replayProgress({ ranges, positions }: Pick<ReplayRecord, "ranges" | "positions">): {
  readonly done: number;
  readonly total: number;
} {
  let done = 0;
  let total = 0;
  for (const [index, { from, to }] of ranges.entries()) {
    done += Math.max(0, Math.min(positions[index] ?? from, to) - from);
    total += to - from;
  }
  return { done, total };
}

const mark = "@replay-";
const maxNameLength = 100;
