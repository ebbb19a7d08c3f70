// The streams that ask GitHub, each an integration job: one unit for each repository, pull request, deployment or pair of commits.
import { integrationJob, type IntegrationJobDefinition } from "../../data/jobs/integration-job.ts";
import type { Check } from "../../core/dataset/check.ts";
import type { Job } from "../../core/job/job.ts";
import type { ResponseRule } from "../../data/requests/response-rules.ts";
import type { InputOptions } from "../../data/units/input-options.ts";
import {
  commitEntity,
  comparisonFields,
  comparisonSelect,
  deploymentEntity,
  detailEntity,
  type Entity,
  eventEntity,
  headEntity,
  pullRequestCommitEntity,
  pullRequestEntity,
  releaseEntity,
  repositoryEntity,
  reviewEntity,
  statusEntity,
  toSelect,
  workflowRunEntity,
} from "./entities.ts";
import type { StreamChecks } from "./checks.ts";
import type { GithubOwner, GithubSettings } from "./options.ts";

type HttpSourceOptions = Extract<IntegrationJobDefinition["source"], { readonly http: unknown }>["http"];

/** One stream, before it is a job. */
interface StreamOptions {
  /** Without the prefix; also of its dataset. */
  readonly name: string;
  readonly description: string;
  readonly entity: Entity;
  readonly http: Omit<HttpSourceOptions, "connection">;
  /** Name of the variable → the dataset whose rows are units, without the prefix. */
  readonly unit?: readonly [variable: string, input: Omit<InputOptions, "role">];
  /** Columns that rows get from their unit, as variables. */
  readonly given?: Readonly<Record<string, string>>;
  readonly watermark?: IntegrationJobDefinition["watermark"];
  readonly checks?: readonly Check[];
  readonly select?: string;
}

/** A limit that is told in the body alone, and places that are not there any more. */
const refusals: readonly ResponseRule[] = [
  { status: [403, 429], body: { path: "message", has: "secondary rate limit" }, then: "rateLimited", pause: "90s" },
  { status: [403, 429], body: { path: "message", has: "abuse detection" }, then: "rateLimited", pause: "90s" },
];
const gone: readonly ResponseRule[] = [{ status: [404, 410, 451], then: "skipUnit" }];
/** A repository without a commit. */
const empty: readonly ResponseRule[] = [{ status: 409, then: "empty" }];

const perPage = "100";
const link = { kind: "link" } as const;
const ofRepository = { repository_id: "{{repository.id}}" } as const;

/** All streams in the order in which they are asked. */
export function createStreams(settings: GithubSettings, checks: StreamChecks): readonly Job[] {
  const { streams } = settings;
  const has = (name: Parameters<typeof streams.has>[0], options: StreamOptions): readonly StreamOptions[] =>
    streams.has(name) ? [options] : [];
  return [
    repositories(settings.owner, settings, checks),
    pullRequests(settings, checks),
    ...has("details", details(settings)),
    ...has("pull_request_commits", pullRequestCommits(settings)),
    ...has("reviews", reviews(settings, checks)),
    ...has("events", events(settings)),
    ...(streams.has("commits") ? [heads(), headComparisons(), firstCommits(settings), removedCommits()] : []),
    ...(streams.has("deployments") ? [deployments(settings, checks), statuses(settings), deploymentComparisons()] : []),
    ...has("releases", releases(settings)),
    ...has("workflow_runs", workflowRuns(settings)),
  ].map((stream) => toJob(stream, settings));
}

function toJob(options: StreamOptions, { prefix, connection, retry, tries }: GithubSettings): Job {
  const { name, description, entity, http, unit, given = {}, watermark, checks = [], select } = options;
  const { fields } = entity;
  const input = unit === undefined ? {} : { inputs: { [unit[0]]: toInput(unit[1], prefix) } };
  const { responses = [], read, ...request } = http;
  const values = { ...given, ...(select === undefined ? {} : { page: "{{page.number}}" }) };
  const ofUnits = Object.fromEntries(Object.keys(values).map((column) => [column, "VARCHAR"]));
  return integrationJob({
    name: `${prefix}${name}`,
    description,
    layer: "bronze",
    ...input,
    source: {
      http: {
        ...request,
        connection,
        resume: true,
        ...(tries === undefined ? {} : { retry: { attempts: tries } }),
        responses: [...refusals, ...responses, ...(unit === undefined ? [] : gone)],
        read: {
          ...read,
          columns: { ...ofUnits, ...fields },
          values,
        },
      },
    },
    ...(watermark === undefined ? {} : { watermark }),
    // a row that moves to the next page while that is asked for comes twice
    convert: [...(select === undefined ? [{ dedupe: entity.key }] : []), { sql: select ?? toSelect(entity) }],
    checks,
    onEmpty: "ok",
    output: { dataset: `${prefix}${name}`, mode: "merge", key: entity.key },
    ...(retry === undefined ? {} : { retry }),
  });
}

function toInput({ dataset, ...input }: Omit<InputOptions, "role">, prefix: string): InputOptions {
  const name = typeof dataset === "string" ? `${prefix}${dataset}` : dataset;
  return { ...input, role: "activation", ...(name === undefined ? {} : { dataset: name }) };
}

