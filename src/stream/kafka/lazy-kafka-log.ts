// The log on Kafka for all runs of a process: reached when the first of them asks, and closed with the process, not with a run.
import type { StreamLog } from "../../core/stream/stream-log.ts";

export interface LazyLogOptions {
  readonly open: () => Promise<StreamLog>;
  /** Whether the account may use transactions. */
  readonly isTransactional: boolean;
}

/** What failed to open is tried again by the next who asks. Closing it closes what was opened. */
export function createLazyKafkaLog({ open, isTransactional }: LazyLogOptions): StreamLog {
  let opened: Promise<StreamLog> | undefined;
  const log = (): Promise<StreamLog> => {
    opened ??= open();
    opened.catch(() => (opened = undefined));
    return opened;
  };
  const transactions: Pick<StreamLog, "takeOver" | "deliverProduced"> = {
    takeOver: async (place, positions) => (await (await log()).takeOver?.(place, positions)) ?? positions,
    deliverProduced: async (delivery) => (await (await log()).deliverProduced?.(delivery)) ?? [],
  };
  return {
    kind: "kafka",
    declareTopic: async (declaration) => await (await log()).declareTopic(declaration),
    findTopic: async (name) => await (await log()).findTopic(name),
    listTopics: async () => await (await log()).listTopics(),
    append: async (append) => await (await log()).append(append),
    read: async (read) => await (await log()).read(read),
    waitForRecords: async (positions, wait) => await (await log()).waitForRecords(positions, wait),
    offsetAt: async (topic, partition, timeMs) => await (await log()).offsetAt(topic, partition, timeMs),
    truncate: async (topic, partition, before) => await (await log()).truncate(topic, partition, before),
    deleteTopic: async (topic) => await (await log()).deleteTopic(topic),
    publishOffsets: (group, positions) => {
      // Nothing to publish where the log could not be opened.
      void opened?.then((one) => one.publishOffsets?.(group, positions)).catch(() => undefined);
    },
    ...(isTransactional ? transactions : {}),
    [Symbol.asyncDispose]: async () => await (await opened?.catch(() => undefined))?.[Symbol.asyncDispose](),
  };
}
