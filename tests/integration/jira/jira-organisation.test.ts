// A whole organisation out of a seed, served by a Jira that behaves and collected: every row is the one that it was made with, and hardly
// a request is sent that could be spared.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createOrganisation } from "../../../examples/pulse/organisation/create-organisation.ts";
import { type JiraWorld, openJiraWorld } from "../../support/jira/jira-world.ts";

const { jira } = createOrganisation({ seed: 11 });
let world: JiraWorld;
let first: Awaited<ReturnType<JiraWorld["collect"]>>;

beforeAll(async () => {
  world = await openJiraWorld(jira);
  first = await world.collect();
}, 120_000);
afterAll(async () => await world[Symbol.asyncDispose]());

test("all issues and changes come as they were made", async () => {
  expect([first.run.state, first.run.error]).toEqual(["FINISHED", undefined]);
  const made = jira.issues.filter((issue) => !issue.is_deleted);
  const issues = await world.project.query(
    "select id, key, status_id, points, array_to_string(sprint_ids, ',') as sprints, assignee, epoch_ms(updated_at) as at from jira_issues order by id",
    ["jira_issues"],
  );
  const wanted = made.map(({ id, key, status_id: status, points, sprint_ids: sprints, assignee, updated_at: at }) => {
    return { id, key, status_id: status, points, sprints: sprints.join(","), assignee, at: BigInt(Date.parse(at)) };
  });
  expect(issues).toEqual(wanted.toSorted((left, right) => (left.id < right.id ? -1 : 1)));
  const there = new Set(made.map(({ id }) => id));
  const changes = await world.project.query(
    "select id, field, from_value, to_value, to_text, epoch_ms(created_at) as at from jira_changes order by id",
    ["jira_changes"],
  );
  const changed = jira.changes
    .filter((change) => there.has(change.issue_id))
    .map(({ id, field, from_value: from, to_value: to, to_text: text, created_at: at }) => {
      return {
        id,
        field,
        from_value: from || null,
        to_value: to || null,
        to_text: text || null,
        at: BigInt(Date.parse(at)),
      };
    });
  expect(changes).toEqual(changed.toSorted((left, right) => (left.id < right.id ? -1 : 1)));
});

test("issues and histories cost as few requests as there are batches, and one list of ids each", () => {
  const sizes = jira.projects.map(
    ({ key }) => jira.issues.filter((issue) => issue.project_key === key && !issue.is_deleted).length,
  );
  const sum = (each: (size: number) => number): number => sizes.reduce((total, size) => total + each(size), 0);
  const count = (end: string): number => first.lines.filter((line) => line.endsWith(end)).length;
  expect(count("/issue/bulkfetch")).toBe(sum((size) => Math.ceil(size / 100)));
  expect(count("/changelog/bulkfetch")).toBeLessThanOrEqual(sum((size) => Math.ceil(size / 1_000)) * 2);
  // for issues, for their histories, and for the census
  expect(count("/search/jql")).toBe(sum((size) => Math.ceil(size / 5_000)) * 3);
});