const repositoryUnit = ["repository", { dataset: "repository_units", key: "id" }] as const;

/** What changes without a sign is asked for while something else happens in a repository, and now and then where nothing does. */
function livelyRepository({ quietAfter }: GithubSettings): NonNullable<StreamOptions["unit"]> {
  if (quietAfter === false) return repositoryUnit;
  const changedOnly = { field: "changed_at", quietAfter };
  return ["repository", { dataset: "activity_units", key: "id", changedOnly }];
}

/** Newest first: read again is what may still change. */
function newestFirst(field: string, overlap: GithubSettings["overlap"]): Pick<StreamOptions, "watermark"> {
  return { watermark: { kind: "cursor", field, formats: ["iso"], overlap } };
}

function untilOlder(field: string): { readonly kind: "link"; readonly stop: object } {
  return { ...link, stop: { olderThan: { field } } };
}

function repositories(owner: GithubOwner, { addresses }: GithubSettings, checks: StreamChecks): StreamOptions {
  const all = { per_page: perPage, type: "all", sort: "full_name" };
  const http = {
    organization: (name: string) => ({ url: addresses.repositories.replaceAll("{org}", name), query: all }),
    user: (name: string) => ({ url: `/users/${name}/repos`, query: all }),
    app: () => ({ url: "/installation/repositories", query: { per_page: perPage }, read: { rows: "repositories" } }),
  }[owner.kind](owner.kind === "app" ? "" : owner.name);
  return {
    name: "repositories",
    description: "repositories by their id, which stays when they are renamed",
    entity: repositoryEntity,
    http: { ...http, pagination: link },
    checks: checks.repositories,
  };
}

/** Read by creation at first, which never changes, so that no page moves; then by update, newest first. */
function pullRequests({ addresses, overlap }: GithubSettings, checks: StreamChecks): StreamOptions {
  return {
    name: "pull_request_items",
    description: "pull requests as lists of them tell",
    entity: pullRequestEntity,
    http: {
      url: addresses.pull_requests,
      query: { state: "all", sort: "updated", direction: "desc", per_page: perPage },
      first: { query: { sort: "created", direction: "asc" } },
      pagination: untilOlder("updated_at"),
    },
    unit: repositoryUnit,
    given: ofRepository,
    ...newestFirst("updated_at", overlap),
    checks: checks.pullRequests,
  };
}

const changedPull = (dataset: string): NonNullable<StreamOptions["unit"]> => [
  "pull",
  { dataset, key: "id", changedOnly: { field: "updated_at" } },
];
const ofPull = { repository_id: "{{pull.repository_id}}", number: "{{pull.number}}" } as const;

function pullAddress({ addresses }: GithubSettings, rest: string): string {
  return `${addresses.pull_requests.replaceAll("{{repository.", "{{pull.")}/{{pull.number}}${rest}`;
}

function details(settings: GithubSettings): StreamOptions {
  return {
    name: "pull_request_details",
    description: "what only a pull request itself tells, such as its size",
    entity: detailEntity,
    http: { url: pullAddress(settings, ""), read: { rows: "." } },
    unit: changedPull("pull_request_detail_units"),
    given: { repository_id: ofPull.repository_id },
  };
}

function pullRequestCommits(settings: GithubSettings): StreamOptions {
  return {
    name: "pull_request_commit_items",
    description: "commits of pull requests, of each the 250 that GitHub gives",
    entity: {
      ...pullRequestCommitEntity,
      columns: { ...pullRequestCommitEntity.columns, pull_head_sha: `cast("pull_head_sha" as varchar)` },
      key: [...pullRequestCommitEntity.key, "pull_head_sha"],
    },
    http: { url: pullAddress(settings, "/commits"), query: { per_page: perPage }, pagination: link },
    unit: changedPull("pull_request_detail_units"),
    given: { ...ofPull, pull_head_sha: "{{pull.head_sha}}" },
  };
}

function reviews(settings: GithubSettings, checks: StreamChecks): StreamOptions {
  return {
    name: "reviews",
    description: "reviews of pull requests",
    entity: reviewEntity,
    http: { url: pullAddress(settings, "/reviews"), query: { per_page: perPage }, pagination: link },
    unit: changedPull("pull_request_units"),
    given: ofPull,
    checks: checks.reviews,
  };
}

/** Each of them moves the `updated_at` of its pull request, so that only repositories where one has moved are asked. */
function events({ addresses, overlap }: GithubSettings): StreamOptions {
  return {
    name: "pull_request_events",
    description: "when pull requests became ready, were reopened, or had their branch replaced",
    entity: eventEntity,
    http: {
      url: addresses.pull_requests.replace(/\/pulls$/, "/issues/events"),
      query: { per_page: perPage },
      pagination: untilOlder("created_at"),
    },
    unit: ["repository", { dataset: "event_units", key: "id", changedOnly: { field: "changed_at" } }],
    given: ofRepository,
    ...newestFirst("created_at", overlap),
  };
}

