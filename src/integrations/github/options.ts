// What a project says of its GitHub, and what is made of it before any job is.
import type { RetryPolicyOptions } from "../../core/recovery/retry-policy.ts";
import type { Duration } from "../../core/duration.ts";
import { refusal } from "../../core/spec/parse-options.ts";
import type { ScheduleOptions } from "../../core/schedule/schedule.ts";
import { type GivenRetry, readRetry } from "../document/retry-config.ts";
import { type GivenSchedule, readSchedule } from "../document/schedule-config.ts";
import { type GithubConfig, readConfig } from "./document-config.ts";
import { type GithubEndpoints, readEndpoints, type StreamAddresses } from "./endpoints.ts";
import { type GithubValidation, type PullRequestRules, readValidation } from "./validation.ts";

/** What is collected besides repositories and pull requests. */
export type GithubStream = (typeof githubStreams)[number];

export const githubStreams = [
  "details",
  "pull_request_commits",
  "reviews",
  "events",
  "commits",
  "deployments",
  "releases",
  "workflow_runs",
] as const;

export interface GithubJobOptions {
  /** Of the pipeline. Default `github_job`. */
  readonly name?: string;
  /** Name of the connection, such as `githubConnection` makes it. Default `github`. */
  readonly connection?: string;
  /** Whose repositories: this, `user` or `app`, or what `config` says. */
  readonly organization?: string;
  readonly user?: string;
  /** All repositories that the app of the connection is installed for. */
  readonly app?: boolean;
  readonly repositories?: GithubRepositories;
  readonly production?: GithubProduction;
  readonly commits?: GithubCommits;
  /** Default: all. */
  readonly streams?: readonly GithubStream[];
  /** What is read again behind the newest row, for clocks that differ. Default `10m`. */
  readonly overlap?: Duration;
  /** How long deployments, releases and workflow runs may still change. Default `30d`. */
  readonly settled?: Duration;
  /**
   * Deployments, releases and workflow runs change without a sign that a list of repositories has: of a repository they are asked for
   * by each run until that long after its last push or change of a pull request, and once in that time from then on. False: by each
   * run. Default `1d`.
   */
  readonly quietAfter?: Duration | false;
  /** Of the names of datasets and jobs. Default `github_`. */
  readonly prefix?: string;
  /** The newest pull request is expected to be at most that old; an older one is a warning. Default: it may be older. */
  readonly timeliness?: Duration;
  /** Also as `SCHEDULE_CONFIG`. Default: only when it is asked to. */
  readonly schedule?: GivenSchedule;
  /** Of each job; also as `RETRY_CONFIG`. */
  readonly retry?: GivenRetry;
  /** `GITHUB_CONFIG`: its organisation; what it says of the address and the token belongs to the connection. */
  readonly config?: GithubConfig;
  /** `GITHUB_ENDPOINTS`. */
  readonly endpoints?: GithubEndpoints;
  /** `VALIDATION_RULES`: its rules for `github_pr`. */
  readonly validation?: GithubValidation;
}

export interface GithubRepositories {
  /** Names, where `*` stands for any text. Default: all. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  /** Whether archived repositories are collected, too. Default false. */
  readonly archived?: boolean;
}

/** Which deployments reach users. Default: those that GitHub calls production. */
export interface GithubProduction {
  readonly environments: readonly (string | RegExp)[];
}

export interface GithubCommits {
  /** A date or an instant: older commits are not collected when a repository is first read. Default: all are. */
  readonly since?: string;
}

