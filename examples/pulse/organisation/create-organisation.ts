// An organisation out of a seed: every row that its GitHub and its Jira have, and what is true of its delivery. The same options give the
// same organisation on every machine.
import type { GithubEntities, JiraEntities } from "./entities.ts";
import { createJira } from "./jira.ts";
import { createPeople, type Person } from "./people.ts";
import { createRepository, type RepositoryHistory, type RepositoryRequest } from "./repository.ts";
import type { Shipped } from "./deployments.ts";
import { toInstant } from "./to-instant.ts";
import type { TrueDeployment, TrueService } from "./truth.ts";
import type { Truth } from "./truth.ts";

export interface OrganisationOptions {
  /** Default: 1. */
  readonly seed?: number;
  /** At least 1; default: 40. One of more than five deploys nothing, one of more than six is empty. */
  readonly repositories?: number;
  /** Of all repositories; default: 3,000. */
  readonly pullRequests?: number;
  /** Of all repositories and environments; default: 600. */
  readonly deployments?: number;
  /** Default: 5,000; there are more where sprints and incidents need them. */
  readonly issues?: number;
  /** Of all boards; default: 30. */
  readonly sprints?: number;
  /** Default: 3. */
  readonly projects?: number;
  /** When the first sprint starts; default: 2025-09-01 in UTC. */
  readonly start?: string;
  /** Default: `acme`. */
  readonly owner?: string;
}

export interface Organisation {
  readonly owner: string;
  readonly startAt: string;
  /** When it is looked at: nothing has happened after it. */
  readonly untilAt: string;
  readonly people: readonly Person[];
  readonly github: GithubEntities;
  readonly jira: JiraEntities;
  readonly truth: Truth;
}

interface Settled extends Required<OrganisationOptions> {
  readonly startAt: number;
  readonly untilAt: number;
  readonly members: readonly Person[];
}

const day = 86_400;

export function createOrganisation(options: OrganisationOptions = {}): Organisation {
  const settled = settle(options);
  const requests = planRepositories(settled);
  const histories = requests.map(createRepository);
  const { seed, projects, issues, sprints, startAt, untilAt, members } = settled;
  const incidents = histories.flatMap((history) => history.incidents);
  const jira = createJira({ seed, people: members, projects, issues, sprints, startAt, untilAt, incidents });
  return {
    owner: settled.owner,
    startAt: toInstant(startAt),
    untilAt: toInstant(untilAt),
    people: members,
    github: joinRows(histories),
    jira: jira.rows,
    truth: {
      services: toServices(requests),
      deployments: toTrueDeployments(requests, histories),
      changes: histories.flatMap(({ changes }) => changes),
      ...jira.truth,
    },
  };
}

function settle(options: OrganisationOptions): Settled {
  const all = {
    seed: 1,
    repositories: 40,
    pullRequests: 3000,
    deployments: 600,
    issues: 5000,
    sprints: 30,
    projects: 3,
    start: "2025-09-01T00:00:00Z",
    owner: "acme",
    ...options,
  };
  const startAt = Date.parse(all.start) / 1000;
  const perBoard = Math.max(4, Math.ceil(all.sprints / all.projects));
  return { ...all, startAt, untilAt: startAt + (perBoard - 1) * 14 * day + 6 * day, members: createPeople(24) };
}

/** The first repositories are the odd ones, as far as there are so many; the others deploy to `production`. */
function planRepositories(settled: Settled): readonly RepositoryRequest[] {
  const { repositories, owner } = settled;
  const kinds = Array.from({ length: repositories }, (_, index) => kindOf(index, owner, repositories));
  const deploying = kinds.filter(({ chains, isEmpty }) => chains.length > 0 && !isEmpty).length;
  const busy = kinds.filter(({ isEmpty }) => !isEmpty).length;
  let [deployingSeen, busySeen] = [0, 0];
  return kinds.map((kind, index): RepositoryRequest => {
    const deploys = kind.chains.length > 0 && !kind.isEmpty;
    const deployments = deploys ? share(settled.deployments, deploying, deployingSeen) : 0;
    const pullRequests = kind.isEmpty ? 0 : share(settled.pullRequests, busy, busySeen);
    if (deploys) deployingSeen += 1;
    if (!kind.isEmpty) busySeen += 1;
    return {
      ...kind,
      seed: settled.seed,
      id: 5000 + index,
      owner,
      people: settled.members,
      startAt: settled.startAt,
      untilAt: settled.untilAt,
      pullRequests,
      deployments,
    };
  });
}

