// What a new owner of partitions learns of a log with transactions of its own: how far its predecessor came with records that it
// produced, when the store did not hear of it any more.
import type { GroupLedger, GroupPosition, HeldPartition } from "../../core/stream/stream-ledger.ts";
import type { StreamLog, TopicReference } from "../../core/stream/stream-log.ts";

export interface TakeOverInput {
  readonly log: StreamLog;
  readonly ledger: Pick<GroupLedger, "deliver">;
  readonly group: string;
  readonly topic: TopicReference;
  readonly held: readonly HeldPartition[];
}

/**
 * Fences former owners in the log, and brings the store to where they came. @returns the holdings with the positions that count
 * @throws MillraceError `PARTITION_LOST` | `LOG_UNAVAILABLE`
 */
export async function takeOver({ log, ledger, group, topic, held }: TakeOverInput): Promise<readonly HeldPartition[]> {
  const begin = log.takeOver?.bind(log);
  if (begin === undefined) return held;
  return await Promise.all(
    held.map(async (holding) => {
      const { partition } = holding;
      const position = holding.positions.find(({ topicId }) => topicId === topic.id);
      if (position === undefined) return holding;
      const [found] = await begin({ group, partition }, [{ topic, partition, offset: position.offset }]);
      if (found === undefined || found.offset === position.offset) return holding;
      const moved = movedTo(position, found.offset);
      await ledger.deliver(deliveryOf(group, holding, position, moved));
      return { ...holding, positions: [moved] };
    }),
  );
}

/** What is left in hand stays there; one loss of its owner is behind it. */
function movedTo({ topicId, inHand }: GroupPosition, offset: number): GroupPosition {
  if (inHand === undefined || inHand.to <= offset) return { topicId, offset };
  return { topicId, offset, inHand: { to: inHand.to, tries: Math.min(inHand.tries, 1) } };
}

function deliveryOf(
  group: string,
  { partition, epoch }: HeldPartition,
  { offset: from }: GroupPosition,
  { topicId, offset: to, inHand }: GroupPosition,
): Parameters<GroupLedger["deliver"]>[0] {
  const hand = inHand === undefined ? {} : { handTo: inHand.to };
  const nothing = { appends: [], deadLetters: [], parked: [], unparked: [], reparked: [] };
  return { group, partitions: [{ partition, epoch, moves: [{ topicId, from, to, ...hand }] }], ...nothing };
}
