import { expect, test } from "vitest";
import { defineJob } from "../job/job.ts";
import { createSchedule, type ScheduleOptions } from "./schedule.ts";
import { createSla, describeSla, newestDue, nextExpected, type Sla, type SlaOptions } from "./sla.ts";

const at = Date.parse;

function slaOf(sla: SlaOptions, schedule?: ScheduleOptions): Sla {
  return createSla("load", sla, schedule === undefined ? undefined : createSchedule("load", schedule));
}

function told(expected: ReturnType<typeof nextExpected>): string {
  if (expected === undefined) return "none";
  const [fire, deadline] = [expected.fireAtMs, expected.deadlineMs].map((ms) =>
    new Date(ms).toISOString().slice(0, 16),
  );
  return `${fire} until ${deadline}`;
}

test("a run of a schedule has so long from its instant, or until a time of the day, whichever is earlier", () => {
  const daily = { cron: "0 2 * * *" };
  const after = at("2026-01-05T00:00Z");
  expect(told(nextExpected(slaOf({ finishWithin: "2h" }, daily), after))).toBe(
    "2026-01-05T02:00 until 2026-01-05T04:00",
  );
  expect(told(nextExpected(slaOf({ by: "06:00" }, daily), after))).toBe("2026-01-05T02:00 until 2026-01-05T06:00");
  expect(told(nextExpected(slaOf({ by: "06:00", finishWithin: "5h" }, daily), after))).toBe(
    "2026-01-05T02:00 until 2026-01-05T06:00",
  );
  expect(told(nextExpected(slaOf({ by: "01:00" }, daily), after))).toBe("2026-01-05T02:00 until 2026-01-06T01:00");
});

test("an instant that is itself the time of the day has until the next day", () => {
  const sla = slaOf({ by: "06:00" }, { cron: "0 6 * * *" });
  expect(told(nextExpected(sla, at("2026-01-05T05:59Z")))).toBe("2026-01-05T06:00 until 2026-01-06T06:00");
});

test("the time of the day is that of the schedule's zone, also in the nights when the clock changes", () => {
  const sla = slaOf({ by: "02:30" }, { cron: "0 1 * * *", timezone: "Europe/Berlin" });
  // 02:30 does not exist on the 29th of March: the first instant after the gap, which is 01:00 in UTC.
  expect(told(nextExpected(sla, at("2026-03-28T22:00Z")))).toBe("2026-03-29T00:00 until 2026-03-29T01:00");
  // 02:30 comes twice on the 25th of October: the first one counts, in summer time.
  expect(told(nextExpected(sla, at("2026-10-24T22:00Z")))).toBe("2026-10-24T23:00 until 2026-10-25T00:30");
  expect(told(nextExpected(sla, at("2026-10-26T22:00Z")))).toBe("2026-10-27T00:00 until 2026-10-27T01:30");
});

test("only the newest instant is due, however many have passed", () => {
  const sla = slaOf({ finishWithin: "30m" }, { every: "1h" });
  const awaited = at("2026-01-05T00:00Z");
  expect(told(newestDue(sla, awaited, at("2026-01-05T00:29Z")))).toBe("none");
  expect(told(newestDue(sla, awaited, at("2026-01-05T00:30Z")))).toBe("2026-01-05T00:00 until 2026-01-05T00:30");
  expect(told(newestDue(sla, awaited, at("2026-01-05T03:10Z")))).toBe("2026-01-05T02:00 until 2026-01-05T02:30");
  expect(told(newestDue(sla, awaited, at("2027-01-05T03:40Z")))).toBe("2027-01-05T03:00 until 2027-01-05T03:30");
});

test("the newest due instant is found from far away as it is step by step", () => {
  const sla = slaOf({ finishWithin: "26h", by: "06:00" }, { cron: "0 2 * * 1-5", timezone: "America/New_York" });
  const now = at("2026-06-14T15:00Z");
  const far = newestDue(sla, nextExpected(sla, at("2024-01-01"))?.fireAtMs ?? 0, now);
  const near = newestDue(sla, nextExpected(sla, at("2026-06-10"))?.fireAtMs ?? 0, now);
  expect(told(far)).toBe("2026-06-12T06:00 until 2026-06-12T10:00");
  expect(far).toEqual(near);
});

test("what is expected is told in words", () => {
  const berlin = { cron: "0 2 * * *", timezone: "Europe/Berlin" };
  expect(describeSla(slaOf({ by: "06:00", finishWithin: "2h" }, berlin))).toBe(
    "finished within 2h and by 06:00 Europe/Berlin",
  );
  expect(describeSla(slaOf({ finishWithin: "90m" }))).toBe("finished within 1h30m");
});

test.each<[unknown, ScheduleOptions | undefined, string]>([
  [{}, undefined, "to be an object with `finishWithin` or `by`"],
  [
    { by: "06:00" },
    undefined,
    "expected `by` of `sla` of `load` to be left out without a schedule of `cron` or `every`",
  ],
  [{ by: "06:00" }, { after: ["orders"] }, "to be left out without a schedule of `cron` or `every`"],
  [{ by: "6:00" }, { every: "1h" }, "to be a time of the day such as `06:00`, got: `6:00`"],
  [{ by: "24:00" }, { every: "1h" }, "to be a time of the day such as `06:00`"],
  [{ finishWithin: "500ms" }, undefined, "to be a duration of at least one second"],
  [{ within: "2h" }, undefined, "unknown option `within`"],
])("%j is refused", (sla, schedule, message) => {
  const options = { name: "load", sla, execute: () => undefined, ...(schedule === undefined ? {} : { schedule }) };
  expect(() => defineJob(options as never)).toThrow(message);
});