type RepositoryKind = Pick<RepositoryRequest, "name" | "chains" | "isAlone" | "isEmpty" | "isArchived">;

function kindOf(index: number, owner: string, count: number): RepositoryKind {
  const name =
    ["platform", "checkout-api", "checkout-web", "billing", "search", "library", "empty", "old"][index] ??
    `service-${index}`;
  const service = `${owner}/${name}`;
  const plain = { name, isAlone: true, isEmpty: false, isArchived: index === 7 };
  const one = (environment: string): RepositoryRequest["chains"] => [{ service, environments: [environment] }];
  if (index === 0 && count > 1) {
    const chains = ["api", "web"].map((part) => ({
      service: `platform-${part}`,
      environments: [`production-${part}`],
    }));
    return { ...plain, chains, isAlone: false };
  }
  if ((index === 1 || index === 2) && count > 2) {
    return { ...plain, chains: [{ service: "checkout", environments: ["production"] }], isAlone: false };
  }
  if (index === 3) return { ...plain, chains: [{ service, environments: ["prod-eu", "prod-us"] }] };
  if (index === 4) return { ...plain, chains: one("Production") };
  if (index === 5) return { ...plain, chains: [] };
  if (index === 6) return { ...plain, chains: one("production"), isEmpty: true };
  return { ...plain, chains: one("production") };
}

/** `total` in `parts` whole numbers that differ by one at most. */
function share(total: number, parts: number, index: number): number {
  return Math.floor(total / parts) + (index < total % parts ? 1 : 0);
}

function joinRows(histories: readonly RepositoryHistory[]): GithubEntities {
  const all = <Name extends keyof GithubEntities>(name: Name): GithubEntities[Name][number][] =>
    histories.flatMap(({ rows }): readonly GithubEntities[Name][number][] => rows[name]);
  return {
    repositories: all("repositories"),
    pull_requests: all("pull_requests"),
    pull_request_commits: all("pull_request_commits"),
    reviews: all("reviews"),
    pull_request_events: all("pull_request_events"),
    commits: all("commits"),
    deployments: all("deployments"),
    deployment_statuses: all("deployment_statuses"),
    deployment_commits: all("deployment_commits"),
    releases: all("releases"),
    workflow_runs: all("workflow_runs"),
  };
}

/** The services that are not simply one repository. */
function toServices(requests: readonly RepositoryRequest[]): readonly TrueService[] {
  const services = new Map<string, { repositories: string[]; environments: string[] }>();
  for (const { owner, name, chains } of requests) {
    for (const { service, environments } of chains) {
      if (service === `${owner}/${name}`) continue;
      const found = services.get(service) ?? { repositories: [], environments: [] };
      services.set(service, {
        repositories: [...found.repositories, `${owner}/${name}`],
        environments: [...environments],
      });
    }
  }
  return [...services].map(([name, service]) => ({ name, ...service }));
}

/** A repair counts as unplanned when something of its service was broken, or had been so within a week. */
function toTrueDeployments(
  requests: readonly RepositoryRequest[],
  histories: readonly RepositoryHistory[],
): readonly TrueDeployment[] {
  const all = histories.flatMap(({ shipped }, index) =>
    shipped.map((item) => ({ ...item, repositoryId: requests[index]?.id ?? 0 })),
  );
  const failures = Map.groupBy(
    all.filter(({ isFailed }) => isFailed),
    ({ service }) => service,
  );
  const follows = ({ service, at }: Shipped): boolean =>
    (failures.get(service) ?? []).some((failed) => failed.at < at && at <= (failed.restoredAt ?? Infinity) + 7 * day);
  return all.map((item) => ({
    service: item.service,
    repositoryId: item.repositoryId,
    deploymentId: item.deploymentId,
    environment: item.environment,
    deployedAt: toInstant(item.at),
    isBaseline: item.isBaseline,
    isFailed: item.isFailed,
    restoredAt: item.restoredAt === null ? null : toInstant(item.restoredAt),
    isUnplanned: item.isRepair && follows(item),
  }));
}
