// Working time beside the time of the clock: weekends, holidays, hours, and days in which clocks change.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createOrganisation } from "../../../examples/pulse/organisation/create-organisation.ts";
import {
  settleCalendar,
  workedBetween,
  workedTables,
  type WorkingCalendar,
} from "../../../src/integrations/delivery/calendar/working-calendar.ts";
import { doraJob } from "../../../src/integrations/delivery/dora/dora-job.ts";
import { sprintJob } from "../../../src/integrations/delivery/sprints/sprint-job.ts";
import { createTestProject, type TestProject, type TestRow, type TestRun } from "../../../src/testing.ts";
import { toInputs } from "../../support/pulse/to-inputs.ts";
import { toNumber, toSeconds } from "../../support/pulse/to-values.ts";

const hour = 3_600;
const always = {
  days: ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
  hours: { from: "00:00", to: "24:00" },
} as const;
const organisation = createOrganisation({
  seed: 9,
  repositories: 2,
  pullRequests: 60,
  deployments: 30,
  issues: 60,
  sprints: 3,
});

let project: TestProject;
let delivery: TestRun;
let sprints: TestRun;

beforeAll(async () => {
  project = await createTestProject({ now: "2026-03-01T00:00:00Z" });
  delivery = await project.run(doraJob({ name: "dora", calendar: {} }), {
    inputs: toInputs(organisation, /^(?!.*(?:releases|workflow_runs)$)github_|^jira_/),
  });
  sprints = await project.run(sprintJob({ name: "sprints", calendar: {} }));
}, 180_000);

afterAll(() => project[Symbol.asyncDispose]());

test.each<[what: string, calendar: WorkingCalendar, from: string, to: string, hours: number]>([
  ["a day", {}, "2026-01-05T10:00-05:00", "2026-01-05T12:30-05:00", 2.5],
  ["a night", {}, "2026-01-05T18:00-05:00", "2026-01-06T08:00-05:00", 0],
  ["two days with a night between", {}, "2026-01-05T16:00-05:00", "2026-01-06T10:00-05:00", 2],
  ["a weekend", {}, "2026-01-09T18:00-05:00", "2026-01-12T08:00-05:00", 0],
  ["a weekend in which clocks go forward", {}, "2026-03-06T16:00-05:00", "2026-03-09T10:00-04:00", 2],
  ["a weekend in which clocks go back", {}, "2026-10-30T16:00-04:00", "2026-11-02T10:00-05:00", 2],
  ["a day of 23 hours", always, "2026-03-08T00:00-05:00", "2026-03-09T00:00-04:00", 23],
  ["a day of 25 hours", always, "2026-11-01T00:00-04:00", "2026-11-02T00:00-05:00", 25],
  ["a holiday", { holidays: ["2025-12-25"] }, "2025-12-24T16:00-05:00", "2025-12-26T10:00-05:00", 2],
  [
    "Saturdays alone",
    { days: ["saturday"], hours: { from: "10:00", to: "12:00" } },
    "2026-01-05T00:00-05:00",
    "2026-01-19T00:00-05:00",
    4,
  ],
  ["an end before the beginning", {}, "2026-01-06T12:00-05:00", "2026-01-05T12:00-05:00", 0],
])("working time of %s in New York", async (_what, calendar, from, to, hours) => {
  const settled = settleCalendar("test", calendar)!;
  const [a, b] = [from, to].map((text) => text.replace(/([+-]\d\d:\d\d)$/, ":00$1"));
  const ends = `select timestamptz '${a}' as a, timestamptz '${b}' as b`;
  const tables = workedTables(settled, "America/New_York", `select unnest([a, b]) as moment from (${ends})`);
  const sql = `with ${tables.join(", ")} select ${workedBetween("x.a", "x.b")} as seconds from (${ends}) x`;
  const [row] = await project.query(sql, []);
  expect(toNumber(row?.["seconds"])).toBe(hours * hour);
});

