// Days of the calendar over months, weeks and changes of the clock.
import { describe, expect, it } from "vitest";
import { parseTimeZone } from "../../core/schedule/time-zone.ts";
import { dateAt, daysOfView, queryRanges, shiftDate } from "./calendar-days.ts";
import { isDate } from "../search/schedules-search.ts";

const utc = parseTimeZone("UTC");
const berlin = parseTimeZone("Europe/Berlin");
const hours = (day: { fromMs: number; toMs: number }) => (day.toMs - day.fromMs) / 3_600_000;

describe("days of a view", () => {
  it("fills a month to whole weeks that begin on Monday", () => {
    const days = daysOfView("month", "2026-08-15", utc);
    expect(days).toHaveLength(42);
    expect(days[0]).toMatchObject({ date: "2026-07-27", isInMonth: false });
    expect(days.at(-1)).toMatchObject({ date: "2026-09-06", isInMonth: false });
    expect(days.filter((day) => day.isInMonth)).toHaveLength(31);
  });

  it("gives a February of four weeks four rows", () => {
    expect(daysOfView("month", "2027-02-10", utc)).toHaveLength(28);
  });

  it("has a day of 23 and one of 25 hours where clocks change, and no gap between days", () => {
    const march = daysOfView("month", "2026-03-01", berlin);
    expect(march.filter((day) => hours(day) === 23).map((day) => day.date)).toEqual(["2026-03-29"]);
    const october = daysOfView("month", "2026-10-01", berlin);
    expect(october.filter((day) => hours(day) === 25).map((day) => day.date)).toEqual(["2026-10-25"]);
    for (const days of [march, october]) {
      for (const [index, day] of days.entries()) expect(day.fromMs).toBe(days[index - 1]?.toMs ?? day.fromMs);
    }
  });

  it("begins a day without a midnight at its first instant", () => {
    const [day] = daysOfView("day", "2026-04-24", parseTimeZone("Africa/Cairo"));
    expect(new Date(day?.fromMs ?? 0).toISOString()).toBe("2026-04-23T22:00:00.000Z");
    expect(day === undefined ? 0 : hours(day)).toBe(23);
  });

  it("shows the week of a Sunday from the Monday before", () => {
    const days = daysOfView("week", "2026-11-22", utc);
    expect(days.map((day) => day.date)).toEqual([
      "2026-11-16",
      "2026-11-17",
      "2026-11-18",
      "2026-11-19",
      "2026-11-20",
      "2026-11-21",
      "2026-11-22",
    ]);
  });
});

describe("moving", () => {
  it("goes by month, week and day, over the end of a year", () => {
    expect(shiftDate("month", "2026-12-31", 1)).toBe("2027-01-01");
    expect(shiftDate("month", "2026-03-31", -1)).toBe("2026-02-01");
    expect(shiftDate("week", "2026-12-28", 1)).toBe("2027-01-04");
    expect(shiftDate("day", "2026-03-01", -1)).toBe("2026-02-28");
  });

  it("knows the date of an instant in a zone, and real dates from others", () => {
    expect(dateAt(Date.parse("2026-11-21T23:30:00Z"), berlin)).toBe("2026-11-22");
    expect(["2026-02-29", "2024-02-29", "2026-2-1", "x"].map(isDate)).toEqual([false, true, false, false]);
  });

  it("asks for a month of six weeks in two ranges that join", () => {
    const ranges = queryRanges(daysOfView("month", "2026-08-15", berlin));
    expect(ranges).toHaveLength(2);
    expect(ranges[0]?.to).toBe(ranges[1]?.from);
    for (const { from, to } of ranges) expect(Date.parse(to) - Date.parse(from)).toBeLessThan(31 * 86_400_000);
  });
});
