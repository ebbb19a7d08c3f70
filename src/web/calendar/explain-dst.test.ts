// A person reads what a change of the clock means for a schedule.
import { expect, it } from "vitest";
import { describeClockChange, explainDst } from "./explain-dst.ts";

const fire = {
  job_name: "load",
  at: "2026-03-29T01:00:00.000Z",
  local: "2026-03-29 03:00",
  timezone: "Europe/Berlin",
  decision: null,
  run_id: null,
} as const;

it("says that a skipped time fires after the gap, and that a repeated one fires once", () => {
  expect(explainDst({ ...fire, dst: "moved" })).toContain("does not exist on this day, so it fires at 03:00");
  expect(explainDst({ ...fire, local: "2026-10-25 02:30", dst: "repeated" })).toContain("02:30 comes twice");
  expect(explainDst({ ...fire, dst: null })).toBeNull();
});

it("describes whole, half and negative offsets", () => {
  const change = (timezone: string, before: number, after: number) =>
    describeClockChange({ timezone, at: "", offset_before_min: before, offset_after_min: after });
  expect(change("Europe/Berlin", 60, 120)).toBe("Europe/Berlin: clocks go forward 1 h, from UTC+1 to UTC+2");
  expect(change("Australia/Lord_Howe", 660, 630)).toBe(
    "Australia/Lord_Howe: clocks go back 30 min, from UTC+11 to UTC+10:30",
  );
  expect(change("Europe/London", 60, 0)).toBe("Europe/London: clocks go back 1 h, from UTC+1 to UTC");
  expect(change("America/New_York", -300, -240)).toContain("from UTC−5 to UTC−4");
});
