// Which rows each figure of delivery, sprints, issues and health is made of, as conditions on the datasets that they are published in.

/** What a figure is of: the name of a service, the key of a project, the id of a sprint. */
export type FigureSubject = "service" | "project" | "sprint";

export interface FigureMetric {
  readonly subject: FigureSubject;
  /** The dataset of the figures, its column with the subject, and the value where it is not the column `value`. */
  readonly figures: string;
  readonly subjectColumn: string;
  /** The name of the metric in the dataset of figures, by its column. Without it there is one row for each subject and the metric is a column. */
  readonly named?: { readonly column: string; readonly name: string };
  readonly value: string;
  readonly unit: string;
  /** Periods that the figure is told of; none for what has no period. */
  readonly periods: readonly FigurePeriod[];
  readonly rows: FigureRows;
}

export type FigurePeriod = "week" | "month" | "all";

/** The rows of a figure, `x` being one of them. */
export interface FigureRows {
  readonly dataset: string;
  /** The instant that decides in which period a row counts; also the order of the rows, the newest first. */
  readonly at: string;
  /** What the row adds to the figure; NULL when it should have a value and has none. */
  readonly value: string;
  /** A text that no two rows share. */
  readonly key: string;
  /** Beside the subject and the period; `{{subject}}`, `{{from}}` and `{{to}}` (milliseconds) stand for those of the figure. */
  readonly where: string;
  /** Whether rows belong to the period that `at` is in. Default true; else `where` says which. */
  readonly byPeriod?: false;
}

type Entry = readonly [name: string, metric: FigureMetric];

const allPeriods: readonly FigurePeriod[] = ["week", "month", "all"];

function dora(name: string, unit: string, rows: FigureRows): Entry {
  const figures = { subject: "service", figures: "delivery_dora", subjectColumn: "service", value: "value" } as const;
  return [name, { ...figures, named: { column: "metric", name }, unit, periods: allPeriods, rows }];
}

const ofService = "x.service = {{subject}}";
const changes = (column: string): FigureRows => ({
  dataset: "delivery_changes",
  at: "x.deployed_at",
  value: `x.${column}`,
  key: "concat_ws('/', x.repository_id, x.number)",
  where: ofService,
});
const deployments = (value: string, condition = "true"): FigureRows => ({
  dataset: "delivery_deployments",
  at: "x.deployed_at",
  value,
  key: "x.deployment_id::varchar",
  where: `${ofService} and ${condition}`,
});

const doraMetrics: readonly Entry[] = [
  dora("change_lead_time", "seconds", changes("lead_seconds")),
  ...["coding", "pickup", "review", "merge_wait", "deploy"].map((stage) =>
    dora(`stage_${stage}`, "seconds", changes(`${stage}_seconds`)),
  ),
  dora("commit_lead_time", "seconds", {
    dataset: "delivery_commit_leads",
    at: "x.deployed_at",
    value: "x.lead_seconds",
    key: "concat_ws('/', x.repository_id, x.sha)",
    where: ofService,
  }),
  dora("deployments", "deployments", deployments("1")),
  dora("deployment_frequency", "deployments a day", deployments("1")),
  dora("deployment_days_per_week", "days", deployments("1")),
  dora("change_fail_rate", "share", deployments("x.is_failed::int")),
  dora("deployment_rework_rate", "share", deployments("x.is_unplanned::int")),
  dora("failed_deployment_recovery_time", "seconds", deployments("x.recovery_seconds", "x.is_failed")),
  dora("open_failures", "deployments", deployments("1", "x.is_failed and x.restored_at is null")),
  dora("time_to_restore", "seconds", {
    dataset: "delivery_incidents",
    at: "x.created_at",
    value:
      "greatest(epoch(x.resolved_at)::bigint - epoch(x.created_at)::bigint, 0) * case when x.resolved_at is not null then 1 end",
    key: "x.incident_id",
    where: `${ofService} and x.kind = 'issue'`,
  }),
];

