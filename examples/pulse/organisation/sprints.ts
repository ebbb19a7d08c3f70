// The sprints of one board while an organisation is made: what is committed, added, removed and completed is counted as it happens.
import type { Sprint } from "./entities.ts";
import { estimate, flag, type IssueDraft, isDone, moveTo, putInSprints, transition } from "./issue-draft.ts";
import type { Random } from "./random.ts";
import { toJiraInstant } from "./to-instant.ts";
import type { TrueSprint } from "./truth.ts";

export interface SprintRequest {
  readonly random: Random;
  readonly boardId: number;
  readonly firstId: number;
  readonly count: number;
  readonly startAt: number;
  /** New issues of each sprint. */
  readonly issues: number;
  readonly create: (createdAt: number, sprintIds: readonly string[]) => IssueDraft;
  /** A key in another project, or null where there is none. */
  readonly keyElsewhere: (() => { readonly projectKey: string; readonly key: string }) | null;
}

export interface SprintHistory {
  readonly sprints: readonly Sprint[];
  readonly truth: readonly TrueSprint[];
}

interface Tally {
  committed: number;
  added: number;
  removed: number;
  completed: number;
  carried: number;
  committedIssues: number;
  completedIssues: number;
  unestimated: number;
}

interface Scene {
  readonly random: Random;
  readonly sprintId: string;
  readonly startAt: number;
  readonly endAt: number;
  readonly tally: Tally;
  readonly keyElsewhere: SprintRequest["keyElsewhere"];
}

const hour = 3600;
const day = 24 * hour;

/** Two weeks each; the last one is not over. */
export function runSprints(request: SprintRequest): SprintHistory {
  const sprints: Sprint[] = [];
  const truth: TrueSprint[] = [];
  let members: IssueDraft[] = [];
  for (let index = 0; index < request.count; index += 1) {
    const startAt = request.startAt + index * 14 * day + request.random.between(0, 5) * hour;
    const isLast = index === request.count - 1;
    const closesAt = request.startAt + (index + 1) * 14 * day - request.random.between(2, 30) * hour;
    const endAt = isLast ? request.startAt + index * 14 * day + 6 * day : closesAt;
    const sprintId = String(request.firstId + index);
    const tally = {
      committed: 0,
      added: 0,
      removed: 0,
      completed: 0,
      carried: 0,
      committedIssues: 0,
      completedIssues: 0,
      unestimated: 0,
    };
    const scene: Scene = {
      random: request.random,
      sprintId,
      startAt,
      endAt,
      tally,
      keyElsewhere: request.keyElsewhere,
    };
    const left = runSprint(scene, [...members, ...plan(scene, request)], request);
    sprints.push(toSprint(request, index, { startAt, endAt, isLast, closesAt }));
    if (isLast) break;
    truth.push(toTrueSprint(request.boardId, sprintId, tally));
    for (const issue of left) putInSprints(issue, endAt, [...issue.sprintIds, String(request.firstId + index + 1)]);
    members = left;
  }
  return { sprints, truth };
}

/** Issues that are put into a sprint before it starts; a few are done before, and some are there from their creation. */
function plan({ random, sprintId, startAt }: Scene, { issues, create }: SprintRequest): IssueDraft[] {
  return Array.from({ length: issues }, () => {
    const createdAt = startAt - random.between(2 * hour, 40 * hour);
    if (random.chance(0.2)) return create(createdAt, [sprintId]);
    const issue = create(createdAt, []);
    putInSprints(issue, createdAt + hour, [sprintId]);
    if (random.chance(0.03)) transition(issue, startAt - 600, "10003");
    return issue;
  });
}

/** Lives through a sprint, and returns what is not done at its end. */
function runSprint(scene: Scene, members: readonly IssueDraft[], request: SprintRequest): IssueDraft[] {
  const { random, tally, startAt, endAt, sprintId } = scene;
  const left: IssueDraft[] = [];
  for (const issue of members) {
    if (isDone(issue)) continue;
    if (counts(issue)) {
      tally.committed += issue.points ?? 0;
      tally.committedIssues += 1;
      tally.unestimated += issue.points === null ? 1 : 0;
    }
    if (live(scene, issue, startAt + 1)) left.push(issue);
  }
  for (let index = 0; index < Math.ceil(request.issues / 10); index += 1) {
    const at = random.between(startAt + hour, endAt - day);
    const isBorn = random.chance(0.5);
    const issue = isBorn ? request.create(at, [sprintId]) : request.create(at - hour, []);
    if (!isBorn) putInSprints(issue, at, [sprintId]);
    if (counts(issue)) {
      tally.added += issue.points ?? 0;
      tally.unestimated += issue.points === null ? 1 : 0;
    }
    if (live(scene, issue, at + 1)) left.push(issue);
  }
  return left;
}

