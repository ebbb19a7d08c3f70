import { expect, test } from "vitest";
import { defineTopic } from "../../core/stream/topic.ts";
import { streamJob } from "../jobs/stream-job.ts";
import { toTrigger } from "./batch-options.ts";

const orders = defineTopic({ name: "orders" });

test("sizes, ages and schedules are read, and what is not said makes no batch", () => {
  expect(toTrigger("job `a`", { bytes: "100MB", age: "12h" })).toEqual({
    records: undefined,
    bytes: 100_000_000,
    ageMs: 43_200_000,
    cron: undefined,
  });
  expect(toTrigger("job `a`", { cron: "0 6 * * *", timezone: "Europe/Berlin" }).cron).toEqual({
    cron: "0 6 * * *",
    timeZone: "Europe/Berlin",
  });
});

test.each([
  [{}, "`batch` of job `sums` to be an object with one or more of `records`, `bytes`, `age` and `cron`"],
  [{ records: 0 }, "`records` of `batch` of job `sums`"],
  [{ bytes: "many" }, "`bytes` of `batch` of job `sums` to be a size such as `100MB`"],
  [{ cron: "never" }, "`cron` of `batch` of job `sums` to be a cron expression"],
  [{ cron: "0 6 * * *", timezone: "Nowhere" }, "`timezone` of `batch` of job `sums` to be a time zone"],
  [{ records: 5, timezone: "UTC" }, "`timezone` of `batch` of job `sums` to be left out without `cron`"],
])("%j is refused", (batch, message) => {
  const define = () => streamJob({ name: "sums", topic: orders, batch, handle: () => 1 });
  expect(define).toThrowError(message);
});

test("a job of batches has no schedule and no params of its own, and says what it works through", () => {
  const given = { name: "sums", topic: orders, batch: { records: 5 }, handle: () => 1 } as const;
  expect(streamJob(given).stream).toMatchObject({ kind: "batches", group: "sums", replicas: undefined });
  const scheduled = { ...given, schedule: { every: "1h" } };
  expect(() => streamJob(scheduled)).toThrowError("`schedule` of job `sums` to be left out");
});
