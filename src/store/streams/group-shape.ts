// The topics of a group and their partitions, as its members declare them; and what that means for who holds what.
import { MillraceError } from "../../core/errors/errors.ts";
import type { GroupDeclaration, GroupTopic } from "../../core/stream/stream-ledger.ts";

/** A topic that a group knows. */
export interface ShapeTopic {
  readonly name: string;
  readonly id: string;
  readonly partitions: number;
}

/** Where a partition begins that the group did not know. */
export interface NewPosition {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  readonly offset: number;
}

/**
 * What the group knows with what a member declares. It only grows, so that members of two versions of a project do not undo each
 * other's part while one is taken over by the other.
 * @throws MillraceError `TOPIC_CHANGED`
 */
export function mergeShape(known: readonly ShapeTopic[], { group, topics }: GroupDeclaration): readonly ShapeTopic[] {
  const merged = new Map(known.map((topic) => [topic.name, topic]));
  for (const { name, id, bounds } of topics) {
    const before = merged.get(name);
    if (before !== undefined && before.id !== id) throw topicChanged(group, name);
    if ((before?.partitions ?? 0) < bounds.length) merged.set(name, { name, id, partitions: bounds.length });
  }
  return [...merged.values()];
}

/**
 * Positions of partitions that are new to the group. Those that were added to a topic that it knows begin at their start whatever
 * it says: records that came before a member looked would be lost.
 */
export function newPositions(known: readonly ShapeTopic[], declaration: GroupDeclaration): readonly NewPosition[] {
  return declaration.topics.flatMap((topic) => {
    const before = known.find(({ name }) => name === topic.name)?.partitions;
    return positionsOf(topic, before ?? 0, before === undefined ? declaration.startAt : "earliest");
  });
}

function positionsOf({ name, id, bounds }: GroupTopic, from: number, startAt: "earliest" | "latest"): NewPosition[] {
  return bounds
    .filter(({ partition }) => partition >= from)
    .map(({ partition, start, end }) => ({
      topic: name,
      topicId: id,
      partition,
      offset: startAt === "earliest" ? start : end,
    }));
}

/** How many partition numbers there are to hold. */
export function partitionsOf(shape: readonly ShapeTopic[]): number {
  return Math.max(0, ...shape.map(({ partitions }) => partitions));
}

/**
 * How many partitions the member in that place of the members has to hold. The shares of all make up all partitions, so one who
 * has more than its share knows another one who waits for it.
 */
export function fairShare(partitions: number, members: number, place: number): number {
  return Math.floor(partitions / members) + (place < partitions % members ? 1 : 0);
}

function topicChanged(group: string, topic: string): MillraceError {
  return new MillraceError(
    "TOPIC_CHANGED",
    `topic \`${topic}\` was deleted and made again since group \`${group}\` read it`,
    {
      hint: "its offsets mean nothing for the new topic: say where it is to go on with `millrace group seek`, or delete the group",
      details: { group, topic },
    },
  );
}
