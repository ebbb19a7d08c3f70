// A store with a topic and members of a group, and short ways to say what they do.
import type { Fence } from "../../../src/store/rows/run-records.ts";
import type {
  Assignment,
  BlockAppend,
  Delivery,
  GroupDeclaration,
  HeldPartition,
  RecordBlock,
} from "../../../src/core/stream/stream-ledger.ts";
import type { NewDeadLetter } from "../../../src/core/stream/set-aside-record.ts";
import type { TopicState } from "../../../src/core/stream/stream-log.ts";
import type { Store } from "../../../src/store/store.ts";
import { createStoreFixture, type CreateStore, fenceOf, type StoreFixture } from "../store/store-fixture.ts";

export class LedgerFixture implements AsyncDisposable {
  readonly stores: StoreFixture;
  readonly store: Store;

  constructor(stores: StoreFixture) {
    this.stores = stores;
    this.store = stores.store;
  }

  async topic(name = "orders", partitions = 4): Promise<TopicState> {
    return await this.store.declareTopic({ name, partitions, retentionMs: undefined });
  }

  /** A run that is leased, by a worker of its own. */
  async member(ttlMs?: number): Promise<Fence> {
    await this.stores.submit();
    return fenceOf(await this.stores.claimOne(await this.stores.worker("w", ttlMs)));
  }

  async declaration(topics: readonly TopicState[], more: Partial<GroupDeclaration> = {}): Promise<GroupDeclaration> {
    const bounds = await this.store.readBounds(topics.map(({ id }) => id));
    const declared = topics.map(({ name, id }) => ({ name, id, bounds: bounds.get(id) ?? [] }));
    return { group: "ship", job: "ship", topics: declared, startAt: "earliest", ...more };
  }

  async claim(fence: Fence, topic: TopicState, more: Partial<GroupDeclaration> = {}): Promise<Assignment> {
    return await this.store.claimPartitions(fence, await this.declaration([topic], more));
  }

  async append(topic: TopicState, ...blocks: readonly RecordBlock[]): Promise<void> {
    await this.store.appendBlocks([{ topicId: topic.id, blocks }]);
  }

  async end(topic: TopicState, partition = 0): Promise<number> {
    return (await this.store.readBounds([topic.id])).get(topic.id)?.[partition]?.end ?? Number.NaN;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stores[Symbol.asyncDispose]();
  }
}

export async function createLedgerFixture(createStore: CreateStore): Promise<LedgerFixture> {
  return new LedgerFixture(await createStoreFixture(createStore));
}

/** A block whose payload the store does not look into. */
export function block(partition: number, count: number, more: Partial<RecordBlock> = {}): RecordBlock {
  return {
    partition,
    count,
    bytes: count * 10,
    minTimeMs: 1,
    maxTimeMs: 1,
    payload: Buffer.from(`${partition}:${count}`),
    ...more,
  };
}

/** A move of one partition of a topic. */
export function move(
  topic: TopicState,
  held: HeldPartition,
  from: number,
  to: number,
  handTo?: number,
): Delivery["partitions"][number] {
  const more = handTo === undefined ? {} : { handTo };
  return { partition: held.partition, epoch: held.epoch, moves: [{ topicId: topic.id, from, to, ...more }] };
}

export function delivery(partitions: Delivery["partitions"], more: Partial<Delivery> = {}): Delivery {
  return { group: "ship", partitions, appends: [], deadLetters: [], parked: [], unparked: [], reparked: [], ...more };
}

export function appendOf(topic: TopicState, ...blocks: readonly RecordBlock[]): BlockAppend {
  return { topicId: topic.id, blocks };
}

export function letterOf(topic: TopicState, offset: number, more: Partial<NewDeadLetter> = {}): NewDeadLetter {
  return {
    topic: topic.name,
    topicId: topic.id,
    partition: 0,
    offset,
    keyText: `key-${offset}`,
    payload: Buffer.from(`record ${offset}`),
    attempts: 3,
    errorCode: "JOB_FAILED",
    errorMessage: "the job broke",
    code: "abc",
    ...more,
  };
}

/** The first partition that was claimed. */
export function firstOf({ held }: Assignment): HeldPartition {
  const [first] = held;
  if (first === undefined) throw new Error("nothing was claimed");
  return first;
}
