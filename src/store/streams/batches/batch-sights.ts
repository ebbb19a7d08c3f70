// Where groups stand that take records in batches. What a group has no offset of yet is written down when it is first seen, so that
// nothing that comes from then on is missed.
import type { RunId } from "../../../core/run-id.ts";
import type { GroupDeclaration } from "../../../core/stream/stream-ledger.ts";
import type { TopicRange } from "../../../core/stream/topic-reader.ts";
import { all, one, rowList, run, type Script } from "../../rows/script.ts";
import { mergeShape, newPositions, type ShapeTopic } from "../group-shape.ts";
import type { BatchSight } from "./batch-store.ts";

/** What a look finds, and the groups of which something is to be written down before the next. */
export interface FoundSights {
  readonly sights: readonly BatchSight[];
  readonly unregistered: readonly GroupDeclaration[];
}

interface KnownGroup {
  readonly shape: readonly ShapeTopic[];
  readonly offsets: ReadonlyMap<string, number>;
}

const unknown: KnownGroup = { shape: [], offsets: new Map() };

/** Four questions, however many groups there are. */
export function* findSights(groups: readonly GroupDeclaration[]): Script<FoundSights> {
  const names = rowList(groups.map(({ group }) => ({ name: group })));
  const known = yield* loadGroups(names);
  const last = yield* all<{ group: string; number: number }>(
    `select b.group_name as "group", max(b.number) as number
    from (rows ?) r ordered join stream_batch b on b.group_name = r.value ->> 'name' group by b.group_name`,
    names,
  );
  const open = yield* all<{ group: string; number: number; runId: RunId; knownRun: number | null }>(
    `select b.group_name as "group", b.number, b.run_id as "runId", run.id as "knownRun"
    from (rows ?) r ordered join stream_batch b on b.group_name = r.value ->> 'name' and b.state = 'open'
    left join run on run.id = b.run_id`,
    names,
  );
  const lastOf = new Map(last.map(({ group, number }) => [group, number]));
  const openOf = new Map(
    open.map(({ group, number, runId, knownRun }) => [group, { number, runId, isRunGone: knownRun === null }]),
  );
  const unregistered: GroupDeclaration[] = [];
  const sights = groups.map((declaration): BatchSight => {
    const { group } = declaration;
    const own = known.get(group) ?? unknown;
    const changedTopics = declaration.topics.filter(isAnother(own.shape)).map(({ name }) => name);
    const usable = { ...declaration, topics: declaration.topics.filter(({ name }) => !changedTopics.includes(name)) };
    const isNew = !known.has(group) || newPositions(own.shape, usable).length > 0;
    if (isNew) unregistered.push(usable);
    const waiting = listWaiting(usable, own);
    return { group, waiting, changedTopics, lastNumber: lastOf.get(group) ?? 0, open: openOf.get(group) };
  });
  return { sights, unregistered };
}

function* loadGroups(names: string): Script<ReadonlyMap<string, KnownGroup>> {
  const groups = yield* all<{ group: string; shape: string }>(
    `select g.group_name as "group", g.shape from (rows ?) r ordered join stream_group g on g.group_name = r.value ->> 'name'`,
    names,
  );
  const offsets = yield* all<{ group: string; topicId: string; partition: number; offset: number }>(
    `select o.group_name as "group", o.topic_id as "topicId", o.partition, o.next_offset as "offset"
    from (rows ?) r ordered join stream_offset o on o.group_name = r.value ->> 'name'`,
    names,
  );
  const byGroup = Map.groupBy(offsets, ({ group }) => group);
  return new Map(
    groups.map(({ group, shape }) => {
      const own = byGroup.get(group) ?? [];
      const at = new Map(own.map(({ topicId, partition, offset }) => [placeOf(topicId, partition), offset]));
      // This module and those of groups are the only ones that write shapes.
      return [group, { shape: JSON.parse(shape) as readonly ShapeTopic[], offsets: at }];
    }),
  );
}

/** Records before the start of a partition are gone, whether or not the group has read them. */
function listWaiting(declaration: GroupDeclaration, { shape, offsets }: KnownGroup): readonly TopicRange[] {
  const added = newPositions(shape, declaration);
  const begins = new Map(added.map(({ topicId, partition, offset }) => [placeOf(topicId, partition), offset]));
  return declaration.topics.flatMap(({ name, id, bounds }) =>
    bounds.map(({ partition, start, end }) => {
      const place = placeOf(id, partition);
      const from = Math.max(start, offsets.get(place) ?? begins.get(place) ?? start);
      return { topic: { name, id }, partition, from, to: Math.max(from, end) };
    }),
  );
}

function isAnother(shape: readonly ShapeTopic[]): (topic: { readonly name: string; readonly id: string }) => boolean {
  return ({ name, id }) => shape.some((topic) => topic.name === name && topic.id !== id);
}

function placeOf(topicId: string, partition: number): string {
  return `${topicId}/${partition}`;
}

/** Another scheduler may have written the same. @throws MillraceError `TOPIC_CHANGED` */
export function* registerGroup(declaration: GroupDeclaration, nowMs: number): Script<void> {
  const { group, job } = declaration;
  yield* run(
    `insert into stream_group (group_name, job, generation, shape, created_at) values (?, ?, 0, '[]', ?)
    on conflict (group_name) do nothing`,
    group,
    job,
    nowMs,
  );
  const row = yield* one<{ shape: string }>("select shape from stream_group where group_name = ? for update", group);
  const known = JSON.parse(row?.shape ?? "[]") as readonly ShapeTopic[];
  yield* run(
    `insert into stream_offset (group_name, topic_id, partition, topic, next_offset)
    select cast(? as text), r.value ->> 'topicId', cast(r.value ->> 'partition' as int), r.value ->> 'topic',
      cast(r.value ->> 'offset' as bigint) from (rows ?) r where true on conflict (group_name, topic_id, partition) do nothing`,
    group,
    rowList(newPositions(known, declaration).map((position) => ({ ...position }))),
  );
  const shape = JSON.stringify(mergeShape(known, declaration));
  yield* run("update stream_group set generation = generation + 1, shape = ? where group_name = ?", shape, group);
}
