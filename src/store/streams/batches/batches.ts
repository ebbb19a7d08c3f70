// Batches from their making to their end. A group has one open batch at most and moves past it in the transaction that ends it, so
// batches of a group follow each other without a gap, and none is passed twice.
import type { BatchRecord } from "../../../core/stream/batch.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { formatRunId, type RunId } from "../../../core/run-id.ts";
import type { TopicRange } from "../../../core/stream/topic-reader.ts";
import { assertLease } from "../../rows/fence.ts";
import type { Fence } from "../../rows/run-records.ts";
import { all, one, rowList, run, type Script } from "../../rows/script.ts";
import type { PreparedSubmission } from "../../submit/prepare-submission.ts";
import { submit } from "../../submit/submit.ts";
import { isSwapping } from "../replays/replays.ts";
import type { NewDeadLetter } from "../../../core/stream/set-aside-record.ts";
import { referToPayloads } from "../held/payloads.ts";
import { addDeadLetters, toHolder } from "../set-aside.ts";
import type { BatchPage, NewBatch } from "./batch-store.ts";

/** Batches of a group that are kept. */
const keptBatches = 1_000;

/** A batch whose submission is checked. */
export type PreparedBatch = Omit<NewBatch, "submission"> & { readonly submission: PreparedSubmission };

/** Nothing is written unless the group stands where each range begins, and has no open batch. */
export function* openBatch(batch: PreparedBatch, nowMs: number): Script<RunId | undefined> {
  const { group, number, ranges } = batch;
  yield* one("select group_name from stream_group where group_name = ? for update", group);
  const last = yield* one<{ number: number; state: string }>(
    "select number, state from stream_batch where group_name = ? order by number desc limit 1",
    group,
  );
  if (last?.state === "open" || (last?.number ?? 0) !== number - 1) return undefined;
  if (yield* isSwapping(group)) return undefined;
  if (!(yield* standsAt(group, ranges))) return undefined;
  const [made] = yield* submit([batch.submission], nowMs);
  if (made?.created !== true) return undefined;
  yield* passLost(group, ranges);
  yield* insertBatch(batch, made.rootRunId, nowMs);
  return made.rootRunId;
}

// Records before the start of a partition are gone, and a batch begins behind them.
function* standsAt(group: string, ranges: readonly TopicRange[]): Script<boolean> {
  const rows = yield* all<{ place: number }>(
    `select o.partition as place from (rows ?) r join stream_offset o on o.group_name = ? and o.topic_id = r.value ->> 'topic'
      and o.partition = cast(r.value ->> 'partition' as int) and o.next_offset <= cast(r.value ->> 'from' as bigint)`,
    rowList(ranges.map(toRow)),
    group,
  );
  return ranges.length > 0 && rows.length === ranges.length;
}

function* passLost(group: string, ranges: readonly TopicRange[]): Script<void> {
  yield* run(
    `update stream_offset set next_offset = cast(r.value ->> 'from' as bigint) from (rows ?) r
    where stream_offset.group_name = ? and stream_offset.topic_id = r.value ->> 'topic'
      and stream_offset.partition = cast(r.value ->> 'partition' as int)
      and stream_offset.next_offset < cast(r.value ->> 'from' as bigint)`,
    rowList(ranges.map(toRow)),
    group,
  );
}

function* insertBatch(batch: PreparedBatch, runId: RunId, nowMs: number): Script<void> {
  const { group, number, job, because, records, bytes, firstAtMs, minTimeMs = null, maxTimeMs = null } = batch;
  yield* run(
    `insert into stream_batch (group_name, number, job, state, because, run_id, records, bytes, first_at, min_time, max_time, opened_at)
    values (?, ?, ?, 'open', ?, ?, ?, ?, ?, ?, ?, ?)`,
    group,
    number,
    job,
    because,
    runId,
    records,
    bytes,
    firstAtMs,
    minTimeMs,
    maxTimeMs,
    nowMs,
  );
  yield* run(
    `insert into stream_batch_range (group_name, number, topic_id, partition, topic, from_offset, to_offset)
    select cast(? as text), cast(? as bigint), r.value ->> 'topic', cast(r.value ->> 'partition' as int), r.value ->> 'name',
      cast(r.value ->> 'from' as bigint), cast(r.value ->> 'to' as bigint) from (rows ?) r`,
    group,
    number,
    rowList(batch.ranges.map(toRow)),
  );
}

interface EndedBatch {
  readonly group: string;
  readonly number: number;
  /** As JSON. */
  readonly result: string;
  readonly deadLetters: readonly NewDeadLetter[];
}

/** @throws MillraceError `RUN_LOST` | `BATCH_CLOSED` */
export function* endBatch(
  fence: Fence,
  { group, number, result, deadLetters }: EndedBatch,
  nowMs: number,
): Script<void> {
  yield* assertLease(fence);
  const batch = yield* lockBatch(group, number);
  if (batch.runId !== fence.runId || batch.state === "given_up") throw closed(group, batch);
  if (batch.state === "done") return;
  if (deadLetters.length > 0) {
    yield* addDeadLetters(fence, group, deadLetters, nowMs);
    yield* referToPayloads(deadLetters.map(toHolder));
  }
  yield* moveOn(group, number, nowMs);
  yield* run(
    "update stream_batch set state = 'done', ended_at = ?, result = ? where group_name = ? and number = ?",
    nowMs,
    result,
    group,
    number,
  );
  yield* forgetOld(group, number);
}

