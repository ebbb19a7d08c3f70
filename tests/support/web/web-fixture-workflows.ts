// What statuses mean in a project of the fixtures: one that only histories name, and one of which somebody has said that it is waiting.
import type { Workflow, WorkflowStatus, WorkflowSummary } from "../../../src/api/delivery/workflow.ts";
import { hour, minutesAgo } from "./web-fixture-time.ts";

const plain: WorkflowStatus = {
  status_id: "1",
  name: "To do",
  types: ["Bug", "Story"],
  is_current: true,
  jira_category: "new",
  category: "new",
  is_category_said: false,
  is_waiting: false,
  is_waiting_said: false,
  edited_by: null,
  edited_at: null,
};

const editedAt = minutesAgo(26 * hour);

const statuses: readonly WorkflowStatus[] = [
  { ...plain, status_id: "6", name: "Done", jira_category: "done", category: "done" },
  { ...plain, status_id: "3", name: "In progress", jira_category: "indeterminate", category: "indeterminate" },
  {
    ...plain,
    status_id: "10031",
    name: "Ready for review",
    types: ["Story"],
    jira_category: "indeterminate",
    category: "indeterminate",
    is_waiting: true,
    is_waiting_said: true,
    edited_by: "ada",
    edited_at: editedAt,
  },
  plain,
  {
    ...plain,
    status_id: "10020",
    name: "Parked",
    types: [],
    is_current: false,
    jira_category: "undefined",
    category: "undefined",
  },
];

/** Of any project. */
export function workflowOf(project = "SHOP"): Workflow {
  return {
    project_key: project,
    version: 2,
    statuses,
    edits: [
      {
        version: 2,
        edited_by: "ada",
        edited_at: editedAt,
        reason: "nobody works on it there",
        statuses: [{ status_id: "10031", category: null, is_waiting: true }],
      },
      {
        version: 1,
        edited_by: "bob",
        edited_at: minutesAgo(90 * hour),
        reason: null,
        statuses: [{ status_id: "10031", category: "done", is_waiting: null }],
      },
    ],
    computed_at: minutesAgo(hour),
  };
}

export const workflows: readonly WorkflowSummary[] = [
  { project_key: "OPS", version: 0, statuses: 4, waiting: 0, unknown: 0, edited_by: null, edited_at: null },
  { project_key: "SHOP", version: 2, statuses: 5, waiting: 1, unknown: 1, edited_by: "ada", edited_at: editedAt },
];
