// A small Jira by hand: a project with a scrum board, a team-managed one, one without a board, and histories that trip tools up.
import type {
  Board,
  Change,
  JiraEntities,
  Issue,
  Project,
  Sprint,
  Status,
  User,
} from "../../../examples/pulse/organisation/entities.ts";

const projects: readonly Project[] = [
  { id: "10001", key: "PROJ1", name: "First", style: "classic", lead: "ann" },
  { id: "10002", key: "TEAM", name: "Team-managed", style: "next-gen", lead: null },
  { id: "10003", key: "BARE", name: "Without a board", style: "classic", lead: "gone" },
];

/** Names are those of an account in Chinese, as sites have them. */
const statuses: readonly Status[] = [
  { id: "1", name: "待办", category_key: "new", project_id: null, is_current: true },
  { id: "3", name: "正在进行", category_key: "indeterminate", project_id: null, is_current: true },
  { id: "6", name: "已完成", category_key: "done", project_id: null, is_current: true },
];

const boards: readonly Board[] = [
  {
    id: 1,
    name: "First board",
    type: "scrum",
    project_key: "PROJ1",
    columns: [
      { name: "To do", statusIds: ["1"] },
      { name: "Doing", statusIds: ["3"] },
      { name: "Done", statusIds: ["6"] },
    ],
    estimation_field: "customfield_10016",
  },
  {
    id: 2,
    name: "Team board",
    type: "simple",
    project_key: "TEAM",
    columns: [],
    estimation_field: "customfield_10031",
  },
  { id: 3, name: "Kanban", type: "kanban", project_key: "PROJ1", columns: [], estimation_field: null },
];

const users: readonly User[] = [
  { account_id: "ann", display_name: "Ann", is_active: true, kind: "atlassian" },
  { account_id: "bot", display_name: "Bot", is_active: true, kind: "app" },
];

const sprints: readonly Sprint[] = [
  sprint({ id: 7, state: "closed", complete_at: "2026-01-15T09:00:00.000Z" }),
  sprint({ id: 8, state: "active", complete_at: null }),
  sprint({ id: 9, board_id: 2, state: "future", start_at: null, end_at: null, complete_at: null }),
];

function sprint(given: Partial<Sprint>): Sprint {
  return {
    id: 1,
    board_id: 1,
    name: `Sprint ${given.id ?? 1}`,
    state: "closed",
    goal: null,
    start_at: "2026-01-01T09:00:00.000Z",
    end_at: "2026-01-14T09:00:00.000Z",
    complete_at: null,
    ...given,
  };
}

/** An issue with usual values. */
export function issue(id: number, given: Partial<Issue> = {}): Issue {
  const key = given.project_key ?? "PROJ1";
  return {
    id: String(id),
    key: `${key}-${id - 20_000}`,
    project_key: key,
    summary: `Issue ${id}`,
    type: "Story",
    is_subtask: false,
    status_id: "1",
    status_name: "待办",
    status_category: "new",
    priority: "Medium",
    assignee: "ann",
    reporter: "ann",
    parent_id: null,
    labels: [],
    points: null,
    sprint_ids: [],
    resolution: null,
    created_at: `2026-01-02T10:00:${String(id % 60).padStart(2, "0")}.000Z`,
    updated_at: `2026-01-05T10:00:${String(id % 60).padStart(2, "0")}.123Z`,
    resolved_at: null,
    is_deleted: false,
    ...given,
  };
}

/** A line of a changelog. */
export function change(id: string, given: Partial<Change> & Pick<Change, "issue_id" | "field">): Change {
  return {
    id,
    created_at: "2026-01-04T08:00:00.000Z",
    author: "ann",
    from_value: null,
    from_text: null,
    to_value: null,
    to_text: null,
    ...given,
  };
}

/** @param more issues beside the four */
export function smallSite(more: Partial<JiraEntities> = {}): JiraEntities {
  return {
    projects,
    statuses,
    boards,
    users,
    sprints,
    issues: [
      issue(20_001, { points: 3, sprint_ids: ["7", "8"], labels: ["a", "b"], parent_id: "20002" }),
      issue(20_002, {
        points: 5,
        status_id: "6",
        status_name: "已完成",
        status_category: "done",
        resolution: "Done",
        resolved_at: "2026-01-05T09:00:00.000Z",
      }),
      issue(20_003, { project_key: "TEAM", points: 2, assignee: null, is_subtask: true, type: "子任务" }),
      issue(20_004, { project_key: "BARE" }),
    ],
    changes: [
      change("901-0", {
        issue_id: "20001",
        field: "Sprint",
        from_value: "7",
        from_text: "S7",
        to_value: "7, 8",
        to_text: "S7, S8",
      }),
      change("901-1", { issue_id: "20001", field: "points", from_text: "1", to_text: "3" }),
      // a status that nothing but this line names any more
      change("902-0", {
        issue_id: "20002",
        field: "status",
        from_value: "10020",
        from_text: "旧",
        to_value: "6",
        to_text: "已完成",
      }),
      change("903-0", { issue_id: "20003", field: "points", from_text: null, to_text: "2" }),
    ],
    ...more,
  };
}
