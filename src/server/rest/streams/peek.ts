// Some records of a topic for people: by place, time or key, within a bound of what is looked at.
import { z } from "zod";
import type { PeekedRecords, PeekQuery } from "../../../api/streams/topic.ts";
import type { PartitionBounds, StreamLog, TopicState } from "../../../core/stream/stream-log.ts";
import type { LogRecord } from "../../../core/stream/stream-record.ts";
import { parseJsonCursor, toJsonCursor } from "../../json-cursor.ts";
import { requestInvalid } from "../../request-invalid.ts";
import { toRecordView } from "./to-bytes-view.ts";

/** Records looked at for one question, over all partitions. */
const maxLookedAt = 50_000;
const maxReadBytes = 1_048_576;
const defaultLimit = 50;

interface Place {
  readonly partition: number;
  readonly from: number;
  readonly end: number;
}

interface Found {
  readonly partition: number;
  readonly record: LogRecord;
  /** Its time, or that of a record before it in the partition where that is later: keeps the order of the partition. */
  readonly orderMs: number;
}

interface Look {
  readonly log: StreamLog;
  readonly topic: TopicState;
  readonly limit: number;
  readonly fits: (record: LogRecord) => boolean;
  /** The newest of those that fit are kept, not the oldest. */
  readonly newest: boolean;
  readonly signal: AbortSignal;
}

/** Records by time; a cursor goes on where they end. @throws MillraceError `REQUEST_INVALID` | `OFFSET_OUT_OF_RANGE` */
export async function peek(
  log: StreamLog,
  topic: TopicState,
  query: PeekQuery,
  signal: AbortSignal,
): Promise<PeekedRecords> {
  const { limit = defaultLimit, key, cursor, offset, since, from = "end" } = query;
  const newest = cursor === undefined && offset === undefined && since === undefined && from === "end";
  const places = await findPlaces(log, topic, { ...query, from, limit });
  const wanted = key === undefined ? undefined : Buffer.from(key, "utf8");
  const fits = ({ key: own }: LogRecord): boolean =>
    wanted === undefined || (own !== null && Buffer.compare(own, wanted) === 0);
  return await look({ log, topic, limit, fits, newest, signal }, places);
}

async function findPlaces(
  log: StreamLog,
  topic: TopicState,
  query: PeekQuery & { readonly from: "start" | "end"; readonly limit: number },
): Promise<readonly Place[]> {
  const { cursor, partition, offset, since, from, key, limit } = query;
  if (offset !== undefined && partition === undefined) throw requestInvalid(needsPartition);
  const bounds = topic.bounds.filter((one) => partition === undefined || one.partition === partition);
  if (bounds.length === 0) throw requestInvalid(noPartition(topic));
  if (cursor !== undefined) {
    const known = new Map(parseJsonCursor(cursorSchema, cursor));
    return bounds.map((one) => ({ ...one, from: Math.max(known.get(one.partition) ?? one.start, one.start) }));
  }
  if (offset !== undefined) return bounds.map((one) => ({ ...one, from: offset }));
  if (since !== undefined) {
    const atMs = Date.parse(since);
    return await Promise.all(
      bounds.map(async (one) => ({ ...one, from: await log.offsetAt(topic, one.partition, atMs) })),
    );
  }
  // With a key as many of the newest as may be looked at are.
  const window = key === undefined ? limit : Math.floor(maxLookedAt / bounds.length);
  return bounds.map((one) => ({ ...one, from: from === "start" ? one.start : firstOf(one, window) }));
}

function firstOf({ start, end }: PartitionBounds, window: number): number {
  return Math.max(start, end - window);
}

async function look(looking: Look, places: readonly Place[]): Promise<PeekedRecords> {
  const { limit, newest } = looking;
  const found: Found[] = [];
  const next = new Map<number, number>();
  const share = Math.max(1, Math.floor(maxLookedAt / places.length));
  let lookedAt = 0;
  for (const place of places) {
    const read = await readPlace(looking, place, share);
    lookedAt += read.lookedAt;
    next.set(place.partition, read.next);
    found.push(...inOrder(place.partition, read.records));
  }
  found.sort((a, b) => a.orderMs - b.orderMs || a.partition - b.partition || a.record.offset - b.record.offset);
  const shown = newest ? found.slice(-limit) : found.slice(0, limit);
  // What is left out of the end comes with the next page.
  if (!newest) for (const { partition, record } of found.slice(limit).toReversed()) next.set(partition, record.offset);
  return {
    items: shown.map(({ partition, record }) => toRecordView(partition, record)),
    next_cursor: toJsonCursor([...next]),
    looked_at: lookedAt,
    complete: places.every(({ partition, end, from }) => (next.get(partition) ?? from) >= end),
  };
}

async function readPlace(
  { log, topic, limit, fits, newest, signal }: Look,
  { partition, from, end }: Place,
  share: number,
): Promise<{ readonly records: readonly LogRecord[]; readonly next: number; readonly lookedAt: number }> {
  const records: LogRecord[] = [];
  let next = from;
  let lookedAt = 0;
  while (next < end && lookedAt < share && (newest || records.length < limit)) {
    const read = await log.read({ topic, partition, from: next, to: end, maxBytes: maxReadBytes, signal });
    for (const record of read.records) {
      if (lookedAt >= share || (!newest && records.length >= limit)) break;
      lookedAt += 1;
      next = record.offset + 1;
      if (fits(record)) records.push(record);
      if (records.length > limit) records.shift();
    }
    // Nothing that a reader sees is between these.
    if (read.records.length === 0) next = read.next <= next ? end : read.next;
    else if (next === (read.records.at(-1)?.offset ?? 0) + 1) next = Math.max(next, read.next);
  }
  return { records, next, lookedAt };
}

function inOrder(partition: number, records: readonly LogRecord[]): readonly Found[] {
  let orderMs = -Infinity;
  return records.map((record) => {
    orderMs = Math.max(orderMs, record.timeMs);
    return { partition, record, orderMs };
  });
}

const cursorSchema = z.array(z.tuple([z.int().min(0), z.int().min(0)])).max(10_000);

const needsPartition = { path: "query.partition", message: "expected with `offset`, whose number is of one partition" };

function noPartition({ name, partitions }: TopicState): { readonly path: string; readonly message: string } {
  return { path: "query.partition", message: `topic \`${name}\` has the partitions 0 to ${partitions - 1}` };
}
