// The context of one record. It is small, because there is one for each of hundreds of thousands a second; what is rarely asked
// for is made when it is.
import type { JobContext } from "../../core/job/job-context.ts";
import { effectsOff } from "../../core/stream/replay-param.ts";
import type { LogRecord } from "../../core/stream/stream-record.ts";
import type { Topic } from "../../core/stream/topic.ts";
import type { AskLookup } from "../lookup/lookups.ts";
import { encodeHeaders, encodeValue } from "../produce/encode-value.ts";
import type { AskStore } from "../stores/open-stores.ts";
import type { WorkerReplay } from "./worker-settings.ts";
import { Effects, type Outcome } from "./effects.ts";
import type { StreamContext, StreamProduceOptions, StreamRecord } from "./stream-context.ts";

/** What all records of a partition share. */
export interface RecordPlace {
  readonly ctx: JobContext;
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  readonly replay: WorkerReplay | undefined;
  readonly lookup: AskLookup;
  readonly store: AskStore;
  readonly now: () => number;
}

const decoder = new TextDecoder();

/** Seen by the handler; what it produced is taken when the record is done. */
export class RecordContext implements StreamContext {
  readonly #place: RecordPlace;
  readonly #given: LogRecord;
  readonly #tries: number;
  #record: StreamRecord | undefined;
  #effects: Effects | undefined;

  constructor(place: RecordPlace, record: LogRecord, tries: number) {
    this.#place = place;
    this.#given = record;
    this.#tries = tries;
  }

  get config(): unknown {
    return this.#place.ctx.config;
  }

  get params(): unknown {
    return this.#place.ctx.params;
  }

  get run(): JobContext["run"] {
    return this.#place.ctx.run;
  }

  get capabilities(): JobContext["capabilities"] {
    return this.#place.ctx.capabilities;
  }

  get signal(): AbortSignal {
    return this.#place.ctx.signal;
  }

  get log(): JobContext["log"] {
    return this.#place.ctx.log;
  }

  get metric(): JobContext["metric"] {
    return (...figure) => this.#place.ctx.metric(...figure);
  }

  get connection(): JobContext["connection"] {
    const { ctx, replay } = this.#place;
    return (name) => {
      if (replay?.withEffects === false) throw effectsOff(name);
      return ctx.connection(name);
    };
  }

  get secret(): JobContext["secret"] {
    return (value) => this.#place.ctx.secret(value);
  }

  get path(): JobContext["path"] {
    return (relative) => this.#place.ctx.path(relative);
  }

  get sql(): JobContext["sql"] {
    return this.#place.ctx.sql;
  }

  get lookup(): StreamContext["lookup"] {
    return this.#place.lookup;
  }

  get putPayload(): StreamContext["putPayload"] {
    return (...input) => this.#place.ctx.streams.payloads.put(...input);
  }

  get openPayload(): StreamContext["openPayload"] {
    return (...input) => this.#place.ctx.streams.payloads.open(...input);
  }

  get store(): StreamContext["store"] {
    return this.#place.store;
  }

  get replay(): boolean {
    return this.#place.replay !== undefined;
  }

  get record(): StreamRecord {
    return (this.#record ??= toStreamRecord(this.#place, this.#given, this.#tries));
  }

  // A function of its own: handlers may take it out of the context.
  get produce(): StreamContext["produce"] {
    return (topic, values, options) => this.#produce(topic, values, options);
  }

  /** What the record left. */
  get outcome(): Outcome {
    return this.#effects;
  }

  #produce(topic: Topic, values: readonly unknown[], { headers }: StreamProduceOptions = {}): void {
    const encoded = encodeHeaders(headers);
    const nowMs = this.#place.now();
    // All of them or none.
    const records = values.map((value) => ({ topic, record: encodeValue(topic, value, { headers: encoded, nowMs }) }));
    // The values are checked all the same, as they were when the records came first.
    if (this.#place.replay?.withEffects === false) return;
    this.#effects ??= new Effects();
    for (const record of records) this.#effects.produced.push(record);
  }
}

/** The key as people and handlers see it. */
export function keyOf({ key }: Pick<LogRecord, "key">): string | null {
  return key === null ? null : decoder.decode(key);
}

function toStreamRecord(place: RecordPlace, record: LogRecord, tries: number): StreamRecord {
  const { topic, topicId, partition } = place;
  const headers = record.headers.map(({ name, value }) => [name, value === null ? "" : decoder.decode(value)] as const);
  return {
    id: `${topicId}/${partition}/${record.offset}`,
    topic,
    partition,
    offset: record.offset,
    key: keyOf(record),
    headers: Object.fromEntries(headers),
    eventTime: new Date(record.timeMs),
    tries,
  };
}
