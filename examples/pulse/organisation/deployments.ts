// The deployments of one repository while an organisation is made: each step decides what happens, writes the rows that GitHub would have,
// and notes what is true of it.
import type { Comparison, Deployment, DeploymentCommit, DeploymentState, DeploymentStatus } from "./entities.ts";
import { findHead, headOf, insertPush, type Push, toPush } from "./main-branch.ts";
import type { Person } from "./people.ts";
import type { Random } from "./random.ts";
import { toInstant } from "./to-instant.ts";
import { createWork, type Work } from "./work.ts";

/** What is deployed together, with where it stands. */
export interface Chain {
  readonly service: string;
  readonly environments: readonly string[];
  /** What was deployed, newest last. */
  readonly history: Shipped[];
  /** The newest push that was ever deployed, or -1. */
  reached: Push | null;
  /** What has to happen at the next step. */
  planned: "rollback" | "hotfixBranch" | null;
  /** A failure that a pull request will repair when it is deployed. */
  repair: { readonly failed: Shipped; readonly work: Work; readonly incident: Incident | null } | null;
  nextFailed: { readonly failed: Shipped; readonly incident: Incident | null } | null;
}

/** One deployment that reached production, and what is true of it. */
export interface Shipped {
  readonly service: string;
  readonly deploymentId: number;
  /** One for each environment of the chain; the first one is `deploymentId`. */
  readonly ids: readonly number[];
  readonly environment: string;
  readonly at: number;
  readonly sha: string;
  /** The newest push that is in it; null for a first one of an empty branch. */
  readonly push: Push | null;
  readonly isBaseline: boolean;
  isFailed: boolean;
  restoredAt: number | null;
  /** It rolls back, or brings a fix for the first time. */
  isRepair: boolean;
}

/** A failure that people have noticed; Jira gets it as an issue. */
export interface Incident {
  readonly summary: string;
  readonly labels: readonly string[];
  readonly createdAt: number;
  resolvedAt: number | null;
}

export interface DeploymentScene {
  readonly random: Random;
  readonly repositoryId: number;
  readonly people: readonly Person[];
  readonly untilAt: number;
  readonly pushes: Push[];
  readonly works: Work[];
  readonly incidents: Incident[];
  /** Which service a pull request was first deployed for, and by what. */
  readonly firsts: { readonly service: string; readonly work: Work; readonly shipped: Shipped }[];
  readonly rows: {
    readonly deployments: Deployment[];
    readonly statuses: DeploymentStatus[];
    readonly commits: DeploymentCommit[];
  };
  readonly nextId: () => number;
  /** How many more fixes may be pull requests. */
  fixes: number;
  /** Whether a label of an incident alone says which deployment it is of. */
  readonly isAlone: boolean;
}

const hour = 3600;

/** One step of a chain at `at`; the next one of this repository is at `nextAt`. */
export function deploy(state: DeploymentScene, chain: Chain, at: number, nextAt: number): void {
  const { random } = state;
  const head = state.pushes[findHead(state.pushes, at)];
  if (head === undefined) return;
  if (chain.planned === null && random.chance(0.2)) return deployElsewhere(state, headOf(head), at);
  if (chain.planned === null && random.chance(0.07)) return failToDeploy(state, chain, headOf(head), at);
  const last = chain.history.at(-1);
  if (chain.planned === "rollback" && last !== undefined) return rollBack(state, chain, last, at);
  if (chain.planned === "hotfixBranch" && last !== undefined) return deployBranch(state, chain, last, at);
  if (last !== undefined && random.chance(0.03)) {
    ship(state, chain, { at, sha: last.sha, push: last.push, comparison: "identical", commits: [] });
    return;
  }
  if (last !== undefined && last.push === head && headOf(head) !== last.sha)
    return deployElsewhere(state, headOf(head), at);
  const shipped = shipHead(state, chain, head, at);
  if (!shipped.isBaseline && nextAt - shipped.at > 6 * hour && random.chance(0.2))
    failLater(state, chain, shipped, nextAt);
}

/** Deploys what the branch has, and notes which pull requests are in production with it for the first time. */
function shipHead(state: DeploymentScene, chain: Chain, head: Push, at: number): Shipped {
  const last = chain.history.at(-1);
  const from = last?.push ?? null;
  const between = pushesBetween(state.pushes, from, head);
  const isHotfixBase = last !== undefined && last.push !== null && headOf(last.push) !== last.sha;
  const comparison: Comparison =
    last === undefined ? "baseline" : isHotfixBase ? "diverged" : between.length === 0 ? "identical" : "ahead";
  const commits = last === undefined ? [] : between.flatMap(({ shas }) => shas);
  const shipped = ship(state, chain, { at, sha: headOf(head), push: head, comparison, commits });
  for (const push of pushesBetween(state.pushes, chain.reached, head)) {
    if (push.work === null) continue;
    state.firsts.push({ service: chain.service, work: push.work, shipped });
    if (shipped.isBaseline) continue;
    if (push.work.kind === "hotfix" || push.work.labels.includes("hotfix")) shipped.isRepair = true;
  }
  if (chain.reached === null || head.at >= chain.reached.at) chain.reached = head;
  settleRepair(chain, shipped, head);
  return shipped;
}

