// One repository of an organisation: its pull requests, its default branch and its deployments, with what is true of them.
import {
  type Chain,
  deploy,
  deployElsewhere,
  type DeploymentScene,
  type Incident,
  type Shipped,
} from "./deployments.ts";
import type { GithubEntities, Repository } from "./entities.ts";
import { headOf, type Push, toCommits, toPush } from "./main-branch.ts";
import type { Person } from "./people.ts";
import { createRandom, type Random } from "./random.ts";
import { toInstant } from "./to-instant.ts";
import { toReleases, toWorkRows, toWorkflowRuns } from "./to-work-rows.ts";
import type { TrueChange } from "./truth.ts";
import { createWork, type Work } from "./work.ts";

export interface RepositoryRequest {
  readonly seed: number;
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly people: readonly Person[];
  readonly startAt: number;
  readonly untilAt: number;
  readonly pullRequests: number;
  readonly deployments: number;
  /** What is deployed together, and for which service. */
  readonly chains: readonly { readonly service: string; readonly environments: readonly string[] }[];
  /** Whether an incident that names the service can only be of this repository. */
  readonly isAlone: boolean;
  readonly isEmpty: boolean;
  readonly isArchived: boolean;
}

export interface RepositoryHistory {
  readonly rows: GithubEntities;
  readonly shipped: readonly Shipped[];
  readonly changes: readonly TrueChange[];
  readonly incidents: readonly Incident[];
}

const day = 86_400;

export function createRepository(request: RepositoryRequest): RepositoryHistory {
  const random = createRandom(request.seed, request.name);
  const works = request.isEmpty ? [] : drawWorks(random, request);
  const pushes = request.isEmpty ? [] : drawPushes(random, request, works);
  const scene: DeploymentScene = {
    random,
    repositoryId: request.id,
    people: request.people,
    untilAt: request.untilAt,
    pushes,
    works,
    incidents: [],
    firsts: [],
    rows: { deployments: [], statuses: [], commits: [] },
    nextId: createIds(request.id),
    fixes: request.pullRequests - works.length,
    isAlone: request.isAlone,
  };
  const chains = request.chains.map((chain): Chain => ({
    ...chain,
    history: [],
    reached: null,
    planned: null,
    repair: null,
    nextFailed: null,
  }));
  if (!request.isEmpty) deployAll(scene, chains, request);
  fillUp(random, request, works);
  number(works);
  return {
    rows: toRows(random, request, scene),
    shipped: chains.flatMap(({ history }) => history),
    changes: chains.flatMap(({ service }) => toTrueChanges(request.id, service, scene)),
    incidents: scene.incidents,
  };
}

/** All but those that may be needed for fixes. */
function drawWorks(random: Random, { pullRequests, people, startAt, untilAt }: RepositoryRequest): Work[] {
  const count = pullRequests - Math.floor(pullRequests * 0.06);
  return Array.from({ length: count }, () => {
    const at = Math.floor(startAt + random.next() * (untilAt - startAt - day));
    return createWork(random, { kind: random.chance(0.08) ? "bot" : "feature", people, startAt: at, untilAt });
  });
}

/** What is left over of the fixes is opened at the end. */
function fillUp(random: Random, { pullRequests, people, untilAt, isEmpty }: RepositoryRequest, works: Work[]): void {
  while (!isEmpty && works.length < pullRequests) {
    const work = createWork(random, { kind: "feature", people, startAt: untilAt - day, untilAt });
    works.push({ ...work, mergedAt: null, closedAt: null, reopenedAt: null });
  }
}

/** The first commit, merges, and some pushes that no pull request had. */
function drawPushes(
  random: Random,
  { startAt, untilAt, people, pullRequests }: RepositoryRequest,
  works: readonly Work[],
): Push[] {
  const direct = Array.from({ length: Math.ceil(pullRequests / 20) }, (): Push => ({
    at: Math.floor(startAt + random.next() * (untilAt - startAt)),
    shas: [random.sha()],
    work: null,
    author: random.pick(people).login,
  }));
  const merges = works.flatMap((work) => (work.mergedAt === null ? [] : [toPush(random, work, work.mergedAt)]));
  const first: Push = { at: startAt - 30 * day, shas: [random.sha()], work: null, author: people[0]?.login ?? null };
  return [first, ...[...direct, ...merges].toSorted((a, b) => a.at - b.at)];
}

