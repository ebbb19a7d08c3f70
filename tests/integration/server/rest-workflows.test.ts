// What statuses mean in each project over real tables: who sees what, and which changes are refused before a run is made of them.
import { afterAll, beforeAll, expect, it } from "vitest";
import { jiraJob } from "../../../src/integrations/jira/job.ts";
import { createFiguresFixture, type FiguresFixture } from "../../support/server/figures-fixture.ts";

const mappingSql = `select v.* from (values
    ('SHOP', '1', 'To do', ['Story'], true, 'new', 'new', false, false, false, 1::bigint, null::varchar, null::timestamptz),
    ('SHOP', '3', 'Review', ['Bug', 'Story'], true, 'indeterminate', 'indeterminate', false, true, true, 1, 'ann', timestamptz '2026-01-05 10:00:00+00'),
    ('SHOP', '77', 'Parked', []::varchar[], false, 'undefined', 'undefined', false, false, false, 1, null, null),
    ('OPS', '1', 'To do', ['Task'], true, 'new', 'new', false, false, false, 0, null, null)
  ) v(project_key, status_id, status_name, types, is_current, jira_category, category, is_category_said, is_waiting, is_waiting_said, version,
    edited_by, edited_at)`;

const editsSql = `select 'SHOP' as project_key, '3' as status_id, 1::bigint as version, null::varchar as category, true as is_waiting,
    'nobody works there' as reason, 'ann' as edited_by, timestamptz '2026-01-05 10:00:00+00' as edited_at`;

const shop = { params: { project_key: "SHOP" } };
const done = { status_id: "3", category: "done", is_waiting: null };
let fixture: FiguresFixture;

beforeAll(async () => {
  fixture = await createFiguresFixture([jiraJob()]);
  await fixture.project.publish({ sql: mappingSql, output: { dataset: "jira_workflow_mapping" } });
  await fixture.project.publish({ sql: editsSql, output: { dataset: "jira_workflow_edits" } });
});

afterAll(() => fixture[Symbol.asyncDispose]());

it("lists projects with their version, and statuses of one with what was said of them", async () => {
  expect((await fixture.call("listWorkflows")).items).toEqual([
    { project_key: "OPS", version: 0, statuses: 1, waiting: 0, unknown: 0, edited_by: null, edited_at: null },
    {
      project_key: "SHOP",
      version: 1,
      statuses: 3,
      waiting: 1,
      unknown: 1,
      edited_by: "ann",
      edited_at: "2026-01-05T10:00:00.000Z",
    },
  ]);
  const { statuses, edits, version } = await fixture.call("showWorkflow", shop);
  expect(version).toBe(1);
  expect(statuses.map(({ name, types, is_waiting: isWaiting }) => [name, types, isWaiting])).toEqual([
    ["Review", ["Bug", "Story"], true],
    ["To do", ["Story"], false],
    ["Parked", [], false],
  ]);
  expect(edits).toEqual([
    {
      version: 1,
      edited_by: "ann",
      edited_at: "2026-01-05T10:00:00.000Z",
      reason: "nobody works there",
      statuses: [{ status_id: "3", category: null, is_waiting: true }],
    },
  ]);
});

it("makes a run of a change, with who asked for it", async () => {
  const body = { version: 1, statuses: [done], reason: "it is over then" };
  const { version, run_id: runId } = await fixture.call("putWorkflow", { ...shop, body }, { name: "bob" });
  expect(version).toBe(2);
  const run = await fixture.call("showRun", { params: { run_id: runId } });
  expect(run).toMatchObject({
    job_name: "jira_workflow_mapping",
    created_by: "bob",
    params: { edit: { project_key: "SHOP", version: 2, edited_by: "bob", statuses: [done] } },
  });
});

it.each([
  ["a version that is not the newest", { version: 0, statuses: [done] }, "VERSION_CONFLICT"],
  ["a status of another project", { version: 1, statuses: [{ ...done, status_id: "9" }] }, "REQUEST_INVALID"],
  ["a status that comes twice", { version: 1, statuses: [done, done] }, "REQUEST_INVALID"],
  ["a category that is none", { version: 1, statuses: [{ ...done, category: "finished" }] }, "REQUEST_INVALID"],
  ["no status", { version: 1, statuses: [] }, "REQUEST_INVALID"],
])("refuses %s", async (_case, body, code) => {
  expect((await fixture.refusal("putWorkflow", { ...shop, body })).code).toBe(code);
});

it("does not know a project that was never collected", async () => {
  expect((await fixture.refusal("showWorkflow", { params: { project_key: "NOPE" } })).code).toBe("THING_UNKNOWN");
});
