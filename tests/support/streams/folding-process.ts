// A process that folds a topic into a store until it is killed. The topic is made from a seed, so that whoever looks afterwards knows it.
import { createHash } from "node:crypto";
import { flushCompileCache } from "node:module";
import { defineStore, type StoreState } from "../../../src/core/stream/store.ts";
import { createFolderPlace } from "../../../src/stream/stores/snapshot-place.ts";
import { StoreCopy } from "../../../src/stream/stores/store-copy.ts";
import { MemoryLog } from "./memory-log.ts";
import { type Amount, amounts, StandingClock } from "./store-scene.ts";

/** The record at an offset. */
export function amountAt(partition: number, offset: number): Amount {
  const hash = createHash("md5").update(`${partition}/${offset}`).digest();
  return { id: `${partition}/${hash.readUInt16LE(0) % 500}`, add: hash.readUInt8(2) };
}

/** Of each partition. */
export const recordsEach = 60_000;

/** A log whose topic has an id that does not change from one process to the next. */
export class SeededLog extends MemoryLog {
  override async declareTopic(declaration: Parameters<MemoryLog["declareTopic"]>[0]) {
    return { ...(await super.declareTopic(declaration)), id: topicId };
  }
  override async read(read: Parameters<MemoryLog["read"]>[0]): ReturnType<MemoryLog["read"]> {
    const to = Math.min(read.from + 2_000, recordsEach);
    const records = Array.from({ length: to - read.from }, (_, index) => {
      const offset = read.from + index;
      const value = Buffer.from(JSON.stringify(amountAt(read.partition, offset)));
      return { offset, key: null, value, headers: [], timeMs: offset };
    });
    return { records, next: to, start: 0, end: recordsEach };
  }
}

export const topicId = "5f9c1a52-0000-4000-8000-000000000000";

/** Sums by key. */
export const counted = defineStore({
  name: "counted",
  topic: amounts,
  apply: (store: StoreState<number>, { id, add }: Amount) => store.update(id, (sum = 0) => sum + add),
});

if (import.meta.main) {
  const [folder = ""] = process.argv.slice(2);
  const copy = await StoreCopy.open({
    definition: counted,
    log: new SeededLog(),
    clock: new StandingClock(),
    logger: { info: () => undefined, warn: (message) => console.error(message) },
    folder,
    snapshots: createFolderPlace(`${folder}/snapshots`),
    run: "r1",
  });
  flushCompileCache();
  process.stdout.write("begun\n");
  await copy.whenServing(new AbortController().signal);
  process.stdout.write("done\n");
  await copy[Symbol.asyncDispose]();
}
