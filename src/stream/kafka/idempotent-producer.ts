// Appends to single partitions without a transaction: one batch at a time for each, so that order is kept and the broker knows one
// that comes twice because its answer was lost. What is appended meanwhile goes out together with the next batch.
import type { AppendedRange } from "../../core/stream/stream-log.ts";
import type { NewRecord } from "../../core/stream/stream-record.ts";
import { BatchPlan, rangesOf } from "./batch-plan.ts";
import type { ClusterTopic, KafkaCluster } from "./kafka-cluster.ts";
import { isRefused } from "./kafka-failure.ts";
import { type ProducerIdentity, sendBatches } from "./send-batches.ts";

export interface SingleAppend {
  readonly topic: ClusterTopic;
  readonly partition: number;
  readonly records: readonly NewRecord[];
  readonly maxBatchBytes: number;
}

interface Pending extends SingleAppend {
  /** Whether nothing else is to be in its batch. */
  readonly isAlone?: boolean;
  readonly resolve: (ranges: AppendedRange[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Of one partition. */
interface Lane {
  readonly pending: Pending[];
  identity: ProducerIdentity | undefined;
  sequence: number;
  isRunning: boolean;
}

export class IdempotentProducer {
  readonly #cluster: KafkaCluster;
  readonly #lanes = new Map<string, Lane>();
  #identity: Promise<ProducerIdentity> | undefined;

  constructor(cluster: KafkaCluster) {
    this.#cluster = cluster;
  }

  /** Records that fit one batch. @throws MillraceError as `StreamLog.append` */
  async append(append: SingleAppend): Promise<AppendedRange[]> {
    const place = `${append.topic.id}/${append.partition}`;
    const lane = this.#lanes.get(place) ?? { pending: [], identity: undefined, sequence: 0, isRunning: false };
    this.#lanes.set(place, lane);
    const appended = Promise.withResolvers<AppendedRange[]>();
    lane.pending.push({ ...append, resolve: appended.resolve, reject: appended.reject });
    if (!lane.isRunning) void this.#run(lane);
    return await appended.promise;
  }

  async #run(lane: Lane): Promise<void> {
    lane.isRunning = true;
    while (lane.pending.length > 0) await this.#sendNext(lane);
    lane.isRunning = false;
  }

  async #sendNext(lane: Lane): Promise<void> {
    const plan = new BatchPlan();
    const taken: { readonly one: Pending; readonly ranges: () => AppendedRange[] }[] = [];
    for (const one of lane.pending.slice()) {
      if (taken.length > 0 && (one.isAlone || taken[0]?.one.isAlone)) break;
      const { topic, partition, records, maxBatchBytes } = one;
      const shares = plan.add(topic.name, [{ partition, records }], maxBatchBytes);
      // What opens a second batch waits for its turn; what it has put into this one is not sent then.
      if (plan.batches.length > 1) break;
      taken.push({ one, ranges: () => rangesOf(shares) });
      lane.pending.shift();
    }
    try {
      await this.#send(
        lane,
        plan,
        taken.reduce((sum, { one }) => sum + one.records.length, 0),
      );
      for (const { one, ranges } of taken) one.resolve(ranges());
    } catch (error) {
      // Whether the batch is there is not known; the broker would take what comes next for a gap, or for the same again.
      this.#identity = undefined;
      // What one of them was refused for takes no other with it.
      if (taken.length > 1 && isRefused(error))
        lane.pending.unshift(...taken.map(({ one }) => ({ ...one, isAlone: true })));
      else for (const { one } of taken) one.reject(error);
    }
  }

  async #send(lane: Lane, plan: BatchPlan, count: number): Promise<void> {
    const [batch] = plan.batches;
    if (batch === undefined) return;
    batch.records.length = count;
    const identity = await this.#identify();
    if (lane.identity !== identity) Object.assign(lane, { identity, sequence: 0 });
    const { sequence } = lane;
    await this.#cluster.retrying(`appending to \`${batch.topic}\``, async () => {
      const topic = await this.#cluster.findTopic(batch.topic, Infinity);
      const node = topic === undefined ? -1 : this.#cluster.leaderOf(topic, batch.partition);
      await sendBatches(this.#cluster, node, [{ batch, sequence }], identity, null);
    });
    lane.sequence = nextSequence(sequence, batch.records.length);
  }

  async #identify(): Promise<ProducerIdentity> {
    const { initProducerIdV4 } = this.#cluster.driver;
    this.#identity ??= this.#cluster.retrying("getting a producer id", async () => {
      const { producerId, producerEpoch } = await this.#cluster.askAny(initProducerIdV4.api, null, 0, -1n, -1);
      return { id: Number(producerId), epoch: producerEpoch };
    });
    try {
      return await this.#identity;
    } catch (error) {
      this.#identity = undefined;
      throw error;
    }
  }
}

/** Sequences begin again at 0 after the greatest 32-bit number. */
export function nextSequence(sequence: number, count: number): number {
  return (sequence + count) % 0x8000_0000;
}
