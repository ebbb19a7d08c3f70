// What a test looks at of topics, dead letters and local stores.
import { readRange } from "../../core/stream/topic-reader.ts";
import type { StoreDefinition } from "../../core/stream/store.ts";
import type { LogRecord } from "../../core/stream/stream-record.ts";
import type { Topic } from "../../core/stream/topic.ts";
import { parseRunId } from "../../core/run-id.ts";
import { openStores } from "../../stream/stores/open-stores.ts";
import { decodeRecord } from "../../stream/records/record-block.ts";
import { join } from "node:path";
import type { TestWorker } from "../test-worker.ts";

/** A record as it lies in its topic. */
export interface TestRecord<Value = unknown> {
  readonly key: string | null;
  /** As the schema of the topic makes it. */
  readonly value: Value;
  /** Headers as text; of those with the same name the last. */
  readonly headers: Readonly<Record<string, string>>;
  readonly partition: number;
  readonly offset: number;
  readonly eventTime: Date;
}

/** A record that was given up. Of a join its value has what had come of the key, by the names of the inputs. */
export interface TestDeadLetter {
  readonly job: string;
  readonly topic: string;
  readonly key: string | null;
  /** As JSON; undefined where it is none. */
  readonly value: unknown;
  /** The error that it was given up for. */
  readonly code: string;
  readonly message: string;
  readonly tries: number;
}

const maxBytes = 1_048_576;
const mostLetters = 10_000;
const decoder = new TextDecoder();

/** All of a topic, partition by partition; nothing where it was never used. */
export async function readRecords<Value>(
  { log, payloads }: Pick<TestWorker, "log" | "payloads">,
  topic: Topic<string, Value>,
): Promise<readonly TestRecord<Value>[]> {
  const state = await log.findTopic(topic.name);
  const records: TestRecord<Value>[] = [];
  for (const { partition, start: from, end: to } of state?.bounds ?? []) {
    if (state === undefined) continue;
    const { signal } = new AbortController();
    for await (const page of readRange(log, { topic: state, partition, from, to }, { maxBytes, signal })) {
      for (const record of page) {
        const json = parseJson(await payloads.valueOf(record));
        const checked = topic.schema.safeParse(json);
        // what does not fit any more is shown as it is
        const value = checked.success ? checked.data : (json as Value);
        records.push({ ...toPlace(record), partition, value });
      }
    }
  }
  return records;
}

/** Those that are open, oldest first. */
export async function readDeadLetters({ store }: Pick<TestWorker, "store">): Promise<readonly TestDeadLetter[]> {
  const page = await store.listDeadLetters({ state: "open", limit: mostLetters });
  const letters = await Promise.all(page.map(({ id }) => store.findDeadLetter(id)));
  return letters.toReversed().flatMap((letter) => {
    if (letter === undefined) return [];
    const { job, topic, keyText: key, payload, offset, errorCode: code, errorMessage: message, attempts } = letter;
    return [{ job, topic, key, value: parseJson(decodeRecord(payload, offset).value), code, message, tries: attempts }];
  });
}

/** What a copy of the store holds that begins now. @throws MillraceError `STORE_APPLY_FAILED` and what else building it fails with */
export async function readStore<Value>(
  { log, clock, root }: Pick<TestWorker, "log" | "clock" | "root">,
  definition: StoreDefinition<string, Value>,
): Promise<ReadonlyMap<string, Value>> {
  const folders = { stores: join(root, ".millrace/looked-at"), payloads: join(root, ".millrace/looked-at-payloads") };
  const logger = { info: () => undefined, warn: () => undefined };
  const run = { id: parseRunId("r1"), job: "test", epoch: 1, attempt: 1 };
  await using opened = await openStores({ reach: { log, clock, logger, folders, run }, definitions: [definition] });
  await opened.whenServing(new AbortController().signal);
  const view = opened.store(definition);
  return new Map([...view.entries()].map(({ key, value }) => [key, value]));
}

function toPlace({ key, headers, offset, timeMs }: LogRecord): Omit<TestRecord, "value" | "partition"> {
  const texts = headers.map(({ name, value }) => [name, value === null ? "" : decoder.decode(value)] as const);
  return {
    key: key === null ? null : decoder.decode(key),
    headers: Object.fromEntries(texts),
    offset,
    eventTime: new Date(timeMs),
  };
}

function parseJson(value: Uint8Array | null): unknown {
  if (value === null) return null;
  try {
    return JSON.parse(decoder.decode(value));
  } catch {
    return undefined;
  }
}
