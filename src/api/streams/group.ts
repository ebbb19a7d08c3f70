// Groups on the wire: who works through which topics, how far, and where a person may put them.
import type { JoinState } from "../../core/stream/join-ledger.ts";
import type { Instant, RunIdText } from "../page.ts";

export interface GroupView {
  readonly group: string;
  readonly job_name: string;
  readonly topics: readonly string[];
  /** Runs that hold partitions or wait for some. */
  readonly members: number;
  /** Grows when members or topics change. */
  readonly generation: number;
  /** Records that it has yet to commit. */
  readonly lag: number;
  /** Age of the oldest record that it has yet to commit, by the time of the record; null where there is none. */
  readonly lag_ms: number | null;
  /** Records committed a second; null until the server has looked at it twice. */
  readonly rate: number | null;
  /** Records that wait for their next try. */
  readonly parked: number;
  readonly dead_letters: number;
}

export interface GroupDetail extends GroupView {
  readonly runs: readonly GroupMemberView[];
  readonly partitions: readonly GroupPartitionView[];
  /** Keys of a join by what became of them; empty for a group that joins nothing. */
  readonly joins: readonly JoinStateView[];
}

export interface JoinStateView {
  readonly state: JoinState;
  readonly keys: number;
  readonly bytes: number;
  /** When the first of them expires, is tried again, or is forgotten. */
  readonly next_due_at: Instant;
  /** When the first input of the oldest happened. */
  readonly oldest_at: Instant;
}

export interface GroupMemberView {
  readonly run_id: RunIdText;
  readonly joined_at: Instant;
  readonly partitions: readonly number[];
}

export interface GroupPartitionView {
  readonly topic: string;
  readonly partition: number;
  /** The next record that it commits. */
  readonly offset: number;
  /** Null for a topic that is gone. */
  readonly start: number | null;
  readonly end: number | null;
  readonly lag: number;
  readonly lag_ms: number | null;
  /** Grows with each holder. */
  readonly epoch: number;
  /** Null: nobody holds it now. */
  readonly run_id: RunIdText | null;
  readonly committed_at: Instant | null;
}

export interface SeekGroup {
  /** Where to: exactly one of these. */
  readonly to?: "start" | "end";
  /** The first record at or after this time. */
  readonly at?: Instant;
  /** Needs `partition`. */
  readonly offset?: number;
  /** Default: all of the group. */
  readonly topic?: string;
  readonly partition?: number;
  readonly preview?: boolean;
  readonly reason?: string;
}

export interface SoughtGroup {
  readonly group: string;
  readonly moves: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly from: number;
    readonly to: number;
  }[];
  /** Records that are handled again. */
  readonly again: number;
  /** Records that are passed over. */
  readonly skipped: number;
  readonly changed: boolean;
}

export interface GroupPath {
  readonly group: string;
}
