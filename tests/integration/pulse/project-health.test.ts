// The health of a project, its parts computed by hand from a few issues.
import { beforeAll, expect, test } from "vitest";
import { projectHealthJob } from "../../../src/integrations/delivery/health/project-health-job.ts";
import { createTestProject, type TestRow, type TestRun } from "../../../src/testing.ts";

const day = 86_400;

/**
 * Of SHOP: five issues done in each of January to March, and six in April, with a cycle of six days (twelve in April); one of April was
 * reopened; two are still in work, since the 1st and the 11th of April. TINY has one issue.
 */
const issuesSql = `
  with months as (select m, make_timestamptz(2026, m::int, 1, 0, 0, 0, 'UTC') as first_at from range(1, 5) r(m)),
  done as (
    select m || '-' || i as issue_id, 'SHOP' as project_key, case when i = 1 then 'Bug' else 'Story' end as type,
      first_at + interval 1 day as created_at, first_at + interval 2 day as started_at,
      first_at + interval 2 day + (case when m = 4 then 12 else 6 end) * interval 1 day as done_at,
      (case when m = 4 then 12 else 6 end * ${day})::bigint as cycle_seconds, null::bigint as age_seconds,
      0.25::double as flow_efficiency, (m = 4 and i = 1)::bigint as reopened
    from months cross join range(1, 7) i(i) where i < 6 or m = 4),
  open as (
    select 'open-' || d as issue_id, 'SHOP' as project_key, 'Story' as type, timestamptz '2026-03-01 00:00:00+00' as created_at,
      make_timestamptz(2026, 4, d::int, 0, 0, 0, 'UTC') as started_at, null::timestamptz as done_at, null::bigint as cycle_seconds,
      ${day}::bigint as age_seconds, null::double as flow_efficiency, 0::bigint as reopened from (values (1), (11)) v(d)),
  tiny as (
    select 'tiny' as issue_id, 'TINY' as project_key, 'Bug' as type, timestamptz '2026-04-01 00:00:00+00' as created_at,
      timestamptz '2026-04-02 00:00:00+00' as started_at, timestamptz '2026-04-21 00:00:00+00' as done_at, (19 * ${day})::bigint as cycle_seconds,
      null::bigint as age_seconds, 1.0::double as flow_efficiency, 0::bigint as reopened),
  last as (select * replace ('last' as issue_id, timestamptz '2026-04-30 00:00:00+00' as created_at, null as started_at, null as done_at) from tiny)
  select *, false as is_subtask, false as is_left_out from (
    from done union all by name from open union all by name from tiny union all by name from last)`;

const inputs = {
  jira_issue_metrics: { sql: issuesSql },
  sprint_metrics: {
    sql: `select 7::bigint as board_id, timestamptz '2026-04-10 00:00:00+00' as closed_at, 0.7::double as completion_rate`,
  },
  jira_boards: { sql: "select 7::bigint as id, 'SHOP' as project_key" },
  delivery_deployments: {
    sql: `select 'checkout' as service, timestamptz '2026-04-05 00:00:00+00' as deployed_at, i = 0 as is_failed from range(5) r(i)`,
  },
};

let first: TestRun;
let again: TestRun;
let other: TestRun;
let alone: TestRun;

beforeAll(async () => {
  const services = { SHOP: ["checkout"] };
  await using project = await createTestProject({ now: "2026-05-01T00:00:00Z" });
  first = await project.run(projectHealthJob({ name: "health", services }), { inputs });
  again = await project.run(projectHealthJob({ name: "health", services }));
  other = await project.run(projectHealthJob({ name: "health", services, parts: { cycle_time: { bad: 15 * day } } }));
  await using bare = await createTestProject({ now: "2026-05-01T00:00:00Z" });
  alone = await bare.run(projectHealthJob({ name: "health" }), {
    inputs: { jira_issue_metrics: inputs.jira_issue_metrics },
  });
}, 180_000);

function partOf(run: TestRun, part: string, project = "SHOP", month = "2026-04"): TestRow | undefined {
  return run.output["project_health"]!.find(
    (row) => row["part"] === part && row["project_key"] === project && String(row["start_at"]).startsWith(month),
  );
}

test.each([
  // half way between 3 and 21 days
  ["cycle_time", 12 * day, 50],
  // six against a mean of five
  ["throughput", 1.2, 100],
  // until the newest thing that is known, of the 30th: 29 and 19 days
  ["wip_age", 24 * day, 26.1],
  ["flow_efficiency", 0.25, 50],
  ["reopened", 1 / 6, 33.3],
  ["bugs", 1 / 6, 83.3],
  ["sprint_completion", 0.7, 50],
  ["change_fail_rate", 0.2, 40],
])("the part %s is %d and scores %d", (part, value, score) => {
  const row = partOf(first, part);
  expect(row?.["value"]).toBeCloseTo(value);
  expect(row).toMatchObject({ score, weight: part === "cycle_time" ? 2 : 1 });
});

test("the score of a project is the mean of its parts by their weights", () => {
  const mean = (2 * 50 + 100 + 26.1 + 50 + 33.3 + 83.3 + 50 + 40) / 9;
  expect(partOf(first, "overall")?.["score"]).toBeCloseTo(mean, 1);
  expect(partOf(first, "overall")).toMatchObject({ coverage: 1, weight: 9, value: null });
});

test("what is not known has no score, and too little makes none of the project", () => {
  expect(partOf(first, "cycle_time", "TINY")).toMatchObject({ value: 19 * day, score: null });
  expect(partOf(first, "overall", "TINY")).toMatchObject({ score: null });
  expect(partOf(first, "throughput", "SHOP", "2026-02")).toMatchObject({ value: null, score: null, coverage: 0 });
  expect(partOf(alone, "change_fail_rate")).toMatchObject({ value: null, score: null });
  const known = 2 * 50 + 100 + 26.1 + 50 + 33.3 + 83.3;
  expect(partOf(alone, "overall")?.["score"]).toBeCloseTo(known / 7, 1);
  expect(partOf(alone, "overall")?.["coverage"]).toBeCloseTo(7 / 9);
});

test("the same rows change nothing, and other rules say which scores they have moved", () => {
  expect(again.result).toMatchObject({ changed: [], moved: {} });
  expect(other.result).toMatchObject({ moved: { cycle_time: 4, overall: expect.any(Number) } });
  expect(partOf(other, "cycle_time")).toMatchObject({ score: 25 });
  expect(other.result).not.toMatchObject({ moved: { bugs: expect.any(Number) } });
});

test("a run without figures of issues says which dataset is missing", async () => {
  await using project = await createTestProject({ now: "2026-05-01T00:00:00Z" });
  await expect(project.run(projectHealthJob({ name: "health" }))).rejects.toMatchObject({
    code: "DATASET_UNKNOWN",
    message: expect.stringContaining("`jira_issue_metrics`"),
  });
});

test.each([
  ["a part that is none", { parts: { luck: {} } as never }, "got: `luck`"],
  ["a weight below 0", { parts: { bugs: { weight: -1 } } }, "expected the weight of `bugs` to be 0 or more, got: `-1`"],
  ["bounds that are one", { parts: { bugs: { good: 1, bad: 1 } } }, "to be two numbers, got: `1` and `1`"],
  ["no coverage", { leastCoverage: 0 }, "expected `leastCoverage` to be above 0 and at most 1, got: `0`"],
])("rules of health that cannot be right are refused: %s", (_what, rules, message) => {
  const refusal = expect.objectContaining({ code: "JOB_INVALID", message: expect.stringContaining(message) });
  expect(() => projectHealthJob({ name: "health", ...rules })).toThrow(refusal);
});