/** @throws MillraceError `BATCH_UNKNOWN` | `BATCH_CLOSED` | `TRANSITION_INVALID` */
export function* giveUpBatch(group: string, number: number, by: string, nowMs: number): Script<void> {
  const batch = yield* lockBatch(group, number);
  if (batch.state !== "open") throw closed(group, batch);
  const ended = yield* one("select run_id from outcome where run_id = ?", batch.runId);
  const isThere = yield* one("select id from run where id = ?", batch.runId);
  if (ended === undefined && isThere !== undefined) {
    const message = `batch \`${group}/${number}\` is with run \`${formatRunId(batch.runId)}\`, which has not ended`;
    throw new MillraceError("TRANSITION_INVALID", message, { hint: "stop the run first" });
  }
  yield* moveOn(group, number, nowMs);
  yield* run(
    "update stream_batch set state = 'given_up', ended_at = ?, ended_by = ? where group_name = ? and number = ?",
    nowMs,
    by,
    group,
    number,
  );
}

interface LockedBatch {
  readonly number: number;
  readonly state: BatchRecord["state"];
  readonly runId: RunId;
}

function* lockBatch(group: string, number: number): Script<LockedBatch> {
  const batch = yield* one<LockedBatch>(
    `select number, state, run_id as "runId" from stream_batch where group_name = ? and number = ? for update`,
    group,
    number,
  );
  if (batch !== undefined) return batch;
  throw new MillraceError("BATCH_UNKNOWN", `no batch is called \`${group}/${number}\``, {
    hint: `the newest ${keptBatches} batches of a group are kept`,
  });
}

function closed(group: string, { number, state, runId }: LockedBatch): MillraceError {
  const message = `batch \`${group}/${number}\` is not this run's to end, it is: \`${state}\` with run \`${formatRunId(runId)}\``;
  return new MillraceError("BATCH_CLOSED", message, {
    hint: "its records are done or were left out; nothing is to be done for it",
  });
}

// Where somebody has moved the group meanwhile, it stays.
function* moveOn(group: string, number: number, nowMs: number): Script<void> {
  yield* run(
    `update stream_offset set next_offset = b.to_offset, hand_to = null, tries = 0, committed_at = cast(? as bigint),
      max_time = case when stream_offset.max_time is null or b.max_time > stream_offset.max_time then b.max_time else stream_offset.max_time end
    from (select g.topic_id, g.partition, g.from_offset, g.to_offset, batch.max_time from stream_batch_range g
      join stream_batch batch on batch.group_name = g.group_name and batch.number = g.number
      where g.group_name = ? and g.number = ?) b
    where stream_offset.group_name = ? and stream_offset.topic_id = b.topic_id and stream_offset.partition = b.partition
      and stream_offset.next_offset = b.from_offset`,
    nowMs,
    group,
    number,
    group,
  );
}

function* forgetOld(group: string, number: number): Script<void> {
  for (const table of ["stream_batch_range", "stream_batch"]) {
    yield* run(`delete from ${table} where group_name = ? and number <= ?`, group, number - keptBatches);
  }
}

export function* findBatch(group: string, number: number): Script<BatchRecord | undefined> {
  const [found] = yield* listBatches({ group, before: number + 1, limit: 1 });
  return found?.number === number ? found : undefined;
}

interface BatchRow extends Omit<
  BatchRecord,
  "ranges" | "minTimeMs" | "maxTimeMs" | "endedAtMs" | "endedBy" | "result"
> {
  readonly minTimeMs: number | null;
  readonly maxTimeMs: number | null;
  readonly endedAtMs: number | null;
  readonly endedBy: string | null;
  readonly result: string | null;
}

/** Newest first. */
export function* listBatches({ group, before, limit }: BatchPage): Script<readonly BatchRecord[]> {
  const rows = yield* all<BatchRow>(
    `select group_name as "group", number, job, state, because, run_id as "runId", records, bytes, first_at as "firstAtMs",
      min_time as "minTimeMs", max_time as "maxTimeMs", opened_at as "openedAtMs", ended_at as "endedAtMs",
      ended_by as "endedBy", result
    from stream_batch where group_name = ? and number < ? order by number desc limit ?`,
    group,
    before ?? Number.MAX_SAFE_INTEGER,
    limit,
  );
  const last = rows.at(-1)?.number ?? 0;
  const ranges = yield* all<RangeRow>(
    `select number, topic_id as id, topic as name, partition, from_offset as "from", to_offset as "to" from stream_batch_range
    where group_name = ? and number >= ? and number < ? order by number, topic, partition`,
    group,
    last,
    before ?? Number.MAX_SAFE_INTEGER,
  );
  return rows.map(({ minTimeMs, maxTimeMs, ...row }) => ({
    ...row,
    ...(minTimeMs === null ? {} : { minTimeMs }),
    ...(maxTimeMs === null ? {} : { maxTimeMs }),
    endedAtMs: row.endedAtMs ?? undefined,
    endedBy: row.endedBy ?? undefined,
    result: row.result === null ? undefined : (JSON.parse(row.result) as unknown),
    ranges: ranges.filter(({ number }) => number === row.number).map(toRange),
  }));
}

interface RangeRow {
  readonly number: number;
  readonly id: string;
  readonly name: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

function toRange({ id, name, partition, from, to }: RangeRow): TopicRange {
  return { topic: { id, name }, partition, from, to };
}

function toRow({ topic, partition, from, to }: TopicRange): Readonly<Record<string, string | number>> {
  return { topic: topic.id, name: topic.name, partition, from, to };
}
