// Reads how long a table remembers what is over: transactions of applications and files that were removed.
// @see https://docs.delta.io/latest/table-properties.html
import type { Metadata, RemoveFile, Transaction } from "./delta-actions.ts";

export interface Retention {
  /** How long a file stays that was removed, in milliseconds. */
  readonly deletedFilesMs: number;
  /** How long a commit stays that a checkpoint stands for, in milliseconds; endless where the table keeps its log. */
  readonly logMs: number;
  keepsTransaction(transaction: Transaction, now: number): boolean;
  keepsTombstone(tombstone: RemoveFile, now: number): boolean;
}

/** Begins the application of every transaction by Millrace; one of them belongs to one run. */
export const ownApplication = "millrace:";

/**
 * What a table's settings ask for. Without a setting, the transactions of other applications are kept for ever: a stream
 * that resumes after a long time would write again what it no longer finds. A setting that cannot be read keeps all.
 */
export function readRetention({ configuration }: Metadata): Retention {
  const transactions = toMilliseconds(configuration?.["delta.setTransactionRetentionDuration"]);
  const tombstones = toMilliseconds(configuration?.["delta.deletedFileRetentionDuration"]) ?? week;
  const keepsLog = configuration?.["delta.enableExpiredLogCleanup"] === "false";
  return {
    deletedFilesMs: tombstones,
    logMs: keepsLog ? Infinity : (toMilliseconds(configuration?.["delta.logRetentionDuration"]) ?? 30 * day),
    keepsTransaction: ({ appId, lastUpdated }, now) => {
      const retention = transactions ?? (appId.startsWith(ownApplication) ? ownRetention : Infinity);
      return now - (lastUpdated ?? now) < retention;
    },
    keepsTombstone: ({ deletionTimestamp }, now) => now - (deletionTimestamp ?? 0) < tombstones,
  };
}

const day = 24 * 60 * 60 * 1000;
const week = 7 * day;

/** After this the same run could append again. */
const ownRetention = 30 * day;

const units: Readonly<Record<string, number>> = {
  millisecond: 1,
  second: 1000,
  minute: 60 * 1000,
  hour: 60 * 60 * 1000,
  day,
  week,
};

/** `interval 1 week 2 days` in milliseconds; endless for what is no such text, months and years included. */
function toMilliseconds(interval: string | undefined): number | undefined {
  if (interval === undefined) return undefined;
  const text = interval
    .trim()
    .toLowerCase()
    .replace(/^interval\s+/, "");
  if (!/^(?:\d+\s+[a-z]+\s*)+$/.test(text)) return Infinity;
  let total = 0;
  for (const [, count, unit = ""] of text.matchAll(/(\d+)\s+([a-z]+)/g)) {
    total += Number(count) * (units[unit.replace(/s$/, "")] ?? Infinity);
  }
  return total;
}
