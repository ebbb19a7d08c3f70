// What a member writes when it has handled records: all of it in one transaction, and nothing of it where a partition is not its own
// any more. That transaction is what makes effects in topics of this log exactly once.
import { MillraceError } from "../../core/errors/errors.ts";
import type { Delivery, PartitionDelivery, PositionMove } from "../../core/stream/stream-ledger.ts";
import type { AppendedRange } from "../../core/stream/stream-log.ts";
import { assertLease } from "../rows/fence.ts";
import type { Fence } from "../rows/run-records.ts";
import { all, idList, rowList, run, type Script } from "../rows/script.ts";
import { appendBlocks } from "./append-blocks.ts";
import { writeJoins } from "./held/joins.ts";
import { referToPayloads } from "./held/payloads.ts";
import { addDeadLetters, parkRecords, toHolder } from "./set-aside.ts";

/**
 * Three statements for offsets, whatever the number of partitions, and three for appends. Locks in the order of claim-partitions.ts;
 * the lease of the run is locked first, so deliveries of one run come one after the other, and a claim by another waits for them.
 * @throws MillraceError `RUN_LOST` | `PARTITION_LOST` | `TOPIC_UNKNOWN`
 */
export function* deliver(
  fence: Fence,
  delivery: Delivery,
  nowMs: number,
): Script<readonly (readonly AppendedRange[])[]> {
  yield* assertLease(fence);
  const { group, partitions } = delivery;
  const positions = yield* lockPartitions(fence, group, partitions);
  yield* movePositions(group, partitions, positions, nowMs);
  if (delivery.deadLetters.length > 0) yield* addDeadLetters(fence, group, delivery.deadLetters, nowMs);
  if (delivery.parked.length + delivery.unparked.length + delivery.reparked.length > 0)
    yield* parkRecords(delivery, nowMs);
  yield* referToPayloads([...delivery.deadLetters, ...delivery.parked].map(toHolder));
  if (delivery.joins !== undefined) yield* writeJoins(group, delivery.joins, isStill(delivery));
  return yield* appendBlocks(delivery.appends, nowMs);
}

// Offsets that move and parked records that are done make a delivery one that cannot come twice.
function isStill({ partitions, unparked }: Delivery): boolean {
  return unparked.length === 0 && partitions.every(({ moves }) => moves.every(({ from, to }) => from === to));
}

interface PositionRow {
  readonly partition: number;
  readonly epoch: number;
  readonly runId: number | null;
  readonly runEpoch: number | null;
  readonly topicId: string | null;
  readonly offset: number;
  readonly handTo: number | null;
  readonly tries: number;
  readonly maxTimeMs: number | null;
}

// By `partition/topic id`. Partitions are locked against a seek by force, which changes their epochs.
function* lockPartitions(
  fence: Fence,
  group: string,
  partitions: readonly PartitionDelivery[],
): Script<ReadonlyMap<string, PositionRow>> {
  const rows = yield* all<PositionRow>(
    `select held.partition, held.epoch, held.run_id as "runId", held.run_epoch as "runEpoch", at.topic_id as "topicId",
      at.next_offset as "offset", at.hand_to as "handTo", at.tries, at.max_time as "maxTimeMs"
    from stream_lease held left join stream_offset at on at.group_name = held.group_name and at.partition = held.partition
    where held.group_name = ? and held.partition in (ids ?) order by held.partition for update of held`,
    group,
    idList(partitions.map(({ partition }) => partition)),
  );
  const owned = new Set(
    rows
      .filter(({ runId, runEpoch }) => runId === fence.runId && runEpoch === fence.epoch)
      .map(({ partition, epoch }) => `${partition}@${epoch}`),
  );
  for (const { partition, epoch } of partitions) {
    if (!owned.has(`${partition}@${epoch}`)) throw notHeld(group, partition, epoch);
  }
  return new Map(rows.map((row) => [`${row.partition}/${row.topicId}`, row]));
}

function* movePositions(
  group: string,
  partitions: readonly PartitionDelivery[],
  positions: ReadonlyMap<string, PositionRow>,
  nowMs: number,
): Script<void> {
  const rows = partitions.flatMap(({ partition, moves }) =>
    moves.map((move) => {
      const position = positions.get(`${partition}/${move.topicId}`);
      if (position === undefined || position.offset !== move.from) throw movedOn(group, partition, move, position);
      return {
        partition,
        topic: move.topicId,
        to: move.to,
        handTo: move.handTo ?? null,
        tries: triesAfter(move, position),
        maxTime: Math.max(position.maxTimeMs ?? -Infinity, move.maxTimeMs ?? -Infinity),
        moved: move.to > move.from ? 1 : 0,
      };
    }),
  );
  if (rows.length === 0) return;
  yield* run(
    `update stream_offset set next_offset = cast(r.value ->> 'to' as bigint), hand_to = cast(r.value ->> 'handTo' as bigint),
      tries = cast(r.value ->> 'tries' as int), max_time = cast(r.value ->> 'maxTime' as bigint),
      committed_at = case when cast(r.value ->> 'moved' as int) = 1 then cast(? as bigint) else committed_at end
    from (rows ?) r where stream_offset.group_name = ? and stream_offset.topic_id = r.value ->> 'topic'
      and stream_offset.partition = cast(r.value ->> 'partition' as int)`,
    nowMs,
    // JSON has no infinity: a group without a time has none.
    rowList(rows),
    group,
  );
}

/**
 * How many owners were lost with what is in hand after the move. Who stays where it is keeps the count, also one that has nothing in
 * hand while others take their turn. Who works one by one through the range that an owner was lost with, and keeps its end, has one
 * loss behind it for each record of the range.
 */
function triesAfter({ from, to, handTo }: PositionMove, { handTo: handToBefore, tries }: PositionRow): number {
  if (to === from) return tries;
  if (handTo === undefined || handToBefore === null) return 0;
  return handTo === handToBefore ? Math.min(tries, 1) : 0;
}

function notHeld(group: string, partition: number, epoch: number): MillraceError {
  return new MillraceError(
    "PARTITION_LOST",
    `partition \`${partition}\` of group \`${group}\` is no longer held with epoch \`${epoch}\``,
    { hint: "another worker has it, or somebody moved the group; nothing was written", details: { group, partition } },
  );
}

function movedOn(
  group: string,
  partition: number,
  { topicId, from }: PositionMove,
  position: PositionRow | undefined,
): MillraceError {
  return new MillraceError(
    "PARTITION_LOST",
    `expected partition \`${partition}\` of group \`${group}\` to stand at \`${from}\`, got: \`${position?.offset ?? "nothing"}\``,
    {
      hint: "it was written already, or the group was moved; claim the partition again to see where it stands",
      details: { group, partition, topicId, from, offset: position?.offset },
    },
  );
}
