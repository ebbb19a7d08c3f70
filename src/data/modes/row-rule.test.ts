import { expect, test } from "vitest";
import type { DatasetOutput } from "../../core/dataset/dataset.ts";
import { expectThrown } from "../../../tests/support/expect-thrown.ts";
import { fitRowRule, planRowRule, type RowRule, type RunSpan } from "./row-rule.ts";

const createdAtMs = Date.UTC(2026, 2, 29, 1, 30);

function day(number: number): { readonly from: string; readonly to: string } {
  const at = (of: number): string => new Date(Date.UTC(2026, 0, of)).toISOString();
  return { from: at(number), to: at(number + 1) };
}

function covering(span: Partial<RunSpan>, type: string): RowRule {
  const output: DatasetOutput = { dataset: "t", mode: "delete_insert", by: "at" };
  const full = { timezone: "UTC", createdAtMs, ...span };
  return fitRowRule(planRowRule(output, false, full), "t", [{ name: "at", type }], full);
}

test("windows that touch or overlap are one range, in whatever order they come", () => {
  const windows = [day(5), day(1), day(2), { from: day(1).from, to: day(1).to }, day(3)];
  expect(covering({ windows }, "DATE").covered?.ranges).toEqual([
    { from: "2026-01-01", to: "2026-01-04" },
    { from: "2026-01-05", to: "2026-01-06" },
  ]);
});

test("days of a zone are its days, and instants are none of its business", () => {
  const windows = [{ from: "2026-01-01T23:00:00.000Z", to: "2026-01-02T23:00:00.000Z" }];
  const timezone = "Europe/Berlin";
  expect(covering({ windows, timezone }, "DATE").covered?.ranges).toEqual([{ from: "2026-01-02", to: "2026-01-03" }]);
  expect(covering({ windows, timezone }, "TIMESTAMP WITH TIME ZONE").covered?.ranges?.[0]?.from).toBe(
    "2026-01-01 23:00:00.000000Z",
  );
  expect(() => covering({ windows }, "DATE")).toThrow("the window of the run begins or ends within a day");
});

test.each([
  ["Europe/Berlin", "2026-10-25T00:00:00.000Z", "2026-10-25T02:00:00.000Z", ["02:00", "03:00"]],
  ["America/New_York", "2026-11-01T05:00:00.000Z", "2026-11-01T07:00:00.000Z", ["01:00", "02:00"]],
  ["Australia/Lord_Howe", "2026-04-04T14:30:00.000Z", "2026-04-04T15:30:00.000Z", ["01:30", "02:00"]],
  ["Antarctica/Troll", "2026-10-24T23:00:00.000Z", "2026-10-25T03:00:00.000Z", ["01:00", "03:00"]],
])(
  "in %s the time that clocks show twice is exact at both of its ends, and nowhere between",
  (timezone, from, to, shown) => {
    const windows = [{ from, to }];
    const range = covering({ windows, timezone }, "TIMESTAMP").covered?.ranges?.[0];
    expect([range?.from.slice(11, 16), range?.to.slice(11, 16)]).toEqual(shown);
    const length = Date.parse(to) - Date.parse(from);
    for (const part of [0.0001, 0.25, 0.5, 0.75, 0.9999]) {
      const inside = new Date(Date.parse(from) + length * part).toISOString();
      for (const cut of [
        { from, to: inside },
        { from: inside, to },
      ]) {
        const error = expectThrown(() => covering({ windows: [cut], timezone }, "TIMESTAMP"), "PARAMS_INVALID");
        expect(error.message).toContain("show twice");
        expect(error.hint).toContain("TIMESTAMP WITH TIME ZONE");
        expect(covering({ windows: [cut], timezone }, "TIMESTAMP WITH TIME ZONE").covered?.ranges).toHaveLength(1);
      }
    }
  },
);

test("days in which clocks go back begin once, also where they go back at midnight", () => {
  const windows = [{ from: "2026-10-24T22:00:00.000Z", to: "2026-10-25T23:00:00.000Z" }];
  const days = (timezone: string, given = windows): unknown =>
    covering({ windows: given, timezone }, "DATE").covered?.ranges;
  expect(days("Europe/Berlin")).toEqual([{ from: "2026-10-25", to: "2026-10-26" }]);
  const havana = [{ from: "2026-11-01T04:00:00.000Z", to: "2026-11-02T05:00:00.000Z" }];
  expect(days("America/Havana", havana)).toEqual([{ from: "2026-11-01", to: "2026-11-02" }]);
  const second = [{ from: "2026-11-01T05:00:00.000Z", to: "2026-11-02T05:00:00.000Z" }];
  expectThrown(() => days("America/Havana", second), "PARAMS_INVALID");
});

test("without a window the values that come say which rows give way", () => {
  expect(covering({}, "VARCHAR").covered).toEqual({ by: "at" });
});

test("a moment is the end of all that a run is about, or when it was submitted; a full refresh keeps the columns alone", () => {
  const output: DatasetOutput = { dataset: "t", mode: "scd2", key: ["id"] };
  const windows = [day(2), day(1)];
  expect(planRowRule(output, false, { windows, timezone: "UTC", createdAtMs }).history?.moment).toBe(
    "2026-01-03 00:00:00.000000Z",
  );
  const span = { timezone: "UTC", createdAtMs };
  expect(planRowRule(output, false, span).history?.moment).toBe("2026-03-29 01:30:00.000000Z");
  const refresh = planRowRule(output, true, span);
  expect(refresh).toMatchObject({ mode: "replace", stamps: [{ name: "valid_from" }, { name: "valid_to" }] });
  expect(refresh.history).toBeUndefined();
  const snapshot = planRowRule({ dataset: "t", mode: "snapshot" }, false, span);
  expect(snapshot.covered?.ranges).toEqual([
    { from: "2026-03-29 00:00:00.000000Z", to: "2026-03-29 00:00:00.000001Z" },
  ]);
});