/** The fix of an earlier failure is in production when its pull request is. */
function settleRepair(chain: Chain, shipped: Shipped, head: Push): void {
  const { repair } = chain;
  if (repair === null || (repair.work.mergedAt ?? Infinity) > head.at) return;
  shipped.isRepair = true;
  if (repair.incident === null) repair.failed.restoredAt = shipped.at;
  else {
    repair.incident.resolvedAt = shipped.at + 600;
    repair.failed.restoredAt = shipped.at + 600;
  }
  chain.repair = null;
}

/** Decides how the deployment turns out to be wrong, and what is done about it. */
function failLater(state: DeploymentScene, chain: Chain, shipped: Shipped, nextAt: number): void {
  const { random } = state;
  const span = Math.min(nextAt, state.untilAt) - shipped.at;
  const noticedAt = shipped.at + Math.min(3 * hour, Math.floor(span / 6));
  const named = (resolvedAt: number | null): Incident => ({
    summary: `Checkout is slow, caused by deployment ${shipped.deploymentId}`,
    labels: [],
    createdAt: noticedAt,
    resolvedAt,
  });
  const victim = state.firsts.findLast(({ shipped: by, work }) => by === shipped && work.kind === "feature");
  const before = chain.history.at(-2)?.push ?? null;
  const isOnMain = before !== null && headOf(before) === chain.history.at(-2)?.sha;
  const canRollBack = isOnMain && before.at < (shipped.push?.at ?? 0);
  const way = random.pick(["named", "near", "revert", "rollback", "hotfix", "hotfixBranch", "open"] as const);
  if (chain.repair !== null) return;
  if (way === "rollback" || way === "hotfixBranch") {
    if (way === "rollback" && !canRollBack) return;
    chain.planned = way;
    chain.nextFailed = { failed: shipped, incident: way === "rollback" ? null : named(null) };
    return;
  }
  if (way === "revert" || way === "hotfix") {
    if (state.fixes <= 0 || (way === "revert" && (victim === undefined || !state.isAlone))) return;
    repairByWork(state, chain, {
      shipped,
      noticedAt,
      nextAt,
      victim: way === "revert" ? (victim?.work ?? null) : null,
      named,
    });
    return;
  }
  const resolvedAt = way === "open" ? null : noticedAt + Math.floor(span / 6);
  const near: Incident = {
    summary: "Customers cannot pay",
    labels: [`service:${chain.service}`],
    createdAt: noticedAt,
    resolvedAt,
  };
  const incident = way === "near" && state.isAlone ? near : named(resolvedAt);
  state.incidents.push(incident);
  shipped.isFailed = true;
  shipped.restoredAt = resolvedAt;
  if (span > 8 * 24 * hour && state.isAlone) {
    const createdAt = shipped.at + 6 * 24 * hour;
    state.incidents.push({ ...near, summary: "The data centre was away", createdAt, resolvedAt: createdAt + hour });
  }
}

interface RepairRequest {
  readonly shipped: Shipped;
  readonly noticedAt: number;
  readonly nextAt: number;
  /** The pull request that is reverted, or null for a fix. */
  readonly victim: Work | null;
  readonly named: (resolvedAt: number | null) => Incident;
}

function repairByWork(state: DeploymentScene, chain: Chain, request: RepairRequest): void {
  const { shipped, noticedAt, nextAt, victim } = request;
  const mergeBy = Math.min(nextAt, state.untilAt) - 60;
  const common = { people: state.people, startAt: noticedAt, untilAt: state.untilAt, mergeBy };
  const work = createWork(state.random, {
    ...common,
    kind: victim === null ? "hotfix" : "revert",
    ...(victim === null ? {} : { reverts: victim }),
  });
  if (work.mergedAt === null) return;
  state.fixes -= 1;
  state.works.push(work);
  insertPush(state.pushes, toPush(state.random, work, work.mergedAt));
  const incident = victim === null ? request.named(null) : null;
  if (incident !== null) state.incidents.push(incident);
  shipped.isFailed = true;
  chain.repair = { failed: shipped, work, incident };
}

function rollBack(state: DeploymentScene, chain: Chain, last: Shipped, at: number): void {
  const target = chain.history.at(-2);
  chain.planned = null;
  if (target === undefined) return;
  const shipped = ship(state, chain, { at, sha: target.sha, push: target.push, comparison: "behind", commits: [] });
  shipped.isRepair = true;
  last.isFailed = true;
  last.restoredAt = shipped.at;
  chain.nextFailed = null;
}

/** A fix that is deployed from a branch of its own, on top of what is there; the main branch gets another commit for it, if any. */
function deployBranch(state: DeploymentScene, chain: Chain, last: Shipped, at: number): void {
  const { nextFailed } = chain;
  const sha = state.random.sha();
  const ref = `hotfix/${sha.slice(0, 6)}`;
  const shipped = ship(state, chain, { at, sha, push: last.push, comparison: "ahead", commits: [sha], ref });
  shipped.isRepair = true;
  chain.planned = null;
  chain.nextFailed = null;
  if (nextFailed?.incident === null || nextFailed?.incident === undefined) return;
  nextFailed.incident.resolvedAt = shipped.at + 300;
  state.incidents.push(nextFailed.incident);
  nextFailed.failed.isFailed = true;
  nextFailed.failed.restoredAt = shipped.at + 300;
}

