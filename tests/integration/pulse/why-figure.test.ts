// The rows behind a figure make that figure, for every figure of every job.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createOrganisation } from "../../../examples/pulse/organisation/create-organisation.ts";
import { figureMetrics } from "../../../src/core/delivery/figure-metrics.ts";
import type { FigurePoint } from "../../../src/core/delivery/figure-statements.ts";
import { doraJob } from "../../../src/integrations/delivery/dora/dora-job.ts";
import { projectHealthJob } from "../../../src/integrations/delivery/health/project-health-job.ts";
import { sprintJob } from "../../../src/integrations/delivery/sprints/sprint-job.ts";
import { type FigureExplanation, whyFigure } from "../../../src/integrations/delivery/why/why-figure.ts";
import { createTestProject, type TestProject, type TestRow } from "../../../src/testing.ts";
import { toInputs } from "../../support/pulse/to-inputs.ts";

const organisation = createOrganisation({
  seed: 8,
  repositories: 3,
  pullRequests: 120,
  deployments: 60,
  issues: 150,
  sprints: 6,
});
/** Where months are not those of UTC, and one has a day of 23 hours. */
const timezone = "America/New_York";

let project: TestProject;
let service: string;
let board: TestRow;

beforeAll(async () => {
  project = await createTestProject({ now: "2026-03-01T00:00:00Z" });
  const { services } = organisation.truth;
  await project.run(doraJob({ name: "dora", services, timezone }), {
    inputs: toInputs(organisation, /^(?!.*(?:releases|workflow_runs)$)github_|^jira_/),
  });
  await project.run(sprintJob({ name: "sprints", timezone }));
  await project.run(projectHealthJob({ name: "health", timezone, leastValues: 1, leastCoverage: 0.1 }));
  const [most] = await project.query(
    "select service from delivery_dora where metric = 'deployments' and period = 'all' order by value desc limit 1",
    ["delivery_dora"],
  );
  service = String(most?.["service"]);
  [board = {}] = await project.query(
    "select sprint_id from sprint_metrics where closed_at is not null order by completed_points desc limit 1",
    ["sprint_metrics"],
  );
}, 180_000);

afterAll(() => project[Symbol.asyncDispose]());

const ctx = { data: { query: (sql: string, inputs: readonly string[]) => project.query(sql, inputs) } } as never;
const why = (metric: string, point: FigurePoint): Promise<FigureExplanation> => whyFigure(ctx, metric, point);

