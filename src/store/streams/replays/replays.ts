// Replays from their start to their end. Where one stands are the offsets of its group, which is like any other while it goes on and is
// forgotten at its end: nothing keeps the records of a topic for a replay that is over.
import { MillraceError } from "../../../core/errors/errors.ts";
import type { RunId } from "../../../core/run-id.ts";
import type { ReplayOutput, ReplayRecord, ReplayState } from "../../../core/stream/replay.ts";
import type { TopicRange } from "../../../core/stream/topic-reader.ts";
import { assertLease } from "../../rows/fence.ts";
import type { Fence } from "../../rows/run-records.ts";
import { all, one, rowList, run, type Script } from "../../rows/script.ts";
import type { PreparedSubmission } from "../../submit/prepare-submission.ts";
import { submit } from "../../submit/submit.ts";
import type { ShapeTopic } from "../group-shape.ts";
import type { NewReplay, ReplayChange } from "./replay-store.ts";

/** What is written with a submission that is checked. */
export type Prepared<Written> = Omit<Written, "submission"> & { readonly submission: PreparedSubmission | undefined };

/** @throws MillraceError `REPLAY_EXISTS` */
export function* startReplay(replay: Prepared<NewReplay>, nowMs: number): Script<void> {
  const { id, job, ranges, withEffects, isSwapWanted, createdBy, submission } = replay;
  const written = yield* run(
    `insert into stream_replay (group_name, job, state, ranges, outputs, with_effects, swap_wanted, created_at, created_by)
    values (?, ?, 'running', ?, '[]', ?, ?, ?, ?) on conflict (group_name) do nothing`,
    id,
    job,
    JSON.stringify(ranges),
    withEffects ? 1 : 0,
    isSwapWanted ? 1 : 0,
    nowMs,
    createdBy,
  );
  if (written === 0) {
    throw new MillraceError("REPLAY_EXISTS", `there is a replay of this name already: \`${id}\``, {
      hint: "choose another name, or leave it out",
    });
  }
  yield* addGroup(replay, nowMs);
  yield* giveRun(id, submission, nowMs);
}

/** Newest first. */
export function* listReplays(query: { readonly job?: string; readonly isActive?: boolean }): Script<ReplayRecord[]> {
  const rows = yield* all<ReplayRow>(
    `${columns} where (cast(? as text) is null or job = ?) and (cast(? as int) = 0 or ended_at is null)
    order by created_at desc, group_name desc limit 1000`,
    query.job ?? null,
    query.job ?? null,
    query.isActive === true ? 1 : 0,
  );
  return yield* withPositions(rows);
}

export function* findReplay(id: string): Script<ReplayRecord | undefined> {
  const rows = yield* all<ReplayRow>(`${columns} where group_name = ?`, id);
  const [record] = yield* withPositions(rows);
  return record;
}

/** @returns whether the replay was in that state, and the group of the swap stood as it has to */
export function* changeReplay(id: string, change: Prepared<ReplayChange>, nowMs: number): Script<boolean> {
  const { from, to, ranges, error = null, submission, standing } = change;
  if (standing !== undefined && !(yield* standsAtEnds(standing))) return false;
  const changed = yield* run(
    `update stream_replay set state = ?, ranges = coalesce(?, ranges), error = ?, ended_at = cast(? as bigint)
    where group_name = ? and state = ?`,
    to,
    ranges === undefined ? null : JSON.stringify(ranges),
    error,
    hasEnded.has(to) ? nowMs : null,
    id,
    from,
  );
  if (changed === 0) return false;
  yield* giveRun(id, submission, nowMs);
  if (hasEnded.has(to)) {
    for (const table of ["stream_member", "stream_lease", "stream_offset", "stream_group"]) {
      yield* run(`delete from ${table} where group_name = ?`, id);
    }
  } else if (from === "ready") yield* goOn(id, nowMs);
  return true;
}

/** The group of a replay that was ready begins where it ended. */
function* goOn(id: string, nowMs: number): Script<void> {
  const replay = yield* findReplay(id);
  if (replay === undefined) return;
  const ranges = replay.ranges.map((range) => ({ ...range, from: range.to }));
  yield* run("update stream_replay set run_id = null where group_name = ?", id);
  yield* addGroup({ id, job: replay.job, ranges }, nowMs);
}

/** Holds the group still until the transaction ends. */
function* standsAtEnds({ group, ranges }: NonNullable<ReplayChange["standing"]>): Script<boolean> {
  yield* one("select group_name from stream_group where group_name = ? for update", group);
  const open = yield* one("select number from stream_batch where group_name = ? and state = 'open'", group);
  if (open !== undefined) return false;
  const rows = yield* all<{ place: number }>(
    `select o.partition as place from (rows ?) r join stream_offset o on o.group_name = ? and o.topic_id = r.value ->> 'topic'
      and o.partition = cast(r.value ->> 'partition' as int) and o.next_offset = cast(r.value ->> 'to' as bigint)`,
    rowList(ranges.map(({ topic, partition, to }) => ({ topic: topic.id, partition, to }))),
    group,
  );
  return rows.length === ranges.length;
}

