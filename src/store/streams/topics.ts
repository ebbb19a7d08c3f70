// Topics of the embedded log: what they are, and from where to where they may be read.
import { randomUUID } from "node:crypto";
import { MillraceError } from "../../core/errors/errors.ts";
import type { PartitionBounds, TopicDeclaration, TopicState } from "../../core/stream/stream-log.ts";
import { all, one, rowList, run, type Script } from "../rows/script.ts";

interface TopicRow {
  readonly id: string;
  readonly name: string;
  readonly partitions: number;
  readonly retentionMs: number | null;
}

const select = `select id, name, partitions, retention_ms as "retentionMs" from stream_topic`;

/** Makes the topic, or brings it to what is said. The row of the topic is locked, so two that raise it do so one after the other. */
export function* declareTopic(declaration: TopicDeclaration, nowMs: number): Script<TopicState> {
  const { name, partitions, retentionMs } = declaration;
  yield* run(
    `insert into stream_topic (id, name, partitions, retention_ms, created_at) values (?, ?, 0, ?, ?)
    on conflict (name) do nothing`,
    randomUUID(),
    name,
    retentionMs ?? null,
    nowMs,
  );
  const topic = yield* one<TopicRow>(`${select} where name = ? for update`, name);
  if (topic === undefined) throw topicUnknown(name);
  if (partitions < topic.partitions) throw tooFewPartitions(declaration, topic.partitions);
  yield* run(
    "update stream_topic set partitions = ?, retention_ms = ? where id = ?",
    partitions,
    retentionMs ?? null,
    topic.id,
  );
  const added = Array.from({ length: partitions - topic.partitions }, (_, index) => topic.partitions + index);
  yield* run(
    `insert into stream_head (topic_id, partition, start_offset, next_offset, bytes, high_time)
    select cast(? as text), cast(r.value ->> 'partition' as int), 0, 0, 0, null from (rows ?) r`,
    topic.id,
    rowList(added.map((partition) => ({ partition }))),
  );
  return { ...declaration, id: topic.id, bounds: (yield* readBounds([topic.id])).get(topic.id) ?? [] };
}

/** Whether the topic is already what is said, so that there is nothing to write. */
export function isAsDeclared(topic: TopicState | undefined, declaration: TopicDeclaration): topic is TopicState {
  return topic?.partitions === declaration.partitions && topic.retentionMs === declaration.retentionMs;
}

export function* findTopic(name: string): Script<TopicState | undefined> {
  const topic = yield* one<TopicRow>(`${select} where name = ?`, name);
  return topic === undefined ? undefined : (yield* withBounds([topic]))[0];
}

/** By name. */
export function* listTopics(): Script<readonly TopicState[]> {
  return yield* withBounds(yield* all<TopicRow>(`${select} order by name`));
}

function* withBounds(topics: readonly TopicRow[]): Script<readonly TopicState[]> {
  const bounds = yield* readBounds(topics.map(({ id }) => id));
  return topics.map(({ retentionMs, ...topic }) => ({
    ...topic,
    retentionMs: retentionMs ?? undefined,
    bounds: bounds.get(topic.id) ?? [],
  }));
}

/** A range of the primary key of `stream_head` for each topic. */
export function* readBounds(topicIds: readonly string[]): Script<ReadonlyMap<string, readonly PartitionBounds[]>> {
  if (topicIds.length === 0) return new Map();
  const rows = yield* all<PartitionBounds & { readonly topicId: string }>(
    `select head.topic_id as "topicId", head.partition, head.start_offset as start, head.next_offset as "end", head.bytes
    from (rows ?) r ordered join stream_head head on head.topic_id = r.value ->> 'id' order by head.topic_id, head.partition`,
    rowList([...new Set(topicIds)].map((id) => ({ id }))),
  );
  const found = new Map<string, PartitionBounds[]>();
  for (const { topicId, ...bounds } of rows) {
    const known = found.get(topicId);
    if (known === undefined) found.set(topicId, [bounds]);
    else known.push(bounds);
  }
  return found;
}

/** Groups keep their offsets, so that they are told when a topic of the same name is another one. Waits for open appends. */
export function* deleteTopic(topicId: string): Script<void> {
  // Heads in the order in which appends lock them.
  yield* all("select partition from stream_head where topic_id = ? order by partition for update", topicId);
  for (const table of ["stream_head", "stream_block", "stream_producer"]) {
    yield* run(`delete from ${table} where topic_id = ?`, topicId);
  }
  if ((yield* run("delete from stream_topic where id = ?", topicId)) === 0) throw topicUnknown(topicId);
}

/** `topic` is its name or id, as the caller knows it. */
export function topicUnknown(topic: string): MillraceError {
  return new MillraceError("TOPIC_UNKNOWN", `no topic has this name or id: \`${topic}\``, {
    hint: "list the topics with `millrace topic list`; one that was deleted and made again has another id",
  });
}

/** Why a partition has no head: the topic is gone, or has fewer. */
export function* explainMissing(topicId: string, partition: number): Script<MillraceError> {
  const topic = yield* one<TopicRow>(`${select} where id = ?`, topicId);
  if (topic === undefined) return topicUnknown(topicId);
  return new MillraceError(
    "VALUE_INVALID",
    `expected a partition of topic \`${topic.name}\` from \`0\` to \`${topic.partitions - 1}\`, got: \`${partition}\``,
  );
}

function tooFewPartitions({ name, partitions }: TopicDeclaration, has: number): MillraceError {
  return new MillraceError(
    "TOPIC_MISMATCH",
    `expected topic \`${name}\` to have at least the \`${has}\` partitions that it has, got: \`${partitions}\``,
    { hint: "partitions can be raised and never be lowered, since each has records of its own" },
  );
}