function valuesOf({ rows }: FigureExplanation): readonly number[] {
  return rows.flatMap(({ figure_value: value }) => (value === null ? [] : [Number(value)]));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

/** What a figure is, computed again from its rows. */
function recompute(explained: FigureExplanation): number | null {
  const values = valuesOf(explained);
  const { metric, unit, startAt, endAt } = explained;
  if (metric === "flow_efficiency") return median(values);
  if (unit === "share") return values.length === 0 ? null : sum(values) / values.length;
  if (unit === "deployments a day") return (sum(values) / (endAt!.getTime() - startAt!.getTime())) * 86_400_000;
  return ["deployments", "issues", "pull requests"].includes(unit) ? sum(values) : median(values);
}

const periodic = [...figureMetrics].flatMap(([name, { subject, periods }]) =>
  subject === "sprint" || name === "health" || name === "deployment_days_per_week"
    ? []
    : periods.filter((period) => period !== "all").map((period) => [name, period] as const),
);

test("rows of every metric make its figures, in each week and month that has one", async () => {
  let checked = 0;
  for (const [metric, period] of periodic) {
    const { figures, named, subject, subjectColumn } = figureMetrics.get(metric)!;
    const points = await project.query(
      `select ${subjectColumn} as subject, start_at::varchar as start_at, value from ${figures}
       where ${named!.column} = '${named!.name}' and period = '${period}' and (${subjectColumn} = '${service}' or '${subject}' = 'project')
       order by start_at, subject limit 3`,
      [figures],
    );
    for (const { subject: of, start_at: start, value } of points) {
      const at = new Date(String(start).replace(" ", "T").replace(/\+00$/, "Z")).toISOString();
      const explained = await why(metric, { [subject]: String(of), period, at });
      expect([metric, period, at, explained.value]).toEqual([metric, period, at, value]);
      const again = period === "week" && metric === "deployment_frequency" ? value : recompute(explained);
      if (value === null) expect(again).toBe(null);
      else expect(again, `${metric} ${period} ${at}`).toBeCloseTo(Number(value), 6);
      checked += 1;
    }
  }
  expect(checked).toBeGreaterThan(60);
}, 180_000);

test.each([...figureMetrics].filter(([, { periods }]) => periods.includes("all")).map(([name]) => name))(
  "rows of %s over all time make its figure",
  async (metric) => {
    const { subject } = figureMetrics.get(metric)!;
    if (metric.startsWith("deployment_") || metric === "deployments") return await expectDeployments(metric);
    const explained = await why(metric, { [subject]: subject === "project" ? "PROJ1" : service, period: "all" }).catch(
      (error: unknown) => error as Error,
    );
    if (explained instanceof Error) return expect(explained).toMatchObject({ code: "THING_UNKNOWN" });
    const again = recompute(explained);
    expect(explained.value === null ? null : explained.value.toFixed(6)).toBe(again === null ? null : again.toFixed(6));
  },
);

async function expectDeployments(metric: string): Promise<void> {
  const [found] = await project.query(
    `select count(*)::int as n from delivery_deployments where service = '${service}'`,
    ["delivery_deployments"],
  );
  expect((await why(metric, { service, period: "all" })).rows).toHaveLength(Number(found?.["n"]));
}

test("rows of every number of a sprint add up to it, and those of its velocity are the sprints before", async () => {
  const sprint = String(board["sprint_id"]);
  for (const number of ["committed", "added", "removed", "scope", "completed", "carried_over"]) {
    const explained = await why(`${number}_points`, { sprint });
    expect([number, sum(valuesOf(explained))]).toEqual([number, explained.value]);
  }
  const committed = await why("committed_points", { sprint });
  const rate = await why("completion_rate", { sprint });
  expect(rate.value).toBeGreaterThan(0);
  expect(rate.rows.length).toBeLessThanOrEqual(committed.rows.length + 5);
  const velocity = await why("velocity_points", { sprint });
  const completed = valuesOf(velocity);
  expect(sum(completed) / completed.length).toBeCloseTo(velocity.value ?? Number.NaN);
});

test("rows of the health of a project are its parts, whose mean by weight it is", async () => {
  const [last] = await project.query(
    "select project_key, start_at::varchar as start_at from project_health where part = 'overall' and score is not null order by start_at desc limit 1",
    ["project_health"],
  );
  const at = String(last?.["start_at"]).slice(0, 7);
  const explained = await why("health", { project: String(last?.["project_key"]), at });
  expect(explained.rows).toHaveLength(8);
  const known = explained.rows.filter(({ figure_value: value }) => value !== null);
  const weight = sum(known.map((row) => Number(row["weight"])));
  const mean = sum(known.map((row) => Number(row["weight"]) * Number(row["figure_value"]))) / weight;
  expect(explained.value).toBeCloseTo(mean, 0);
});

test.each([
  ["deployment_freqency", { service: "x" }, "THING_UNKNOWN", "did you mean `deployment_frequency`?"],
  ["change_lead_time", {}, "VALUE_INVALID", "`service`: expected the service"],
  ["change_lead_time", { service: "x", project: "A" }, "VALUE_INVALID", "has no project"],
  ["wip", { project: "A", period: "week" }, "VALUE_INVALID", "expected one of `wip`, which has `all`, got: `week`"],
  ["committed_points", { sprint: "1", at: "2026-01" }, "VALUE_INVALID", "has no time there"],
  ["change_lead_time", { service: "x", at: "2026-13" }, "VALUE_INVALID", "got: `2026-13`"],
  ["change_lead_time", { service: "x", at: "2026-02-30" }, "VALUE_INVALID", "got: `2026-02-30`"],
  ["change_lead_time", { service: "x", at: "yesterday" }, "VALUE_INVALID", "got: `yesterday`"],
  ["change_lead_time", { service: "x", period: "week", at: "2026-01" }, "VALUE_INVALID", "expected a day of the week"],
  ["change_lead_time", { service: "{{period}}' or true --", at: "2026-01" }, "THING_UNKNOWN", "there is no figure"],
] as const)("a point of %s that it cannot have is refused: %o", async (metric, point, code, message) => {
  await expect(why(metric, point)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
});
