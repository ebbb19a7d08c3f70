// What a run reads of topics as rows: topics among its inputs as they were when it first asked, and the batch that it was given.
import { MillraceError } from "../../core/errors/errors.ts";
import { parseBatchId } from "../../core/stream/batch.ts";
import type { StreamLog, TopicState } from "../../core/stream/stream-log.ts";
import { isTopic, type Topic } from "../../core/stream/topic.ts";
import { type TopicName, toTopicName } from "../../core/stream/topic-name.ts";
import type { LogRecord } from "../../core/stream/stream-record.ts";
import type { StreamPayloads } from "../../core/stream/stream-payloads.ts";
import type { LeftOutRecords } from "../../core/stream/batch.ts";
import { hasBrokenToken, tokenOf } from "../../stream/claims/payloads.ts";
import { fitValue } from "../../stream/batches/left-out.ts";
import type { TopicRange, TopicReader } from "../../core/stream/topic-reader.ts";
import type { AttemptPort } from "../../orchestrator/attempt/attempt-port.ts";
import type { RunDataInput } from "../../orchestrator/attempt/job-context-input.ts";
import type { Json } from "../../store/rows/run-records.ts";

/** What queries call the records of a batch. */
const batchName = "batch";

export interface TopicReaderParts {
  readonly log: Pick<StreamLog, "read" | "findTopic" | "declareTopic">;
  readonly payloads: Pick<StreamPayloads, "valueOf">;
  readonly leftOut: LeftOutRecords;
}

/** Of a value that is a row of a query. */
const maxRowBytes = 8 * 1024 * 1024;

/** What an attempt remembers, and what its batch is. */
type ReaderMemory = Pick<AttemptPort, "findBatch" | "loadStep" | "saveStep">;

/** Of one attempt. */
export function createTopicReader(
  { log, payloads, leftOut }: TopicReaderParts,
  {
    run,
    topicInputs,
    stream,
    lease,
    signal,
  }: Pick<RunDataInput, "topicInputs" | "stream" | "signal"> & {
    readonly run: Pick<RunDataInput["run"], "params">;
    readonly lease: ReaderMemory;
  },
): TopicReader {
  const known = new Map(topicInputs.map((topic) => [topic.name, topic]));
  const batch = stream?.kind === "batches" ? parseBatchId(batchOf(run.params)) : undefined;
  const findTopic = (topic: TopicName): Promise<TopicState | undefined> => findOrMake(log, topic);
  return {
    names: [...known.keys(), ...(batch === undefined ? [] : [batchName])],
    read: (read) => log.read(read),
    valueOf: (record, range) => valueOf(payloads, record, range, signal),
    admits: (name, record, range, json) => {
      // Only records of a batch have dead letters.
      if (name !== batchName || batch === undefined) return true;
      const topic = stream?.topics.find((one) => one.name === range.topic.name);
      const fitted = fitValue(topic, record, json);
      if ("problem" in fitted) leftOut.add(range, record, fitted.problem);
      return !("problem" in fitted);
    },
    findTopic,
    rangesOf: async (name) => {
      if (name === batchName && batch !== undefined) return await rangesOfBatch(lease, batch);
      return await rememberRanges(lease, name, async () => rangesNow(await findTopic(known.get(name) ?? name), name));
    },
  };
}

async function valueOf(
  payloads: Pick<StreamPayloads, "valueOf">,
  record: LogRecord,
  { topic, partition }: TopicRange,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  // What says that it is a token, and is none, is no JSON either.
  if (hasBrokenToken(record)) return new Uint8Array();
  const token = tokenOf(record);
  if (token === undefined || token.bytes <= maxRowBytes) return await payloads.valueOf(record, { signal });
  const message = `record ${record.offset} of partition ${partition} of topic \`${topic.name}\` has a value of ${token.bytes} bytes, a row has at most: \`${maxRowBytes}\``;
  throw new MillraceError("SOURCE_UNREADABLE", message, { hint: "read the topic with a handler instead of a query" });
}

function batchOf(params: Json): unknown {
  return typeof params === "object" && params !== null && "batch" in params ? params["batch"] : undefined;
}

async function findOrMake(
  log: Pick<StreamLog, "findTopic" | "declareTopic">,
  topic: TopicName,
): Promise<TopicState | undefined> {
  const found = await log.findTopic(toTopicName(topic));
  if (found !== undefined || !isTopic(topic)) return found;
  const { name, partitions, retentionMs }: Topic = topic;
  return await log.declareTopic({ name, partitions, retentionMs });
}

async function rangesOfBatch(
  lease: ReaderMemory,
  { group, number }: { readonly group: string; readonly number: number },
): Promise<readonly TopicRange[]> {
  const found = await lease.findBatch(group, number);
  if (found !== undefined) return found.ranges;
  throw new MillraceError("BATCH_UNKNOWN", `no batch is called \`${group}/${number}\``);
}

function rangesNow(topic: TopicState | undefined, name: string): readonly TopicRange[] {
  if (topic === undefined) {
    throw new MillraceError("TOPIC_UNKNOWN", `no topic is called \`${name}\``, {
      hint: "a topic is made by the first who produces to it, or reads it as `defineTopic` returns it",
    });
  }
  return topic.bounds.map(({ partition, start, end }) => {
    return { topic: { name: topic.name, id: topic.id }, partition, from: start, to: end };
  });
}

/** A later attempt reads what the first one read. */
async function rememberRanges(
  lease: ReaderMemory,
  name: string,
  find: () => Promise<readonly TopicRange[]>,
): Promise<readonly TopicRange[]> {
  const step = `topic ${name}`;
  const before = await lease.loadStep(step);
  // What was saved here comes back as it was.
  if (before !== undefined) return before.value as unknown as readonly TopicRange[];
  const ranges = await find();
  await lease.saveStep(step, ranges as unknown as Json);
  return ranges;
}
