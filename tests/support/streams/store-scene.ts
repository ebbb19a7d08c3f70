// A topic of users, a store made from it, and copies of the store in a folder, for tests of stores.
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../../src/core/clock.ts";
import { defineStore, type StoreDefinition, type StoreState } from "../../../src/core/stream/store.ts";
import { defineTopic } from "../../../src/core/stream/topic.ts";
import { createFolderPlace } from "../../../src/stream/stores/snapshot-place.ts";
import { StoreCopy } from "../../../src/stream/stores/store-copy.ts";
import { z } from "zod";
import { MemoryLog } from "./memory-log.ts";

/** An event of the topic: something is added to what the key has. */
export interface Amount {
  readonly id: string;
  readonly add: number;
}

export const amounts: ReturnType<typeof defineAmounts> = defineAmounts();

function defineAmounts() {
  return defineTopic({
    name: "amounts",
    partitions: 2,
    schema: z.object({ id: z.string(), add: z.number() }),
    key: (amount) => amount.id,
  });
}

/** Sums by key. */
export const sums: StoreDefinition<"sums", number> = defineStore({
  name: "sums",
  topic: amounts,
  apply: (store: StoreState<number>, { id, add }: Amount) => store.update(id, (sum = 0) => sum + add),
});

/** Time stands until a test moves it; whoever sleeps wakes as soon as somebody lets them. */
export class StandingClock implements Clock {
  nowMs = 1_000_000;
  now(): number {
    return this.nowMs;
  }
  sleep(): Promise<void> {
    return nextTurn();
  }
  turn(): Promise<void> {
    return nextTurn();
  }
}

/** What one test works with; its folder is gone afterwards. */
export class StoreScene implements AsyncDisposable {
  readonly log = new MemoryLog();
  readonly clock = new StandingClock();
  readonly said: string[] = [];
  readonly folder: string;
  readonly #open: StoreCopy[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<StoreScene> {
    const scene = new StoreScene(await mkdtemp(join(tmpdir(), "millrace-stores-")));
    await scene.log.declareTopic({ name: amounts.name, partitions: amounts.partitions, retentionMs: undefined });
    return scene;
  }

  get snapshotFolder(): string {
    return join(this.folder, "snapshots");
  }

  /** Appends to partition 0 or 1 as the key's first character is below `n` or not. */
  async append(...events: readonly (Amount | { readonly id: string; readonly add: null })[]): Promise<void> {
    for (const event of events)
      await this.appendRaw(partitionOf(event.id), event.id, event.add === null ? null : JSON.stringify(event));
  }

  async appendRaw(partition: number, key: string, value: string | null): Promise<void> {
    const topic = await this.log.declareTopic({ name: amounts.name, partitions: 2, retentionMs: undefined });
    this.clock.nowMs += 1;
    const record = {
      key: Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
      headers: [],
      timeMs: this.clock.nowMs,
    };
    await this.log.append({ topic, parts: [{ partition, records: [record] }] });
  }

  async open(definition: StoreDefinition = sums): Promise<StoreCopy> {
    const say = (message: string, fields: unknown): void => {
      this.said.push(`${message} ${JSON.stringify(fields)}`);
    };
    const copy = await StoreCopy.open({
      definition,
      log: this.log,
      clock: this.clock,
      logger: { info: say, warn: say },
      folder: join(this.folder, "stores"),
      snapshots: createFolderPlace(this.snapshotFolder),
      run: "r1",
    });
    this.#open.push(copy);
    return copy;
  }

  /** A copy that serves. */
  async openServing(definition: StoreDefinition = sums): Promise<StoreCopy> {
    const copy = await this.open(definition);
    await copy.whenServing(new AbortController().signal);
    return copy;
  }

  async close(copy: StoreCopy): Promise<void> {
    this.#open.splice(this.#open.indexOf(copy), 1);
    await copy[Symbol.asyncDispose]();
  }

  /** Forgets what copies hold, so that only snapshots are left. */
  async loseCopies(): Promise<void> {
    await rm(join(this.folder, "stores"), { recursive: true, force: true });
  }

  async snapshotFiles(end: ".sqlite" | ".json"): Promise<readonly string[]> {
    const names: readonly string[] = await readdir(this.snapshotFolder).catch(() => []);
    return names
      .filter((name) => name.endsWith(end))
      .toSorted()
      .map((name) => join(this.snapshotFolder, name));
  }

  /** Cuts the last half of a file away. */
  async truncate(path: string): Promise<void> {
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length / 2));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const copy of this.#open.splice(0)) await copy[Symbol.asyncDispose]();
    await this.log[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** All that a copy holds. */
export function contents(copy: StoreCopy): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...copy.reader().entries()].map(({ key, value }) => [key, value]));
}

/** Resolves when the copy holds the value: it applies in the background. */
export async function untilHeld(copy: StoreCopy, key: string, value: unknown): Promise<void> {
  while (!copy.isServing() || copy.reader().get(key) !== value) await nextTurn();
}

export function partitionOf(key: string): number {
  return key < "n" ? 0 : 1;
}

export async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
