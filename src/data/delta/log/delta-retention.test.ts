import { expect, test } from "vitest";
import { readRetention } from "./delta-retention.ts";

const day = 24 * 60 * 60 * 1000;
const now = Date.UTC(2026, 0, 1);

function kept(configuration: Record<string, string> | undefined, appId: string, days: number): boolean {
  const metadata = { id: "t", format: { provider: "parquet" }, schemaString: "", partitionColumns: [] };
  const retention = readRetention({ ...metadata, ...(configuration === undefined ? {} : { configuration }) });
  return retention.keepsTransaction({ appId, version: 1, lastUpdated: now - days * day }, now);
}

const setting = "delta.setTransactionRetentionDuration";

test.each([
  ["spark-stream", undefined, 10_000, true],
  ["spark-stream", {}, 40, true],
  ["millrace:r1-x", undefined, 29, true],
  ["millrace:r1-x", undefined, 31, false],
  ["spark-stream", { [setting]: "interval 30 days" }, 40, false],
  ["spark-stream", { [setting]: "interval 30 days" }, 20, true],
  ["millrace:r1-x", { [setting]: "interval 60 days" }, 40, true],
  ["spark-stream", { [setting]: "INTERVAL 1 week 2 days" }, 8, true],
  ["spark-stream", { [setting]: "1 week 2 days" }, 10, false],
  ["spark-stream", { [setting]: "interval 1 month" }, 10_000, true],
  ["spark-stream", { [setting]: "as long as it takes" }, 10_000, true],
] as const)("a transaction of %s with %j that is %d days old is kept: %s", (appId, configuration, days, expected) => {
  expect(kept(configuration, appId, days)).toBe(expected);
});

test("a transaction without a time is kept, and a table says how long removed files are remembered", () => {
  const metadata = { id: "t", format: { provider: "parquet" }, schemaString: "", partitionColumns: [] };
  expect(readRetention(metadata).keepsTransaction({ appId: "other", version: 7 }, now)).toBe(true);
  const removed = { path: "a", dataChange: true, deletionTimestamp: now - 20 * day };
  expect(readRetention(metadata).keepsTombstone(removed, now)).toBe(false);
  const configuration = { "delta.deletedFileRetentionDuration": "interval 30 days" };
  expect(readRetention({ ...metadata, configuration }).keepsTombstone(removed, now)).toBe(true);
});
