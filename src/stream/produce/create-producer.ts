// `ctx.produce` of jobs that end: durable when it resolves, and once in the life of the run, whatever its attempts.
import { MillraceError } from "../../core/errors/errors.ts";
import type { JobStreams, ProduceOptions, ProduceResult } from "../../core/stream/job-streams.ts";
import type { AppendedRange, StreamLog } from "../../core/stream/stream-log.ts";
import type { NewRecord } from "../../core/stream/stream-record.ts";
import type { StreamPayloads } from "../../core/stream/stream-payloads.ts";
import type { Topic } from "../../core/stream/topic.ts";
import { encodeHeaders, encodeValue } from "./encode-value.ts";
import { partitionRecords } from "../records/partition-records.ts";
import type { TopicBook } from "./topic-book.ts";

export interface ProducerOptions {
  readonly log: StreamLog;
  readonly topics: TopicBook;
  readonly payloads: Pick<StreamPayloads, "checkIn">;
  /** Names the run among all producers. */
  readonly producer: string;
  readonly now: () => number;
  /** What calls have done that an attempt before made. */
  readonly memory: ProduceMemory;
}

/** Remembers calls across attempts. */
export interface ProduceMemory {
  load(call: string): Promise<ProduceResult | undefined>;
  save(call: string, result: ProduceResult): Promise<void>;
}

/** Appended together; all of one call are there or none. */
const maxRecords = 100_000;

/**
 * The producer of a run. A call that an attempt before made is not made again; where its process died before that was written
 * down, the embedded log knows it by its mark.
 */
export function createProducer({
  log,
  topics,
  payloads,
  producer,
  now,
  memory,
}: ProducerOptions): JobStreams["produce"] {
  let calls = 0;
  const names = new Set<string>();
  return async (topic, values, options: ProduceOptions = {}) => {
    calls += 1;
    const keyless = calls;
    const call = takeName(names, options.name ?? `${topic.name} ${keyless}`);
    assertCount(topic.name, values.length);
    const encoded = { headers: encodeHeaders(options.headers), nowMs: now() };
    const records = values.map((value) => encodeValue(topic as Topic, value, encoded));
    const known = await memory.load(call);
    if (known !== undefined) return known;
    const stands = await payloads.checkIn(records, topic.claimCheckAboveBytes);
    const ranges = await append(topic, stands, `${producer}/${call}`, keyless);
    const result = { records: records.length, ranges };
    await memory.save(call, result);
    return result;
  };

  async function append(
    topic: Topic,
    records: readonly NewRecord[],
    name: string,
    keyless: number,
  ): Promise<readonly AppendedRange[]> {
    const state = await topics.find(topic);
    // The same records go to the same partitions at each attempt, so that the mark finds them there.
    const parts = partitionRecords(records, state.bounds.length, keyless);
    return parts.length === 0 ? [] : await log.append({ topic: state, parts, mark: { producer: name, sequence: 1 } });
  }
}

function takeName(names: Set<string>, name: string): string {
  if (names.has(name)) {
    throw new MillraceError("VALUE_INVALID", `two calls of \`ctx.produce\` have the same name, got: \`${name}\``, {
      hint: "give each call of a run a `name` of its own",
    });
  }
  names.add(name);
  return name;
}

function assertCount(topic: string, count: number): void {
  if (count <= maxRecords) return;
  throw new MillraceError(
    "VALUE_INVALID",
    `expected at most ${maxRecords} values for topic \`${topic}\` at once, got: \`${count}\``,
    { hint: "call `ctx.produce` several times, each with a `name`" },
  );
}
