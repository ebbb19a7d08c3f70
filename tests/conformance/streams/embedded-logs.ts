// The embedded log over a store, with a second connection to it as another process has.
import { createEmbeddedLog } from "../../../src/stream/embedded/embedded-log.ts";
import type { Clock } from "../../../src/core/clock.ts";
import type { CreateLog, LogTraits } from "./log-fixture.ts";
import type { StreamStores } from "./stream-stores.ts";

export const embeddedTraits: LogTraits = {
  tooLargeBytes: 16 * 1024 * 1024 + 1,
  keepsMarks: true,
  takesLargeHeaders: true,
  manyPartitions: 1_000,
};

/** The stores are disposed with the log. */
export function embeddedLogs(stores: StreamStores): CreateLog {
  return async () => {
    const made = await stores.create(clock);
    const otherStore = await made.open();
    return {
      log: createEmbeddedLog({ blocks: made.store, clock }),
      other: createEmbeddedLog({ blocks: otherStore, clock }),
      [Symbol.asyncDispose]: async () => {
        await otherStore[Symbol.asyncDispose]();
        await made[Symbol.asyncDispose]();
        await stores[Symbol.asyncDispose]();
      },
    };
  };
}

const clock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      const wake = (): void => {
        clearTimeout(timer);
        resolve();
      };
      signal?.addEventListener("abort", wake, { once: true });
      if (signal?.aborted === true) wake();
    });
  },
};
