// How much waits for the next batch of each group. Only what has come since the last look is asked for, however much there is.
import { type BatchSize, uniteSizes } from "../../core/stream/batch.ts";
import type { TopicRange } from "../../core/stream/topic-reader.ts";
import type { BatchSight } from "../../store/streams/batches/batch-store.ts";

interface Known {
  readonly from: number;
  readonly seen: number;
  readonly size: BatchSize | undefined;
}

/** Remembers what it has measured; another process measures it anew. */
export class FillMeter {
  readonly #measure: (ranges: readonly TopicRange[]) => Promise<readonly (BatchSize | undefined)[]>;
  readonly #known = new Map<string, Known>();

  constructor(measure: (ranges: readonly TopicRange[]) => Promise<readonly (BatchSize | undefined)[]>) {
    this.#measure = measure;
  }

  /** By group; a group without a record is absent. One question for all. */
  async measure(sights: readonly Pick<BatchSight, "group" | "waiting">[]): Promise<ReadonlyMap<string, BatchSize>> {
    const places = sights.flatMap(({ group, waiting }) =>
      waiting.map((range) => ({ key: `${group} ${range.topic.id}/${range.partition}`, range })),
    );
    const fresh = places.flatMap(({ key, range }) => {
      const known = this.#known.get(key);
      const seen = known?.from === range.from ? Math.min(known.seen, range.to) : range.from;
      return seen < range.to ? [{ key, range, seen }] : [];
    });
    const sizes =
      fresh.length === 0 ? [] : await this.#measure(fresh.map(({ range, seen }) => ({ ...range, from: seen })));
    for (const [index, { key, range, seen }] of fresh.entries()) {
      const before = seen === range.from ? undefined : this.#known.get(key)?.size;
      const size = uniteSizes([before, sizes[index]].filter((part) => part !== undefined));
      this.#known.set(key, { from: range.from, seen: range.to, size });
    }
    return new Map(sights.flatMap(({ group, waiting }) => this.#total(group, waiting)));
  }

  #total(group: string, waiting: readonly TopicRange[]): [string, BatchSize][] {
    const parts = waiting.flatMap(({ topic, partition, from, to }) => {
      const known = this.#known.get(`${group} ${topic.id}/${partition}`);
      return from < to && known?.from === from && known.size !== undefined ? [known.size] : [];
    });
    const size = uniteSizes(parts);
    return size === undefined ? [] : [[group, size]];
  }
}