function deployAll(scene: DeploymentScene, chains: readonly Chain[], request: RepositoryRequest): void {
  const count = request.deployments;
  const span = request.untilAt - request.startAt - 2 * day;
  const step = span / Math.max(1, count);
  const times = Array.from({ length: count }, (_, index) =>
    Math.floor(request.startAt + day + index * step + scene.random.next() * step * 0.4),
  );
  for (const [index, at] of times.entries()) {
    const chain = chains[index % chains.length];
    if (chain === undefined || scene.rows.deployments.length + chain.environments.length > count) break;
    deploy(scene, chain, at, times[index + chains.length] ?? request.untilAt - day);
  }
  const head = scene.pushes.at(-1);
  while (head !== undefined && scene.rows.deployments.length < count) {
    deployElsewhere(scene, headOf(head), request.untilAt - day + scene.rows.deployments.length);
  }
}

/** Numbers go up with the time of opening. */
function number(works: readonly Work[]): void {
  for (const [index, work] of works.toSorted((a, b) => a.openedAt - b.openedAt).entries()) work.number = index + 1;
}

/** Ids of one repository, none of which another one has; beyond what 31 bits hold. */
function createIds(repositoryId: number): () => number {
  let next = 3_000_000_000 + repositoryId * 1_000_000;
  return () => (next += 1);
}

function toRows(random: Random, request: RepositoryRequest, scene: DeploymentScene): GithubEntities {
  const { pushes, works, rows } = scene;
  const lost = random.chance(0.3) && pushes.length > 1 ? { sha: random.sha(), at: request.startAt + day } : null;
  const byNumber = works.toSorted((a, b) => a.number - b.number);
  return {
    repositories: [toRepository(request, pushes)],
    ...toWorkRows(request, scene, byNumber),
    commits: toCommits(request.id, pushes, lost),
    deployments: rows.deployments,
    deployment_statuses: rows.statuses,
    deployment_commits: rows.commits,
    releases: toReleases(request.id, scene),
    workflow_runs: toWorkflowRuns(request.id, scene, byNumber),
  };
}

function toRepository(request: RepositoryRequest, pushes: readonly Push[]): Repository {
  const last = pushes.at(-1);
  return {
    id: request.id,
    full_name: `${request.owner}/${request.name}`,
    owner: request.owner,
    name: request.name,
    default_branch: "main",
    is_archived: request.isArchived,
    is_disabled: false,
    is_private: request.id % 3 === 0,
    created_at: toInstant(request.startAt - 60 * day),
    pushed_at: last === undefined ? null : toInstant(last.at),
    updated_at: toInstant(last?.at ?? request.startAt),
  };
}

/** Every pull request that was merged, with the deployment that brought it first. */
function toTrueChanges(
  repositoryId: number,
  service: string,
  { firsts, works }: DeploymentScene,
): readonly TrueChange[] {
  const byWork = new Map(
    firsts.filter((first) => first.service === service).map((first) => [first.work, first.shipped]),
  );
  return works
    .filter(({ mergedAt }) => mergedAt !== null)
    .map((work): TrueChange => {
      const found = byWork.get(work);
      const shipped = found === undefined || found.isBaseline ? undefined : found;
      const isKnown = shipped !== undefined;
      return {
        service,
        repositoryId,
        number: work.number,
        deploymentId: shipped?.deploymentId ?? null,
        codingSeconds: work.spans.coding,
        pickupSeconds: work.spans.pickup,
        reviewSeconds: work.spans.review,
        mergeWaitSeconds: work.spans.mergeWait,
        deploySeconds: isKnown ? shipped.at - (work.mergedAt ?? 0) : null,
        leadSeconds: isKnown ? shipped.at - work.firstAuthoredAt : null,
      };
    });
}
