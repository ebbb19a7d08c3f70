// The jobs of Jira Cloud against a server that behaves as one: what is collected, and how little is asked for. The tests follow one another.
import { afterAll, beforeAll, expect, test } from "vitest";
import { dayMs, hourMs, type JiraWorld, openJiraWorld } from "../../support/jira/jira-world.ts";
import { issue, smallSite } from "../../support/jira/small-site.ts";

let world: JiraWorld;
let first: Awaited<ReturnType<JiraWorld["collect"]>>;

beforeAll(async () => {
  // one id in a page, so that every list of ids has pages
  world = await openJiraWorld(smallSite(), { idPage: 1 });
  first = await world.collect();
}, 60_000);
afterAll(async () => await world[Symbol.asyncDispose]());

const search = "POST /rest/api/3/search/jql";
const bodies = (path: string): readonly unknown[] =>
  world.server.exchanges.filter((exchange) => exchange.path.startsWith(path)).map(({ body }) => body);

test("issues of all projects are collected in columns of their types", async () => {
  expect([first.run.state, first.run.error, first.run.warnings]).toEqual(["FINISHED", undefined, []]);
  const issues = await world.rows("jira_issues");
  expect(issues.map(({ key, points, sprint_ids: sprints }) => [key, points, sprints])).toEqual([
    ["PROJ1-1", 3, ["7", "8"]],
    ["PROJ1-2", 5, []],
    ["TEAM-3", 2, []],
    ["BARE-4", null, []],
  ]);
  expect(issues[0]).toEqual({
    id: "20001",
    key: "PROJ1-1",
    project_key: "PROJ1",
    summary: "Issue 20001",
    type: "Story",
    is_subtask: false,
    status_id: "1",
    status_name: "待办",
    status_category: "new",
    priority: "Medium",
    assignee: "ann",
    reporter: "ann",
    parent_id: "20002",
    labels: ["a", "b"],
    points: 3,
    sprint_ids: ["7", "8"],
    resolution: null,
    created_at: "2026-01-02T10:00:21Z",
    updated_at: "2026-01-05T10:00:21.123Z",
    resolved_at: null,
    is_deleted: false,
  });
});

test("ids are listed by queries in milliseconds, and issues fetched by batches of them", () => {
  const jql = bodies("/rest/api/3/search/jql").map((body) => (body as { readonly jql: string }).jql);
  const incremental = jql.filter((text) => text.includes("updated"));
  expect(incremental[0]).toMatch(/^project = "\w+" AND updated >= 946684800000 ORDER BY created ASC, id ASC$/);
  const fetched = bodies("/rest/api/3/issue/bulkfetch") as readonly { readonly issueIdsOrKeys: string[] }[];
  expect(fetched.map(({ issueIdsOrKeys: ids }) => ids).toSorted((left, right) => left.length - right.length)).toEqual([
    expect.any(Array),
    expect.any(Array),
    ["20001", "20002"],
  ]);
});

test("the field of points is the one that the board of the project estimates by", () => {
  const fetched = bodies("/rest/api/3/issue/bulkfetch") as readonly {
    readonly issueIdsOrKeys: string[];
    fields: string[];
  }[];
  const fieldsOf = (id: string): string[] =>
    fetched.find(({ issueIdsOrKeys: ids }) => ids.includes(id))?.fields.filter((name) => name.startsWith("custom")) ??
    [];
  expect(fieldsOf("20001")).toEqual(["customfield_10020", "customfield_10016"]);
  expect(fieldsOf("20003")).toEqual(["customfield_10020", "customfield_10031"]);
});

test("changes carry no property named `toString`, and their fields have one name in every language", async () => {
  const changes = await world.rows("jira_changes");
  expect(changes.map(({ id, field, from_value: from, to_value: to }) => [id, field, from, to])).toEqual([
    ["901-0", "Sprint", "7", "7, 8"],
    ["901-1", "points", null, null],
    ["902-0", "status", "10020", "6"],
    ["903-0", "points", null, null],
  ]);
  expect(changes[1]).toMatchObject({ issue_id: "20001", from_text: "1", to_text: "3", author: "ann" });
  expect(Object.keys(changes[0] ?? {})).not.toContain("toString");
});

test("a status that only changelogs name is kept, and told from those that are there", async () => {
  const statuses = await world.rows("jira_statuses");
  expect(statuses.map(({ id, category_key: category, is_current: isCurrent }) => [id, category, isCurrent])).toEqual([
    ["1", "new", true],
    ["10020", "undefined", false],
    ["3", "indeterminate", true],
    ["6", "done", true],
  ]);
});

test("boards have their columns, and sprints of team-managed boards are collected, too", async () => {
  const [board] = await world.rows("jira_boards");
  expect(board).toMatchObject({ id: 1n, type: "scrum", project_key: "PROJ1", estimation_field: "customfield_10016" });
  expect(JSON.parse(String(board?.["columns"]))).toContainEqual({ name: "Done", statusIds: ["6"] });
  const sprints = await world.rows("jira_sprints");
  expect(sprints.map(({ id, board_id: boardId, state }) => [id, boardId, state])).toEqual([
    [7n, 1n, "closed"],
    [8n, 1n, "active"],
    [9n, 2n, "future"],
  ]);
  expect(sprints[0]).toMatchObject({ complete_at: "2026-01-15T09:00:00Z", goal: null });
  expect(first.lines.filter((line) => line.endsWith("/board/3/sprint"))).toEqual([]);
});

