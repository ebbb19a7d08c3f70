// The jobs of Jira on a server of one's own: searches by offset, people by key, sprints as texts that print an object.
import { afterAll, beforeAll, expect, test } from "vitest";
import { hourMs, type JiraWorld, openJiraWorld } from "../../support/jira/jira-world.ts";
import { smallSite } from "../../support/jira/small-site.ts";

let world: JiraWorld;
let first: Awaited<ReturnType<JiraWorld["collect"]>>;
beforeAll(async () => {
  world = await openJiraWorld(smallSite(), { deployment: "datacenter", issuePage: 1 });
  first = await world.collect();
}, 60_000);
afterAll(async () => await world[Symbol.asyncDispose]());

test("issues and histories are those of Cloud, by people's keys and without a style of projects", async () => {
  expect([first.run.state, first.run.error]).toEqual(["FINISHED", undefined]);
  const issues = await world.rows("jira_issues");
  expect(issues.map(({ key, points, assignee, sprint_ids: sprints }) => [key, points, assignee, sprints])).toEqual([
    ["PROJ1-1", 3, "ann", ["7", "8"]],
    ["PROJ1-2", 5, "ann", []],
    ["TEAM-3", 2, null, []],
    ["BARE-4", null, "ann", []],
  ]);
  expect((await world.rows("jira_changes")).map(({ id, field }) => [id, field])).toEqual([
    ["901-0", "Sprint"],
    ["901-1", "points"],
    ["902-0", "status"],
    ["903-0", "points"],
  ]);
  expect(await world.project.query("select distinct style from jira_projects", ["jira_projects"])).toEqual([
    { style: null },
  ]);
});

test("searches are ordered by what never changes, and go on by how many rows came", () => {
  const asked = world.server.exchanges.filter(({ path }) => path === "/rest/api/2/search").map(({ body }) => body);
  expect(asked.every(({ jql }) => String(jql).endsWith("ORDER BY created ASC, id ASC"))).toBe(true);
  const ofFirst = asked.filter(
    ({ jql, fields }) => String(jql).startsWith('project = "PROJ1" AND') && String(fields) !== "id",
  );
  expect(ofFirst.map(({ startAt }) => startAt)).toEqual([0, 1, 2]);
  expect(world.server.exchanges.some(({ path }) => path.includes("/rest/api/3/"))).toBe(false);
});

test("only what changed is fetched again", async () => {
  world.pass(hourMs);
  world.server.site.change("20004", { points: 8 }, "ann");
  await world.collect();
  const rows = await world.project.query("select points from jira_issues where id = '20004'", ["jira_issues"]);
  expect(rows).toEqual([{ points: 8 }]);
});
