// The part of the store port that keeps replays: what is replayed, how far it is, and what became of it.
import type { ReplayOutput, ReplayRecord, ReplayState } from "../../../core/stream/replay.ts";
import type { TopicRange } from "../../../core/stream/topic-reader.ts";
import type { Fence, Submission } from "../../rows/run-records.ts";

export interface NewReplay {
  readonly id: string;
  readonly job: string;
  readonly ranges: readonly TopicRange[];
  readonly withEffects: boolean;
  readonly isSwapWanted: boolean;
  readonly createdBy: string;
  /** The run that works through it; absent where batches are made of it. */
  readonly submission?: Submission;
}

/** What changes of a replay; what is left out stays. */
export interface ReplayChange {
  /** Nothing changes when it is in another state by now. */
  readonly from: ReplayState;
  readonly to: ReplayState;
  readonly ranges?: readonly TopicRange[];
  readonly error?: string;
  /** A run that works for it from now on. */
  readonly submission?: Submission;
  /** Nothing changes unless this group stands where the ranges end and has no open batch. It gets none while the run works for the swap. */
  readonly standing?: { readonly group: string; readonly ranges: readonly TopicRange[] };
}

export interface ReplayStore {
  /**
   * Writes the replay down with a group that stands where its ranges begin, and submits its run.
   * @throws MillraceError `REPLAY_EXISTS`
   */
  startReplay(replay: NewReplay): Promise<ReplayRecord>;
  /** Newest first; at most 1,000. */
  listReplays(query: { readonly job?: string; readonly isActive?: boolean }): Promise<readonly ReplayRecord[]>;
  findReplay(id: string): Promise<ReplayRecord | undefined>;
  /**
   * At an end, and when it is ready, its group is forgotten; a swap lets it go on where it ended.
   * @returns false, and nothing is written, when the replay is in another state than `from`
   */
  changeReplay(id: string, change: ReplayChange): Promise<boolean>;
  /** @see ReplayLedger */
  noteReplayOutput(fence: Fence, id: string, output: ReplayOutput): Promise<void>;
}
