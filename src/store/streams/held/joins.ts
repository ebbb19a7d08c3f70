// Keys of joins. Whatever is written here is part of a delivery, so that what has come and how far the inputs are read never differ.
import { MillraceError } from "../../../core/errors/errors.ts";
import type { JoinDelivery, JoinMeasure, JoinRow, JoinState, JoinWrite } from "../../../core/stream/join-ledger.ts";
import { all, rowList, type RowValue, run, type Script, tupleList } from "../../rows/script.ts";
import { type PackedPlace, packedPayload, packPayloads } from "../pack-payloads.ts";
import { referToPayloads } from "./payloads.ts";

const columns = `held.join_key as "key", held.state, held.inputs, held.first_time as "firstTimeMs", held.due_at as "dueAtMs",
  held.attempts, held.error_code as "errorCode", held.error_message as "errorMessage", held.payload`;

/**
 * Three statements, however many keys there are; a fourth where their records name payloads.
 * @param isStill whether nothing else of the delivery refuses it when it comes a second time: then keys that are gone or emitted do
 * @throws MillraceError `PARTITION_LOST`
 */
export function* writeJoins(group: string, { writes, removals }: JoinDelivery, isStill: boolean): Script<void> {
  if (removals.length > 0) {
    const removed = yield* run(
      `delete from stream_join where (group_name, partition, join_key) in
        (select cast(? as text), cast(r.value ->> 'partition' as int), r.value ->> 'key' from (rows ?) r)`,
      group,
      rowList(removals.map(({ partition, key }) => ({ partition, key }))),
    );
    if (isStill && removed < removals.length) throw doneAlready(group);
  }
  const fresh = writes.filter(isFresh);
  if (fresh.length > 0) yield* writeFresh(group, fresh);
  const others = writes.filter((write) => !isFresh(write));
  if (others.length > 0) yield* writeOthers(group, others, isStill);
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

const replacing = `on conflict (group_name, partition, join_key) do update set state = excluded.state, inputs = excluded.inputs,
  first_time = excluded.first_time, due_at = excluded.due_at, attempts = excluded.attempts, bytes = excluded.bytes,
  error_code = excluded.error_code, error_message = excluded.error_message, payload = excluded.payload`;

/** Nearly all of them. */
function isFresh({ state, attempts, errorCode, payload }: JoinWrite): boolean {
  return state === "open" && attempts === 0 && errorCode === null && payload !== null;
}

function* writeFresh(group: string, writes: readonly JoinWrite[]): Script<void> {
  const { bytes, places } = packPayloads(writes.map(({ payload }) => payload ?? none));
  const rows = writes.map(({ partition, key, inputs, firstTimeMs, dueAtMs }, index) => {
    const { at = 1, size = 0 } = places[index] ?? {};
    return [key, partition, inputs, firstTimeMs, dueAtMs, at, size];
  });
  yield* run(
    `insert into stream_join (group_name, partition, join_key, state, inputs, first_time, due_at, attempts, bytes, error_code,
      error_message, payload)
    select cast(? as text), cast(r.value ->> 1 as int), r.value ->> 0, 'open', cast(r.value ->> 2 as bigint),
      cast(r.value ->> 3 as bigint), cast(r.value ->> 4 as bigint), 0, cast(r.value ->> 6 as bigint), null, null,
      substr((bytes ?), cast(r.value ->> 5 as int), cast(r.value ->> 6 as int))
    from (rows ?) r where true ${replacing}`,
    group,
    bytes,
    tupleList(rows),
  );
}

function* writeOthers(group: string, writes: readonly JoinWrite[], isStill: boolean): Script<void> {
  const { bytes, places } = packPayloads(writes.map(({ payload }) => payload ?? none));
  const written = yield* run(
    `insert into stream_join (group_name, partition, join_key, state, inputs, first_time, due_at, attempts, bytes, error_code,
      error_message, payload)
    select cast(? as text), cast(r.value ->> 'partition' as int), r.value ->> 'key', r.value ->> 'state',
      cast(r.value ->> 'inputs' as bigint), cast(r.value ->> 'firstTimeMs' as bigint), cast(r.value ->> 'dueAtMs' as bigint),
      cast(r.value ->> 'attempts' as int), cast(r.value ->> 'size' as bigint), r.value ->> 'errorCode',
      r.value ->> 'errorMessage', case when cast(r.value ->> 'kept' as int) = 1 then ${packedPayload} end
    from (rows ?) r where true ${replacing}
      where stream_join.state <> 'emitted' or cast(? as int) = 0`,
    group,
    bytes,
    rowList(writes.map((write, index) => toRow(write, places[index]))),
    isStill ? 1 : 0,
  );
  if (written < writes.length) throw doneAlready(group);
}

function doneAlready(group: string): MillraceError {
  return new MillraceError("PARTITION_LOST", `a key of join \`${group}\` is done already`, {
    hint: "it was written before; claim the partition again to see which keys still wait",
    details: { group },
  });
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
