// What statuses mean in each project: collected, changed by people version by version, and taken by the figures of issues.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StatusEdit, StatusSaying } from "../../../src/core/delivery/status-mapping.ts";
import { sprintJob } from "../../../src/integrations/delivery/sprints/sprint-job.ts";
import { jiraJob } from "../../../src/integrations/jira/job.ts";
import { createWorkflowMapping } from "../../../src/integrations/jira/workflow-mapping.ts";
import { readOptions } from "../../../src/integrations/jira/options.ts";
import type { TestRow, TestRun } from "../../../src/testing.ts";
import { type JiraWorld, openJiraWorld } from "../../support/jira/jira-world.ts";
import { change, issue, smallSite } from "../../support/jira/small-site.ts";

const mapping = createWorkflowMapping(readOptions({}));
const figures = sprintJob({ name: "sprints" });
let world: JiraWorld;

beforeAll(async () => {
  const { issues, changes } = smallSite();
  const moved = (id: string, at: string, from: string, to: string): ReturnType<typeof change> =>
    change(id, {
      issue_id: "20010",
      field: "status",
      created_at: at,
      from_value: from,
      to_value: to,
      from_text: from,
      to_text: to,
    });
  world = await openJiraWorld(
    smallSite({
      issues: [...issues, issue(20_010, { status_id: "6", status_name: "已完成", status_category: "done" })],
      changes: [
        ...changes,
        moved("910-0", "2026-01-03T10:00:00.000Z", "1", "3"),
        moved("911-0", "2026-01-04T10:00:00.000Z", "3", "6"),
        { ...moved("912-0", "2025-12-30T10:00:00.000Z", "10021", "1"), from_text: "" },
      ],
    }),
  );
  await world.collect();
}, 60_000);
afterAll(async () => await world[Symbol.asyncDispose]());

async function say(version: number, statuses: readonly StatusSaying[], by = "ann"): Promise<TestRun> {
  const edit: StatusEdit = {
    project_key: "PROJ1",
    version,
    statuses,
    edited_by: by,
    edited_at: `2026-02-01T10:00:0${version}.000Z`,
  };
  return await world.project.run(mapping, { params: { edit }, onFailure: "return" });
}

async function statusOf(id: string, project = "PROJ1"): Promise<TestRow | undefined> {
  const sql = `select * exclude (types) from jira_workflow_mapping where project_key = '${project}' and status_id = '${id}'`;
  return (await world.project.query(sql, ["jira_workflow_mapping"]))[0];
}

async function figuresOf(): Promise<TestRow | undefined> {
  await world.project.run(figures);
  const sql = "select status_category, cycle_seconds, flow_efficiency from jira_issue_metrics where issue_id = '20010'";
  return (await world.project.query(sql, ["jira_issue_metrics"]))[0];
}

test("each project has its statuses with what Jira says of them, and those that only histories name", async () => {
  const sql = "select project_key, status_id, category, is_current, version from jira_workflow_mapping order by 1, 2";
  const rows = await world.project.query(sql, ["jira_workflow_mapping"]);
  expect(rows.filter((row) => row["project_key"] === "PROJ1").map((row) => Object.values(row).slice(1))).toEqual([
    ["1", "new", true, 0n],
    ["10020", "undefined", false, 0n],
    ["10021", "undefined", false, 0n],
    ["3", "indeterminate", true, 0n],
    ["6", "done", true, 0n],
  ]);
  expect(new Set(rows.map((row) => row["project_key"]))).toEqual(new Set(["BARE", "PROJ1", "TEAM"]));
  // a history that names it by its id alone gives it no name, also no empty one
  expect(await statusOf("10021")).toMatchObject({ status_name: null });
});

test("what people say of a status goes before what Jira says, in its project alone, and moves the figures of its issues", async () => {
  expect(await figuresOf()).toEqual({ status_category: "done", cycle_seconds: 86_400n, flow_efficiency: 1 });
  const run = await say(1, [{ status_id: "3", category: null, is_waiting: true }]);
  expect([run.state, run.error]).toEqual(["FINISHED", undefined]);
  expect(await statusOf("3")).toMatchObject({
    category: "indeterminate",
    is_waiting: true,
    version: 1n,
    edited_by: "ann",
  });
  expect(await statusOf("3", "TEAM")).toMatchObject({ is_waiting: false, is_waiting_said: false, version: 0n });
  expect(await figuresOf()).toEqual({ status_category: "done", cycle_seconds: 86_400n, flow_efficiency: 0 });
  await say(2, [{ status_id: "6", category: "indeterminate", is_waiting: null }], "bob");
  expect(await figuresOf()).toMatchObject({ status_category: "indeterminate", cycle_seconds: null });
});

test("a change of another version than the newest is refused, and the same run again changes nothing", async () => {
  const late = await say(2, [{ status_id: "1", category: "done", is_waiting: null }], "cid");
  expect(late.error).toMatchObject({ code: "VERSION_CONFLICT", disposition: "fail" });
  const again = await say(2, [{ status_id: "6", category: "indeterminate", is_waiting: null }], "bob");
  expect(again.state).toBe("FINISHED");
  expect(await statusOf("1")).toMatchObject({ category: "new" });
});

test("what was said can be taken back, and every version of it is kept through the next collections", async () => {
  await say(3, [{ status_id: "6", category: null, is_waiting: null }]);
  await world.collect();
  expect(await statusOf("6")).toMatchObject({ category: "done", is_category_said: false, version: 3n });
  expect(await figuresOf()).toMatchObject({ status_category: "done", cycle_seconds: 86_400n });
  const edits = await world.project.query(
    "select version, status_id, category, is_waiting, edited_by from jira_workflow_edits order by 1",
    ["jira_workflow_edits"],
  );
  expect(edits.map((row) => Object.values(row))).toEqual([
    [1n, "3", null, true, "ann"],
    [2n, "6", "indeterminate", null, "bob"],
    [3n, "6", null, null, "ann"],
  ]);
});

test("the mapping is a member of the pipeline, under the prefix of its datasets", () => {
  const names = jiraJob({ prefix: "acme_" })
    .nodes()
    .map(({ job }) => job.name);
  expect(names).toContain("acme_workflow_mapping");
});