/** Options with their defaults. */
export interface GithubSettings {
  readonly where: string;
  readonly name: string;
  readonly connection: string;
  readonly owner: GithubOwner;
  readonly repositories: Required<GithubRepositories>;
  readonly environments: readonly (string | RegExp)[] | undefined;
  readonly since: string | undefined;
  readonly streams: ReadonlySet<GithubStream>;
  readonly overlap: Duration;
  readonly settled: Duration;
  readonly quietAfter: Duration | false;
  readonly prefix: string;
  readonly timeliness: Duration | undefined;
  readonly schedule: ScheduleOptions | undefined;
  readonly retry: RetryPolicyOptions | undefined;
  /** Of a request, the first one included. Default: those of the http source. */
  readonly tries: number | undefined;
  readonly rules: PullRequestRules;
  readonly addresses: StreamAddresses;
  /** What people are told of options that were taken as they are written elsewhere. */
  readonly notices: readonly string[];
}

export type GithubOwner = { readonly kind: "organization" | "user"; readonly name: string } | { readonly kind: "app" };

/** @throws MillraceError `JOB_INVALID` naming the option */
export function readOptions(options: GithubJobOptions): GithubSettings {
  const { name = "github_job", connection = "github", repositories = {}, streams = githubStreams } = options;
  const where = `\`githubJob\` \`${name}\``;
  assertKnown(where, options);
  const unknown = streams.find((stream) => !githubStreams.includes(stream));
  if (unknown !== undefined) throw refusal(where, ["streams"], `names out of ${githubStreams.join(", ")}`, unknown);
  const config = readConfig(where, options.config);
  const validation = readValidation(where, options.validation);
  const endpoints = readEndpoints(where, options.endpoints);
  const { include = [], exclude = [], archived = false } = repositories;
  return {
    where,
    name,
    connection,
    owner: readOwner(where, options, config.organization),
    repositories: { include, exclude, archived },
    environments: options.production?.environments,
    since: readSince(where, options.commits),
    streams: new Set(streams),
    overlap: options.overlap ?? "10m",
    settled: options.settled ?? "30d",
    quietAfter: options.quietAfter ?? "1d",
    prefix: options.prefix ?? "github_",
    timeliness: options.timeliness,
    schedule: options.schedule === undefined ? undefined : readSchedule(where, name, options.schedule),
    retry: options.retry === undefined ? undefined : readRetry(where, options.retry),
    tries: config.tries,
    rules: validation.rules,
    addresses: endpoints.addresses,
    notices: [...config.notices, ...endpoints.notices, ...validation.notices],
  };
}

const known: ReadonlySet<string> = new Set([
  "name",
  "connection",
  "organization",
  "user",
  "app",
  "repositories",
  "production",
  "commits",
  "streams",
  "overlap",
  "settled",
  "quietAfter",
  "prefix",
  "timeliness",
  "schedule",
  "retry",
  "config",
  "endpoints",
  "validation",
] satisfies readonly (keyof GithubJobOptions)[]);

function assertKnown(where: string, options: GithubJobOptions): void {
  const unknown = Object.keys(options).find((option) => !known.has(option));
  if (unknown !== undefined) throw refusal(where, [unknown], `one of ${[...known].join(", ")}`, unknown);
}

function readOwner(where: string, options: GithubJobOptions, configured: string | undefined): GithubOwner {
  const { user, app = false } = options;
  const organization = options.organization ?? (user === undefined && !app ? configured : undefined);
  const given = [organization, user, app ? "app" : undefined].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw refusal(where, ["organization"], "given, or `user` or `app: true` in its place", given.join(", "));
  }
  const [login] = given;
  if (!app && !/^[A-Za-z\d](?:[A-Za-z\d_-]*)$/.test(login ?? "")) {
    throw refusal(where, [user === undefined ? "organization" : "user"], "the name of an account", login);
  }
  if (user !== undefined) return { kind: "user", name: user };
  return app ? { kind: "app" } : { kind: "organization", name: organization ?? "" };
}

function readSince(where: string, { since }: GithubCommits = {}): string | undefined {
  if (since === undefined) return undefined;
  const atMs = Date.parse(since);
  // an instant of 1970 gives an empty list there, as if there were no commit
  if (atMs > Date.UTC(1971, 0, 1)) return new Date(atMs).toISOString();
  throw refusal(where, ["commits", "since"], "a date or an instant after 1970, or left out", since);
}
