// Groups as people look at them.
import type { GroupState } from "../../core/stream/stream-ledger.ts";
import { all, rowList, type Script } from "../rows/script.ts";

interface GroupRow {
  readonly group: string;
  readonly job: string;
  readonly generation: number;
  readonly parked: number;
  readonly openDeadLetters: number;
}

const groupSql = `select group_name as "group", job, generation,
    (select count(*) from stream_parked where stream_parked.group_name = stream_group.group_name) as parked,
    (select count(*) from stream_dead_letter where stream_dead_letter.group_name = stream_group.group_name
      and state = 'open') as "openDeadLetters"
  from stream_group`;

/** By name; one statement for members, partitions and positions of all each. */
export function* listGroups(): Script<readonly GroupState[]> {
  return yield* toStates(yield* all<GroupRow>(`${groupSql} order by group_name`));
}

export function* findGroup(group: string): Script<GroupState | undefined> {
  return (yield* toStates(yield* all<GroupRow>(`${groupSql} where group_name = ?`, group)))[0];
}

type Member = GroupState["members"][number];
type Position = GroupState["positions"][number];

function* toStates(groups: readonly GroupRow[]): Script<readonly GroupState[]> {
  if (groups.length === 0) return [];
  const names = rowList(groups.map(({ group }) => ({ group })));
  const members = yield* listMembers(names);
  const positions = yield* listPositions(names);
  return groups.map((row) => ({
    ...row,
    members: members.get(row.group) ?? [],
    positions: positions.get(row.group) ?? [],
  }));
}

// Those whose lease is gone are members no more, whether or not somebody has noticed.
function* listMembers(names: string): Script<ReadonlyMap<string, readonly Member[]>> {
  const rows = yield* all<Omit<Member, "partitions"> & { group: string; partition: number | null }>(
    `select member.group_name as "group", member.run_id as "runId", member.joined_at as "joinedAtMs", held.partition
    from (rows ?) r ordered join stream_member member on member.group_name = r.value ->> 'group'
      join lease on lease.run_id = member.run_id and lease.epoch = member.run_epoch
      left join stream_lease held on held.group_name = member.group_name and held.run_id = member.run_id
        and held.run_epoch = member.run_epoch
    order by member.group_name, member.run_id, held.partition`,
    names,
  );
  const found = new Map<string, Map<number, Member & { partitions: number[] }>>();
  for (const { group, partition, ...row } of rows) {
    const members = found.get(group) ?? new Map<number, Member & { partitions: number[] }>();
    found.set(group, members);
    const member = members.get(row.runId) ?? { ...row, partitions: [] };
    members.set(row.runId, member);
    if (partition !== null) member.partitions.push(partition);
  }
  return new Map([...found].map(([group, members]) => [group, [...members.values()]]));
}

function* listPositions(names: string): Script<ReadonlyMap<string, readonly Position[]>> {
  const rows = yield* all<
    Omit<Position, "committedAtMs" | "maxTimeMs"> & {
      group: string;
      committedAtMs: number | null;
      maxTimeMs: number | null;
    }
  >(
    `select at.group_name as "group", at.topic_id as "topicId", at.topic, at.partition, at.next_offset as "offset",
      coalesce(held.epoch, 0) as epoch, at.committed_at as "committedAtMs", at.max_time as "maxTimeMs"
    from (rows ?) r ordered join stream_offset at on at.group_name = r.value ->> 'group'
      left join stream_lease held on held.group_name = at.group_name and held.partition = at.partition
    order by at.group_name, at.topic, at.partition`,
    names,
  );
  const found = new Map<string, Position[]>();
  for (const { group, committedAtMs, maxTimeMs, ...row } of rows) {
    const positions = found.get(group) ?? [];
    found.set(group, positions);
    positions.push({ ...row, committedAtMs: committedAtMs ?? undefined, maxTimeMs: maxTimeMs ?? undefined });
  }
  return found;
}
