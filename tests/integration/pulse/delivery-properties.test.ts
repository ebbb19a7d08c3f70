// What holds for the figures of any organisation, in whatever order its rows come and whatever of them changes.
import fc from "fast-check";
import { expect, test } from "vitest";
import { createOrganisation } from "../../../examples/pulse/organisation/create-organisation.ts";
import { doraJob } from "../../../src/integrations/delivery/dora/dora-job.ts";
import { sprintJob } from "../../../src/integrations/delivery/sprints/sprint-job.ts";
import { createTestProject, type GivenRows, type TestProject, type TestRow } from "../../../src/testing.ts";
import { toInputs } from "../../support/pulse/to-inputs.ts";
import { toNumber } from "../../support/pulse/to-values.ts";

const size = { repositories: 2, pullRequests: 20, deployments: 16, issues: 24, sprints: 3 };
const stages = ["coding", "pickup", "review", "merge_wait", "deploy"].map((stage) => `${stage}_seconds`);
/** Rows of these go; others change by themselves with them. */
const losing = [
  "github_reviews",
  "github_pull_request_commits",
  "github_deployment_statuses",
  "jira_changes",
  "jira_issues",
];
const now = "2026-03-01T00:00:00Z";

type Output = Readonly<Record<string, readonly TestRow[]>>;

async function compute(
  project: TestProject,
  inputs: Record<string, GivenRows>,
  isFullRefresh = false,
): Promise<Output> {
  const dora = await project.run(doraJob({ name: "dora" }), { inputs, isFullRefresh });
  const sprints = await project.run(sprintJob({ name: "sprints" }), { isFullRefresh });
  const output = { ...dora.output, ...sprints.output };
  return output;
}

/** Rows as texts in one order. */
function toSorted(output: Output): Record<string, string[]> {
  const text = (row: TestRow): string =>
    JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
  return Object.fromEntries(Object.entries(output).map(([name, rows]) => [name, rows.map(text).toSorted()]));
}

function shuffle(inputs: Record<string, GivenRows>, seed: number): Record<string, GivenRows> {
  return mapRows(inputs, (rows) => rows.toSorted((a, b) => order(a, seed) - order(b, seed)));
}

/** A number of a row that says nothing of it. */
function order(row: object, seed: number): number {
  let sum = seed;
  for (const character of JSON.stringify(row)) sum = (sum * 31 + character.charCodeAt(0)) % 1_000_003;
  return sum;
}

function lose(inputs: Record<string, GivenRows>, seed: number): Record<string, GivenRows> {
  const all = mapRows(inputs, (rows) => rows.filter((row) => order(row, seed) % 25 !== 0));
  return Object.fromEntries(losing.map((name) => [name, all[name]!]));
}

function mapRows(
  inputs: Record<string, GivenRows>,
  change: (rows: readonly Record<string, unknown>[]) => readonly Record<string, unknown>[],
): Record<string, GivenRows> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, given]) => [
      name,
      "columns" in given ? { ...given, rows: change(given.rows as readonly Record<string, unknown>[]) } : given,
    ]),
  ) as Record<string, GivenRows>;
}

test("stages add up to lead times and points to scopes; neither order, nor a run more, nor the way by parts changes a figure", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 10_000 }), async (seed) => {
      const inputs = toInputs(
        createOrganisation({ ...size, seed }),
        /^(?!.*(?:releases|workflow_runs|users|projects)$)/,
      );
      await using project = await createTestProject({ now });
      const first = await compute(project, inputs);
      for (const row of first["delivery_changes"]!) {
        const sum = stages.reduce((all, stage) => all + (toNumber(row[stage]) ?? 0), 0);
        if (row["lead_seconds"] !== null) expect(sum).toBe(toNumber(row["lead_seconds"]));
      }
      for (const row of first["sprint_metrics"]!) {
        const points = ["committed_points", "added_points", "removed_points"].map((name) => Number(row[name]));
        expect(points[0]! + points[1]! - points[2]!).toBeCloseTo(Number(row["scope_points"]), 9);
      }
      expect(toSorted(await compute(project, shuffle(inputs, seed)))).toEqual(toSorted(first));
      const parts = await compute(project, lose(inputs, seed));
      expect(toSorted(await compute(project, {}, true))).toEqual(toSorted(parts));
    }),
    { numRuns: 2 },
  );
}, 240_000);
