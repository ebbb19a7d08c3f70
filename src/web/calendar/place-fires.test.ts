// Fires in days and hours.
import { describe, expect, it } from "vitest";
import { type Calendar } from "../../api/schedule.ts";
import { parseTimeZone } from "../../core/schedule/time-zone.ts";
import { daysOfView } from "./calendar-days.ts";
import { type CalendarFire, hoursOf, placeFires } from "./place-fires.ts";

const berlin = parseTimeZone("Europe/Berlin");

function fire(at: string, over: Partial<CalendarFire> = {}): CalendarFire {
  const base = { job_name: "load", local: "", timezone: "Europe/Berlin", decision: null, run_id: null, dst: null };
  return { ...base, at, ...over };
}

function calendar(fires: readonly CalendarFire[], transitions: Calendar["transitions"] = []): Calendar {
  return { from: "", to: "", fires, transitions, truncated: false };
}

const spring = {
  timezone: "Europe/Berlin",
  at: "2026-03-29T01:00:00.000Z",
  offset_before_min: 60,
  offset_after_min: 120,
};

describe("fires by day", () => {
  it("puts a fire before local midnight into the day before, once, although two ranges state it", () => {
    const late = fire("2026-03-28T22:30:00.000Z");
    const days = placeFires(daysOfView("week", "2026-03-29", berlin), [
      calendar([late], [spring]),
      calendar([late], [spring]),
    ]);
    expect(days.map((day) => day.fires.length)).toEqual([0, 0, 0, 0, 0, 1, 0]);
    expect(days.map((day) => day.clockChanges.length)).toEqual([0, 0, 0, 0, 0, 0, 1]);
  });

  it("groups fires by job in order of the first, and counts what was missed, overlapped or moved", () => {
    const [day] = placeFires(daysOfView("day", "2026-03-29", berlin), [
      calendar([
        fire("2026-03-29T08:00:00.000Z", { decision: "missed" }),
        fire("2026-03-29T07:00:00.000Z", { job_name: "early", decision: "overlapped" }),
        fire("2026-03-29T01:00:00.000Z", { dst: "moved" }),
      ]),
    ]);
    expect(
      day?.jobs.map(({ jobName, missed, overlapped, hasDst }) => ({ jobName, missed, overlapped, hasDst })),
    ).toEqual([
      { jobName: "load", missed: 1, overlapped: 0, hasDst: true },
      { jobName: "early", missed: 0, overlapped: 1, hasDst: false },
    ]);
  });

  it("has as many hours as the day really has, each fire in one of them", () => {
    const fires = Array.from({ length: 25 }, (_, hour) =>
      fire(new Date(Date.UTC(2026, 9, 24, 22 + hour)).toISOString()),
    );
    const [day] = placeFires(daysOfView("day", "2026-10-25", berlin), [calendar(fires)]);
    const hours = day === undefined ? [] : hoursOf(day);
    expect(hours.map((hour) => hour.fires.length)).toEqual(Array.from({ length: 25 }, () => 1));
  });
});