interface ShipRequest {
  readonly at: number;
  readonly sha: string;
  readonly push: Push | null;
  readonly comparison: Comparison;
  readonly commits: readonly string[];
  readonly ref?: string;
}

/** Writes the rows of a deployment that succeeds in all environments of its chain, one after the other. */
function ship(state: DeploymentScene, chain: Chain, request: ShipRequest): Shipped {
  const last = chain.history.at(-1);
  const ids: number[] = [];
  const ends: number[] = [];
  for (const [index, environment] of chain.environments.entries()) {
    const startedAt = request.at + index * 900;
    const id = writeDeployment(state, { environment, at: startedAt, sha: request.sha, ref: request.ref ?? "main" });
    const seconds = state.random.between(120, 800);
    const again = state.random.chance(0.1) ? [[seconds + 1200, "success"] as const] : [];
    writeStatuses(state, id, environment, startedAt, [
      [0, "queued"],
      [20, "in_progress"],
      [seconds, "success"],
      ...again,
    ]);
    writeCommits(state, id, request, last === undefined ? null : { id: last.ids[index] ?? 0, sha: last.sha });
    ids.push(id);
    ends.push(startedAt + seconds);
  }
  const [deploymentId, environment, endedAt] = [ids[0], chain.environments[0], ends[0]];
  if (deploymentId === undefined || environment === undefined || endedAt === undefined) {
    throw new RangeError("expected a chain to have an environment");
  }
  const first: Shipped = {
    service: chain.service,
    deploymentId,
    ids,
    environment,
    at: endedAt,
    sha: request.sha,
    push: request.push,
    isBaseline: last === undefined,
    isFailed: false,
    restoredAt: null,
    isRepair: false,
  };
  chain.history.push(first);
  return first;
}

function writeCommits(
  { rows, repositoryId }: DeploymentScene,
  id: number,
  { comparison, commits, sha: head }: ShipRequest,
  base: { readonly id: number; readonly sha: string } | null,
): void {
  const common = {
    repository_id: repositoryId,
    deployment_id: id,
    base_deployment_id: base?.id ?? null,
    base_sha: base?.sha ?? null,
    head_sha: head,
    comparison,
  };
  if (commits.length === 0) rows.commits.push({ ...common, sha: null, position: 0 });
  for (const [position, sha] of commits.entries()) rows.commits.push({ ...common, sha, position });
}

/** A deployment that is not to production. */
export function deployElsewhere(state: DeploymentScene, sha: string, at: number): void {
  const id = writeDeployment(state, { environment: "staging", at, sha, ref: "main" });
  const states = [
    [0, "pending"],
    [90, "success"],
    [5 * hour, "inactive"],
  ] as const;
  writeStatuses(state, id, "staging", at, states);
}

/** A pipeline that fails changes nothing in production. */
function failToDeploy(state: DeploymentScene, chain: Chain, sha: string, at: number): void {
  const environment = chain.environments[0] ?? "production";
  const id = writeDeployment(state, { environment, at, sha, ref: "main" });
  const end = state.random.pick(["failure", "error", "in_progress"] as const);
  writeStatuses(state, id, environment, at, [
    [0, "queued"],
    [30, end],
  ]);
}

function writeDeployment(
  { rows, repositoryId, nextId, random, people }: DeploymentScene,
  {
    environment,
    at,
    sha,
    ref,
  }: { readonly environment: string; readonly at: number; readonly sha: string; readonly ref: string },
): number {
  const id = nextId();
  rows.deployments.push({
    id,
    repository_id: repositoryId,
    sha,
    ref,
    task: "deploy",
    environment,
    original_environment: environment,
    is_production: environment.toLowerCase() === "production",
    is_transient: false,
    creator: random.pick(people).login,
    created_at: toInstant(at),
    updated_at: toInstant(at + 30 * 24 * hour),
  });
  return id;
}

function writeStatuses(
  { rows, repositoryId, nextId, untilAt }: DeploymentScene,
  deploymentId: number,
  environment: string,
  at: number,
  states: readonly (readonly [seconds: number, state: DeploymentState])[],
): void {
  for (const [seconds, state] of states) {
    if (at + seconds > untilAt) continue;
    rows.statuses.push({
      id: nextId(),
      repository_id: repositoryId,
      deployment_id: deploymentId,
      state,
      environment,
      created_at: toInstant(at + seconds),
    });
  }
}

/** Those after `from` up to `to`; none when `to` is not after it. */
function pushesBetween(pushes: readonly Push[], from: Push | null, to: Push): readonly Push[] {
  const end = pushes.indexOf(to);
  return pushes.slice(from === null ? 0 : pushes.indexOf(from) + 1, end + 1);
}
