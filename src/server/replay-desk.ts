// Defines what the server needs for people who replay jobs; the composition root provides it.
import type { ReplayRecord } from "../core/stream/replay.ts";

/** Where a replay begins or ends in each partition. */
export type ReplayBound = { readonly offset: number } | { readonly timeMs: number };

export interface StartReplayCall {
  readonly job: string;
  /** Default: as early as the topic goes. */
  readonly from: ReplayBound | "earliest";
  /** Nothing at or past it. Default: where the topic ends; for a swap, where the live group stands. */
  readonly to?: ReplayBound;
  /** Makes the result the datasets as soon as it is ready. */
  readonly swap: boolean;
  /** Default: the number of the replay among those of its job. */
  readonly name?: string;
  /** Records that handlers produce are appended, and connections may be used. */
  readonly withEffects: boolean;
  readonly by: string;
}

/** A replay as people look at it. */
export interface MeasuredReplay extends ReplayRecord {
  readonly done: number;
  readonly total: number;
  /** When it will be done at the rate so far; undefined where nothing tells. */
  readonly etaMs: number | undefined;
}

export interface ReplayDesk {
  /** @throws MillraceError `JOB_UNKNOWN` | `REPLAY_UNSUPPORTED` | `REPLAY_EXISTS` | `OFFSET_OUT_OF_RANGE` | `VALUE_INVALID` */
  start(request: StartReplayCall): Promise<MeasuredReplay>;
  /** Newest first. */
  list(job?: string): Promise<readonly MeasuredReplay[]>;
  /** @throws MillraceError `REPLAY_UNKNOWN` */
  find(id: string): Promise<MeasuredReplay>;
  /** Of one that is ready. @throws MillraceError `REPLAY_UNKNOWN` | `REPLAY_CLOSED` | `REPLAY_UNSUPPORTED` */
  swap(id: string): Promise<MeasuredReplay>;
  /** Its runs are stopped; the datasets stay as they are. @throws MillraceError `REPLAY_UNKNOWN` | `REPLAY_CLOSED` */
  cancel(id: string, by: string): Promise<MeasuredReplay>;
}
