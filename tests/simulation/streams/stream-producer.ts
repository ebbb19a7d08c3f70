// Producers that try each append again under its mark until they know that it is there, whatever becomes of their processes.
import type { TopicState } from "../../../src/core/stream/stream-log.ts";
import type { PartitionRecords } from "../../../src/core/stream/stream-record.ts";
import type { WorkerId } from "../../../src/store/rows/run-records.ts";
import { createEmbeddedLog } from "../../../src/stream/embedded/embedded-log.ts";
import { encodeValue } from "../../../src/stream/produce/encode-value.ts";
import { partitionRecords } from "../../../src/stream/records/partition-records.ts";
import type { SimulationRandom } from "../world/simulation-random.ts";
import { ordersOf } from "./stream-jobs.ts";
import { type MemberParts, Process } from "./stream-member.ts";
import { drawValue, type StreamPlan } from "./stream-plan.ts";

export interface ProducerParts {
  readonly parts: MemberParts;
  readonly plan: StreamPlan;
  readonly random: SimulationRandom;
  readonly orders: TopicState;
}

const retryMs = 50;

/** Of one world. */
export class StreamProducer {
  readonly #producer: ProducerParts;
  /** Ids of records that producers were told of. */
  readonly acknowledged: Set<string> = new Set();
  isDone = false;

  constructor(producer: ProducerParts) {
    this.#producer = producer;
  }

  /** @param partitions how many the topic has by now */
  async produceAll(partitions: () => number): Promise<void> {
    const { parts, plan, random, orders } = this.#producer;
    const own = random.fork("producer");
    const topic = ordersOf(orders.partitions);
    for (let sequence = 1; sequence <= plan.batches; sequence += 1) {
      await this.#rest(own.integer(0, (plan.healAtMs / plan.batches) * 1.2));
      const values = Array.from({ length: own.integer(1, 8) }, (_, n) => drawValue(own, plan, `r${sequence}.${n}`));
      const records = values.map((value) => encodeValue(topic, value, { nowMs: parts.loop.nowMs }));
      const produced = partitionRecords(records, partitions(), sequence);
      await appendSurely({ parts, topic: orders, records: produced, producer: "shop", sequence });
      for (const { id } of values) this.acknowledged.add(id);
    }
    this.isDone = true;
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#producer.parts.loop.after(ms, resolve));
  }
}

export interface SureAppend {
  readonly parts: MemberParts;
  readonly topic: TopicState;
  readonly records: readonly PartitionRecords[];
  readonly producer: string;
  readonly sequence: number;
}

/** Resolves when it is known to be there. The same parts are sent at each try, so that the mark finds them where they are. */
export async function appendSurely({ parts, topic, records, producer, sequence }: SureAppend): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const isDone = await new Promise<boolean>((resolve) => {
      const name = `${producer} ${sequence}.${tries}`;
      const process = new Process({ ...parts, onCrash: () => resolve(false) }, name, 0 as WorkerId, undefined);
      const log = createEmbeddedLog({ blocks: process.port(), clock: process.clock });
      log.append({ topic, parts: records, mark: { producer, sequence } }).then(
        () => resolve(true),
        () => resolve(false),
      );
    });
    parts.trace(producer, `append ${sequence} ${isDone ? "is done" : "is tried again"}`);
    if (isDone) return;
    await new Promise<void>((resolve) => void parts.loop.after(retryMs, resolve));
  }
}
