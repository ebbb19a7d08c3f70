import { expect, test } from "vitest";
import type { RunId } from "../../core/run-id.ts";
import { createSchedule, type ScheduleOptions } from "../../core/schedule/schedule.ts";
import type { JobActivity } from "../../store/schedules/schedule-store.ts";
import { decideFires, type FireInput } from "./decide-fires.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const at = (text: string): number => Date.parse(`2026-01-${text}:00Z`);
const show = (ms: number): string => new Date(ms).toISOString().slice(8, 16);

function input(
  options: Omit<ScheduleOptions, "cron" | "every">,
  due: string,
  now: string,
  more: Partial<FireInput> = {},
): FireInput {
  return {
    schedule: createSchedule("a", { cron: "0 * * * *", ...options } as ScheduleOptions),
    due: {
      name: "a",
      definition: null,
      nextFireAtMs: at(due),
      seenAtMs: at(now),
      paused: false,
      pausedBy: undefined,
      lastFireAtMs: undefined,
      lastFiredAtMs: at("01T00:00"),
      lastRunId: undefined,
      seen: undefined,
      lookedAtMs: undefined,
    },
    activity: new Map(),
    ...more,
  };
}

function decide(from: FireInput): object {
  const plan = decideFires(from);
  if (plan.kind === "held") return plan;
  return {
    runs: plan.runs.map(({ fireAtMs }) => show(fireAtMs)),
    others: plan.others.map(({ fireAtMs, decision }) => `${show(fireAtMs)} ${decision}`),
    next: show(plan.nextFireAtMs),
    whileUnfinished: plan.whileUnfinished,
  };
}

function activity(job: string, more: Partial<JobActivity>): FireInput["activity"] {
  const base = {
    job,
    lastRunId: 1 as RunId,
    lastState: "FINISHED",
    isPartial: false,
    lastFinishedAtMs: at("01T05:00"),
    isUnfinished: false,
  };
  return new Map([[job, { ...base, ...more } as JobActivity]]);
}

test.each([
  ["none", "05T06:00", ["05T06:00"], []],
  ["none", "05T06:01", ["05T06:00"], []],
  ["none", "05T06:02", [], ["05T06:00 missed"]],
  ["none", "05T08:00", ["05T08:00"], ["05T06:00 missed", "05T07:00 missed"]],
  ["latest", "05T06:59", ["05T06:00"], []],
  ["latest", "05T08:30", ["05T08:00"], ["05T06:00 missed", "05T07:00 missed"]],
  ["all", "05T06:30", ["05T06:00"], []],
] as const)("missed `%s`, due at 06:00 and seen at %s", (missed, now, runs, others) => {
  expect(decide(input({ missed }, "05T06:00", now))).toMatchObject({ runs, others });
});

test("`all` makes up one instant after the other, and at once where runs may overlap", () => {
  expect(decide(input({ missed: "all" }, "05T06:00", "05T08:30"))).toEqual({
    runs: ["05T06:00"],
    others: [],
    next: "05T07:00",
    whileUnfinished: "hold",
  });
  expect(decide(input({ missed: "all", overlap: "allow" }, "05T06:00", "05T08:30"))).toEqual({
    runs: ["05T06:00", "05T07:00", "05T08:00"],
    others: [],
    next: "05T09:00",
    whileUnfinished: "ignore",
  });
});

test("what is older than `maxAge` is missed", () => {
  expect(decide(input({ missed: "all", maxAge: "2h" }, "05T04:00", "05T08:30"))).toMatchObject({
    runs: ["05T07:00"],
    others: ["05T04:00 missed", "05T05:00 missed", "05T06:00 missed"],
    next: "05T08:00",
  });
  expect(decide(input({ missed: "latest", maxAge: "10m" }, "05T08:00", "05T08:30"))).toMatchObject({
    runs: [],
    others: ["05T08:00 missed"],
  });
});

test.each([
  ["skip", "skip"],
  ["queue_one", "hold"],
  ["cancel_running", "hold"],
  ["allow", "ignore"],
] as const)("overlap `%s` lets unfinished runs %s the tick", (overlap, whileUnfinished) => {
  expect(decide(input({ overlap }, "05T06:00", "05T06:00"))).toMatchObject({ whileUnfinished, next: "05T07:00" });
});

