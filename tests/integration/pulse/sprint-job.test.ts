// The figures of issues and sprints are those that are true of an organisation.
import { expect, test } from "vitest";
import { createOrganisation } from "../../../examples/pulse/organisation/create-organisation.ts";
import { sprintJob } from "../../../src/integrations/delivery/sprints/sprint-job.ts";
import { createTestProject } from "../../../src/testing.ts";
import { toInputs } from "../../support/pulse/to-inputs.ts";
import { toNumber, toSeconds } from "../../support/pulse/to-values.ts";

const now = "2026-03-01T00:00:00Z";

test.each([1, 2])(
  "issues and sprints are those that are true of organisation %d, and a second run changes nothing",
  async (seed) => {
    const organisation = createOrganisation({
      seed,
      repositories: 2,
      pullRequests: 40,
      deployments: 20,
      issues: 500,
      sprints: 12,
    });
    const { truth } = organisation;
    const inputs = toInputs(organisation, /^jira_/);
    await using project = await createTestProject({ now });
    const job = sprintJob({ name: "sprints" });
    const run = await project.run(job, { inputs });
    const issues = run.output["jira_issue_metrics"]!.map((row) => ({
      issueId: row["issue_id"],
      startedAt: toSeconds(row["started_at"]),
      doneAt: toSeconds(row["done_at"]),
      leadSeconds: toNumber(row["lead_seconds"]),
      cycleSeconds: toNumber(row["cycle_seconds"]),
    }));
    expect(new Map(issues.map((issue) => [issue.issueId, issue]))).toEqual(
      new Map(
        truth.issues.map((issue) => [
          issue.issueId,
          { ...issue, startedAt: toSeconds(issue.startedAt), doneAt: toSeconds(issue.doneAt) },
        ]),
      ),
    );
    const sprints = new Map(run.output["sprint_metrics"]!.map((row) => [Number(row["sprint_id"]), row]));
    for (const sprint of truth.sprints) {
      const row = sprints.get(sprint.sprintId)!;
      expect({
        sprintId: sprint.sprintId,
        boardId: Number(row["board_id"]),
        committedPoints: row["committed_points"],
        addedPoints: row["added_points"],
        removedPoints: row["removed_points"],
        completedPoints: row["completed_points"],
        carriedOverPoints: row["carried_over_points"],
        committedIssues: Number(row["committed_issues"]),
        completedIssues: Number(row["completed_issues"]),
        unestimatedIssues: Number(row["unestimated_issues"]),
      }).toEqual(sprint);
      expect(sprint.committedPoints + sprint.addedPoints - sprint.removedPoints).toBe(row["scope_points"]);
    }
    const again = await project.run(job);
    expect(again.result).toMatchObject({ computedIssues: 0, computedSprints: 0, changed: [] });
  },
);

test("only issues that have changed are computed again, with their sprints, and the figures are those of a whole run", async () => {
  const organisation = createOrganisation({
    seed: 3,
    repositories: 2,
    pullRequests: 40,
    deployments: 20,
    issues: 300,
    sprints: 9,
  });
  await using project = await createTestProject({ now });
  const job = sprintJob({ name: "sprints" });
  await project.run(job, { inputs: toInputs(organisation, /^jira_/) });
  const sprintId = organisation.truth.sprints[1]!.sprintId;
  const moved = organisation.jira.issues.find(
    (issue) => issue.sprint_ids.length === 1 && issue.sprint_ids[0] === String(sprintId) && !issue.is_subtask,
  )!;
  const changed = {
    ...organisation,
    jira: {
      ...organisation.jira,
      issues: organisation.jira.issues.map((issue) => (issue === moved ? { ...issue, is_deleted: true } : issue)),
    },
  };
  const part = await project.run(job, { inputs: toInputs(changed, /^jira_issues$/) });
  expect(part.result).toMatchObject({ computedIssues: 1, computedSprints: 1 });
  const whole = await project.run(job, { isFullRefresh: true });
  expect(part.output["sprint_metrics"]).toEqual(whole.output["sprint_metrics"]);
  expect(part.output["sprint_scope"]).toEqual(whole.output["sprint_scope"]);
  expect(part.output["jira_issue_metrics"]).toEqual(whole.output["jira_issue_metrics"]);
});
