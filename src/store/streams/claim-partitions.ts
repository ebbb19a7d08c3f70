// Who holds which partition of a group. There is no leader: each member claims what is free up to its share, under the lock of the
// group, and gives back what is above it when it has done what it has in hand.
// Locks are taken in this order everywhere: lease of the run, group, partitions, offsets, heads of topics.
import type { Assignment, GroupDeclaration, GroupPosition, HeldPartition } from "../../core/stream/stream-ledger.ts";
import { assertLease } from "../rows/fence.ts";
import type { Fence } from "../rows/run-records.ts";
import { all, idList, one, rowList, run, type Script } from "../rows/script.ts";
import { fairShare, mergeShape, newPositions, partitionsOf, type ShapeTopic } from "./group-shape.ts";

/**
 * Makes the run a member and claims its share of what is free: what nobody holds, and what is held by runs whose lease with that
 * epoch is gone. Such a lease never comes back, and every delivery asks for it, so nothing of its owner is written any more.
 * Five statements where nothing changes.
 * @throws MillraceError `RUN_LOST` | `TOPIC_CHANGED`
 */
export function* claimPartitions(fence: Fence, declaration: GroupDeclaration, nowMs: number): Script<Assignment> {
  yield* assertLease(fence);
  const { group } = declaration;
  const { generation, shape } = yield* lockGroup(declaration, nowMs);
  const { shape: merged, changed } = yield* takeShape(shape, declaration);
  const members = yield* joinMembers(fence, group, nowMs);
  const next = generation + (changed || members.changed ? 1 : 0);
  if (next > generation) {
    const sql = "update stream_group set generation = ?, shape = ?, job = ? where group_name = ?";
    yield* run(sql, next, JSON.stringify(merged), declaration.job, group);
  }
  const share = fairShare(partitionsOf(merged), members.live.length, members.live.indexOf(fence.runId));
  const held = yield* claimShare(fence, group, share, nowMs);
  return {
    generation: next,
    members: members.live.length,
    held: yield* withPositions(group, held),
    surplus: held.slice(share).map(({ partition }) => partition),
  };
}

interface GroupRow {
  readonly generation: number;
  readonly shape: readonly ShapeTopic[];
}

function* lockGroup({ group, job }: GroupDeclaration, nowMs: number): Script<GroupRow> {
  const sql = "select generation, shape from stream_group where group_name = ? for update";
  let row = yield* one<{ generation: number; shape: string }>(sql, group);
  if (row === undefined) {
    yield* run(
      `insert into stream_group (group_name, job, generation, shape, created_at) values (?, ?, 0, '[]', ?)
      on conflict (group_name) do nothing`,
      group,
      job,
      nowMs,
    );
    row = yield* one<{ generation: number; shape: string }>(sql, group);
  }
  return { generation: row?.generation ?? 0, shape: JSON.parse(row?.shape ?? "[]") as readonly ShapeTopic[] };
}

// Adds partitions, and positions of topics, that the group does not know.
function* takeShape(
  known: readonly ShapeTopic[],
  declaration: GroupDeclaration,
): Script<{ shape: readonly ShapeTopic[]; changed: boolean }> {
  const shape = mergeShape(known, declaration);
  if (JSON.stringify(shape) === JSON.stringify(known)) return { shape, changed: false };
  const { group } = declaration;
  yield* run(
    `insert into stream_lease (group_name, partition, epoch)
    select cast(? as text), cast(r.value ->> 'partition' as int), 0 from (rows ?) r where true
    on conflict (group_name, partition) do nothing`,
    group,
    rowList(Array.from({ length: partitionsOf(shape) }, (_, partition) => ({ partition }))),
  );
  yield* run(
    `insert into stream_offset (group_name, topic_id, partition, topic, next_offset)
    select cast(? as text), r.value ->> 'topicId', cast(r.value ->> 'partition' as int), r.value ->> 'topic',
      cast(r.value ->> 'offset' as bigint) from (rows ?) r where true
    on conflict (group_name, topic_id, partition) do nothing`,
    group,
    rowList(newPositions(known, declaration).map((position) => ({ ...position }))),
  );
  return { shape, changed: true };
}

interface MemberRow extends Fence {
  readonly leaseEpoch: number | null;
}

// Live members in the order of their runs. Those whose lease is gone are forgotten.
function* joinMembers(
  fence: Fence,
  group: string,
  nowMs: number,
): Script<{ live: readonly number[]; changed: boolean }> {
  const rows = yield* all<MemberRow>(
    `select stream_member.run_id as "runId", stream_member.run_epoch as epoch, lease.epoch as "leaseEpoch"
    from stream_member left join lease on lease.run_id = stream_member.run_id
    where stream_member.group_name = ? order by stream_member.run_id`,
    group,
  );
  const live = rows.filter(({ epoch, leaseEpoch }) => epoch === leaseEpoch).map(({ runId }) => runId);
  const gone = rows.filter(({ epoch, leaseEpoch }) => epoch !== leaseEpoch).map(({ runId }) => runId);
  if (gone.length > 0) {
    yield* run("delete from stream_member where group_name = ? and run_id in (ids ?)", group, idList(gone));
  }
  const isMember = live.includes(fence.runId);
  if (!isMember) {
    const sql = "insert into stream_member (group_name, run_id, run_epoch, joined_at) values (?, ?, ?, ?)";
    yield* run(sql, group, fence.runId, fence.epoch, nowMs);
    live.push(fence.runId);
    live.sort((left, right) => left - right);
  }
  return { live, changed: gone.length > 0 || !isMember };
}