test("workflows have the statuses of each type of issue, and users say what they are", async () => {
  expect(await world.rows("jira_workflow_list")).toEqual([
    { id: "workflow-1", name: "Software workflow", status_ids: ["1", "3", "6"] },
  ]);
  const types = await world.project.query("select distinct project_key, type from jira_workflows order by 1", [
    "jira_workflows",
  ]);
  expect(types.map(({ type }) => type)).toEqual(["Story", "Story", "子任务"]);
  const users = await world.rows("jira_users");
  expect(users.map(({ account_id: id, kind }) => [id, kind])).toEqual([
    ["ann", "atlassian"],
    ["bot", "app"],
  ]);
});

test("a run that finds nothing new asks once for each project, and for the lists that all share", async () => {
  const before = await world.rows("jira_issues");
  const { run, lines } = await world.collect();
  expect(run.state).toBe("FINISHED");
  // as many as docs/reference/jira.md says
  expect(lines.toSorted()).toEqual([
    "GET /rest/api/3/project/search",
    "GET /rest/api/3/status",
    search,
    search,
    search,
  ]);
  expect(await world.rows("jira_issues")).toEqual(before);
});

test("only what changed is fetched, with its history, and a scan begins before the last one ended", async () => {
  world.pass(30 * 60_000);
  const since = world.project.now.getTime() - 40 * 60_000;
  world.server.site.change(
    "20003",
    { status_id: "3", status_name: "正在进行", status_category: "indeterminate" },
    "ann",
  );
  const from = world.server.exchanges.length;
  const { lines } = await world.collect();
  expect(lines.filter((line) => line.includes("bulkfetch"))).toEqual([
    "POST /rest/api/3/issue/bulkfetch",
    "POST /rest/api/3/changelog/bulkfetch",
  ]);
  const asked = world.server.exchanges.slice(from).find(({ path }) => path.includes("search/jql"));
  expect(asked?.body["jql"]).toContain(`updated >= ${since} `);
  const issues = await world.project.query("select status_category from jira_issues where id = '20003'", [
    "jira_issues",
  ]);
  expect(issues).toEqual([{ status_category: "indeterminate" }]);
  const changes = await world.project.query(
    "select field, from_value, to_value from jira_changes where issue_id = '20003' and field = 'status'",
    ["jira_changes"],
  );
  expect(changes).toEqual([{ field: "status", from_value: "1", to_value: "3" }]);
});

test("an issue that moves to another project keeps its id, its row and its history", async () => {
  world.pass(hourMs);
  world.server.site.move("20001", "BARE", 99);
  await world.collect();
  const rows = await world.project.query("select key, project_key, is_deleted from jira_issues where id = '20001'", [
    "jira_issues",
  ]);
  expect(rows).toEqual([{ key: "BARE-99", project_key: "BARE", is_deleted: false }]);
  const changes = await world.project.query(
    "select field from jira_changes where issue_id = '20001' and created_at > timestamptz '2026-02-01'",
    ["jira_changes"],
  );
  expect(new Set(changes.map(({ field }) => field))).toEqual(new Set(["Key", "project"]));
});

test("an issue that is deleted is found by the next census of ids, and stays as a row that says so", async () => {
  world.server.site.delete("20002");
  const { lines } = await world.collect();
  expect(lines.filter((line) => line === search)).toHaveLength(3);
  const isDeleted = async (): Promise<unknown> =>
    (await world.project.query("select is_deleted from jira_issues where id = '20002'", ["jira_issues"]))[0]?.[
      "is_deleted"
    ];
  expect(await isDeleted()).toBe(false);
  world.pass(dayMs);
  world.server.site.put(
    issue(20_005, { updated_at: world.project.now.toISOString(), created_at: world.project.now.toISOString() }),
  );
  await world.collect();
  expect(await isDeleted()).toBe(true);
  const gone = await world.project.query("select id from jira_issues where is_deleted", ["jira_issues"]);
  expect(gone).toEqual([{ id: "20002" }]);
});

test("a sprint that closes is read again, and one whose board is read within the hour is not", async () => {
  world.server.site.putSprint({ ...activeSprint(), state: "closed", complete_at: "2026-02-01T10:00:00.000Z" });
  await world.collect();
  const state = async (): Promise<unknown> =>
    (await world.project.query("select state from jira_sprints where id = 8", ["jira_sprints"]))[0]?.["state"];
  expect(await state()).toBe("active");
  world.pass(2 * hourMs);
  await world.collect();
  expect(await state()).toBe("closed");
});

function activeSprint(): Parameters<JiraWorld["server"]["site"]["putSprint"]>[0] {
  const sprint = world.server.site.sprints.get(8);
  if (sprint === undefined) throw new RangeError("expected sprint 8");
  return sprint;
}

test("changes that come twice are one row", async () => {
  const before = await world.rows("jira_changes");
  world.pass(60_000);
  await world.collect();
  expect(await world.rows("jira_changes")).toEqual(before);
});
