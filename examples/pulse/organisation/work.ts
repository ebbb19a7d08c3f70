// One pull request while an organisation is made: the spans of its stages are drawn first, and every instant follows from them.
import type { Person } from "./people.ts";
import { bots } from "./people.ts";
import type { Random } from "./random.ts";
import type { ReviewState } from "./entities.ts";

export type WorkKind = "feature" | "bot" | "hotfix" | "revert";

export interface WorkReview {
  /** Null for an account that is gone. */
  readonly reviewer: string | null;
  readonly isBot: boolean;
  readonly state: ReviewState;
  readonly at: number | null;
}

/** Instants are seconds since 1970; those that lie after the end of the organisation have not come yet. */
export interface Work {
  readonly kind: WorkKind;
  /** Known when all of a repository is. */
  number: number;
  readonly author: string | null;
  readonly isBot: boolean;
  readonly labels: readonly string[];
  readonly reverts: Work | null;
  readonly method: "squash" | "merge" | "rebase";
  readonly firstAuthoredAt: number;
  readonly openedAt: number;
  readonly isDraftFirst: boolean;
  readonly readyAt: number;
  readonly closedAt: number | null;
  readonly mergedAt: number | null;
  readonly reopenedAt: number | null;
  readonly forcePushedAt: number | null;
  readonly reviews: readonly WorkReview[];
  readonly branchShas: readonly string[];
  readonly spans: WorkSpans;
  readonly size: number;
}

/** In seconds; null for a stage that does not happen. */
export interface WorkSpans {
  readonly coding: number;
  readonly pickup: number | null;
  readonly review: number;
  readonly mergeWait: number | null;
}

export interface WorkRequest {
  readonly kind: WorkKind;
  readonly people: readonly Person[];
  /** When the first commit is authored. */
  readonly startAt: number;
  /** The end of the organisation: what would come later has not come. */
  readonly untilAt: number;
  readonly reverts?: Work;
  /** By when it has to be merged, of fixes. */
  readonly mergeBy?: number;
}

interface Drawn {
  readonly coding: number;
  readonly pickup: number;
  readonly review: number;
  readonly wait: number;
}

const hour = 3600;

/** Draws a pull request; its first commit may be earlier than `startAt` when it would be opened after the end otherwise. */
export function createWork(random: Random, request: WorkRequest): Work {
  const isFix = request.kind === "hotfix" || request.kind === "revert";
  const isBot = request.kind === "bot";
  const isSkewed = !isFix && random.chance(0.01);
  const drawn = isFix ? drawFix(random, request) : drawSpans(random, isSkewed);
  const startAt = Math.min(request.startAt, request.untilAt - drawn.coding - hour);
  const readyAt = startAt + drawn.coding;
  const author = isBot ? random.pick(bots) : random.pick(request.people).login;
  const reviewer = random.pick(request.people.filter(({ login }) => login !== author)).login;
  const isGone = !isBot && !isFix && random.chance(0.01);
  const how = isFix ? "approved" : chooseReview(random, isBot);
  const ends = toEnds(how, readyAt, drawn);
  const isClosed = !isFix && random.chance(0.1);
  const isMerged = !isClosed && ends.mergedAt <= request.untilAt;
  const isDraftFirst = !isFix && random.chance(0.15);
  const isReopened = isMerged && !isFix && drawn.pickup > 600 && random.chance(0.04);
  const closedAt = isClosed ? readyAt + drawn.pickup : isMerged ? ends.mergedAt : null;
  return {
    kind: request.kind,
    number: 0,
    author: isGone ? null : author,
    isBot,
    labels: chooseLabels(random, request.kind),
    reverts: request.reverts ?? null,
    method: random.pick(["squash", "squash", "squash", "merge", "rebase"]),
    firstAuthoredAt: isSkewed ? readyAt + 1800 : startAt,
    openedAt: isDraftFirst ? startAt + Math.floor(drawn.coding / 3) : readyAt,
    isDraftFirst,
    readyAt,
    closedAt: closedAt !== null && closedAt <= request.untilAt ? closedAt : null,
    mergedAt: isMerged ? ends.mergedAt : null,
    reopenedAt: isReopened ? readyAt + Math.floor(drawn.pickup / 2) : null,
    forcePushedAt: random.chance(0.08) ? readyAt + 60 : null,
    reviews: drawReviews(random, { how, readyAt, drawn, author: isGone ? null : author, reviewer }),
    branchShas: Array.from({ length: random.between(1, 4) }, () => random.sha()),
    spans: toSpans(how, drawn, isSkewed),
    size: random.skewed(80),
  };
}

