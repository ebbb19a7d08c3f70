// A Jira site in memory that people work on: what it holds, and what changes it. It keeps what Jira keeps: an id is for ever, a key moves,
// and every change has its line in the changelog.
import type { ChangeField, Board, Change, JiraEntities, Issue, Sprint } from "../../organisation/entities.ts";

export interface JiraSiteOptions {
  /** Default: the present. */
  readonly now?: () => number;
  /** Field of sprints. Default `customfield_10020`. */
  readonly sprintField?: string;
  /** Field of points where no board says one. Default `customfield_10016`. */
  readonly pointsField?: string;
  readonly flaggedField?: string;
  /** More fields of an issue, by its id, as they stand in its JSON: of custom fields, with whatever type. */
  readonly extraFields?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export class JiraSite {
  readonly data: JiraEntities;
  readonly issues: Map<string, Issue>;
  readonly sprints: Map<number, Sprint>;
  readonly sprintField: string;
  readonly flaggedField: string;
  readonly now: () => number;
  readonly #changes = new Map<string, Change[]>();
  readonly #pointsField: string;
  readonly #extraFields: NonNullable<JiraSiteOptions["extraFields"]>;
  #lastHistory: number;

  constructor(data: JiraEntities, options: JiraSiteOptions = {}) {
    this.data = data;
    this.now = options.now ?? Date.now;
    this.sprintField = options.sprintField ?? "customfield_10020";
    this.flaggedField = options.flaggedField ?? "customfield_10021";
    this.#pointsField = options.pointsField ?? "customfield_10016";
    this.#extraFields = options.extraFields ?? {};
    this.issues = new Map(data.issues.filter(({ is_deleted }) => !is_deleted).map((issue) => [issue.id, issue]));
    this.sprints = new Map(data.sprints.map((sprint) => [sprint.id, sprint]));
    this.#lastHistory = 0;
    for (const change of data.changes) {
      const known = this.#changes.get(change.issue_id) ?? [];
      known.push(change);
      this.#changes.set(change.issue_id, known);
      this.#lastHistory = Math.max(this.#lastHistory, Number(change.id.split("-")[0]) || 0);
    }
  }

  /** Boards of a project, or all. */
  boards(projectKey?: string): readonly Board[] {
    return this.data.boards.filter((board) => projectKey === undefined || board.project_key === projectKey);
  }

  /** What the first board of the project counts points in. */
  pointsField(projectKey: string): string {
    return (
      this.boards(projectKey).find((board) => board.estimation_field !== null)?.estimation_field ?? this.#pointsField
    );
  }

  /** Every field that counts points somewhere. */
  pointsFields(): readonly string[] {
    const named = this.data.boards.flatMap(({ estimation_field: field }) => (field === null ? [] : [field]));
    return [...new Set([this.#pointsField, ...named])];
  }

  changesOf(issueId: string): readonly Change[] {
    return this.#changes.get(issueId) ?? [];
  }

  extraFields(issueId: string): Readonly<Record<string, unknown>> {
    return this.#extraFields[issueId] ?? {};
  }

  /** Adds an issue, or takes its place. */
  put(issue: Issue): void {
    this.issues.set(issue.id, issue);
  }

  delete(issueId: string): void {
    this.issues.delete(issueId);
  }

  /** Changes columns of an issue, with `updated_at` and the lines of its changelog. @throws RangeError for an issue that is not there */
  change(issueId: string, columns: Partial<Issue>, author: string | null = null): void {
    const issue = this.issues.get(issueId);
    if (issue === undefined) throw new RangeError(`expected an issue of the site, got: \`${issueId}\``);
    const at = new Date(this.now()).toISOString();
    const next = { ...issue, ...columns, updated_at: at };
    this.issues.set(issueId, next);
    this.#lastHistory += 1;
    const items = diff(issue, next).map((item, index) => ({
      ...item,
      id: `${this.#lastHistory}-${index}`,
      issue_id: issueId,
      created_at: at,
      author,
    }));
    this.#changes.set(issueId, [...this.changesOf(issueId), ...items]);
  }

  /** Moves an issue to another project, where it gets another key. */
  move(issueId: string, projectKey: string, number: number): void {
    this.change(issueId, { project_key: projectKey, key: `${projectKey}-${number}` });
  }

  putSprint(sprint: Sprint): void {
    this.sprints.set(sprint.id, sprint);
  }
}

type Item = Pick<Change, "field" | "from_value" | "from_text" | "to_value" | "to_text">;

function diff(before: Issue, after: Issue): Item[] {
  const values: readonly (readonly [ChangeField, (issue: Issue) => string | null, (issue: Issue) => string | null])[] =
    [
      ["status", (issue) => issue.status_id, (issue) => issue.status_name],
      ["Sprint", (issue) => issue.sprint_ids.join(", "), (issue) => issue.sprint_ids.join(", ")],
      ["points", () => null, ({ points }) => (points === null ? null : String(points))],
      ["resolution", ({ resolution }) => resolution, ({ resolution }) => resolution],
      ["assignee", ({ assignee }) => assignee, ({ assignee }) => assignee],
      ["project", (issue) => issue.project_key, (issue) => issue.project_key],
      ["Key", () => null, (issue) => issue.key],
    ];
  return values.flatMap(([field, value, text]) =>
    text(before) === text(after)
      ? []
      : [{ field, from_value: value(before), from_text: text(before), to_value: value(after), to_text: text(after) }],
  );
}
