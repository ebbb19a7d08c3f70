import { expect, test } from "vitest";
import type { BatchSize } from "../../core/stream/batch.ts";
import type { BatchTrigger } from "../../core/stream/job-stream.ts";
import { decideBatch } from "./decide-batch.ts";

const hourMs = 3_600_000;
const none: BatchTrigger = { records: undefined, bytes: undefined, ageMs: undefined, cron: undefined };

function waiting(more: Partial<BatchSize> = {}): BatchSize {
  return { records: 1, bytes: 100, firstAtMs: 0, ...more };
}

test("whichever comes first makes the batch: so many records, so many bytes, the age of the first record", () => {
  const trigger = { ...none, records: 10, bytes: 1_000, ageMs: hourMs };
  const because = (size: BatchSize, nowMs: number) => decideBatch(trigger, size, nowMs)?.because;
  expect(because(waiting({ records: 9, bytes: 999 }), hourMs - 1)).toBeUndefined();
  expect(because(waiting({ records: 10 }), 0)).toBe("records");
  expect(because(waiting({ bytes: 1_000 }), 0)).toBe("bytes");
  expect(because(waiting(), hourMs)).toBe("age");
});

test("a batch is cut at its bounds also when it is made for another reason", () => {
  const decision = decideBatch({ ...none, records: 10, ageMs: hourMs }, waiting(), 2 * hourMs);
  expect(decision).toEqual({ because: "age", limits: { records: 10, bytes: undefined, untilMs: undefined } });
});

test("an instant of the schedule makes a batch of what had come by then, in the time of its zone", () => {
  const trigger = { ...none, cron: { cron: "0 0 * * *", timeZone: "Europe/Berlin" } };
  // in the night to the 29th of March clocks go from 02:00 to 03:00, so that this day has 23 hours
  const firstAtMs = Date.parse("2026-03-28T23:30:00Z");
  const midnightMs = Date.parse("2026-03-29T22:00:00Z");
  expect(decideBatch(trigger, waiting({ firstAtMs }), midnightMs - 1)).toBeUndefined();
  expect(decideBatch(trigger, waiting({ firstAtMs }), midnightMs + 5_000)).toEqual({
    because: "cron",
    limits: { records: undefined, bytes: undefined, untilMs: midnightMs },
  });
});

test("a local time that is skipped fires at the first instant after the gap, one that is repeated fires once", () => {
  const trigger = { ...none, cron: { cron: "30 2 * * *", timeZone: "Europe/Berlin" } };
  const until = (firstAt: string, now: string) =>
    decideBatch(trigger, waiting({ firstAtMs: Date.parse(firstAt) }), Date.parse(now))?.limits.untilMs;
  expect(until("2026-03-29T00:10:00Z", "2026-03-29T05:00:00Z")).toBe(Date.parse("2026-03-29T01:00:00Z"));
  expect(until("2026-10-25T00:10:00Z", "2026-10-25T05:00:00Z")).toBe(Date.parse("2026-10-25T00:30:00Z"));
  expect(until("2026-10-25T00:31:00Z", "2026-10-25T05:00:00Z")).toBeUndefined();
});

test("an instant that passed while nobody looked is made up for, and comes before other reasons", () => {
  const trigger = { ...none, records: 1, cron: { cron: "0 * * * *", timeZone: "UTC" } };
  const decision = decideBatch(trigger, waiting({ firstAtMs: 10, records: 50 }), 5 * hourMs);
  expect(decision).toMatchObject({ because: "cron", limits: { records: 1, untilMs: hourMs } });
});
