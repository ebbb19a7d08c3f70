// What a project says of its Jira, and what is made of it before any job is.
import type { Duration } from "../../core/duration.ts";
import type { RetryPolicyOptions } from "../../core/recovery/retry-policy.ts";
import type { Partition } from "../../core/schedule/partition.ts";
import type { ScheduleOptions } from "../../core/schedule/schedule.ts";
import { refusal } from "../../core/spec/parse-options.ts";
import { type GivenRetry, readRetry } from "../document/retry-config.ts";
import { type GivenSchedule, readSchedule } from "../document/schedule-config.ts";
import { type JiraConfig, readConfig } from "./document-config.ts";
import { type JiraAddresses, type JiraDeployment, type JiraEndpoints, readEndpoints } from "./endpoints.ts";
import { type IssueRules, type JiraValidation, readValidation } from "./validation.ts";

export interface JiraJobOptions {
  /** Of the pipeline. Default `jira_job`. */
  readonly name?: string;
  /** Name of the connection, such as `jiraConnection` makes it. Default `jira`. */
  readonly connection?: string;
  /** Default `cloud`. */
  readonly deployment?: JiraDeployment;
  /** Keys of projects. Default: those of `config`, or all that the account sees. */
  readonly projects?: readonly string[];
  /** Of the names of datasets and jobs. Default `jira_`. */
  readonly prefix?: string;
  /** Issues that changed last before this date are not collected. Default `2000-01-01`. */
  readonly from?: string;
  /** Parts of time that a first backfill is read in, by when issues changed last. Default: one part. */
  readonly chunks?: Partition;
  /** Parts of time and projects that one run reads. Default: all. */
  readonly chunksPerRun?: number;
  /** What is read again behind the last scan, since what is found lags behind what was changed. Default `10m`. */
  readonly overlap?: Duration;
  readonly fields?: JiraFieldOptions;
  /** Status id → category, for statuses that only changelogs still name. */
  readonly statusCategories?: Readonly<Record<string, JiraStatusCategory>>;
  /** How often sprints are asked for, at most. Default `1h`. */
  readonly sprintsEvery?: Duration;
  /** How often boards, users, workflows and the ids of all issues are asked for, at most. Default `1d`. */
  readonly censusEvery?: Duration;
  /** The newest issue is expected to have changed within that time; else there is a warning. Default: it may be older. */
  readonly timeliness?: Duration;
  /** Also as `SCHEDULE_CONFIG`. Default: only when it is asked to. */
  readonly schedule?: GivenSchedule;
  /** Of each job; also as `RETRY_CONFIG`. */
  readonly retry?: GivenRetry;
  /** `JIRA_CONFIG`: its projects; what it says of the address and the token belongs to the connection. */
  readonly config?: JiraConfig;
  /** `JIRA_ENDPOINTS`. */
  readonly endpoints?: JiraEndpoints;
  /** `VALIDATION_RULES`: its rules for `jira_issue`. */
  readonly validation?: JiraValidation;
}

export type JiraStatusCategory = "new" | "indeterminate" | "done" | "undefined";

/** Custom fields, where they are not found by themselves. */
export interface JiraFieldOptions {
  /** Default: the field that Jira makes for sprints. */
  readonly sprint?: string;
  /** Beside those that boards estimate by. */
  readonly points?: readonly string[];
  /** Default: the field that is called `Flagged`. */
  readonly flagged?: string;
}

/** Options with their defaults. */
export interface JiraSettings {
  readonly name: string;
  readonly connection: string;
  readonly deployment: JiraDeployment;
  readonly projects: readonly string[];
  readonly prefix: string;
  readonly from: string;
  readonly chunks: Partition | undefined;
  readonly chunksPerRun: number | undefined;
  readonly overlap: Duration;
  readonly fields: Required<Pick<JiraFieldOptions, "points">> & Omit<JiraFieldOptions, "points">;
  readonly statusCategories: Readonly<Record<string, JiraStatusCategory>>;
  readonly sprintsEvery: Duration;
  readonly censusEvery: Duration;
  readonly timeliness: Duration | undefined;
  readonly schedule: ScheduleOptions | undefined;
  readonly retry: RetryPolicyOptions | undefined;
  readonly rules: IssueRules;
  readonly addresses: JiraAddresses;
  /** What people are told of options that were taken as they are written elsewhere. */
  readonly notices: readonly string[];
}

