import { expect, test } from "vitest";
import { parseRunId } from "../../core/run-id.ts";
import { createSchedule, type ScheduleOptions } from "../../core/schedule/schedule.ts";
import type { FireRecord } from "../../store/schedules/schedule-store.ts";
import { explainSchedule, type ScheduleInput, tellCause } from "./explain-schedule.ts";

const nowMs = Date.UTC(2026, 0, 2, 12);
const minuteMs = 60_000;

const isNew = { dataset: "orders", version: 6, seenVersion: 5, isNew: true };
const isOld = { dataset: "customers", version: 3, seenVersion: 3, isNew: false };
const isMissing = { dataset: "shops", version: undefined, seenVersion: undefined, isNew: false };

test("what waits for datasets names those that are missing, and tells of each what came of it", () => {
  const waits = explain({ after: ["orders", "customers", "shops"] }, { awaited: [isNew, isOld, isMissing] });
  expect(waits.summary).toBe("waits for `customers` and `shops`; 1 of 3 came");
  expect(waits.details).toEqual([
    "`orders` has come: version 6, after 5",
    "`customers` is still at version 3, as at the last fire",
    "`shops` has no version yet",
    "it was looked at last at 2026-01-02T11:59:57Z (3s ago); a scheduler looks every 5s",
    "it has not fired yet",
  ]);
  expect(explain({ after: ["customers", "shops"], any: true }, { awaited: [isOld, isMissing] }).summary).toBe(
    "waits for `customers` or `shops`",
  );
});

test("what has all that it waits for fires, unless something holds it back", () => {
  const options = { after: ["orders"], dependencies: ["cleanup"] };
  const come = { awaited: [isNew], hasCome: true };
  expect(explain(options, come).summary).toBe("has all that it waits for, and fires with the next look");
  const held = explain(options, { ...come, holds: [{ job: "cleanup", because: "failed" }] });
  expect(held.summary).toBe("has all that it waits for, and is held back");
  expect(held.details[0]).toBe("it waits for `cleanup`, whose last run failed");
  const own = explain(options, { ...come, unfinished: parseRunId("r7") });
  expect(own.details[0]).toBe("it waits for the end of its run r7");
});

test("what waits for files tells which are arriving and how many were taken", () => {
  const options = { files: { path: "inbox/*.csv" } } as const;
  const none = explain(options, { files: { kind: "files", taken: 0, arriving: [] } });
  expect(none.summary).toBe("waits for files `inbox/*.csv`");
  expect(none.details[0]).toBe("no file that is there was taken yet");
  const arriving = ["a", "b", "c", "d", "e", "f"].map((name) => `inbox/${name}.csv`);
  const some = explain(options, { files: { kind: "files", taken: 1, arriving } });
  expect(some.summary).toBe("waits for files `inbox/*.csv`; 6 are arriving");
  expect(some.details.slice(0, 2)).toEqual([
    "arriving, and taken when they are the same at the next look: `inbox/a.csv`, `inbox/b.csv`, `inbox/c.csv`, `inbox/d.csv`, `inbox/e.csv` and 1 more",
    "files that are there and were taken before: 1",
  ]);
});

test("a schedule of time tells its next instant, and what holds it when that has passed", () => {
  expect(explain({ every: "1h" }, {}, { nextFireAtMs: nowMs + minuteMs }).summary).toBe(
    "fires next at 2026-01-02T12:01:00Z (in 1m), by `every 1h`",
  );
  const due = explain({ every: "1h" }, { holds: [{ job: "a", because: "not_run" }] }, { nextFireAtMs: nowMs - 5_000 });
  expect([due.summary, due.details[0]]).toEqual([
    "is due since 2026-01-02T11:59:55Z (5s ago), and held back",
    "it waits for `a`, which has not run since",
  ]);
});

test("a pause, a schedule that the project lost, and one that nobody looks at have a remedy", () => {
  const paused = explain({ after: ["orders"] }, { awaited: [isOld] }, { paused: true, pausedBy: "ada" });
  expect([paused.summary, paused.remedy]).toEqual([
    "is paused by ada, and fires nothing",
    "`millrace schedules resume report`",
  ]);
  const lost = explain({ every: "1h" }, { isDefined: false });
  expect(lost.remedy).toBe("`millrace schedules remove report` forgets it");
  const alone = explain({ every: "1h" }, {}, { nextFireAtMs: nowMs - 2 * minuteMs });
  expect(alone.remedy).toBe("if it stays like this, start `millrace server`");
  expect(explain({ every: "1h" }, { schedule: undefined }).summary).toContain("is of a newer version of Millrace");
});

test("the last fire is told with what it was for", () => {
  const fired = { runId: parseRunId("r9"), firedAtMs: nowMs - minuteMs };
  const lastFire = fireOf({ datasets: { orders: 5 } }, fired);
  expect(explain({ after: ["orders"] }, { lastFire }).details.at(-1)).toBe(
    "it fired last at 2026-01-02T11:59:00Z (1m ago), as run r9, because version 5 of `orders` had come",
  );
  expect(tellCause(fireOf({ files: ["a"], count: 1 }))).toBe("`a` had come");
  expect(tellCause(fireOf({ files: ["a", "b"], count: 2 }))).toBe("`a` and 1 other file had come");
  expect(tellCause(fireOf({ datasets: { a: 1, b: 2 } }))).toBe("version 1 of `a` and version 2 of `b` had come");
  // a cause that another release has left, and an instant of time
  expect([tellCause(fireOf({ topic: "x" })), tellCause(fireOf(undefined))]).toEqual([undefined, undefined]);
});

test("files of a run that has failed were taken, and it is told how they are read again", () => {
  const failedFires = [
    fireOf({ files: ["a", "b"], count: 2 }, { runId: parseRunId("r9") }),
    fireOf({ datasets: { a: 1 } }),
  ];
  const files = { kind: "files", taken: 2, arriving: [] } as const;
  const { details } = explain({ files: { path: "inbox/*.csv" } }, { files, failedFires });
  expect(details.slice(0, 3)).toEqual([
    "files that are there and were taken before: 2",
    "run r9, which started because `a` and 1 other file had come, has failed: `millrace retry r9` runs it again with them, and a file that is changed starts a new run",
    "it was looked at last at 2026-01-02T11:59:57Z (3s ago); a scheduler looks every 1m",
  ]);
});

function explain(
  options: ScheduleOptions,
  facts: Partial<ScheduleInput>,
  record: Partial<ScheduleInput["record"]> = {},
): ReturnType<typeof explainSchedule> {
  return explainSchedule({
    schedule: createSchedule("report", options),
    nowMs,
    awaited: [],
    files: undefined,
    hasCome: false,
    holds: [],
    unfinished: undefined,
    isDefined: true,
    lastFire: undefined,
    failedFires: [],
    ...facts,
    record: {
      name: "report",
      definition: null,
      nextFireAtMs: nowMs + 2_000,
      paused: false,
      pausedBy: undefined,
      lastFireAtMs: undefined,
      lastFiredAtMs: undefined,
      lastRunId: undefined,
      seen: undefined,
      lookedAtMs: nowMs - 3_000,
      ...record,
    },
  });
}

function fireOf(cause: FireRecord["cause"], fields: Partial<FireRecord> = {}): FireRecord {
  return { schedule: "report", fireAtMs: 0, decision: "run", runId: undefined, firedAtMs: 0, cause, ...fields };
}
