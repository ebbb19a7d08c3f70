// Answers that a real Jira has given, where they are at hand: read from beside the repository, and never a part of it.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { jiraConnection } from "../../../src/integrations/jira/client.ts";
import { jiraJob } from "../../../src/integrations/jira/job.ts";
import { createTestProject, type TestProject, type TestRun } from "../../../src/testing.ts";
import { type Answer, PageServer, type Received } from "../../support/data/page-server.ts";

const folder = join(import.meta.dirname, "../../../../shared/recorded/jira");
const isThere = existsSync(folder);
const title = isThere ? "" : " (skipped: there are no recorded answers beside the repository)";

interface Item {
  readonly fieldId?: string;
  readonly from?: string | null;
  readonly to?: string | null;
}
interface RecordedIssue {
  readonly id: string;
  readonly fields: { readonly resolutiondate: string | null };
  readonly changelog: { readonly histories: readonly { readonly id: string; readonly items: readonly Item[] }[] };
}

function recorded<Data>(name: string): readonly Data[] {
  const lines = readFileSync(join(folder, `${name}.ndjson`), "utf8")
    .trimEnd()
    .split("\n");
  return lines.map((line) => (JSON.parse(line) as { readonly data: Data }).data);
}

let server: PageServer;
let project: TestProject;
let run: TestRun;
let issues: readonly RecordedIssue[] = [];
let statuses: readonly { readonly id: string }[] = [];

const page = (values: readonly unknown[]): Answer => ({
  body: { values, startAt: 0, isLast: true, total: values.length },
});

function answer({ path, body }: Received): Answer {
  const [address = ""] = path.split("?");
  if (address.endsWith("/project/search")) return page(recorded("projects"));
  if (address.endsWith("/serverInfo")) return { body: { baseUrl: "x", version: "1", deploymentType: "Cloud" } };
  if (address.endsWith("/status")) return { body: statuses };
  if (address.endsWith("/field")) {
    const custom = "com.pyxis.greenhopper.jira:gh-sprint";
    return { body: [{ id: "customfield_10020", name: "Sprint", schema: { custom } }] };
  }
  if (address.endsWith("/board")) {
    return page([{ id: 8, name: "EE", type: "scrum", location: { projectKey: "EE" } }]);
  }
  if (address.endsWith("/configuration")) return { body: { id: 8, columnConfig: { columns: [] } } };
  if (address.endsWith("/sprint")) return page(recorded("sprints"));
  if (address.endsWith("/users/search")) return { body: path.includes("startAt=0") ? recorded("users") : [] };
  if (address.endsWith("/search/jql")) {
    const isOwn = body.includes('\\"EE\\"');
    return { body: { issues: isOwn ? issues.map(({ id }) => ({ id })) : [], isLast: true } };
  }
  if (address.endsWith("/issue/bulkfetch")) return { body: { issues } };
  if (address.endsWith("/changelog/bulkfetch")) {
    const logs = issues.map(({ id, changelog }) => ({ issueId: id, changeHistories: changelog.histories }));
    return { body: { issueChangeLogs: logs } };
  }
  return { status: 404, body: { errorMessages: ["not recorded"] } };
}

beforeAll(async () => {
  if (!isThere) return;
  issues = recorded("issues");
  statuses = recorded("status");
  server = await PageServer.start((request) => ({
    ...answer(request),
    headers: { connection: "close", date: new Date().toUTCString() },
  }));
  const jira = jiraConnection({ baseUrl: server.url(""), email: "a@example.com", token: "a-token-of-this-test" });
  project = await createTestProject({ connections: { jira } });
  run = await project.run(jiraJob(), { onFailure: "return" });
}, 60_000);
afterAll(async () => {
  if (!isThere) return;
  await project[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

test.skipIf(!isThere)(`every recorded issue is a row, and its people, times and status are read${title}`, async () => {
  expect([run.state, run.error]).toEqual(["FINISHED", undefined]);
  const rows = await project.query(
    "select count(*) as issues, count(status_id) as statuses, count(created_at) as created, count(resolved_at) as resolved, count(type) as types from jira_issues",
    ["jira_issues"],
  );
  const resolved = issues.filter(({ fields }) => fields.resolutiondate !== null).length;
  const count = BigInt(issues.length);
  expect(rows).toEqual([{ issues: count, statuses: count, created: count, resolved: BigInt(resolved), types: count }]);
});

test.skipIf(!isThere)(`every recorded change of a field that is kept is one row${title}`, async () => {
  const kept: ReadonlySet<string | undefined> = new Set(["status", "resolution", "assignee", "customfield_10020"]);
  const items = issues.flatMap(({ changelog }) => changelog.histories.flatMap((history) => history.items));
  const wanted = items.filter(({ fieldId }) => kept.has(fieldId)).length;
  expect(wanted).toBeGreaterThan(200);
  expect(await project.query("select count(*) as n from jira_changes", ["jira_changes"])).toEqual([
    { n: BigInt(wanted) },
  ]);
});

test.skipIf(!isThere)(`status ids that only changelogs name are not current${title}`, async () => {
  const listed = new Set(statuses.map(({ id }) => id));
  const items = issues.flatMap(({ changelog }) => changelog.histories.flatMap((history) => history.items));
  const named = items.filter(({ fieldId }) => fieldId === "status").flatMap(({ from, to }) => [from, to]);
  const gone = [...new Set(named)].filter((id) => typeof id === "string" && !listed.has(id));
  const rows = await project.query("select id from jira_statuses where not is_current", ["jira_statuses"]);
  expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(gone));
  expect(gone).toContain("10020");
});

test.skipIf(!isThere)(`all recorded sprints, projects and users are rows${title}`, async () => {
  for (const [dataset, name] of [
    ["jira_sprints", "sprints"],
    ["jira_projects", "projects"],
  ] as const) {
    const ids = new Set(recorded<{ readonly id: unknown }>(name).map(({ id }) => String(id)));
    const rows = await project.query(`select id from ${dataset}`, [dataset]);
    expect(new Set(rows.map(({ id }) => String(id)))).toEqual(ids);
  }
});
