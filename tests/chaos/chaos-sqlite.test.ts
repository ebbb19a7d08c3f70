// Short chaos runs on SQLite; `npm run chaos` runs the long ones.
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runFullDisk, runKills } from "./scenarios.ts";
import { canMount } from "./faults/faulty-sqlite.ts";

const short = { seed: 7, workers: 3, schedulers: 2 };

test("10 kills on SQLite lose nothing and count nothing twice", async () => {
  const result = await runKills("sqlite", { ...short, kills: 10, runs: 1_000 });
  expect(result.findings).toEqual([]);
  expect(result.checked.acknowledgedRuns).toBeGreaterThanOrEqual(1_000);
  expect(result.checked.effectsTried).toBeGreaterThan(1_000);
  expect(result.faults.get("kill_worker")).toBeGreaterThanOrEqual(7);
});

const isMountable = await canMount(join(tmpdir(), `millrace-chaos-mount-${process.pid}`));

test.skipIf(!isMountable)("a disk that is full twice under SQLite loses nothing", async () => {
  const result = await runFullDisk({ ...short, workers: 2, times: 2, runs: 1_200 });
  expect(result.findings).toEqual([]);
  expect(result.troubles.get("DISK_FULL")).toBeGreaterThan(0);
});
