// Keys of joins. Whatever is written here is part of a delivery, so that what has come and how far the inputs are read never differ.
import type { JoinDelivery, JoinMeasure, JoinRow, JoinState, JoinWrite } from "../../../core/stream/join-ledger.ts";
import { all, rowList, type RowValue, run, type Script } from "../../rows/script.ts";
import { type PackedPlace, packedPayload, packPayloads } from "../pack-payloads.ts";
import { referToPayloads } from "./payloads.ts";

const columns = `held.join_key as "key", held.state, held.inputs, held.first_time as "firstTimeMs", held.due_at as "dueAtMs",
  held.attempts, held.error_code as "errorCode", held.error_message as "errorMessage", held.payload`;

/** Two statements, however many keys there are; a third where their records name payloads. */
export function* writeJoins(group: string, { writes, removals }: JoinDelivery): Script<void> {
  if (removals.length > 0) {
    yield* run(
      `delete from stream_join where (group_name, partition, join_key) in
        (select cast(? as text), cast(r.value ->> 'partition' as int), r.value ->> 'key' from (rows ?) r)`,
      group,
      rowList(removals.map(({ partition, key }) => ({ partition, key }))),
    );
  }
  if (writes.length === 0) return;
  const { bytes, places } = packPayloads(writes.map(({ payload }) => payload ?? none));
  const rows = writes.map((write, index) => toRow(write, places[index]));
  yield* run(
    `insert into stream_join (group_name, partition, join_key, state, inputs, first_time, due_at, attempts, bytes, error_code,
      error_message, payload)
    select cast(? as text), cast(r.value ->> 'partition' as int), r.value ->> 'key', r.value ->> 'state',
      cast(r.value ->> 'inputs' as bigint), cast(r.value ->> 'firstTimeMs' as bigint), cast(r.value ->> 'dueAtMs' as bigint),
      cast(r.value ->> 'attempts' as int), cast(r.value ->> 'size' as bigint), r.value ->> 'errorCode',
      r.value ->> 'errorMessage', case when cast(r.value ->> 'kept' as int) = 1 then ${packedPayload} end
    from (rows ?) r where true
    on conflict (group_name, partition, join_key) do update set state = excluded.state, inputs = excluded.inputs,
      first_time = excluded.first_time, due_at = excluded.due_at, attempts = excluded.attempts, bytes = excluded.bytes,
      error_code = excluded.error_code, error_message = excluded.error_message, payload = excluded.payload`,
    group,
    bytes,
    rowList(rows),
  );
  yield* referToPayloads(
    writes.map(({ partition, key, hashes }) => ({
      kind: "join",
      scope: group,
      partition,
      place: 0,
      item: key,
      hashes,
    })),
  );
}

const none = new Uint8Array();

function toRow(
  { partition, key, state, inputs, firstTimeMs, dueAtMs, attempts, errorCode, errorMessage, payload }: JoinWrite,
  place: PackedPlace | undefined,
): Record<string, RowValue> {
  const kept = payload === null ? 0 : 1;
  return { partition, key, state, inputs, firstTimeMs, dueAtMs, attempts, errorCode, errorMessage, kept, ...place };
}

/** Along the primary key. */
export function* readJoins(query: {
  readonly group: string;
  readonly partition: number;
  readonly keys: readonly string[];
}): Script<readonly JoinRow[]> {
  return yield* all<JoinRow>(
    `select ${columns} from (rows ?) r ordered join stream_join held on held.group_name = ? and held.partition = ?
      and held.join_key = r.value ->> 'key'`,
    rowList(query.keys.map((key) => ({ key }))),
    query.group,
    query.partition,
  );
}

/** Along the index of what is due. */
export function* listDueJoins(query: {
  readonly group: string;
  readonly partition: number;
  readonly state: JoinState;
  readonly dueByMs: number;
  readonly limit: number;
}): Script<readonly JoinRow[]> {
  return yield* all<JoinRow>(
    `select ${columns} from stream_join held where held.group_name = ? and held.partition = ? and held.state = ?
      and held.due_at <= ? order by held.due_at limit ?`,
    query.group,
    query.partition,
    query.state,
    query.dueByMs,
    query.limit,
  );
}

/** By partition and state. @param partition default: all */
export function* measureJoins(group: string, partition?: number): Script<readonly JoinMeasure[]> {
  return yield* all<JoinMeasure>(
    `select partition, state, count(*) as keys, cast(sum(bytes) as bigint) as bytes, min(due_at) as "nextDueAtMs",
      min(first_time) as "oldestTimeMs"
    from stream_join where group_name = ? and partition between ? and ? group by partition, state order by partition, state`,
    group,
    partition ?? 0,
    partition ?? 2_147_483_647,
  );
}
