// What people do with topics from outside of a run: the log of the project, and values that become records as in a run.
import { MillraceError } from "../../core/errors/errors.ts";
import { suggest } from "../../core/errors/suggest.ts";
import type { Job } from "../../core/job/job.ts";
import type { ProduceResult } from "../../core/stream/job-streams.ts";
import type { StreamLog, TopicState } from "../../core/stream/stream-log.ts";
import type { NewRecord } from "../../core/stream/stream-record.ts";
import type { Topic } from "../../core/stream/topic.ts";
import type { GivenRecord, ProduceCall, StreamDesk } from "../../server/stream-desk.ts";
import type { Json } from "../../store/rows/run-records.ts";
import { encodeHeaders, encodeValue } from "../../stream/produce/encode-value.ts";
import { claimCheckHeader } from "../../core/stream/payload-token.ts";
import type { StreamPayloads } from "../../core/stream/stream-payloads.ts";
import { isJoined } from "../../stream/joins/join-arrivals.ts";
import { murmur2 } from "../../stream/records/murmur2.ts";
import { partitionRecords } from "../../stream/records/partition-records.ts";
import { listStoreStatuses } from "../../stream/stores/store-status.ts";
import { decodeRecord, encodeRecord } from "../../stream/records/record-block.ts";

export interface StreamDeskOptions {
  /** Called once, when somebody asks for topics. */
  readonly open: () => Promise<StreamLog>;
  readonly topics: () => ReadonlyMap<string, Topic>;
  readonly now: () => number;
  /** Where large values go. */
  readonly payloads: Pick<StreamPayloads, "checkIn">;
  /** Of the project's local stores, absolute. */
  readonly storesFolder: string;
}

/** Closes the log that it has opened. */
export function createStreamDesk({
  open,
  topics,
  now,
  payloads,
  storesFolder,
}: StreamDeskOptions): StreamDesk & AsyncDisposable {
  let opened: Promise<StreamLog> | undefined;
  let keyless = 0;
  const log = (): Promise<StreamLog> => {
    opened ??= open();
    // What failed is tried again by the next who asks.
    opened.catch(() => (opened = undefined));
    return opened;
  };
  return {
    log,
    topics,
    async produce(name, call) {
      const own = topics().get(name);
      const to = await log();
      const given = call.records.map((record, index) => toRecord(own, record, { index, nowMs: now() }));
      const records = await payloads.checkIn(given, own?.claimCheckAboveBytes);
      const state = own === undefined ? await findTopic(to, name, topics().keys()) : await to.declareTopic(own);
      return await append(to, state, records, call, (keyless += 1));
    },
    stores: () => listStoreStatuses(storesFolder),
    decode: (payload) => decodeRecord(payload, 0),
    replaceValue(name, payload, value) {
      const record = decodeRecord(payload, 0);
      const { key, timeMs } = record;
      // what has come of a key of a join is no value of a topic
      const own = isJoined(record) ? undefined : topics().get(name);
      const bytes = own === undefined ? toBytes(value) : encodeValue(own, value, { nowMs: timeMs }).value;
      const headers = record.headers.filter((header) => header.name !== claimCheckHeader);
      return encodeRecord({ key, value: bytes, headers, timeMs });
    },
    async [Symbol.asyncDispose]() {
      await (await opened?.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
}

/** The topics that jobs work through, have among their inputs, or say that they produce into, by name. */
export function listTopics(jobs: Iterable<Job>): ReadonlyMap<string, Topic> {
  const topics = new Map<string, Topic>();
  for (const { stream, topicInputs } of jobs) {
    for (const topic of [...topicInputs, ...(stream?.topics ?? []), ...(stream?.produces ?? [])])
      topics.set(topic.name, topic);
  }
  return topics;
}

async function findTopic(log: StreamLog, name: string, defined: Iterable<string>): Promise<TopicState> {
  const found = await log.findTopic(name);
  if (found !== undefined) return found;
  const known = [...(await log.listTopics()).map((topic) => topic.name), ...defined];
  throw new MillraceError("TOPIC_UNKNOWN", `unknown topic \`${name}\`${suggest(name, known)}`, {
    hint: "a topic that a job of the project names is made when something is first produced into it",
  });
}

async function append(
  log: StreamLog,
  topic: TopicState,
  records: readonly NewRecord[],
  { idempotencyKey }: ProduceCall,
  keyless: number,
): Promise<ProduceResult> {
  if (idempotencyKey === undefined) {
    const ranges = await log.append({ topic, parts: partitionRecords(records, topic.bounds.length, keyless) });
    return { records: records.length, ranges };
  }
  // The same call goes to the same partitions again, where its mark is found.
  const place = murmur2(Buffer.from(idempotencyKey)) >>> 1;
  const parts = partitionRecords(records, topic.bounds.length, place);
  const ranges = await log.append({ topic, parts, mark: { producer: `call ${idempotencyKey}`, sequence: 1 } });
  return { records: records.length, ranges };
}

interface RecordPlace {
  /** Among the records of the call. */
  readonly index: number;
  readonly nowMs: number;
}

// What the definition says of key and time goes before what the caller says.
function toRecord(topic: Topic | undefined, given: GivenRecord, { index, nowMs }: RecordPlace): NewRecord {
  const headers = encodeHeaders(given.headers);
  const atMs = given.atMs ?? nowMs;
  const ownKey = given.key === undefined ? null : Buffer.from(given.key, "utf8");
  if (topic === undefined) return { key: ownKey, value: toBytes(given.value), headers, timeMs: atMs };
  try {
    const record = encodeValue(topic, given.value, { headers, nowMs: atMs });
    return { ...record, key: record.key ?? ownKey };
  } catch (error) {
    throw atRecord(error, index);
  }
}

// Whoever sent many wants to know which.
function atRecord(error: unknown, index: number): unknown {
  if (!(error instanceof MillraceError) || error.code !== "RECORD_INVALID") return error;
  const issues = [{ path: `body.records.${index}.value`, message: error.message }];
  return new MillraceError("RECORD_INVALID", error.message, {
    details: { issues },
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}

function toBytes(value: Json): Uint8Array {
  return Buffer.from(JSON.stringify(value), "utf8");
}
