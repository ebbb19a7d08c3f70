// What people do to groups: move them along their topics, and forget them.
import { MillraceError } from "../../core/errors/errors.ts";
import { all, one, rowList, run, type Script } from "../rows/script.ts";
import type { ShapeTopic } from "./group-shape.ts";
import type { SeekPosition } from "./stream-store.ts";

/**
 * Every partition of the group gets another epoch, so what is on its way to be delivered is refused.
 * @throws MillraceError `GROUP_UNKNOWN` | `GROUP_ACTIVE`
 */
export function* seekGroup(
  group: string,
  positions: readonly SeekPosition[],
  { force }: { readonly force: boolean },
): Script<void> {
  const shape = yield* lockGroup(group, force);
  yield* run("update stream_lease set epoch = epoch + 1, run_id = null, run_epoch = null where group_name = ?", group);
  const changed = shape.filter(({ name, id }) =>
    positions.some(({ topic, topicId }) => topic === name && topicId !== id),
  );
  if (changed.length > 0) {
    yield* run(
      `delete from stream_offset where group_name = ? and topic_id in (select r.value ->> 'id' from (rows ?) r)`,
      group,
      rowList(changed.map(({ id }) => ({ id }))),
    );
  }
  yield* run(
    `insert into stream_offset (group_name, topic_id, partition, topic, next_offset)
    select cast(? as text), r.value ->> 'topicId', cast(r.value ->> 'partition' as int), r.value ->> 'topic',
      cast(r.value ->> 'offset' as bigint) from (rows ?) r where true
    on conflict (group_name, topic_id, partition) do update set next_offset = excluded.next_offset, hand_to = null, tries = 0`,
    group,
    rowList(positions.map((position) => ({ ...position }))),
  );
  const sql = "update stream_group set generation = generation + 1, shape = ? where group_name = ?";
  yield* run(sql, JSON.stringify(seekShape(shape, changed, positions)), group);
}

// A topic that was made anew is as large as what is said of it; a member that knows more adds the rest from its start.
function seekShape(
  shape: readonly ShapeTopic[],
  changed: readonly ShapeTopic[],
  positions: readonly SeekPosition[],
): readonly ShapeTopic[] {
  return shape.map((topic) => {
    if (!changed.includes(topic)) return topic;
    const own = positions.filter(({ topic: name }) => name === topic.name);
    const partitions = Math.max(...own.map(({ partition }) => partition + 1));
    return { name: topic.name, id: own[0]?.topicId ?? topic.id, partitions };
  });
}

const groupTables = [
  "stream_member",
  "stream_lease",
  "stream_offset",
  "stream_dead_letter",
  "stream_parked",
  "stream_join",
  "stream_group",
];

/** @throws MillraceError `GROUP_UNKNOWN` | `GROUP_ACTIVE` */
export function* deleteGroup(group: string): Script<void> {
  yield* lockGroup(group, false);
  for (const table of groupTables) yield* run(`delete from ${table} where group_name = ?`, group);
}

// With its partitions, so that no delivery is under way. Members that come meanwhile wait.
function* lockGroup(group: string, force: boolean): Script<readonly ShapeTopic[]> {
  const row = yield* one<{ shape: string }>("select shape from stream_group where group_name = ? for update", group);
  if (row === undefined) {
    throw new MillraceError("GROUP_UNKNOWN", `no group has this name: \`${group}\``, {
      hint: "list the groups with `millrace group list`",
    });
  }
  const members = yield* all<{ runId: number }>(
    `select member.run_id as "runId" from stream_member member
    ordered join lease on lease.run_id = member.run_id and lease.epoch = member.run_epoch
    where member.group_name = ? order by member.run_id`,
    group,
  );
  if (members.length > 0 && !force) throw groupActive(group, members.length);
  yield* all("select partition from stream_lease where group_name = ? order by partition for update", group);
  return JSON.parse(row.shape) as readonly ShapeTopic[];
}

function groupActive(group: string, members: number): MillraceError {
  return new MillraceError("GROUP_ACTIVE", `group \`${group}\` has members that work through it: \`${members}\``, {
    hint: "pause its job first, or force it, then its members lose what they have in hand and go on from there",
    details: { group, members },
  });
}