/** Whether a run makes the result of a replay the datasets of the job, so that its group gets no batch. */
export function* isSwapping(job: string): Script<boolean> {
  const sql = "select 1 as found from stream_replay where job = ? and state = 'swapping' and run_id is not null";
  return (yield* one(sql, job)) !== undefined;
}

/** @throws MillraceError `RUN_LOST` */
export function* noteReplayOutput(fence: Fence, id: string, output: ReplayOutput): Script<void> {
  yield* assertLease(fence);
  const row = yield* one<{ outputs: string }>("select outputs from stream_replay where group_name = ? for update", id);
  if (row === undefined) return;
  const known = JSON.parse(row.outputs) as readonly ReplayOutput[];
  const others = known.filter(({ dataset }) => dataset !== output.dataset);
  const outputs = JSON.stringify([...others, output]);
  if (outputs !== row.outputs) yield* run("update stream_replay set outputs = ? where group_name = ?", outputs, id);
}

const hasEnded: ReadonlySet<ReplayState> = new Set(["ready", "swapped", "cancelled", "failed"]);

const columns = `select group_name as id, job, state, ranges, outputs, with_effects as "withEffects", swap_wanted as "swapWanted",
  run_id as "runId", created_at as "createdAtMs", created_by as "createdBy", ended_at as "endedAtMs", error from stream_replay`;

interface ReplayRow {
  readonly id: string;
  readonly job: string;
  readonly state: ReplayState;
  readonly ranges: string;
  readonly outputs: string;
  readonly withEffects: number;
  readonly swapWanted: number;
  readonly runId: RunId | null;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly endedAtMs: number | null;
  readonly error: string | null;
}

/** One question for all; of a replay that is over nothing is left to ask. */
function* withPositions(rows: readonly ReplayRow[]): Script<ReplayRecord[]> {
  const offsets = yield* all<{ id: string; topicId: string; partition: number; offset: number }>(
    `select o.group_name as id, o.topic_id as "topicId", o.partition, o.next_offset as "offset"
    from (rows ?) r ordered join stream_offset o on o.group_name = r.value ->> 'id'`,
    rowList(rows.map(({ id }) => ({ id }))),
  );
  const at = new Map(offsets.map(({ id, topicId, partition, offset }) => [`${id} ${topicId} ${partition}`, offset]));
  return rows.map(({ ranges, outputs, withEffects, swapWanted, runId, endedAtMs, error, ...row }) => {
    const parsed = JSON.parse(ranges) as readonly TopicRange[];
    const isDone = row.state === "swapped" || row.state === "ready";
    return {
      ...row,
      ranges: parsed,
      positions: parsed.map(
        ({ topic, partition, from, to }) => at.get(`${row.id} ${topic.id} ${partition}`) ?? (isDone ? to : from),
      ),
      outputs: JSON.parse(outputs) as readonly ReplayOutput[],
      withEffects: withEffects === 1,
      isSwapWanted: swapWanted === 1,
      runId: runId ?? undefined,
      endedAtMs: endedAtMs ?? undefined,
      error: error ?? undefined,
    };
  });
}

/** The group stands where each range begins, so that its members go on from there. */
function* addGroup({ id, job, ranges }: Pick<NewReplay, "id" | "job" | "ranges">, nowMs: number): Script<void> {
  yield* run(
    `insert into stream_group (group_name, job, generation, shape, created_at) values (?, ?, 0, ?, ?)`,
    id,
    job,
    JSON.stringify(shapeOf(ranges)),
    nowMs,
  );
  yield* run(
    `insert into stream_lease (group_name, partition, epoch)
    select cast(? as text), cast(r.value ->> 'partition' as int), 0 from (rows ?) r where true
    on conflict (group_name, partition) do nothing`,
    id,
    rowList(ranges.map(({ partition }) => ({ partition }))),
  );
  yield* run(
    `insert into stream_offset (group_name, topic_id, partition, topic, next_offset)
    select cast(? as text), r.value ->> 'topicId', cast(r.value ->> 'partition' as int), r.value ->> 'topic',
      cast(r.value ->> 'from' as bigint) from (rows ?) r where true`,
    id,
    rowList(ranges.map(({ topic, partition, from }) => ({ topicId: topic.id, topic: topic.name, partition, from }))),
  );
}

function shapeOf(ranges: readonly TopicRange[]): readonly ShapeTopic[] {
  const topics = new Map<string, ShapeTopic>();
  for (const { topic, partition } of ranges) {
    const partitions = Math.max(topics.get(topic.name)?.partitions ?? 0, partition + 1);
    topics.set(topic.name, { name: topic.name, id: topic.id, partitions });
  }
  return [...topics.values()];
}

function* giveRun(id: string, submission: PreparedSubmission | undefined, nowMs: number): Script<void> {
  if (submission === undefined) return;
  const [made] = yield* submit([submission], nowMs);
  if (made !== undefined) yield* run("update stream_replay set run_id = ? where group_name = ?", made.rootRunId, id);
}