/** What becomes of one issue from `at` to the end of the sprint; true when it is in it and not done. */
function live(scene: Scene, issue: IssueDraft, at: number): boolean {
  const { random, tally, endAt } = scene;
  const span = endAt - at - 60;
  const moment = (part: number): number => at + Math.floor(span * part);
  if (random.chance(0.08)) reestimate(scene, issue, moment(0.1));
  const points = counts(issue) ? (issue.points ?? 0) : 0;
  if (random.chance(0.05)) {
    leave(scene, issue, moment(0.3));
    tally.removed += points;
    return false;
  }
  if (random.chance(0.03)) {
    transition(issue, moment(0.5), "10004");
    tally.removed += points;
    return false;
  }
  if (random.chance(0.8)) transition(issue, moment(0.2 + random.next() / 10), "3");
  if (random.chance(0.2)) transition(issue, moment(0.4), "10002");
  if (random.chance(0.1)) {
    flag(issue, moment(0.45), true);
    flag(issue, moment(0.5), false);
  }
  if (random.chance(0.2)) {
    tally.carried += points;
    return true;
  }
  if (random.chance(0.5)) transition(issue, moment(0.55), "10001");
  transition(issue, moment(0.6 + random.next() / 5), "10003");
  if (random.chance(0.04)) {
    transition(issue, moment(0.85), "3");
    if (random.chance(0.3)) {
      tally.carried += points;
      return true;
    }
    transition(issue, moment(0.95), "10003");
  }
  tally.completed += points;
  tally.completedIssues += counts(issue) ? 1 : 0;
  return false;
}

/** Leaves the sprint for the backlog, or for another project. */
function leave({ sprintId, keyElsewhere, random }: Scene, issue: IssueDraft, at: number): void {
  putInSprints(
    issue,
    at,
    issue.sprintIds.filter((id) => id !== sprintId),
  );
  if (keyElsewhere === null || !random.chance(0.3)) return;
  const { projectKey, key } = keyElsewhere();
  moveTo(issue, at, projectKey, key);
}

function reestimate({ random, tally }: Scene, issue: IssueDraft, at: number): void {
  const before = issue.points ?? 0;
  const after = random.pick([1, 2, 3, 5, 8, 13]);
  if (after === issue.points) return;
  estimate(issue, at, after);
  if (!counts(issue)) return;
  if (after > before) tally.added += after - before;
  else tally.removed += before - after;
}

/** Those of a parent are its own. */
function counts(issue: IssueDraft): boolean {
  return issue.type !== "Sub-task";
}

function toSprint(
  { boardId, firstId, startAt: zero, random }: SprintRequest,
  index: number,
  {
    startAt,
    endAt,
    isLast,
    closesAt,
  }: { readonly startAt: number; readonly endAt: number; readonly isLast: boolean; readonly closesAt: number },
): Sprint {
  const isSilent = index === 1;
  const planned = zero + (index + 1) * 14 * day - random.between(3, 20) * hour;
  return {
    id: firstId + index,
    board_id: boardId,
    name: `Sprint ${index + 1}`,
    state: isLast ? "active" : "closed",
    goal: index % 4 === 0 ? null : `Goal ${index + 1}`,
    start_at: toJiraInstant(startAt),
    end_at: toJiraInstant(isSilent && !isLast ? endAt : isLast ? closesAt : planned),
    complete_at: isLast || isSilent ? null : toJiraInstant(endAt),
  };
}

function toTrueSprint(boardId: number, sprintId: string, tally: Tally): TrueSprint {
  return {
    sprintId: Number(sprintId),
    boardId,
    committedPoints: tally.committed,
    addedPoints: tally.added,
    removedPoints: tally.removed,
    completedPoints: tally.completed,
    carriedOverPoints: tally.carried,
    committedIssues: tally.committedIssues,
    completedIssues: tally.completedIssues,
    unestimatedIssues: tally.unestimated,
  };
}
