// A site that is odd in many ways at once, collected by an account that may not do much. Each of them has its test, all on one run.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type JiraWorld, openJiraWorld } from "../../support/jira/jira-world.ts";
import { issue, smallSite } from "../../support/jira/small-site.ts";

let world: JiraWorld;
let run: Awaited<ReturnType<JiraWorld["collect"]>>["run"];

beforeAll(async () => {
  const { issues } = smallSite();
  const odd = [
    issue(20_006, { points: 8 }),
    issue(20_007),
    issue(20_008, { key: "what?" }),
    issue(20_009, { summary: null as never }),
  ];
  world = await openJiraWorld(smallSite({ issues: [...issues, ...odd] }), {
    hiddenBoards: [2],
    mayBrowseUsers: false,
    isAdmin: false,
    fieldNames: { customfield_10016: "故事点", customfield_10020: "冲刺", customfield_10021: "已标记" },
    extraFields: {
      "20001": { customfield_10016: "large", customfield_10020: "7" },
      "20002": { customfield_10016: "5.5", customfield_10020: null },
    },
    job: {
      projects: ["PROJ1", "NOPE"],
      statusCategories: { "10020": "indeterminate" },
      endpoints: { issues: "/rest/api/3/search", workflows: "/rest/api/3/workflow" },
    },
  });
  let cuts = 0;
  world.server.script = ({ path }) => {
    if (!path.endsWith("/issue/bulkfetch")) return undefined;
    world.server.site.delete("20007");
    cuts += 1;
    return cuts === 1 ? { cut: true } : undefined;
  };
  ({ run } = await world.collect());
}, 60_000);
afterAll(async () => await world[Symbol.asyncDispose]());

test("the run finishes, and says what was unusual", () => {
  expect([run.state, run.error]).toEqual(["FINISHED", undefined]);
});

test("an issue that is gone between its id and its fetch is no error, and an answer that is cut comes once", async () => {
  const keys = (await world.rows("jira_issues")).map(({ key }) => key);
  expect(keys).toEqual(["PROJ1-1", "PROJ1-2", "PROJ1-6"]);
  expect(world.server.lines.filter((line) => line.endsWith("/issue/bulkfetch"))).toHaveLength(2);
});

test("a board that may not be seen does not stop the others", async () => {
  expect((await world.rows("jira_board_configurations")).map(({ board_id: id }) => id)).toEqual([1n, 3n]);
  expect((await world.rows("jira_sprints")).map(({ id }) => id)).toEqual([7n, 8n]);
});

test("custom fields of the wrong type are no points and no sprints, and the run says so", async () => {
  const rows = await world.rows("jira_issues");
  expect(rows.map(({ id, points, sprint_ids: sprints }) => [id, points, sprints])).toEqual([
    ["20001", null, []],
    ["20002", 5.5, []],
    ["20006", 8, []],
  ]);
  const failed = run.checks["jira_issue_records"]?.filter(({ passed }) => !passed).map(({ name }) => name);
  expect(failed).toEqual(expect.arrayContaining(["points that are no number", "sprints that are no list"]));
});

test("an issue without what is required, or with a key of no project, is set aside with the reason", () => {
  const aside = run.quarantined["jira_issue_records"]?.map(({ id, _reasons: reasons }) => [id, reasons]);
  expect(aside).toHaveLength(2);
  expect(aside).toContainEqual(["20008", ["key pattern"]]);
  expect(aside).toContainEqual(["20009", ["required fields"]]);
});

test("an account that may not browse users or administer Jira collects all the rest", async () => {
  const told = run.logs.filter(({ message }) => message.includes("status 403")).map(({ job }) => job);
  expect(told).toEqual(expect.arrayContaining(["jira_users", "jira_workflow_list"]));
  expect(await world.rows("jira_users")).toEqual([]);
  expect((await world.rows("jira_workflows")).length).toBeGreaterThan(0);
});

test("names of fields in another language do not hide points, sprints and changes", async () => {
  const changes = await world.rows("jira_changes");
  expect(changes.map(({ field }) => field)).toEqual(["Sprint", "points", "status"]);
});

test("projects that were asked for and are not there are told, and the others collected", () => {
  const failed = run.checks["jira_projects"]?.filter(({ passed }) => !passed).map(({ name }) => name);
  expect(failed).toEqual(["projects that were asked for"]);
});

test("a category that is said for a status that is gone is taken", async () => {
  const found = (await world.rows("jira_statuses")).find(({ id }) => id === "10020");
  expect(found).toMatchObject({ category_key: "indeterminate", is_current: false });
});

test("addresses that were removed are never asked for, and the run says what is asked instead", () => {
  expect(world.server.exchanges.filter(({ status }) => status === 410)).toEqual([]);
  const told = run.logs.filter(({ job }) => job === "jira_projects").map(({ message }) => message);
  expect(told.join("\n")).toMatch(/CHANGE-2046[^]*CHANGE-2569/);
});