interface LeaseRow {
  readonly partition: number;
  readonly epoch: number;
  readonly runId: number | null;
  readonly runEpoch: number | null;
  /** Of the run that holds it, if it is leased. */
  readonly leaseEpoch: number | null;
}

type Held = Pick<HeldPartition, "partition" | "epoch">;

// By partition, with those that were claimed now.
function* claimShare(fence: Fence, group: string, share: number, nowMs: number): Script<readonly Held[]> {
  const rows = yield* all<LeaseRow>(
    `select stream_lease.partition, stream_lease.epoch, stream_lease.run_id as "runId", stream_lease.run_epoch as "runEpoch",
      lease.epoch as "leaseEpoch"
    from stream_lease left join lease on lease.run_id = stream_lease.run_id
    where stream_lease.group_name = ? order by stream_lease.partition`,
    group,
  );
  const isHeld = ({ runEpoch, leaseEpoch }: LeaseRow): boolean => runEpoch !== null && runEpoch === leaseEpoch;
  const own = rows.filter((row) => isHeld(row) && row.runId === fence.runId);
  const free = rows.filter((row) => !isHeld(row)).slice(0, Math.max(0, share - own.length));
  if (free.length === 0) return own;
  yield* run(
    `update stream_lease set epoch = epoch + 1, run_id = ?, run_epoch = ?, claimed_at = ?
    where group_name = ? and partition in (ids ?)`,
    fence.runId,
    fence.epoch,
    nowMs,
    group,
    idList(free.map(({ partition }) => partition)),
  );
  yield* countLosses(group, free);
  const claimed = free.map(({ partition, epoch }) => ({ partition, epoch: epoch + 1 }));
  return [...own, ...claimed].toSorted((left, right) => left.partition - right.partition);
}

// An owner that gave a partition back was not lost with what it had in hand.
function* countLosses(group: string, claimed: readonly LeaseRow[]): Script<void> {
  const lost = claimed.filter(({ runId }) => runId !== null).map(({ partition }) => partition);
  if (lost.length === 0) return;
  const sql = `update stream_offset set tries = tries + 1
    where group_name = ? and partition in (ids ?) and hand_to is not null`;
  yield* run(sql, group, idList(lost));
}

interface PositionRow {
  readonly partition: number;
  readonly topicId: string;
  readonly offset: number;
  readonly handTo: number | null;
  readonly tries: number;
}

function* withPositions(group: string, held: readonly Held[]): Script<readonly HeldPartition[]> {
  if (held.length === 0) return [];
  const rows = yield* all<PositionRow>(
    `select partition, topic_id as "topicId", next_offset as "offset", hand_to as "handTo", tries from stream_offset
    where group_name = ? and partition in (ids ?) order by partition, topic`,
    group,
    idList(held.map(({ partition }) => partition)),
  );
  const positions = new Map<number, GroupPosition[]>();
  for (const { partition, topicId, offset, handTo, tries } of rows) {
    const known = positions.get(partition) ?? [];
    positions.set(partition, known);
    const to = handTo ?? (tries > 0 ? offset + 1 : undefined);
    known.push({ topicId, offset, ...(to === undefined ? {} : { inHand: { to, tries } }) });
  }
  return held.map(({ partition, epoch }) => ({ partition, epoch, positions: positions.get(partition) ?? [] }));
}

/**
 * Gives partitions back. What is in hand and was never lost is as if it had not been taken; what was lost before stays counted.
 * @throws MillraceError `RUN_LOST`
 */
export function* releasePartitions(fence: Fence, group: string, partitions: readonly Held[]): Script<void> {
  yield* assertLease(fence);
  const held = yield* all<Held>(
    `select partition, epoch from stream_lease where group_name = ? and partition in (ids ?) and run_id = ? and run_epoch = ?
    order by partition for update`,
    group,
    idList(partitions.map(({ partition }) => partition)),
    fence.runId,
    fence.epoch,
  );
  const given = held.filter(({ partition, epoch }) =>
    partitions.some((asked) => asked.partition === partition && asked.epoch === epoch),
  );
  if (given.length === 0) return;
  const ids = idList(given.map(({ partition }) => partition));
  const release = `update stream_lease set run_id = null, run_epoch = null, claimed_at = null
    where group_name = ? and partition in (ids ?)`;
  yield* run(release, group, ids);
  const sql = "update stream_offset set hand_to = null where group_name = ? and partition in (ids ?) and tries = 0";
  yield* run(sql, group, ids);
}
