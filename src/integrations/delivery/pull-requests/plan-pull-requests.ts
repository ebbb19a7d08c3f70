// What is published of pull requests: the rows of those services that are computed, and the figures of all.
import type { Check } from "../../../core/dataset/check.ts";
import type { Publication } from "../publications.ts";
import type { SettledRules } from "../rules/rules.ts";
import { withTables } from "../sql-values.ts";
import { pullRequestFigures } from "./pull-request-figures-sql.ts";
import { pullRequestRows, type PullRequestSources } from "./pull-requests-sql.ts";

export const pullRequestDatasets = {
  pullRequests: "delivery_pull_request_metrics",
  pullRequestFigures: "delivery_pull_request_figures",
} as const;

export interface PullRequestScope {
  readonly rules: SettledRules;
  readonly sources: PullRequestSources;
  /** Table expressions of the inputs, `service_environments` and `changes` among them. */
  readonly tables: readonly string[];
  readonly inputs: readonly string[];
}

/** Rows of the services that are computed. */
export function planPullRequests({ rules, sources, tables, inputs }: PullRequestScope): Publication {
  const { tables: own, select } = pullRequestRows(rules, sources);
  return {
    dataset: pullRequestDatasets.pullRequests,
    sql: withTables([...tables, ...own], select),
    inputs,
    key: ["service", "repository_id", "number"],
    checks: rowChecks,
  };
}

/** Figures of all services, out of the rows that are published. */
export function planPullRequestFigures(rules: SettledRules): Publication {
  const { pullRequests, pullRequestFigures: dataset } = pullRequestDatasets;
  const sql = pullRequestFigures(rules).replace(/^with /, `with pull_requests as (select * from ${pullRequests}), `);
  return {
    dataset,
    sql,
    inputs: [pullRequests],
    key: ["service", "period", "start_at", "metric"],
    checks: figureChecks,
  };
}

const rowChecks: readonly Check[] = [
  { acceptedValues: { state: ["open", "closed", "merged"] }, name: "state" },
  {
    sql: "select number from rows where first_review_seconds < 0 or cycle_seconds < 0 or rework_cycles > review_rounds or reviewers > reviews",
    name: "no time below 0, no more rework than rounds",
  },
  {
    sql: `select number from rows where lead_seconds is not null and lead_seconds <> cycle_seconds + deploy_seconds`,
    name: "stages add up to the lead time",
  },
];

const figureChecks: readonly Check[] = [
  { sql: "select metric from rows where unit = 'share' and value not between 0 and 1", name: "shares" },
  { sql: "select metric from rows where coverage not between 0 and 1 or n < 0", name: "coverage" },
];