/** Asked for only where something was pushed. */
function heads(): StreamOptions {
  return {
    name: "heads",
    description: "heads of default branches, one for each time that something was pushed",
    entity: headEntity,
    http: {
      url: "/repos/{{repository.owner}}/{{repository.name}}/git/ref/heads/{{repository.default_branch}}",
      read: { rows: "." },
      responses: empty,
    },
    unit: ["repository", { dataset: "repository_units", key: "id", changedOnly: { field: "pushed_at" } }],
    given: { ...ofRepository, pushed_at: "{{repository.pushed_at}}" },
  };
}

/** Each pair of commits is compared once, since what lies between two commits never changes. */
function compare(
  { name, description, dataset, pair }: { name: string; description: string; dataset: string; pair: readonly string[] },
  [base, head]: readonly [string, string] = ["{{pair.base_sha}}", "{{pair.head_sha}}"],
): StreamOptions {
  const given = Object.fromEntries(pair.map((column) => [column, `{{pair.${column}}}`]));
  return {
    name,
    description,
    entity: { fields: comparisonFields, columns: {}, key: [...pair, "position"] },
    http: {
      url: `/repos/{{pair.owner}}/{{pair.name}}/compare/${base}...${head}`,
      query: { per_page: perPage },
      pagination: link,
      read: { rows: "." },
    },
    unit: ["pair", { dataset, key: "id" }],
    watermark: { kind: "units" },
    given,
    select: comparisonSelect(pair),
  };
}

const headPair = ["repository_id", "base_sha", "head_sha"] as const;

function headComparisons(): StreamOptions {
  const description = "commits that came between two heads of a default branch";
  return compare({ name: "head_comparisons", description, dataset: "head_moves", pair: headPair });
}

function removedCommits(): StreamOptions {
  const description = "commits that a head had and the next one has not";
  const options = { name: "removed_commits", description, dataset: "head_retreats", pair: headPair };
  return compare(options, ["{{pair.head_sha}}", "{{pair.base_sha}}"]);
}

function deploymentComparisons(): StreamOptions {
  return compare({
    name: "deployment_comparisons",
    description: "commits between two deployments",
    dataset: "deployment_moves",
    pair: headPair,
  });
}

/** All commits of a head that none before it leads to. */
function firstCommits({ addresses, since }: GithubSettings): StreamOptions {
  return {
    name: "first_commits",
    description: "commits of the first head of a default branch",
    entity: commitEntity,
    http: {
      url: addresses.commits.replaceAll("{{repository.", "{{start."),
      query: { sha: "{{start.head_sha}}", per_page: perPage, ...(since === undefined ? {} : { since }) },
      pagination: link,
      responses: empty,
    },
    unit: ["start", { dataset: "head_starts", key: "id" }],
    watermark: { kind: "units" },
    given: { repository_id: "{{start.repository_id}}", head_sha: "{{start.head_sha}}" },
  };
}

/** Deployments of the last days come again, since what became of them shows in their `updated_at` alone. */
function deployments(settings: GithubSettings, checks: StreamChecks): StreamOptions {
  const { addresses, settled } = settings;
  return {
    name: "deployments",
    description: "deployments to all environments",
    entity: deploymentEntity,
    http: { url: addresses.deployments, query: { per_page: perPage }, pagination: untilOlder("created_at") },
    unit: livelyRepository(settings),
    given: ofRepository,
    ...newestFirst("created_at", settled),
    checks: checks.deployments,
  };
}

function statuses({ addresses }: GithubSettings): StreamOptions {
  return {
    name: "deployment_statuses",
    description: "what became of deployments",
    entity: statusEntity,
    http: {
      url: `${addresses.deployments.replaceAll("{{repository.", "{{deployment.")}/{{deployment.id}}/statuses`,
      query: { per_page: perPage },
      pagination: link,
    },
    unit: ["deployment", { dataset: "deployment_units", key: "id", changedOnly: { field: "updated_at" } }],
    given: { repository_id: "{{deployment.repository_id}}", deployment_id: "{{deployment.id}}" },
  };
}

function releases(settings: GithubSettings): StreamOptions {
  const { addresses, settled } = settings;
  return {
    name: "releases",
    description: "releases, drafts among them where the token may see those",
    entity: releaseEntity,
    http: { url: addresses.releases, query: { per_page: perPage }, pagination: untilOlder("created_at") },
    unit: livelyRepository(settings),
    given: ofRepository,
    ...newestFirst("created_at", settled),
  };
}

/** The list without a filter has no end at 1,000 runs, as one that is filtered by time has. */
function workflowRuns(settings: GithubSettings): StreamOptions {
  const { addresses, settled } = settings;
  return {
    name: "workflow_runs",
    description: "runs of GitHub Actions",
    entity: workflowRunEntity,
    http: {
      url: addresses.pull_requests.replace(/\/pulls$/, "/actions/runs"),
      query: { per_page: perPage },
      pagination: untilOlder("created_at"),
      read: { rows: "workflow_runs" },
    },
    unit: livelyRepository(settings),
    given: ofRepository,
    ...newestFirst("created_at", settled),
  };
}
