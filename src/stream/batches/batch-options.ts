// Defines when records that have come make a batch.
import { z } from "zod";
import { type Duration, parseDuration } from "../../core/duration.ts";
import { parseCron } from "../../core/schedule/schedule-cron.ts";
import { parseTimeZone } from "../../core/schedule/time-zone.ts";
import { parseSize, type Size, sizePattern } from "../../core/size.ts";
import { expecting, optional } from "../../core/spec/option-notes.ts";
import { duration, integer, text } from "../../core/spec/option-values.ts";
import { refusal } from "../../core/spec/parse-options.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import type { BatchTrigger } from "../../core/stream/job-stream.ts";

/** One or more; whichever comes first makes the batch. What comes meanwhile waits for the next one, in the log. */
export interface BatchTriggerOptions {
  /** So many records have come. The batch has exactly these. */
  readonly records?: number;
  /** So many bytes of keys, values and headers have come. The batch ends with the block of records that reached them. */
  readonly bytes?: Size;
  /** Since the first record of the batch came, however few there are. */
  readonly age?: Duration;
  /** At these instants, as those of schedules; the batch is what had come by then. An instant without a record makes none. */
  readonly cron?: string;
  /** Time zone of `cron`, such as `Europe/Berlin`. Default `UTC`. */
  readonly timezone?: string;
}

const spec = defineSpec<BatchTriggerOptions>()(() => ({
  records: optional(integer(1)).describe("when so many records have come; the batch has exactly these"),
  bytes: optional(expecting("a size such as `100MB`", z.string().regex(sizePattern))).describe(
    "when so many bytes of keys, values and headers have come; the batch ends with the block of records that reached them",
  ),
  age: optional(duration("a duration such as `12h`", (ms) => ms > 0)).describe(
    "when its first record came so long ago, however few there are",
  ),
  cron: optional(text("a cron expression")).describe(
    "at these instants; the batch is what had come by then, and an instant without a record makes none",
  ),
  timezone: optional(text("a time zone"), "`UTC`").describe("time zone of `cron`, such as `Europe/Berlin`"),
}));

export const batchSpec: Spec<BatchTriggerOptions> = spec;

/** @throws MillraceError `JOB_INVALID` for none at all, and for what is no schedule */
export function toTrigger(where: string, options: BatchTriggerOptions): BatchTrigger {
  const { records, bytes, age, cron, timezone } = options;
  if (records === undefined && bytes === undefined && age === undefined && cron === undefined) {
    throw refusal(where, ["batch"], "an object with one or more of `records`, `bytes`, `age` and `cron`", options);
  }
  if (cron === undefined && timezone !== undefined) {
    throw refusal(where, ["batch", "timezone"], "left out without `cron`", timezone);
  }
  if (cron !== undefined) assertSchedule(where, cron, timezone ?? "UTC");
  return {
    records,
    bytes: bytes === undefined ? undefined : parseSize(bytes),
    ageMs: age === undefined ? undefined : parseDuration(age),
    cron: cron === undefined ? undefined : { cron: cron.trim(), timeZone: timezone ?? "UTC" },
  };
}

function assertSchedule(where: string, cron: string, timezone: string): void {
  assertParsed(where, "cron", "a cron expression", cron, parseCron);
  assertParsed(where, "timezone", "a time zone", timezone, parseTimeZone);
}

function assertParsed(
  where: string,
  option: string,
  expected: string,
  given: string,
  parse: (text: string) => unknown,
): void {
  try {
    parse(given);
  } catch {
    throw refusal(where, ["batch", option], expected, given);
  }
}
