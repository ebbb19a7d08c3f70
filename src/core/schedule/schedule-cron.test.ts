import { expect, test } from "vitest";
import { parseCron } from "./schedule-cron.ts";

function next(expression: string, from: string, count: number): string[] {
  const cron = parseCron(expression);
  const found: string[] = [];
  let atMs: number | undefined = Date.parse(`${from}Z`) - 1;
  while (found.length < count && (atMs = cron.nextLocalMs(atMs)) !== undefined) {
    found.push(new Date(atMs).toISOString().slice(0, 16));
  }
  return found;
}

test.each([
  ["0 6 * * 1-5", "2026-01-01T00:00", ["2026-01-01T06:00", "2026-01-02T06:00", "2026-01-05T06:00"]],
  ["*/20 8-9 * * *", "2026-01-01T08:30", ["2026-01-01T08:40", "2026-01-01T09:00", "2026-01-01T09:20"]],
  ["0 0 29 2 *", "2026-01-01T00:00", ["2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00"]],
  ["0 0 29 2 *", "2096-03-01T00:00", ["2104-02-29T00:00"]],
  ["0 0 L * *", "2026-01-31T00:00", ["2026-01-31T00:00", "2026-02-28T00:00", "2026-03-31T00:00"]],
  ["0 0 * * fri#2", "2026-01-01T00:00", ["2026-01-09T00:00", "2026-02-13T00:00"]],
  ["0 0 * * Fri#L", "2026-01-01T00:00", ["2026-01-30T00:00", "2026-02-27T00:00"]],
  ["0 0 * jan,JUN sun", "2026-05-01T00:00", ["2026-06-07T00:00", "2026-06-14T00:00"]],
  ["0 0 * * 7", "2026-01-01T00:00", ["2026-01-04T00:00"]],
  ["0 0 * * FRI-SUN", "2026-01-01T00:00", ["2026-01-02T00:00", "2026-01-03T00:00", "2026-01-04T00:00"]],
  ["0,0,0 0 1 * *", "2026-01-01T00:00", ["2026-01-01T00:00", "2026-02-01T00:00"]],
  ["@hourly", "2026-01-01T00:30", ["2026-01-01T01:00"]],
  ["@daily", "2026-01-01T00:30", ["2026-01-02T00:00"]],
  ["@weekly", "2026-01-01T00:30", ["2026-01-04T00:00"]],
  ["@monthly", "2026-01-01T00:30", ["2026-02-01T00:00"]],
  ["@yearly", "2026-01-01T00:30", ["2027-01-01T00:00"]],
])("`%s` from %s", (expression, from, expected) => {
  expect(next(expression, from, expected.length)).toEqual(expected);
});

test("two restricted day fields widen each other, unless one begins with a star", () => {
  expect(next("0 0 13 * 5", "2026-02-01T00:00", 4)).toEqual([
    "2026-02-06T00:00",
    "2026-02-13T00:00",
    "2026-02-20T00:00",
    "2026-02-27T00:00",
  ]);
  expect(next("0 0 15 * 1", "2026-02-10T00:00", 3)).toEqual([
    "2026-02-15T00:00",
    "2026-02-16T00:00",
    "2026-02-23T00:00",
  ]);
  expect(next("0 0 */2 * 1", "2026-02-01T00:00", 3)).toEqual([
    "2026-02-09T00:00",
    "2026-02-23T00:00",
    "2026-03-09T00:00",
  ]);
  expect(next("0 0 15 * 0-6", "2026-02-14T00:00", 3)).toHaveLength(3);
  expect(next("0 0 15 * 0-6", "2026-02-14T00:00", 1)).toEqual(["2026-02-14T00:00"]);
});

test.each([
  ["60 * * * *", "expected the minute of cron expression `60 * * * *` to be 0-59, got: `60`"],
  ["0 24 * * *", "expected the hour of cron expression `0 24 * * *` to be 0-23, got: `24`"],
  ["0 0 0 * *", "expected the day of month of cron expression `0 0 0 * *` to be 1-31"],
  ["0 0 1 13 *", "expected the month of cron expression `0 0 1 13 *` to be 1-12, JAN-DEC, got: `13`"],
  ["0 0 * * MOON", "expected the day of week of cron expression `0 0 * * MOON` to be 0-7"],
  ["0 0 * * 8", "got: `8`"],
  ["? * * * *", "got: `?`"],
  ["5/10 * * * *", "got: `5/10`"],
  ["*/0 * * * *", "got: `*/0`"],
  ["*/60 * * * *", "got: `*/60`"],
  ["0 22-2 * * *", "got: `22-2`"],
  ["1,,2 * * * *", "got: ``"],
  ["0 0 15W * *", "got: `15W`"],
  ["0 0 * * 5#6", "got: `5#6`"],
  ["0 6 * *", "expected a cron expression of 5 fields"],
  ["0 0 6 * * *", "expected a cron expression of 5 fields"],
  ["", "expected a cron expression of 5 fields"],
  ["@nightly", "unknown preset of a cron expression, got: `@nightly`"],
  ["0 0 30 2 *", "no date ever matches the cron expression, got: `0 0 30 2 *`"],
  ["0 0 31 4,6,9,11 *", "no date ever matches"],
])("`%s` is refused", (expression, message) => {
  expect(() => parseCron(expression)).toThrowError(message);
});
