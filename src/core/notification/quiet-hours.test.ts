// Hours in which messages wait, by the clock of a zone.
import { expect, test } from "vitest";
import { tellableAt } from "./quiet-hours.ts";

const night = { from: "22:00", to: "07:00", timezone: "Europe/Berlin" };
const noon = { from: "12:00", to: "13:00", timezone: "UTC" };

test.each([
  ["before they begin", night, "2026-01-05T20:59:00Z", "2026-01-05T20:59:00Z"],
  ["when they begin", night, "2026-01-05T21:00:00Z", "2026-01-06T06:00:00Z"],
  ["after midnight", night, "2026-01-06T00:30:10Z", "2026-01-06T06:00:00Z"],
  ["when they end", night, "2026-01-06T06:00:00Z", "2026-01-06T06:00:00Z"],
  ["within a day", noon, "2026-01-06T12:59:59Z", "2026-01-06T13:00:00Z"],
  ["in a night whose clock goes forward", night, "2026-03-28T23:00:00Z", "2026-03-29T05:00:00Z"],
  ["in a night whose clock goes back", night, "2026-10-24T22:00:00Z", "2026-10-25T06:00:00Z"],
])("%s", (_, hours, at, expected) => {
  expect(new Date(tellableAt(hours, Date.parse(at))).toISOString()).toBe(new Date(expected).toISOString());
});