type HowReviewed = "approved" | "changes" | "commented" | "dismissed" | "none";

function chooseReview(random: Random, isBot: boolean): HowReviewed {
  if (random.chance(isBot ? 0.5 : 0.08)) return "none";
  return random.pick(["approved", "approved", "changes", "changes", "commented", "dismissed"]);
}

function drawSpans(random: Random, isSkewed: boolean): Drawn {
  return {
    coding: random.skewed(7 * hour),
    pickup: random.skewed(4 * hour) + (isSkewed ? hour : 0),
    review: random.skewed(5 * hour),
    wait: random.skewed(hour),
  };
}

/** A fix is merged in the time it has, whatever that is. */
function drawFix(random: Random, { startAt, mergeBy }: WorkRequest): Drawn {
  const whole = Math.max(40, Math.floor(((mergeBy ?? startAt + 4 * hour) - startAt) * (0.3 + random.next() / 2)));
  const quarter = Math.floor(whole / 4);
  return { coding: quarter, pickup: quarter, review: 0, wait: quarter };
}

function toEnds(how: HowReviewed, readyAt: number, { pickup, review, wait }: Drawn): { readonly mergedAt: number } {
  if (how === "none") return { mergedAt: readyAt + pickup };
  if (how === "approved") return { mergedAt: readyAt + pickup + wait };
  if (how === "commented") return { mergedAt: readyAt + pickup + review };
  return { mergedAt: readyAt + pickup + review + wait };
}

function toSpans(how: HowReviewed, drawn: Drawn, isSkewed: boolean): WorkSpans {
  const coding = isSkewed ? 0 : drawn.coding;
  const late = isSkewed ? 1800 : 0;
  if (how === "none") return { coding, pickup: null, review: drawn.pickup - late, mergeWait: null };
  const pickup = drawn.pickup - late;
  if (how === "approved") return { coding, pickup, review: 0, mergeWait: drawn.wait };
  if (how === "commented") return { coding, pickup, review: drawn.review, mergeWait: null };
  return { coding, pickup, review: drawn.review, mergeWait: drawn.wait };
}

interface ReviewRequest {
  readonly how: HowReviewed;
  readonly readyAt: number;
  readonly drawn: Drawn;
  readonly author: string | null;
  readonly reviewer: string;
}

/** Those that count, and others that must not: of the author, of bots, and one that is still being written. */
function drawReviews(random: Random, { how, readyAt, drawn, author, reviewer }: ReviewRequest): readonly WorkReview[] {
  const early = readyAt + Math.floor(drawn.pickup / 3);
  const by = (state: ReviewState, at: number | null): WorkReview => ({ reviewer, isBot: false, state, at });
  const decoys: readonly WorkReview[] = [
    { reviewer: author, isBot: author?.endsWith("[bot]") ?? false, state: "COMMENTED", at: early },
    { reviewer: "review-helper[bot]", isBot: true, state: "APPROVED", at: early },
    by("PENDING", null),
  ];
  const first = readyAt + drawn.pickup;
  const last = first + drawn.review;
  const real: Readonly<Record<HowReviewed, readonly WorkReview[]>> = {
    none: [],
    approved: [by("APPROVED", first)],
    commented: [by("COMMENTED", first)],
    changes: [by("CHANGES_REQUESTED", first), by("APPROVED", last)],
    dismissed: [by("DISMISSED", first), by("APPROVED", last)],
  };
  return [...decoys.filter(() => random.chance(0.15)), ...real[how]];
}

function chooseLabels(random: Random, kind: WorkKind): readonly string[] {
  if (kind === "hotfix") return ["hotfix"];
  if (kind === "bot") return ["dependencies"];
  if (kind === "feature" && random.chance(0.005)) return ["hotfix"];
  return random.chance(0.3) ? [random.pick(["bug", "enhancement", "docs"])] : [];
}
