import { expect, test } from "vitest";
import { createSchedule, type ScheduleOptions } from "../../core/schedule/schedule.ts";
import type { ScheduleRecord } from "../../store/schedules/schedule-store.ts";
import { type LateStore, readHealthWithoutHeld } from "./late-schedules.ts";

const nowMs = Date.UTC(2026, 0, 2, 12);
const lateMs = 60_000;

test("a schedule that waits for a dependency or a run before it is not late, and one that nobody looks at is", async () => {
  const held = record("held", { every: "1h", dependencies: ["never"] });
  const behind = record("behind", { every: "1h", overlap: "queue_one" });
  const lost = record("lost", { every: "1h" });
  const paused = { ...record("paused", { every: "1h" }), paused: true };
  const onTime = { ...record("on time", { every: "1h" }), nextFireAtMs: nowMs };
  const store = storeOf([held, behind, lost, paused, onTime], 3);
  expect((await readHealthWithoutHeld(store, lateMs)).lateSchedules).toBe(1);
});

test("schedules are not looked at while none is late", async () => {
  const store = { ...storeOf([], 0), listSchedules: () => Promise.reject(new Error("not needed")) };
  expect((await readHealthWithoutHeld(store, lateMs)).lateSchedules).toBe(0);
});

function record(name: string, options: ScheduleOptions): ScheduleRecord {
  return {
    name,
    definition: JSON.parse(JSON.stringify(createSchedule(name, options))),
    nextFireAtMs: nowMs - 2 * lateMs,
    paused: false,
    pausedBy: undefined,
    lastFireAtMs: undefined,
    lastFiredAtMs: undefined,
    lastRunId: undefined,
    seen: undefined,
    lookedAtMs: undefined,
  };
}

/** Of the jobs `behind` alone has a run that is unfinished. */
function storeOf(records: readonly ScheduleRecord[], lateSchedules: number): LateStore {
  const counts = { workers: 1, executing: 0, deadLeases: 0, ready: 0, retries: 0, lateRuns: 0 };
  return {
    readHealth: async () => ({ nowMs, isClaiming: true, ...counts, lateSchedules }),
    readClockMs: async () => nowMs,
    listSchedules: async () => records,
    listActivity: async () => [],
    findDataset: async () => undefined,
    searchRuns: async ({ job }) => {
      const runs = job === "behind" ? [{ id: 7 }] : [];
      return { runs, nextBefore: undefined } as unknown as Awaited<ReturnType<LateStore["searchRuns"]>>;
    },
  };
}
