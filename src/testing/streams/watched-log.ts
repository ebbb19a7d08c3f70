// A log that tells who waits where: readers that wait at the end of a topic have done all that is in it.
import type { LogPosition, StreamLog } from "../../core/stream/stream-log.ts";

export interface WatchedLog extends StreamLog {
  /** How many readers wait for a record at this place. */
  countWaiting(at: { readonly topicId: string; readonly partition: number; readonly offset: number }): number;
}

/** All else is passed on. */
export function watchLog(log: StreamLog): WatchedLog {
  const waiting = new Set<readonly LogPosition[]>();
  return {
    ...log,
    waitForRecords: async (positions, options) => {
      waiting.add(positions);
      try {
        await log.waitForRecords(positions, options);
      } finally {
        waiting.delete(positions);
      }
    },
    countWaiting: ({ topicId, partition, offset }) => {
      const isThere = (at: LogPosition): boolean =>
        at.topic.id === topicId && at.partition === partition && at.offset === offset;
      return [...waiting].filter((positions) => positions.some(isThere)).length;
    },
  };
}