/** Seconds from nine to five of Mondays to Fridays in UTC, counted day by day. */
function workedSeconds(from: number, to: number): number {
  let seconds = 0;
  for (let day = Math.floor(from / 86_400) * 86_400; day <= to; day += 86_400) {
    const weekday = new Date(day * 1_000).getUTCDay();
    if (weekday === 0 || weekday === 6) continue;
    seconds += Math.max(0, Math.min(to, day + 17 * hour) - Math.max(from, day + 9 * hour));
  }
  return seconds;
}

function expectWorked(row: TestRow, [from, to]: readonly [string, string], column: string): number {
  const [start, end] = [toSeconds(row[from]), toSeconds(row[to])];
  const expected = start === null || end === null ? null : workedSeconds(Math.floor(start), Math.floor(end));
  expect([row["number"] ?? row["key"], column, toNumber(row[column])]).toEqual([
    row["number"] ?? row["key"],
    column,
    expected,
  ]);
  return expected ?? 0;
}

test("pull requests and issues have working times beside those of the clock", () => {
  let total = 0;
  for (const row of delivery.output["delivery_pull_request_metrics"]!) {
    total += expectWorked(row, ["ready_at", "first_review_at"], "first_review_working_seconds");
    total += expectWorked(row, ["first_authored_at", "merged_at"], "cycle_working_seconds");
    total += expectWorked(row, ["first_authored_at", "deployed_at"], "lead_working_seconds");
  }
  for (const row of sprints.output["jira_issue_metrics"]!) {
    total += expectWorked(row, ["created_at", "done_at"], "lead_working_seconds");
  }
  expect(total).toBeGreaterThan(1_000 * hour);
  const metrics = new Set(sprints.output["jira_flow"]!.map((row) => row["metric"]));
  expect([metrics.has("lead_time_working"), metrics.has("cycle_time_working")]).toEqual([true, true]);
});

test("another calendar computes all again and moves the working figures alone, and none has no such figures", async () => {
  const holidays = ["2025-12-25", "2026-01-01"];
  const moved = {
    pull_request_cycle_time_working: expect.any(Number) as number,
    change_lead_time_working: expect.any(Number) as number,
  };
  const days = ["monday"] as const;
  const other = await project.run(doraJob({ name: "dora", calendar: { days, holidays } }));
  expect(other.result).toMatchObject({ moved });
  expect(
    Object.keys((other.result as { moved: object }).moved).filter((metric) => !metric.endsWith("_working")),
  ).toEqual([]);
  const flow = await project.run(sprintJob({ name: "sprints", calendar: { days } }));
  expect(flow.result).toMatchObject({ moved: { lead_time_working: expect.any(Number) } });
  expect(Object.keys((flow.result as { moved: object }).moved)).toEqual(["cycle_time_working", "lead_time_working"]);
  expect(flow.logs.map(({ message }) => message).join("\n")).toContain("the rules of delivery have changed");
  const without = await project.run(sprintJob({ name: "sprints" }));
  expect(without.output["jira_flow"]!.some((row) => String(row["metric"]).endsWith("_working"))).toBe(false);
  expect(without.output["jira_issue_metrics"]!.every((row) => row["lead_working_seconds"] === null)).toBe(true);
  expect((await project.run(sprintJob({ name: "sprints" }))).result).toMatchObject({ changed: [], moved: {} });
}, 180_000);

test.each<[what: string, calendar: WorkingCalendar, message: string]>([
  ["a day that is none", { days: ["someday" as "monday"] }, "got: `someday`"],
  ["no day", { days: [] }, "got: `none`"],
  ["a holiday that is none", { holidays: ["2026-02-30"] }, "got: `2026-02-30`"],
  ["hours that end before they begin", { hours: { from: "17:00", to: "09:00" } }, "got: `17:00` to `09:00`"],
  ["an hour that is none", { hours: { from: "09:00", to: "24:30" } }, "got: `09:00` to `24:30`"],
])("a calendar with %s is refused", (_what, calendar, message) => {
  const refusal = expect.objectContaining({ code: "JOB_INVALID", message: expect.stringContaining(message) as string });
  expect(() => doraJob({ name: "dora", calendar })).toThrow(refusal);
  expect(() => sprintJob({ name: "sprints", calendar })).toThrow(refusal);
});
