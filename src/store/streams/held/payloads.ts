// Payloads that lie beside the store: which are known, what refers to them, and which may go. A reference is written in the
// transaction of the row that it belongs to, so no row that names a payload is ever without one.
import {
  type PayloadEntry,
  payloadRemovalMs,
  type PayloadSweepPage,
  type TouchedPayload,
} from "../../../core/stream/payload-ledger.ts";
import { all, rowList, run, type Script } from "../../rows/script.ts";

/** A row that names payloads. */
export interface PayloadHolder {
  readonly kind: "block" | "aside" | "join";
  /** Of a topic its id, of a join its group. */
  readonly scope: string;
  readonly partition: number;
  /** An offset; 0 for a join. */
  readonly place: number;
  /** The key of a join; empty for the others. */
  readonly item: string;
  readonly hashes: readonly string[];
}

/** Notes that payloads are needed from now on. @returns those that are being removed, which are left as they are */
export function* touchPayloads(payloads: readonly TouchedPayload[], nowMs: number): Script<readonly string[]> {
  // in one order everywhere, so that two that touch the same wait for each other and never in a circle
  const sorted = payloads.toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
  const named = sorted.filter(({ bytes }) => bytes === undefined);
  const put = sorted.flatMap(({ sha256, bytes }) => (bytes === undefined ? [] : [{ sha256, bytes }]));
  if (put.length > 0) {
    yield* run(
      `insert into stream_payload (sha256, bytes, touched_at)
      select r.value ->> 'sha256', cast(r.value ->> 'bytes' as bigint), cast(? as bigint) from (rows ?) r
      where true order by r.value ->> 'sha256'
      on conflict (sha256) do update set touched_at = excluded.touched_at where stream_payload.removing_at is null`,
      nowMs,
      rowList(put),
    );
  }
  if (named.length > 0) {
    yield* run(
      `update stream_payload set touched_at = ? where removing_at is null
        and sha256 in (select r.value ->> 'sha256' from (rows ?) r)`,
      nowMs,
      rowList(named.map(({ sha256 }) => ({ sha256 }))),
    );
  }
  const removing = yield* all<{ sha256: string }>(
    `select sha256 from stream_payload where removing_at is not null
      and sha256 in (select r.value ->> 'sha256' from (rows ?) r)`,
    rowList(sorted.map(({ sha256 }) => ({ sha256 }))),
  );
  return removing.map(({ sha256 }) => sha256);
}

/** Refers to the payloads that are known; other things may be called `sha256`, too. One statement, none where nothing is named. */
export function* referToPayloads(holders: readonly PayloadHolder[]): Script<void> {
  const rows = holders.flatMap(({ kind, scope, partition, place, item, hashes }) =>
    hashes.map((sha256) => ({ kind, scope, partition, place, item, sha256 })),
  );
  if (rows.length === 0) return;
  yield* run(
    `insert into stream_payload_ref (kind, scope, partition, place, item, sha256)
    select r.value ->> 'kind', r.value ->> 'scope', cast(r.value ->> 'partition' as int), cast(r.value ->> 'place' as bigint),
      r.value ->> 'item', payload.sha256
    from (rows ?) r ordered join stream_payload payload on payload.sha256 = r.value ->> 'sha256' where true
    on conflict (kind, scope, partition, place, item, sha256) do nothing`,
    rowList(rows),
  );
}

/** Each kind by the primary key, or an index, of what it belongs to. */
const goneHolders = [
  `kind = 'block' and not exists (select 1 from stream_block block where block.topic_id = scope
    and block.partition = stream_payload_ref.partition and block.first_offset = place)`,
  // a dead letter that is sent again becomes a parked record
  `kind = 'aside' and (scope, partition, place) not in (
    select topic_id, partition, record_offset from stream_dead_letter where state = 'open'
    union all select topic_id, partition, record_offset from stream_parked)`,
  `kind = 'join' and not exists (select 1 from stream_join found where found.group_name = scope
    and found.partition = stream_payload_ref.partition and found.join_key = item and found.payload is not null)`,
];

/** @returns how many */
export function* dropPayloadReferences(): Script<number> {
  let dropped = 0;
  for (const isGone of goneHolders) dropped += yield* run(`delete from stream_payload_ref where ${isGone}`);
  return dropped;
}

/** Along the primary key. */
export function* beginPayloadRemoval(
  page: { readonly after: string; readonly graceMs: number; readonly limit: number },
  nowMs: number,
): Script<PayloadSweepPage> {
  const seen = yield* all<PayloadEntry & { readonly isFree: number }>(
    `select payload.sha256, payload.bytes, case when payload.touched_at < ?
        and (payload.removing_at is null or payload.removing_at < ?)
        and not exists (select 1 from stream_payload_ref known where known.sha256 = payload.sha256)
      then 1 else 0 end as "isFree"
    from stream_payload payload where payload.sha256 > ? order by payload.sha256 limit ? for update of payload`,
    nowMs - page.graceMs,
    nowMs - payloadRemovalMs,
    page.after,
    page.limit,
  );
  const removing = seen.filter(({ isFree }) => isFree === 1).map(({ sha256, bytes }) => ({ sha256, bytes }));
  if (removing.length > 0) {
    yield* run(
      `update stream_payload set removing_at = ? where sha256 in (select r.value ->> 'sha256' from (rows ?) r)`,
      nowMs,
      rowList(removing.map(({ sha256 }) => ({ sha256 }))),
    );
  }
  return { next: seen.length < page.limit ? undefined : seen.at(-1)?.sha256, seen: seen.length, removing };
}

export function* endPayloadRemoval(hashes: readonly string[]): Script<void> {
  yield* run(
    `delete from stream_payload where removing_at is not null
      and sha256 in (select r.value ->> 'sha256' from (rows ?) r)`,
    rowList(hashes.map((sha256) => ({ sha256 }))),
  );
}