function pulls(name: string, unit: string, { at, value, condition = "true", isOpen = false }: PullRows): Entry {
  const figures = { subject: "service", figures: "delivery_pull_request_figures", subjectColumn: "service" } as const;
  const rows: FigureRows = {
    dataset: "delivery_pull_request_metrics",
    at: `x.${at}`,
    value,
    key: "concat_ws('/', x.repository_id, x.number)",
    where: `${ofService} and not x.is_bot and x.${at} is not null and ${condition}`,
    ...(isOpen ? { byPeriod: false } : {}),
  };
  const periods: readonly FigurePeriod[] = isOpen ? ["all"] : allPeriods;
  return [name, { ...figures, value: "value", named: { column: "metric", name }, unit, periods, rows }];
}

interface PullRows {
  readonly at: string;
  readonly value: string;
  readonly condition?: string;
  readonly isOpen?: boolean;
}

const lastKnown = "(select max(last_active_at) from delivery_pull_request_metrics)";
const merged = (value: string): PullRows => ({ at: "merged_at", value });
const open = (value: string, condition = "true"): PullRows => ({
  at: "ready_at",
  value,
  condition: `x.state = 'open' and ${condition}`,
  isOpen: true,
});

const pullRequestMetrics: readonly Entry[] = [
  pulls("pull_requests_opened", "pull requests", { at: "created_at", value: "1" }),
  pulls("pull_requests_merged", "pull requests", merged("1")),
  pulls("pull_requests_closed_unmerged", "pull requests", {
    at: "closed_at",
    value: "1",
    condition: "x.merged_at is null",
  }),
  pulls("merge_rate", "share", { at: "closed_at", value: "(x.merged_at is not null)::int" }),
  pulls("pull_request_size", "lines", merged("x.changed_lines")),
  pulls("time_to_first_review", "seconds", merged("x.first_review_seconds")),
  pulls("pull_request_cycle_time", "seconds", merged("x.cycle_seconds")),
  pulls("time_to_first_review_working", "seconds", merged("x.first_review_working_seconds")),
  pulls("pull_request_cycle_time_working", "seconds", merged("x.cycle_working_seconds")),
  pulls("change_lead_time_working", "seconds", { at: "deployed_at", value: "x.lead_working_seconds" }),
  pulls("reviews_per_pull_request", "reviews", merged("x.reviews")),
  pulls("review_rounds", "rounds", merged("x.review_rounds")),
  pulls("commits_after_review", "commits", merged("x.commits_after_review")),
  pulls("merged_without_review", "share", merged("x.is_unreviewed::int")),
  pulls("self_merged", "share", merged("x.is_self_merged::int")),
  pulls("reworked", "share", merged("(x.rework_cycles > 0)::int")),
  pulls("open_pull_requests", "pull requests", open("1")),
  pulls("stale_pull_requests", "pull requests", open("1", `x.stale_at <= ${lastKnown}`)),
  pulls("open_pull_request_age", "seconds", open(`epoch(${lastKnown})::bigint - epoch(x.ready_at)::bigint`)),
];

const counted = "not x.is_subtask and not x.is_left_out";
const ofProject = "x.project_key = {{subject}}";

function flow(name: string, unit: string, value: string, isOfNow = false): Entry {
  const figures = { subject: "project", figures: "jira_flow", subjectColumn: "project_key", value: "value" } as const;
  const rows: FigureRows = {
    dataset: "jira_issue_metrics",
    at: isOfNow ? "x.started_at" : "x.done_at",
    value,
    key: "x.issue_id",
    where: `${ofProject} and ${counted} and ${isOfNow ? "x.age_seconds is not null" : "x.done_at is not null"}`,
    ...(isOfNow ? { byPeriod: false } : {}),
  };
  const periods: readonly FigurePeriod[] = isOfNow ? ["all"] : allPeriods;
  return [name, { ...figures, named: { column: "metric", name }, unit, periods, rows }];
}

