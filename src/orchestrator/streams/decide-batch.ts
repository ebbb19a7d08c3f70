// Decides whether what waits makes a batch. It is pure, so that two schedulers that look at the same rows decide the same.
import type { BatchCause, BatchLimits, BatchSize } from "../../core/stream/batch.ts";
import type { BatchTrigger } from "../../core/stream/job-stream.ts";
import { nextFire } from "../../core/schedule/schedule-fires.ts";

export interface BatchDecision {
  readonly because: BatchCause;
  readonly limits: BatchLimits;
}

/** A replay has what it has: its batches are cut as full ones would be, and its last is what is left. */
export function decideReplayBatch({ records, bytes }: BatchTrigger, waiting: BatchSize): BatchDecision {
  const limits = { records, bytes, untilMs: undefined };
  if (records !== undefined && waiting.records >= records) return { because: "records", limits };
  if (bytes !== undefined && waiting.bytes >= bytes) return { because: "bytes", limits };
  return { because: "end", limits };
}

/**
 * An instant of the schedule comes first, since it alone says which records it means: those that had come by then. It counts from
 * the first record that waits, so an instant that passed while nobody looked is made up for, and one without a record makes nothing.
 */
export function decideBatch(trigger: BatchTrigger, waiting: BatchSize, nowMs: number): BatchDecision | undefined {
  const { records, bytes, ageMs, cron } = trigger;
  const limits = { records, bytes, untilMs: undefined };
  const fireAtMs =
    cron === undefined
      ? undefined
      : nextFire({ kind: "cron", cron: cron.cron, timezone: cron.timeZone }, waiting.firstAtMs - 1);
  if (fireAtMs !== undefined && fireAtMs <= nowMs) return { because: "cron", limits: { ...limits, untilMs: fireAtMs } };
  if (records !== undefined && waiting.records >= records) return { because: "records", limits };
  if (bytes !== undefined && waiting.bytes >= bytes) return { because: "bytes", limits };
  if (ageMs !== undefined && nowMs - waiting.firstAtMs >= ageMs) return { because: "age", limits };
  return undefined;
}
