// Reads of one log: what an answer of a broker holds is given out piece by piece, and while one is worked through at most one more
// is fetched ahead. What nobody asks for any more, because a position moved, is dropped; all of it together is bounded.
import { MillraceError } from "../../core/errors/errors.ts";
import type { LogRead, RecordsRead, TopicReference } from "../../core/stream/stream-log.ts";
import { CommittedRecords, type Unpack } from "./wire/committed-records.ts";
import { type FetchedPartition, type FetchPosition, fetchRecords } from "./fetch-records.ts";
import type { KafkaCluster } from "./kafka-cluster.ts";
import { BrokerRefusal } from "./kafka-failure.ts";
import { listBounds } from "./list-offsets.ts";

/** What one fetch has brought, and what is known of the log by it. */
interface Answer {
  readonly topicId: string;
  readonly start: number;
  readonly end: number;
  readonly records: CommittedRecords;
  /** The answer behind this one, which may turn out to hold nothing. */
  ahead: Promise<Answer | undefined> | undefined;
}

interface Kept {
  readonly topicId: string;
  readonly bytes: number;
  readonly atMs: number;
  readonly answer: Promise<Answer | undefined> | Answer;
}

export class PartitionReader {
  readonly #cluster: KafkaCluster;
  readonly #unpack: Unpack;
  /** By the place of the next piece; the one that was kept last is last. */
  readonly #kept = new Map<string, Kept>();

  constructor(cluster: KafkaCluster) {
    this.#cluster = cluster;
    const algorithms = cluster.driver.compressionsAlgorithmsByBitmask;
    this.#unpack = (compression, body) => {
      const algorithm = algorithms[compression];
      if (algorithm === undefined) throw new Error(`unknown compression ${compression}`);
      return algorithm.decompressSync(body);
    };
  }

  /** @throws MillraceError as `StreamLog.read` */
  async read({ topic, partition, from, to = Infinity, maxBytes, signal }: LogRead): Promise<RecordsRead> {
    const position = { topicId: topic.id, partition, offset: from };
    const answer = (await this.#claim(position)) ?? (await this.#fetch(topic, position, maxBytes, signal));
    const { records, start } = answer;
    const end = Math.max(answer.end, records.end);
    if (records.end < Math.min(to, end)) answer.ahead ??= this.#fetchAhead(topic, position, records.end, maxBytes);
    const taken = records.take(to, Math.max(1, maxBytes));
    const { next } = records;
    if (!records.isDone) this.#keep({ ...position, offset: next }, answer, records.bytes);
    else if (answer.ahead !== undefined) this.#keep({ ...position, offset: next }, answer.ahead, maxFetchBytes);
    return { records: taken, next, start, end: Math.max(end, next) };
  }

  /** Whether records at a position are here already. */
  has(position: FetchPosition): boolean {
    return this.#kept.has(placeOf(position));
  }

  /** Takes in what came to somebody who waited. */
  offer(fetched: FetchedPartition): void {
    if (fetched.errorCode !== undefined || fetched.batches.length === 0) return;
    this.#keep(fetched, this.#toAnswer(fetched), fetched.batches.length);
  }

  /** Nothing of a topic is given out any more that was fetched before. */
  forget(topicId: string): void {
    for (const [place, kept] of this.#kept) if (kept.topicId === topicId) this.#kept.delete(place);
  }

  async #claim(position: FetchPosition): Promise<Answer | undefined> {
    const place = placeOf(position);
    const kept = this.#kept.get(place);
    this.#kept.delete(place);
    return await kept?.answer;
  }

  #keep(position: FetchPosition, answer: Kept["answer"], bytes: number): void {
    const now = this.#cluster.clock.now();
    const place = placeOf(position);
    this.#kept.delete(place);
    this.#kept.set(place, { topicId: position.topicId, bytes, atMs: now, answer });
    let sum = 0;
    for (const kept of this.#kept.values()) sum += kept.bytes;
    for (const [oldest, kept] of this.#kept) {
      if (oldest === place || (sum <= maxKeptBytes && now - kept.atMs < maxKeptMs)) break;
      this.#kept.delete(oldest);
      sum -= kept.bytes;
    }
  }

  async #fetch(
    topic: TopicReference,
    position: FetchPosition,
    maxBytes: number,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const what = `reading partition ${position.partition} of \`${topic.name}\``;
    const once = async (tries: number): Promise<FetchedPartition> =>
      await this.#fetchOnce(topic, position, maxBytes, tries > 0);
    return this.#toAnswer(await this.#cluster.retrying(what, once, signal));
  }

  /** Whatever goes wrong is met again by the read that comes here. */
  async #fetchAhead(
    topic: TopicReference,
    { topicId, partition }: FetchPosition,
    offset: number,
    maxBytes: number,
  ): Promise<Answer | undefined> {
    try {
      const fetched = await this.#fetchOnce(topic, { topicId, partition, offset }, maxBytes, false);
      return fetched.batches.length === 0 ? undefined : this.#toAnswer(fetched);
    } catch {
      return undefined;
    }
  }

  async #fetchOnce(
    topic: TopicReference,
    position: FetchPosition,
    maxBytes: number,
    isAnew: boolean,
  ): Promise<FetchedPartition> {
    // Brokers know topics by id here; only when this one is not known there is something to look up.
    const found = await this.#cluster.resolve(topic, isAnew ? 0 : Infinity);
    const connection = await this.#cluster.connection(this.#cluster.leaderOf(found, position.partition), "reads");
    const options = { maxWaitMs: 0, maxBytes: Math.min(maxFetchBytes, Math.max(minFetchBytes, maxBytes)) };
    const [fetched] = await fetchRecords(this.#cluster, connection, [position], options);
    const errorCode = fetched === undefined ? "UNKNOWN_TOPIC_ID" : fetched.errorCode;
    if (errorCode === "OFFSET_OUT_OF_RANGE") throw await this.#outOfRange(topic, position);
    if (fetched === undefined || errorCode !== undefined) {
      throw new BrokerRefusal(errorCode ?? "", `topic \`${topic.name}\``);
    }
    return fetched;
  }

  async #outOfRange(topic: TopicReference, { partition, offset }: FetchPosition): Promise<MillraceError> {
    const found = await this.#cluster.resolve(topic, 0);
    const [bounds] = await listBounds(this.#cluster, [found]);
    const { start, end } = bounds?.[partition] ?? {};
    const place = `partition ${partition} of \`${topic.name}\``;
    return new MillraceError(
      "OFFSET_OUT_OF_RANGE",
      `${place} has records from ${start} to ${end}, got: \`${offset}\``,
      {
        hint: "what was there is gone, or never was: move the group to an offset that is there",
        details: { topic: topic.name, partition, offset, start, end },
      },
    );
  }

  #toAnswer({ topicId, offset, start, stableEnd, batches, aborted }: FetchedPartition): Answer {
    const records = new CommittedRecords(offset, batches, aborted, this.#unpack);
    return { topicId, start, end: stableEnd, records, ahead: undefined };
  }
}

function placeOf({ topicId, partition, offset }: FetchPosition): string {
  return `${topicId}/${partition}/${offset}`;
}

const minFetchBytes = 1024 * 1024;
const maxFetchBytes = 4 * 1024 * 1024;
/** Of all partitions; one that was not asked for within the time is not asked for any more. */
const maxKeptBytes = 32 * 1024 * 1024;
const maxKeptMs = 60_000;
