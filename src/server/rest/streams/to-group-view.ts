// Groups on their way to the wire: how far behind they are, over all that they read.
import type { GroupDetail, GroupPartitionView, GroupView, JoinStateView } from "../../../api/streams/group.ts";
import { formatRunId, type RunId } from "../../../core/run-id.ts";
import type { JoinMeasure, JoinState } from "../../../core/stream/join-ledger.ts";
import type { GroupState } from "../../../core/stream/stream-ledger.ts";
import type { PartitionBounds, TopicState } from "../../../core/stream/stream-log.ts";
import { toInstant, toInstantOrNull } from "../../views/to-instant.ts";

export type GroupPosition = GroupState["positions"][number];

/** Bounds by id of the topic and number of the partition. */
export type BoundsLookup = (topicId: string, partition: number) => PartitionBounds | undefined;

/** Time of the first record that a position has yet to commit; undefined where there is none, or nobody knows. */
export type WaitLookup = (position: GroupPosition) => number | undefined;

export interface GroupFacts {
  readonly group: GroupState;
  readonly boundsOf: BoundsLookup;
  /** Milliseconds that the first record waits. */
  readonly waitOf: WaitLookup;
  readonly rate: number | null;
}

export function toBoundsLookup(topics: readonly TopicState[]): BoundsLookup {
  const known = new Map(topics.map(({ id, bounds }) => [id, new Map(bounds.map((one) => [one.partition, one]))]));
  return (topicId, partition) => known.get(topicId)?.get(partition);
}

/** Records that a position has yet to commit; what its topic has forgotten does not count. */
export function lagOf({ topicId, partition, offset }: GroupPosition, boundsOf: BoundsLookup): number {
  const bounds = boundsOf(topicId, partition);
  return bounds === undefined ? 0 : Math.max(0, bounds.end - Math.max(offset, bounds.start));
}

/** Of a whole group. */
export function totalLag({ positions }: GroupState, boundsOf: BoundsLookup): number {
  return positions.reduce((sum, position) => sum + lagOf(position, boundsOf), 0);
}

export function toGroupView({ group, boundsOf, waitOf, rate }: GroupFacts): GroupView {
  const waits = group.positions.flatMap((position) => waitOf(position) ?? []);
  return {
    group: group.group,
    job_name: group.job,
    topics: [...new Set(group.positions.map(({ topic }) => topic))].toSorted(),
    members: group.members.length,
    generation: group.generation,
    lag: totalLag(group, boundsOf),
    lag_ms: waits.length === 0 ? null : Math.max(...waits),
    rate,
    parked: group.parked,
    dead_letters: group.openDeadLetters,
  };
}

/** @param joins by partition and state */
export function toGroupDetail(facts: GroupFacts, joins: readonly JoinMeasure[]): GroupDetail {
  const { group, boundsOf, waitOf } = facts;
  const holders = new Map(group.members.flatMap(({ runId, partitions }) => partitions.map((one) => [one, runId])));
  return {
    ...toGroupView(facts),
    runs: group.members.map(({ runId, joinedAtMs, partitions }) => ({
      run_id: formatRunId(runId as RunId),
      joined_at: toInstant(joinedAtMs),
      partitions,
    })),
    partitions: group.positions.map((position): GroupPartitionView => {
      const bounds = boundsOf(position.topicId, position.partition);
      const holder = holders.get(position.partition);
      return {
        topic: position.topic,
        partition: position.partition,
        offset: position.offset,
        start: bounds?.start ?? null,
        end: bounds?.end ?? null,
        lag: lagOf(position, boundsOf),
        lag_ms: waitOf(position) ?? null,
        epoch: position.epoch,
        run_id: holder === undefined ? null : formatRunId(holder as RunId),
        committed_at: toInstantOrNull(position.committedAtMs),
      };
    }),
    joins: joinStates.flatMap((state) => toJoinState(state, joins)),
  };
}

const joinStates: readonly JoinState[] = ["open", "failed", "emitted"];

function toJoinState(state: JoinState, joins: readonly JoinMeasure[]): readonly JoinStateView[] {
  const own = joins.filter((measure) => measure.state === state && measure.keys > 0);
  if (own.length === 0) return [];
  return [
    {
      state,
      keys: own.reduce((sum, { keys }) => sum + keys, 0),
      bytes: own.reduce((sum, { bytes }) => sum + bytes, 0),
      next_due_at: toInstant(Math.min(...own.map(({ nextDueAtMs }) => nextDueAtMs))),
      oldest_at: toInstant(Math.min(...own.map(({ oldestTimeMs }) => oldestTimeMs))),
    },
  ];
}
