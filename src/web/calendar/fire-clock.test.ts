// The mark of a fire says the same hour as the row and the day it stands in, whatever zone its schedule has.
import fc from "fast-check";
import { expect, it } from "vitest";
import { parseTimeZone } from "../../core/schedule/time-zone.ts";
import { daysOfView } from "./calendar-days.ts";
import { clockAt, describeClocks } from "./fire-clock.ts";
import { hoursOf, placeFires, type CalendarFire } from "./place-fires.ts";

const zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Kiritimati"];

function fireAt(at: string, timezone: string): CalendarFire {
  const own = parseTimeZone(timezone);
  const atMs = Date.parse(at);
  const local = new Date(atMs + own.offsetMs(atMs)).toISOString().slice(0, 16).replace("T", " ");
  return { job_name: "nightly", at, local, timezone, decision: null, run_id: null, dst: null };
}

it("shows two in the morning in New York at eight in Berlin, and names both clocks", () => {
  const fire = fireAt("2026-06-01T06:00:00.000Z", "America/New_York");
  expect(describeClocks(fire, parseTimeZone("Europe/Berlin"))).toBe(
    "08:00 Europe/Berlin (2026-06-01 02:00 America/New_York)",
  );
  expect(describeClocks(fire, parseTimeZone("UTC"))).toBe("06:00 UTC (2026-06-01 02:00 America/New_York)");
  expect(describeClocks(fire, parseTimeZone("America/New_York"))).toBe("02:00 America/New_York");
});

it("is in the row of its hour, in any zone and through changes of the clock", () => {
  const instants = fc.date({
    min: new Date("2026-01-01T00:00:00Z"),
    max: new Date("2026-12-31T00:00:00Z"),
    noInvalidDate: true,
  });
  const property = fc.property(instants, fc.constantFrom(...zones), fc.constantFrom(...zones), (at, own, shown) => {
    const zone = parseTimeZone(shown);
    const atMs = at.getTime();
    const date = new Date(atMs + zone.offsetMs(atMs)).toISOString().slice(0, 10);
    const days = daysOfView("day", date, zone);
    const fire = fireAt(new Date(atMs).toISOString(), own);
    const [day] = placeFires(days, [{ from: "", to: "", fires: [fire], transitions: [], truncated: false }]);
    if (day === undefined) throw new Error("no day");
    const rows = hoursOf(day).filter(({ fires }) => fires.length > 0);
    expect(rows).toHaveLength(1);
    const fromMs = rows[0]?.fromMs ?? 0;
    const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
    const offsetChange = zone.offsetMs(atMs) - zone.offsetMs(fromMs);
    const after = minutes(clockAt(atMs, zone)) - minutes(clockAt(fromMs, zone)) - offsetChange / 60_000;
    expect((after + 1_440) % 1_440).toBeLessThan(60);
  });
  fc.assert(property, { numRuns: 300 });
});
