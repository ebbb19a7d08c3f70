// Records that a delivery sets aside: dead letters for people, and parked ones that wait for their next try.
import { MillraceError } from "../../core/errors/errors.ts";
import type { Delivery, ParkedRecord, ParkedTry } from "../../core/stream/stream-ledger.ts";
import type { NewDeadLetter, SetAsideRecord } from "../../core/stream/set-aside-record.ts";
import type { Fence } from "../rows/run-records.ts";
import { all, idList, rowList, run, type RowValue, type Script } from "../rows/script.ts";
import type { PayloadHolder } from "./held/payloads.ts";
import { packedPayload, packPayloads } from "./pack-payloads.ts";

/** What holds the payloads that a record names which is set aside. */
export function toHolder({ topicId, partition, offset, hashes = [] }: SetAsideRecord): PayloadHolder {
  return { kind: "aside", scope: topicId, partition, place: offset, item: "", hashes };
}

/** One statement. The job is the group's. */
export function* addDeadLetters(
  fence: Fence,
  group: string,
  letters: readonly NewDeadLetter[],
  nowMs: number,
): Script<void> {
  const { bytes, places } = packPayloads(letters.map(({ payload }) => payload));
  yield* run(
    `insert into stream_dead_letter (group_name, job, run_id, code, topic, topic_id, partition, record_offset, key_text, attempts,
      error_code, error_message, state, at, payload)
    select stream_group.group_name, stream_group.job, cast(? as bigint), r.value ->> 'code', ${setAsideColumns},
      'open', cast(? as bigint), ${packedPayload}
    from (rows ?) r ordered join stream_group on stream_group.group_name = ? order by r.key`,
    fence.runId,
    nowMs,
    bytes,
    rowList(letters.map((letter, index) => ({ code: letter.code, ...toRow(letter), ...places[index] }))),
    group,
  );
}

/**
 * Parks records, and forgets those that are done. One that is parked again keeps its id, also when it is named among those that are done.
 * @throws MillraceError `PARTITION_LOST` when one that is said to be done, or to be tried again, is not parked any more
 */
export function* parkRecords({ group, parked, unparked, reparked }: Delivery, nowMs: number): Script<void> {
  const kept = new Set<number>();
  if (parked.length > 0) {
    const { bytes, places } = packPayloads(parked.map(({ payload }) => payload));
    const rows = parked.map((record, index) => ({
      lane: record.laneKey,
      due: nowMs + record.dueInMs,
      ...toRow(record),
      ...places[index],
    }));
    const ids = yield* all<{ id: number }>(
      `insert into stream_parked (group_name, lane_key, due_at, topic, topic_id, partition, record_offset, key_text, attempts,
        error_code, error_message, payload)
      select cast(? as text), r.value ->> 'lane', cast(r.value ->> 'due' as bigint), ${setAsideColumns}, ${packedPayload}
      from (rows ?) r where true order by r.key
      on conflict (group_name, topic_id, partition, record_offset) do update set due_at = excluded.due_at,
        attempts = excluded.attempts, error_code = excluded.error_code, error_message = excluded.error_message,
        payload = excluded.payload returning id`,
      group,
      bytes,
      rowList(rows),
    );
    for (const { id } of ids) kept.add(id);
  }
  if (reparked.length > 0) yield* repark(group, reparked, nowMs);
  const done = unparked.filter((id) => !kept.has(id));
  if (done.length === 0) return;
  const sql = "delete from stream_parked where group_name = ? and id in (ids ?)";
  assertThere(group, done, yield* run(sql, group, idList(done)));
}

// A delivery of a parked record moves no offset, so this is what refuses one that comes a second time.
function assertThere(group: string, named: readonly number[], found: number): void {
  if (found === new Set(named).size) return;
  throw new MillraceError("PARTITION_LOST", `a parked record of group \`${group}\` is done already`, {
    hint: "it was written before; claim the partition again to see what is still parked",
    details: { group, ids: named },
  });
}

function* repark(group: string, tries: readonly ParkedTry[], nowMs: number): Script<void> {
  const found = yield* run(
    `update stream_parked set attempts = cast(r.value ->> 'attempts' as int), due_at = cast(r.value ->> 'due' as bigint)
    from (rows ?) r where stream_parked.id = cast(r.value ->> 'id' as bigint) and stream_parked.group_name = ?`,
    rowList(tries.map(({ id, attempts, dueInMs }) => ({ id, attempts, due: nowMs + dueInMs }))),
    group,
  );
  assertThere(
    group,
    tries.map(({ id }) => id),
    found,
  );
}

const setAsideColumns = `r.value ->> 'topic', r.value ->> 'topicId', cast(r.value ->> 'partition' as int),
  cast(r.value ->> 'offset' as bigint), r.value ->> 'keyText', cast(r.value ->> 'attempts' as int), r.value ->> 'errorCode',
  r.value ->> 'errorMessage'`;

function toRow(record: SetAsideRecord): Record<string, RowValue> {
  const { topic, topicId, partition, offset, keyText, attempts, errorCode, errorMessage } = record;
  return { topic, topicId, partition, offset, keyText, attempts, errorCode, errorMessage };
}

/** By id, which is the order of the records of a key. */
export function* listParked(query: {
  readonly group: string;
  readonly partition: number;
  readonly afterId: number;
  readonly limit: number;
}): Script<readonly ParkedRecord[]> {
  return yield* all<ParkedRecord>(
    `select id, topic, topic_id as "topicId", partition, record_offset as "offset", lane_key as "laneKey", due_at as "dueAtMs",
      key_text as "keyText", attempts, error_code as "errorCode", error_message as "errorMessage", payload
    from stream_parked where group_name = ? and partition = ? and id > ? order by id limit ?`,
    query.group,
    query.partition,
    query.afterId,
    query.limit,
  );
}