const known: ReadonlySet<string> = new Set([
  "name",
  "connection",
  "deployment",
  "projects",
  "prefix",
  "from",
  "chunks",
  "chunksPerRun",
  "overlap",
  "fields",
  "statusCategories",
  "sprintsEvery",
  "censusEvery",
  "timeliness",
  "schedule",
  "retry",
  "config",
  "endpoints",
  "validation",
] satisfies readonly (keyof JiraJobOptions)[]);

/** @throws MillraceError `JOB_INVALID` naming the option */
export function readOptions(options: JiraJobOptions): JiraSettings {
  const { name = "jira_job", connection = "jira", deployment = "cloud", fields = {}, statusCategories = {} } = options;
  const where = `\`jiraJob\` \`${name}\``;
  const unknown = Object.keys(options).find((option) => !known.has(option));
  if (unknown !== undefined) throw refusal(where, [unknown], `one of ${[...known].join(", ")}`, unknown);
  if (deployment !== "cloud" && deployment !== "datacenter") {
    throw refusal(where, ["deployment"], "`cloud` or `datacenter`", deployment);
  }
  const config = readConfig(where, options.config);
  const validation = readValidation(where, options.validation);
  const endpoints = readEndpoints(where, options.endpoints, deployment);
  assertFields(where, fields);
  assertCategories(where, statusCategories);
  return {
    name,
    connection,
    deployment,
    projects: readProjects(where, options.projects ?? config.projects ?? []),
    prefix: options.prefix ?? "jira_",
    from: options.from ?? "2000-01-01",
    chunks: options.chunks,
    chunksPerRun: options.chunksPerRun,
    overlap: options.overlap ?? "10m",
    fields: { ...fields, points: fields.points ?? [] },
    statusCategories,
    sprintsEvery: options.sprintsEvery ?? "1h",
    censusEvery: options.censusEvery ?? "1d",
    timeliness: options.timeliness,
    schedule: options.schedule === undefined ? undefined : readSchedule(where, name, options.schedule),
    retry: options.retry === undefined ? undefined : readRetry(where, options.retry),
    rules: validation.rules,
    addresses: endpoints.addresses,
    notices: [...config.notices, ...endpoints.notices, ...validation.notices],
  };
}

/** Keys are parts of queries, so that what could be more than a key is refused. */
function readProjects(where: string, projects: readonly string[]): readonly string[] {
  const wrong = projects.find((key) => !/^[A-Z][A-Z0-9_]+$/.test(key));
  if (wrong !== undefined) throw refusal(where, ["projects"], "keys of projects such as `PROJ1`", wrong);
  return projects;
}

function assertFields(where: string, { sprint, points = [], flagged }: JiraFieldOptions): void {
  const wrong = [sprint, ...points, flagged].find((id) => id !== undefined && !/^[A-Za-z][\w]*$/.test(id));
  if (wrong !== undefined) throw refusal(where, ["fields"], "ids of fields such as `customfield_10016`", wrong);
  if (points.length > 4) {
    throw refusal(where, ["fields", "points"], "at most 4 fields, since 10 are asked for at once", points.length);
  }
}

const categories: ReadonlySet<string> = new Set(["new", "indeterminate", "done", "undefined"]);

function assertCategories(where: string, given: Readonly<Record<string, string>>): void {
  for (const [id, category] of Object.entries(given)) {
    if (!/^\d+$/.test(id)) throw refusal(where, ["statusCategories"], "ids of statuses such as `10020`", id);
    if (!categories.has(category)) {
      throw refusal(where, ["statusCategories", id], `one of ${[...categories].join(", ")}`, category);
    }
  }
}