test("an instant that waited for a run is not missed, and those it waited past are overlapped", () => {
  const hold = { sinceMs: at("05T06:00"), by: "run" } as const;
  expect(decide(input({ missed: "none", overlap: "queue_one" }, "05T06:00", "05T08:30", { hold }))).toMatchObject({
    runs: ["05T08:00"],
    others: ["05T06:00 overlapped", "05T07:00 overlapped"],
  });
});

test.each([
  ["finished since", { lastFinishedAtMs: at("01T00:01") }, undefined],
  ["finished before", { lastFinishedAtMs: at("01T00:00") }, "not_run"],
  ["failed", { lastState: "ERROR" as const }, "failed"],
  ["finished but another run is unfinished", { isUnfinished: true }, "unfinished"],
])("with a dependency that %s", (_, more, because) => {
  const plan = decideFires(input({ dependencies: ["b"] }, "05T06:00", "05T06:00", { activity: activity("b", more) }));
  expect(plan.kind === "held" ? plan.by : undefined).toEqual(
    because === undefined ? undefined : [{ job: "b", because }],
  );
});

test("a dependency that never ran holds", () => {
  expect(decide(input({ dependencies: ["b"] }, "05T06:00", "05T06:00"))).toEqual({
    kind: "held",
    by: [{ job: "b", because: "not_run" }],
  });
});

test("fast recovery looks again between two instants, and runs only after a failure", () => {
  const schedule = { fastRecovery: "15m" } as const;
  expect(decide(input(schedule, "05T06:00", "05T06:00"))).toMatchObject({ runs: ["05T06:00"], next: "05T06:15" });
  const look = (more: Partial<JobActivity>, due = "05T06:15"): object =>
    decide(input(schedule, due, due, { activity: activity("a", more) }));
  expect(look({ lastState: "ERROR" })).toMatchObject({ runs: ["05T06:15"], next: "05T06:30", whileUnfinished: "hold" });
  expect(look({ isUnfinished: true })).toMatchObject({ runs: [], next: "05T06:30" });
  expect(look({})).toMatchObject({ runs: [], next: "05T07:00" });
  // once, since what is missing may never come
  expect(look({ isPartial: true })).toMatchObject({ runs: ["05T06:15"], next: "05T07:00" });
  expect(look({ lastState: "ERROR" }, "05T06:50")).toMatchObject({ runs: ["05T06:50"], next: "05T07:00" });
});

test("a run of fast recovery tries the window of the instant before again", () => {
  const plan = decideFires(
    input({ fastRecovery: "15m", window: true }, "05T06:15", "05T06:15", {
      activity: activity("a", { lastState: "ERROR" }),
    }),
  );
  expect(plan).toMatchObject({
    runs: [{ window: { from: "2026-01-05T05:00:00.000Z", to: "2026-01-05T06:00:00.000Z" } }],
  });
});

test("windows follow each other without a gap", () => {
  const plan = decideFires(input({ missed: "all", overlap: "allow", window: true }, "05T06:00", "05T08:00"));
  expect(plan.kind === "tick" && plan.runs.map(({ window }) => window)).toEqual([
    { from: "2026-01-05T05:00:00.000Z", to: "2026-01-05T06:00:00.000Z" },
    { from: "2026-01-05T06:00:00.000Z", to: "2026-01-05T07:00:00.000Z" },
    { from: "2026-01-05T07:00:00.000Z", to: "2026-01-05T08:00:00.000Z" },
  ]);
});

test("however long nobody looked, one tick stays small and tells what it leaves out", () => {
  const years = input({ missed: "all", overlap: "allow", window: true }, "05T06:00", "05T06:00");
  const later = { ...years, due: { ...years.due, seenAtMs: years.due.nextFireAtMs + 10 * 365 * 24 * hourMs } };
  const plan = decideFires(later);
  expect(plan).toMatchObject({ droppedFromMs: years.due.nextFireAtMs });
  expect(plan.kind === "tick" && [plan.runs.length, plan.others.length]).toEqual([100, 0]);
  expect(plan.kind === "tick" && plan.runs[0]?.fireAtMs).toBe(later.due.seenAtMs - 999 * hourMs);
  const latest = decideFires({ ...later, schedule: createSchedule("a", { every: "1s" }) });
  expect(latest.kind === "tick" && [latest.runs.length, latest.others.length]).toEqual([1, 100]);
});
