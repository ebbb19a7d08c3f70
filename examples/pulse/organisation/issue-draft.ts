// One issue while an organisation is made: each function does what a person does in Jira, and leaves the entry of the changelog.
import type { Change, ChangeField, Issue, Status } from "./entities.ts";
import { toJiraInstant } from "./to-instant.ts";
import type { TrueIssue } from "./truth.ts";

export const statuses: readonly Status[] = [
  status("1", "To Do", "new"),
  status("3", "In Progress", "indeterminate"),
  status("10001", "In Review", "indeterminate"),
  status("10002", "Waiting for customer", "indeterminate"),
  status("10003", "Done", "done"),
  status("10004", "Won't do", "done"),
  { ...status("5", "已完成", "done"), is_current: false },
];

export interface IssueDraft {
  readonly id: string;
  key: string;
  projectKey: string;
  readonly summary: string;
  readonly type: string;
  readonly labels: readonly string[];
  readonly assignee: string | null;
  readonly reporter: string | null;
  readonly createdAt: number;
  parentId: string | null;
  statusId: string;
  points: number | null;
  sprintIds: readonly string[];
  resolvedAt: number | null;
  startedAt: number | null;
  doneAt: number | null;
  updatedAt: number;
  isDeleted: boolean;
  readonly changes: Change[];
}

type NewIssue = Pick<
  IssueDraft,
  "id" | "key" | "projectKey" | "summary" | "type" | "labels" | "assignee" | "reporter" | "createdAt" | "points"
> & { readonly sprintIds?: readonly string[] };

export function createIssue(issue: NewIssue): IssueDraft {
  return {
    sprintIds: [],
    ...issue,
    parentId: null,
    statusId: "1",
    resolvedAt: null,
    startedAt: null,
    doneAt: null,
    updatedAt: issue.createdAt,
    isDeleted: false,
    changes: [],
  };
}

export function isDone(issue: IssueDraft): boolean {
  return categoryOf(issue.statusId) === "done";
}

/** Moves an issue to another status, with its resolution where that is what follows. */
export function transition(issue: IssueDraft, at: number, statusId: string): void {
  if (issue.statusId === statusId) return;
  const [before, after] = [categoryOf(issue.statusId), categoryOf(statusId)];
  const [from, to] = [issue.statusId, statusId];
  const items: Item[] = [["status", from, nameOf(from), to, nameOf(to)]];
  if (after === "indeterminate") issue.startedAt ??= at;
  if (after === "done" && before !== "done") {
    issue.doneAt = at;
    issue.resolvedAt = at;
    items.push(["resolution", null, null, "10000", "Done"]);
  }
  if (after !== "done" && before === "done") {
    issue.doneAt = null;
    issue.resolvedAt = null;
    items.push(["resolution", "10000", "Done", null, null]);
  }
  issue.statusId = statusId;
  note(issue, at, items);
}

/** Says in which sprints an issue is; Jira keeps those that are over in the list. */
export function putInSprints(issue: IssueDraft, at: number, sprintIds: readonly string[]): void {
  const [from, to] = [issue.sprintIds.join(", "), sprintIds.join(", ")];
  issue.sprintIds = sprintIds;
  note(issue, at, [["Sprint", from, from, to, to]]);
}

export function estimate(issue: IssueDraft, at: number, points: number): void {
  const from = issue.points === null ? null : String(issue.points);
  issue.points = points;
  note(issue, at, [["points", null, from, null, String(points)]]);
}

export function flag(issue: IssueDraft, at: number, isFlagged: boolean): void {
  const [from, to] = isFlagged ? [null, "Impediment"] : ["Impediment", null];
  note(issue, at, [["Flagged", from, from, to, to]]);
}

/** Another project with another key; the id stays. */
export function moveTo(issue: IssueDraft, at: number, projectKey: string, key: string): void {
  const items: readonly Item[] = [
    ["project", issue.projectKey, issue.projectKey, projectKey, projectKey],
    ["Key", issue.key, issue.key, key, key],
  ];
  issue.projectKey = projectKey;
  issue.key = key;
  note(issue, at, items);
}

export function toIssue(issue: IssueDraft): Issue {
  const current = statusOf(issue.statusId);
  return {
    id: issue.id,
    key: issue.key,
    project_key: issue.projectKey,
    summary: issue.summary,
    type: issue.type,
    is_subtask: issue.type === "Sub-task",
    status_id: current.id,
    status_name: current.name,
    status_category: current.category_key,
    priority: issue.type === "Incident" ? "Highest" : "Medium",
    assignee: issue.assignee,
    reporter: issue.reporter,
    parent_id: issue.parentId,
    labels: issue.labels,
    points: issue.points,
    sprint_ids: issue.sprintIds,
    resolution: issue.resolvedAt === null ? null : "Done",
    created_at: toJiraInstant(issue.createdAt),
    updated_at: toJiraInstant(issue.updatedAt),
    resolved_at: issue.resolvedAt === null ? null : toJiraInstant(issue.resolvedAt),
    is_deleted: issue.isDeleted,
  };
}

/** An issue that was begun after it was done, and never since, has no cycle. */
export function toTrueIssue({ id, createdAt, startedAt, doneAt }: IssueDraft): TrueIssue {
  const isWhole = doneAt !== null && startedAt !== null && startedAt <= doneAt;
  return {
    issueId: id,
    startedAt: startedAt === null ? null : toJiraInstant(startedAt),
    doneAt: doneAt === null ? null : toJiraInstant(doneAt),
    leadSeconds: doneAt === null ? null : doneAt - createdAt,
    cycleSeconds: isWhole ? doneAt - startedAt : null,
  };
}

type Item = readonly [
  field: ChangeField,
  fromValue: string | null,
  fromText: string | null,
  toValue: string | null,
  toText: string | null,
];

function note(issue: IssueDraft, at: number, items: readonly Item[]): void {
  const history = `${issue.id}${String(issue.changes.length).padStart(3, "0")}`;
  issue.updatedAt = Math.max(issue.updatedAt, at);
  for (const [index, [field, fromValue, fromText, toValue, toText]] of items.entries()) {
    issue.changes.push({
      id: `${history}-${index}`,
      issue_id: issue.id,
      created_at: toJiraInstant(at),
      author: issue.assignee,
      field,
      from_value: fromValue,
      from_text: fromText,
      to_value: toValue,
      to_text: toText,
    });
  }
}

function status(id: string, name: string, category: Status["category_key"]): Status {
  return { id, name, category_key: category, project_id: null, is_current: true };
}

function statusOf(id: string): Status {
  const found = statuses.find((item) => item.id === id);
  if (found === undefined) throw new RangeError(`expected a status, got: \`${id}\``);
  return found;
}

function categoryOf(id: string): Status["category_key"] {
  return statusOf(id).category_key;
}

function nameOf(id: string): string {
  return statusOf(id).name;
}
