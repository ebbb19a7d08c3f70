import { expect, test } from "vitest";
import { expectThrown } from "../../../tests/support/expect-thrown.ts";
import { chooseUnits } from "./choose-units.ts";
import { formatWindow } from "./format-window.ts";
import { planRun } from "./plan-run.ts";
import { findEnds } from "./unit-ends.ts";
import { turnWatermark, unstamp } from "./unit-state.ts";
import type { TimeWatermark, UnitOptions } from "./unit-options.ts";
import type { WatermarkValue } from "../../core/dataset/watermark.ts";
import type { Window } from "../../core/schedule/window.ts";

/** Runs of a job one after the other, whose units are read when they are due. */
class Job {
  readonly state = new Map<string, WatermarkValue>();
  readonly options: UnitOptions;
  readonly #keys: readonly string[] | undefined;
  readonly #appends: boolean;

  constructor(options: UnitOptions, keys?: readonly string[], { appends = false } = {}) {
    this.options = options;
    this.#keys = keys;
    this.#appends = appends;
  }

  /** What is read on a day, as `key from..to`. @param failing keys of units that fail */
  run(day: string, more: { readonly window?: Window; readonly failing?: readonly string[] } = {}): string[] {
    const { window, failing = [] } = more;
    const at = day.includes("T") ? day : `${day}T00:00:00.000Z`;
    const activations = this.#keys?.map((key) => ({ key, variables: {} }));
    const plan = planRun({ window }, this.options, activations, { at, state: this.state, appends: this.#appends });
    const { chosen, deferred } = chooseUnits(
      plan.due,
      this.options.maxUnitsPerRun,
      unstamp(this.state.get(turnWatermark)),
    );
    const outcomes = chosen.map(({ key }) => ({
      key,
      status: failing.includes(key) ? ("failed" as const) : ("read" as const),
      rows: 1,
    }));
    const run = {
      options: this.options,
      at,
      state: this.state,
      chosen,
      deferred,
      window,
      appends: this.#appends,
      plan,
    };
    for (const [name, value] of findEnds(run, outcomes)) this.state.set(name, value);
    return chosen.map(({ activation, range }) => {
      const days = range === undefined ? "" : `${short(range.from)}..${short(range.to)}`;
      return [activation, days].filter((text) => text !== "").join(" ");
    });
  }
}

function short(instant: string): string {
  return instant.replace("T00:00:00.000Z", "").replace(":00.000Z", "");
}

function time(from: string, more: Partial<TimeWatermark> = {}): TimeWatermark {
  return { kind: "time", from, ...more };
}

test("months from 2019-01-01 are 13 whole ones and a part of February, and the next day only the tail is read", () => {
  const job = new Job({ partition: "monthly", watermark: time("2019-01-01") });
  const first = job.run("2020-02-21");
  expect(first).toHaveLength(14);
  expect(first.at(-1)).toBe("2020-02-01..2020-02-21");
  expect(job.run("2020-02-22")).toEqual(["2020-02-21..2020-02-22"]);
  expect(job.run("2020-02-22")).toEqual([]);
});

test("time ends now, as without an end, or at a date", () => {
  const range = (to: string): string[] => new Job({ watermark: time("2026-01-01", { to }) }).run("2026-01-03");
  expect(range("now")).toEqual(new Job({ watermark: time("2026-01-01") }).run("2026-01-03"));
  expect(range("now")).toEqual(["2026-01-01..2026-01-03"]);
  expect(range("2026-01-02")).toEqual(["2026-01-01..2026-01-02"]);
});

test("the last week is read as far as it went, or left until it is over", () => {
  const options = (partial: boolean): UnitOptions => ({
    partition: "weekly",
    watermark: time("2020-01-06", { partial }),
  });
  expect(new Job(options(true)).run("2020-02-21").at(-1)).toBe("2020-02-17..2020-02-21");
  expect(new Job(options(false)).run("2020-02-21").at(-1)).toBe("2020-02-10..2020-02-17");
});

test("a grace of three days reads them again, and never what is left of a part", () => {
  const whole = new Job({ watermark: time("2020-01-01", { grace: "3d" }) });
  expect([whole.run("2020-01-15"), whole.run("2020-01-16")]).toEqual([
    ["2020-01-01..2020-01-15"],
    ["2020-01-12..2020-01-16"],
  ]);
  const daily = new Job({ partition: "daily", watermark: time("2020-06-18", { grace: "2d" }) });
  daily.run("2020-06-19");
  expect(daily.run("2020-06-19")).toEqual(["2020-06-18..2020-06-19"]);
});

test("an abstention of a day leaves the next day out, and a long one reads each daily file once", () => {
  const whole = new Job({ watermark: time("2020-01-01", { abstain: "1d" }) });
  expect([whole.run("2020-01-15"), whole.run("2020-01-16"), whole.run("2020-01-17")]).toEqual([
    ["2020-01-01..2020-01-15"],
    [],
    ["2020-01-15..2020-01-17"],
  ]);
  const files = new Job({ watermark: { kind: "units", abstain: "7d" } }, ["a"]);
  expect(["01", "02", "07", "08"].map((day) => files.run(`2020-01-${day}`).length)).toEqual([1, 0, 0, 1]);
});

test("a range without a length is no unit", () => {
  expect(new Job({ watermark: time("2020-01-01") }).run("2020-01-01")).toEqual([]);
});

test("three values times four weeks are twelve units, each with its own watermark", () => {
  const options = { partition: "weekly", watermark: time("2020-01-06", { to: "2020-02-03" }) } as const;
  const job = new Job(options, ["a", "b", "c"]);
  expect(job.run("2020-03-01", { failing: ["b 2020-01-13T00:00:00.000Z"] })).toHaveLength(12);
  expect(job.state.size).toBe(11);
  expect(job.run("2020-03-01")).toEqual(["b 2020-01-13..2020-01-20"]);
  expect(job.run("2020-03-01")).toEqual([]);
});

test("56,000 units in runs of 300 are each read once", () => {
  const keys = Array.from({ length: 56_000 }, (_, index) => `file ${index}`);
  const job = new Job({ watermark: { kind: "units" }, maxUnitsPerRun: 300 }, keys.slice(0, 1_500));
  const runs = Array.from({ length: 6 }, () => job.run("2020-01-01"));
  expect(runs.map(({ length }) => length)).toEqual([300, 300, 300, 300, 300, 0]);
  expect(new Set(runs.flat()).size).toBe(1_500);
  const all = new Job({ watermark: { kind: "units" }, maxUnitsPerRun: 56_000 }, keys);
  expect([all.run("2020-01-01").length, all.run("2020-01-02").length]).toEqual([56_000, 0]);
});

test("under a cap each unit gets its turn, those that wait longest first", () => {
  const job = new Job({ watermark: time("2020-01-01"), maxUnitsPerRun: 2 }, ["a", "b", "c"]);
  const runs = ["02", "03", "04"].map((day) => job.run(`2020-01-${day}`));
  expect(runs).toEqual([
    ["a 2020-01-01..2020-01-02", "b 2020-01-01..2020-01-02"],
    ["c 2020-01-01..2020-01-03", "a 2020-01-02..2020-01-03"],
    ["b 2020-01-02..2020-01-04", "c 2020-01-03..2020-01-04"],
  ]);
});

test("under a cap the unit that waits longest comes first, wherever it stands", () => {
  const due = Object.entries({ a: "2020-01-02", b: "2020-01-01", c: "2020-01-03" }).map(([key, since]) => ({
    key,
    activation: key,
    part: undefined,
    variables: {},
    range: undefined,
    since,
  }));
  expect(chooseUnits(due, 2, undefined).chosen.map(({ key }) => key)).toEqual(["b", "a"]);
});

test("units of which nothing says when they were read take turns", () => {
  const due = ["a", "b", "c", "d"].map((key) => ({
    key,
    activation: key,
    part: undefined,
    variables: {},
    range: undefined,
    since: "",
  }));
  const keys = (last: string | undefined): string[] => chooseUnits(due, 3, last).chosen.map(({ key }) => key);
  expect([keys(undefined), keys("c"), keys("b"), keys("gone")]).toEqual([
    ["a", "b", "c"],
    ["d", "a", "b"],
    ["c", "d", "a"],
    ["a", "b", "c"],
  ]);
});

test("several steps follow one another, each from its own beginning", () => {
  const partition = { monthly: ["2019-11-01", "2020-01-01"], daily: ["2020-01-01", "now"] } as const;
  const job = new Job({ partition, watermark: time("2019-11-01") });
  expect(job.run("2020-01-03")).toEqual([
    "2019-11-01..2019-12-01",
    "2019-12-01..2020-01-01",
    "2020-01-01..2020-01-02",
    "2020-01-02..2020-01-03",
  ]);
  expect(job.run("2020-01-04T06:00:00.000Z")).toEqual(["2020-01-03..2020-01-04", "2020-01-04..2020-01-04T06:00"]);
  const broken = { monthly: ["2019-11-10", "2019-12-24"], daily: ["2019-12-24", "now"] } as const;
  const whole = new Job({ partition: broken, watermark: time("2019-11-10", { partial: false }) });
  expect(whole.run("2019-12-25T06:00:00.000Z")).toEqual([
    "2019-11-10..2019-12-10",
    "2019-12-10..2019-12-24",
    "2019-12-24..2019-12-25",
  ]);
});

test("steps with a gap, or from another beginning, are refused", () => {
  for (const partition of [
    { monthly: ["2019-11-01", "2020-01-01"], daily: ["2020-01-02", "now"] },
    { monthly: ["2019-11-01", "now"], daily: ["2020-01-01", "now"] },
    { daily: ["2019-12-01", "now"] },
  ] as const) {
    expectThrown(() => new Job({ partition, watermark: time("2019-11-01") }).run("2020-02-01"), "VALUE_INVALID");
  }
});

test("a start that is a period counts from the first run that has read something, and stays", () => {
  const job = new Job({ partition: "daily", watermark: time("P3D") });
  expect(job.run("2020-01-10T09:30:00.000Z", { failing: [] })).toEqual([
    "2020-01-07..2020-01-08",
    "2020-01-08..2020-01-09",
    "2020-01-09..2020-01-10",
    "2020-01-10..2020-01-10T09:30",
  ]);
  expect(job.state.get("start")).toBe("2020-01-07T00:00:00.000Z");
  // a month without runs loses nothing
  expect(job.run("2020-02-10")).toHaveLength(31);
  expect(job.run("2020-02-10")).toEqual([]);
});

test("the window of a run counts as read where it follows on what was read before", () => {
  const job = new Job({ partition: "daily", watermark: time("2020-01-01") });
  const window = { from: "2020-01-02T00:00:00.000Z", to: "2020-01-03T00:00:00.000Z" };
  job.run("2020-01-05", { failing: ["2020-01-02T00:00:00.000Z", "2020-01-03T00:00:00.000Z"] });
  expect(job.run("2020-01-05", { window })).toEqual(["2020-01-02..2020-01-03"]);
  const behind = { from: "2020-01-03T12:00:00.000Z", to: "2020-01-04T00:00:00.000Z" };
  expect(job.run("2020-01-05", { window: behind })).toEqual(["2020-01-03T12:00..2020-01-04"]);
  expect(job.run("2020-01-05")).toEqual(["2020-01-03..2020-01-04"]);
});

test("where rows are appended, what a window has read is read by no other run, in whatever order windows come", () => {
  const job = new Job({ watermark: time("2020-01-01") }, undefined, { appends: true });
  const days = (from: number, to: number): { window: Window } => ({
    window: {
      from: new Date(Date.UTC(2020, 0, from)).toISOString(),
      to: new Date(Date.UTC(2020, 0, to)).toISOString(),
    },
  });
  expect(job.run("2020-01-20", days(5, 6))).toEqual(["2020-01-05..2020-01-06"]);
  expect(job.run("2020-01-20", days(10, 12))).toEqual(["2020-01-10..2020-01-12"]);
  expect(job.run("2020-01-20", days(5, 6))).toEqual([]);
  expect(job.run("2020-01-20", days(4, 6))).toEqual(["2020-01-04..2020-01-05"]);
  const around = expectThrown(() => job.run("2020-01-20", days(2, 8)), "PARAMS_INVALID");
  expect(around.message).toContain("not read are 2020-01-02..2020-01-04, 2020-01-06..2020-01-08");
  expect(job.run("2020-01-20", { failing: [""] })).toEqual(["2020-01-01..2020-01-04"]);
  expect(job.run("2020-01-20")).toEqual(["2020-01-01..2020-01-04"]);
  expect(job.run("2020-01-20")).toEqual(["2020-01-06..2020-01-10"]);
  expect(job.run("2020-01-20")).toEqual(["2020-01-12..2020-01-20"]);
  expect(job.run("2020-01-20")).toEqual([]);
  expect(unstamp(job.state.get("ranges"))).toBe("");
  // before the beginning there is no watermark, and a window is read once all the same
  expect(job.run("2020-01-20", days(-5, 1))).toEqual(["2019-12-26..2020-01-01"]);
  expect(job.run("2020-01-20", days(-5, 1))).toEqual([]);
});

test.each([
  ["merged", "none", false],
  ["merged", "daily", false],
  ["appended", "none", true],
  ["appended", "daily", true],
] as const)(
  "a window that reaches beyond now ends now, and what comes then is read: %s, %s",
  (_, partition, appends) => {
    const job = new Job({ partition, watermark: time("2020-01-01") }, undefined, { appends });
    const window = { from: "2020-01-01T00:00:00.000Z", to: "2020-02-01T00:00:00.000Z" };
    expect(job.run("2020-01-01T10:00:00.000Z", { window })).toEqual(["2020-01-01..2020-01-01T10:00"]);
    expect(job.run("2020-01-02")).toEqual(["2020-01-01T10:00..2020-01-02"]);
    const ahead = { from: "2020-01-05T00:00:00.000Z", to: "2020-01-06T00:00:00.000Z" };
    expect(job.run("2020-01-03", { window: ahead })).toEqual([]);
    expect(job.run("2020-01-03")).toEqual(["2020-01-02..2020-01-03"]);
  },
);

test("with a granularity a window ends at the last step that is over, as time without one does", () => {
  const job = new Job({ watermark: time("2020-01-01", { granularity: "day", timezone: "Europe/Berlin" }) });
  const window = { from: "2020-01-01T23:00:00.000Z", to: "2020-01-09T00:00:00.000Z" };
  expect(job.run("2020-01-03T15:00:00.000Z", { window })).toEqual(["2020-01-01T23:00..2020-01-02T23:00"]);
});

test("where rows are appended, ranges that are too many to be remembered are refused before anything is read", () => {
  const job = new Job({ watermark: time("2020-01-01") }, undefined, { appends: true });
  const window = (day: number): { window: Window } => {
    const at = (hour: number): string => new Date(Date.UTC(2020, 0, day, hour)).toISOString();
    return { window: { from: at(1), to: at(2) } };
  };
  const read = (): void => {
    for (let day = 1; day < 100; day += 1) expect(job.run("2020-06-01", window(day))).toHaveLength(1);
  };
  expectThrown(read, "PARAMS_INVALID");
  expect(job.run("2020-06-01")).toEqual(["2020-01-01..2020-01-01T01:00"]);
});

test("a window before the beginning is cut as all of time is", () => {
  const job = new Job({ partition: "daily", watermark: time("2020-01-02") }, ["a"]);
  const window = { from: "2019-12-31T00:00:00.000Z", to: "2020-01-03T00:00:00.000Z" };
  expect(job.run("2020-01-05", { window })).toEqual([
    "a 2019-12-31..2020-01-01",
    "a 2020-01-01..2020-01-02",
    "a 2020-01-02..2020-01-03",
  ]);
  expect(job.run("2020-01-05")).toEqual(["a 2020-01-03..2020-01-04", "a 2020-01-04..2020-01-05"]);
});

test("with a granularity a range ends at a step, and the end that is sent is the last step within", () => {
  const job = new Job({ watermark: time("2020-01-01", { granularity: "day" }) });
  expect(job.run("2020-01-03T15:00:00.000Z")).toEqual(["2020-01-01..2020-01-03"]);
  expect(job.run("2020-01-03T18:00:00.000Z")).toEqual([]);
  const range = { from: "2020-01-01T00:00:00.000Z", to: "2020-01-03T00:00:00.000Z" };
  expect(formatWindow(range, { granularity: "day", format: "date" })).toEqual({ from: "2020-01-01", to: "2020-01-02" });
  expect(formatWindow(range, { granularity: "second", format: "yyyy-MM-dd HH:mm:ss" })).toEqual({
    from: "2020-01-01 00:00:00",
    to: "2020-01-02 23:59:59",
  });
  expect(formatWindow(range, { format: "date", timezone: "America/New_York" })).toEqual({
    from: "2019-12-31",
    to: "2020-01-02",
  });
});