const issueMetrics: readonly Entry[] = [
  flow("throughput", "issues", "1"),
  flow("lead_time", "seconds", "x.lead_seconds"),
  flow("cycle_time", "seconds", "x.cycle_seconds"),
  flow("lead_time_working", "seconds", "x.lead_working_seconds"),
  flow("cycle_time_working", "seconds", "x.cycle_working_seconds"),
  flow("flow_efficiency", "share", "x.flow_efficiency"),
  flow("wip", "issues", "1", true),
  flow("wip_age", "seconds", "x.age_seconds", true),
];

function sprint(name: string, unit: string, value: string, condition: string): Entry {
  const figures = {
    subject: "sprint",
    figures: "sprint_metrics",
    subjectColumn: "sprint_id::varchar",
    value: name,
  } as const;
  const rows: FigureRows = {
    dataset: "sprint_scope",
    at: "x.happened_at",
    value,
    key: "concat_ws('/', x.issue_id, x.position)",
    where: `x.sprint_id::varchar = {{subject}} and ${condition}`,
    byPeriod: false,
  };
  return [name, { ...figures, unit, periods: [], rows }];
}

/** Of the last sprints of the board, as many as the velocity is the mean of. */
const velocity: Entry = [
  "velocity_points",
  {
    subject: "sprint",
    figures: "sprint_metrics",
    subjectColumn: "sprint_id::varchar",
    value: "velocity_points",
    unit: "points",
    periods: [],
    rows: {
      dataset: "sprint_metrics",
      at: "x.closed_at",
      value: "x.completed_points",
      key: "x.sprint_id::varchar",
      where: `x.sprint_id in (
        select s.sprint_id from sprint_metrics s join sprint_metrics t on t.board_id = s.board_id and t.sprint_id::varchar = {{subject}}
        where s.closed_at is not null and (s.closed_at, s.sprint_id) <= (t.closed_at, t.sprint_id)
        qualify row_number() over (order by s.closed_at desc, s.sprint_id desc) <= t.velocity_sprints)`,
      byPeriod: false,
    },
  },
];

const isLast = "x.is_last and x.is_in_scope";
const wasCommitted = `exists (select 1 from sprint_scope s where s.sprint_id = x.sprint_id and s.issue_id = x.issue_id and s.is_start)`;

const sprintMetrics: readonly Entry[] = [
  sprint("committed_points", "points", "x.scope_delta", "x.is_start and (x.is_in_scope or x.scope_delta <> 0)"),
  sprint("added_points", "points", "x.scope_delta", "not x.is_start and (x.scope_delta > 0 or x.change = 'added')"),
  sprint(
    "removed_points",
    "points",
    "-x.scope_delta",
    "not x.is_start and (x.scope_delta < 0 or x.change = 'removed')",
  ),
  sprint("scope_points", "points", "x.scope_delta", "x.scope_delta <> 0"),
  sprint("completed_points", "points", "x.scope_points", "x.is_last and x.is_completed"),
  sprint("carried_over_points", "points", "x.scope_points", `${isLast} and not x.is_completed`),
  sprint("completion_rate", "share", "x.scope_points", `x.is_last and x.is_completed and ${wasCommitted}`),
  velocity,
];

/** `health` is the score of a project, made of its parts. */
const health: Entry = [
  "health",
  {
    subject: "project",
    figures: "project_health",
    subjectColumn: "project_key",
    named: { column: "part", name: "overall" },
    value: "score",
    unit: "points",
    periods: ["month"],
    rows: {
      dataset: "project_health",
      at: "x.start_at",
      value: "x.score",
      key: "x.part",
      where: `${ofProject} and x.part <> 'overall'`,
    },
  },
];

/** Every figure whose rows can be listed, by name. */
export const figureMetrics: ReadonlyMap<string, FigureMetric> = new Map([
  ...doraMetrics,
  ...pullRequestMetrics,
  ...issueMetrics,
  ...sprintMetrics,
  health,
]);
