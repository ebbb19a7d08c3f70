// A Jira with one project of many issues, in a process of its own, so that its work is not counted: `node jira-service.ts <issues>`.
// Prints its address.
import { JiraServer } from "../../examples/pulse/servers/jira/jira-server.ts";
import type { Issue, JiraEntities } from "../../examples/pulse/organisation/entities.ts";
import { jiraEmail, jiraToken } from "./jira-account.ts";

const count = Number(process.argv[2] ?? 0);
const people = ["ann", "bob", "cid", "dee"];
const statuses = [
  { id: "1", name: "To do", category_key: "new", project_id: null, is_current: true },
  { id: "3", name: "In progress", category_key: "indeterminate", project_id: null, is_current: true },
  { id: "6", name: "Done", category_key: "done", project_id: null, is_current: true },
] as const;

const data: JiraEntities = {
  projects: [{ id: "10001", key: "SHOP", name: "Shop", style: "classic", lead: "ann" }],
  statuses,
  boards: [
    { id: 1, name: "Shop", type: "scrum", project_key: "SHOP", columns: [], estimation_field: "customfield_10016" },
  ],
  users: people.map((name) => ({ account_id: name, display_name: name, is_active: true, kind: "atlassian" })),
  sprints: Array.from({ length: 20 }, (_, index) => ({
    id: index + 1,
    board_id: 1,
    name: `Sprint ${index + 1}`,
    state: "closed",
    goal: null,
    start_at: "2026-01-01T09:00:00.000Z",
    end_at: "2026-01-14T09:00:00.000Z",
    complete_at: "2026-01-14T09:00:00.000Z",
  })),
  issues: Array.from({ length: count }, (_, index) => issueOf(index)),
  changes: [],
};

function issueOf(index: number): Issue {
  const status = statuses[index % 3] ?? statuses[0];
  return {
    id: String(20_000 + index),
    key: `SHOP-${index + 1}`,
    project_key: "SHOP",
    summary: `Customers cannot pay with method ${index % 97} when their basket has ${index} things`,
    type: index % 5 === 0 ? "Bug" : "Story",
    is_subtask: false,
    status_id: status.id,
    status_name: status.name,
    status_category: status.category_key,
    priority: ["Low", "Medium", "High"][index % 3] ?? "Medium",
    assignee: people[index % 4] ?? null,
    reporter: people[(index + 1) % 4] ?? null,
    parent_id: null,
    labels: ["payments", `team-${index % 7}`],
    points: index % 4 === 0 ? null : index % 8,
    sprint_ids: [String((index % 20) + 1)],
    resolution: status.id === "6" ? "Done" : null,
    created_at: new Date(1_767_225_600_000 + index * 1_000).toISOString(),
    updated_at: new Date(1_772_323_200_000 + index * 1_000).toISOString(),
    resolved_at: status.id === "6" ? new Date(1_772_323_200_000 + index * 1_000).toISOString() : null,
    is_deleted: false,
  };
}

const server = await JiraServer.start(data, { email: jiraEmail, token: jiraToken });
console.log(server.url);
