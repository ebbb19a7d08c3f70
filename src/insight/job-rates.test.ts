import { expect, test } from "vitest";
import { toJobRates } from "./job-rates.ts";

test("rates are parts of the runs that ended, and records per minute of execution", () => {
  const errorClasses = { authentication: 1, service_unavailable: 2, database_lock: 1 };
  expect(toJobRates({ finished: 12, failed: 4, busyMs: 120_000, records: 5_000, errorClasses })).toEqual({
    successRate: 0.75,
    errorRate: 0.25,
    recordsPerMinute: 2_500,
    topErrors: [
      { errorClass: "service_unavailable", count: 2, part: 0.5 },
      { errorClass: "authentication", count: 1, part: 0.25 },
      { errorClass: "database_lock", count: 1, part: 0.25 },
    ],
  });
});

test("without runs, time or counts there is no rate", () => {
  expect(toJobRates({ finished: 0, failed: 0, busyMs: 0, records: 10, errorClasses: {} })).toEqual({
    successRate: undefined,
    errorRate: undefined,
    recordsPerMinute: undefined,
    topErrors: [],
  });
});
