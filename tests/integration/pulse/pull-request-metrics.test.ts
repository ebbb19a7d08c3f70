// Figures of pull requests and of teams, each computed by hand from a few rows.
import { beforeAll, expect, test } from "vitest";
import type { GithubEntities, Review } from "../../../examples/pulse/organisation/entities.ts";
import { type DoraJobDefinition, doraJob } from "../../../src/integrations/delivery/dora/dora-job.ts";
import { createTestProject, type TestRow, type TestRun } from "../../../src/testing.ts";
import { toRows } from "../../support/pulse/github-project.ts";
import { branch, deployment, pull, repository, sha, status } from "../../support/pulse/github-rows.ts";
import { toInputs } from "../../support/pulse/to-inputs.ts";
import { toNumber } from "../../support/pulse/to-values.ts";

const at = (text: string): string => `2026-01-${text}:00Z`;
const hour = 3600;

let lastReview = 0;
function review(number: number, reviewer: string, submitted: string, state: Review["state"] = "APPROVED"): Review {
  lastReview += 1;
  const bot = reviewer.endsWith("[bot]");
  return {
    id: lastReview,
    repository_id: 1,
    number,
    reviewer,
    reviewer_type: bot ? "Bot" : "User",
    state,
    submitted_at: submitted,
    commit_sha: sha("a1"),
  };
}

function commit(number: number, word: string, authored: string) {
  return {
    repository_id: 1,
    number,
    sha: sha(word),
    position: 0,
    author: "ada",
    authored_at: authored,
    committed_at: authored,
    message: word,
  };
}

const merged = (number: number, mergedAt: string, given = {}) =>
  pull(1, number, {
    state: "merged",
    created_at: at("05T08:00"),
    merged_at: mergedAt,
    closed_at: mergedAt,
    updated_at: mergedAt,
    merge_commit_sha: sha(`e${number}`),
    merged_by: "ben",
    ...given,
  });

function rows(): GithubEntities {
  const first = deployment(1, 1, { sha: sha("e0"), created_at: at("01T00:00") });
  return toRows({
    repositories: [repository(1)],
    pull_requests: [
      // two rounds: changes were requested, pushed, and approved
      merged(1, at("06T12:00"), { additions: 90, deletions: 30 }),
      // nobody but a bot and the author looked at it, and the author merged it
      merged(2, at("07T12:00"), { merged_by: "ada", additions: 5, deletions: 5 }),
      pull(1, 3, {
        state: "closed",
        created_at: at("05T08:00"),
        closed_at: at("08T00:00"),
        updated_at: at("08T00:00"),
      }),
      pull(1, 4, { created_at: at("05T08:00"), updated_at: at("06T00:00") }),
      pull(1, 5, { created_at: at("20T00:00"), updated_at: at("30T00:00"), is_draft: true }),
      merged(6, at("09T00:00"), { author: "renovate[bot]", author_type: "Bot" }),
    ],
    pull_request_commits: [
      commit(1, "a1", at("05T07:00")),
      commit(1, "a2", at("06T09:00")),
      commit(2, "b1", at("05T07:00")),
    ],
    reviews: [
      review(1, "ben", at("05T10:00"), "CHANGES_REQUESTED"),
      review(1, "chi", at("05T11:00"), "COMMENTED"),
      review(1, "ben", at("06T10:00")),
      review(2, "ada", at("05T09:00"), "COMMENTED"),
      review(2, "renovate[bot]", at("05T09:00")),
    ],
    deployments: [first],
    deployment_statuses: [status(first, 1)],
    commits: [...branch(1, ["e0"])],
  });
}

async function compute(github: GithubEntities, rules: Partial<DoraJobDefinition> = {}, names = /^github_/) {
  await using project = await createTestProject({ now: "2026-03-01T00:00:00Z" });
  const given = Object.entries(github).flatMap(([name, { length }]) => (length === 0 ? [] : [`github_${name}`]));
  const inputs = toInputs({ github, jira: {} as never }, names);
  const filled = Object.entries(inputs).filter(([name]) => given.includes(name));
  return await project.run(doraJob({ name: "dora", ...rules }), { inputs: Object.fromEntries(filled) });
}

const byNumber = (all: readonly TestRow[] | undefined, number: number): TestRow | undefined =>
  all?.find((row) => Number(row["number"]) === number);
const figure = (all: readonly TestRow[] | undefined, metric: string, period = "all"): TestRow | undefined =>
  all?.find((row) => row["metric"] === metric && row["period"] === period);

let computed: TestRun;
let ofTwo: TestRun;
let ofThree: TestRun;

beforeAll(async () => {
  computed = await compute(rows());
  ofTwo = await compute(reviewsOfTeams(), { teams: team, people: { least: 2 } });
  ofThree = await compute(reviewsOfTeams(), { teams: team, people: { least: 3 } });
}, 180_000);

test("a pull request has its size, rounds, rework and what came after the first review", () => {
  const { output } = computed;
  const all = output["delivery_pull_request_metrics"];
  expect(all).toHaveLength(6);
  const one = byNumber(all, 1);
  expect(one).toMatchObject({
    service: "acme/r1",
    state: "merged",
    size: "m",
    is_unreviewed: false,
    is_self_merged: false,
  });
  const columns = ["changed_lines", "first_review_seconds", "reviews", "reviewers", "approvals", "changes_requested"];
  expect(columns.map((name) => toNumber(one?.[name]))).toEqual([120, 2 * hour, 3, 2, 1, 1]);
  expect(["review_rounds", "rework_cycles", "commits_after_review"].map((name) => toNumber(one?.[name]))).toEqual([
    2, 1, 1,
  ]);
  // 07:00 authored to 12:00 of the next day
  expect(toNumber(one?.["cycle_seconds"])).toBe(29 * hour);
  const two = byNumber(all, 2);
  expect(two).toMatchObject({ size: "xs", is_unreviewed: true, is_self_merged: true, first_review_seconds: null });
  expect([toNumber(two?.["reviews"]), two?.["commits_after_review"]]).toEqual([0, null]);
  expect(byNumber(all, 3)).toMatchObject({
    state: "closed",
    is_unreviewed: null,
    is_self_merged: null,
    cycle_seconds: null,
  });
  expect(byNumber(all, 4)).toMatchObject({ stale_at: expect.stringContaining("2026-01-20") });
  expect(byNumber(all, 5)).toMatchObject({ ready_at: null, stale_at: null, is_draft: true });
  expect(byNumber(all, 6)).toMatchObject({ is_bot: true });
});

test("figures of pull requests leave bots out, and say what is open, stale and of how many", () => {
  const { output } = computed;
  const all = output["delivery_pull_request_figures"];
  const values = (metric: string, period?: string) => {
    const row = figure(all, metric, period);
    return row === undefined ? undefined : [row["value"], toNumber(row["n"])];
  };
  expect(values("pull_requests_opened")).toEqual([5, 5]);
  expect(values("pull_requests_merged", "month")).toEqual([2, 2]);
  expect(values("pull_requests_closed_unmerged")).toEqual([1, 1]);
  expect(values("merge_rate")).toEqual([2 / 3, 3]);
  expect(values("pull_request_size")).toEqual([65, 2]);
  expect(values("time_to_first_review")).toEqual([2 * hour, 1]);
  expect(figure(all, "time_to_first_review")).toMatchObject({ coverage: 0.5, is_few: true });
  expect(values("merged_without_review")).toEqual([0.5, 2]);
  expect(values("self_merged")).toEqual([0.5, 2]);
  expect(values("reworked")).toEqual([0.5, 2]);
  expect(values("open_pull_requests")).toEqual([1, 1]);
  expect(values("stale_pull_requests")).toEqual([1, 1]);
  // open since the 5th, and the last that is known is of the 30th
  expect(values("open_pull_request_age")).toEqual([24 * 24 * hour + 16 * hour, 1]);
});

test("a force push is what follows requested changes, and a rebase of old commits is no new one", async () => {
  const given = rows();
  const forced = {
    ...given,
    pull_request_commits: [commit(1, "a1", at("05T07:00")), commit(2, "b1", at("05T07:00"))],
    pull_request_events: [
      {
        id: 1,
        repository_id: 1,
        number: 1,
        event: "head_ref_force_pushed" as const,
        actor: "ada",
        created_at: at("05T20:00"),
      },
    ],
  };
  const { output } = await compute(forced);
  const one = byNumber(output["delivery_pull_request_metrics"], 1);
  expect(["review_rounds", "rework_cycles", "commits_after_review"].map((name) => toNumber(one?.[name]))).toEqual([
    2, 1, 0,
  ]);
});

test("reviews that nobody has collected are unknown, and not none", async () => {
  const { output } = await compute(rows(), {}, /^github_(?!reviews|pull_request_commits)/);
  const one = byNumber(output["delivery_pull_request_metrics"], 1);
  expect(one).toMatchObject({ reviews: null, review_rounds: null, rework_cycles: null, is_unreviewed: null });
  expect(new Set(output["delivery_changes"]?.map((row) => row["is_unreviewed"]))).toEqual(new Set([null]));
  expect(figure(output["delivery_pull_request_figures"], "merged_without_review")).toMatchObject({
    value: null,
    coverage: 0,
  });
});

const team = { a: ["ada", "ben", "chi"], b: { members: ["dee", "eve"], timezone: "America/New_York" } };

function reviewsOfTeams(): GithubEntities {
  const given = rows();
  return {
    ...given,
    pull_requests: [merged(1, at("06T12:00")), merged(2, at("07T12:00"), { author: "dee" })],
    reviews: [
      review(1, "Ben", at("05T10:00")),
      review(1, "chi", at("05T12:00")),
      review(1, "dee", at("05T14:00")),
      review(2, "ada", at("05T09:00")),
    ],
    commits: [
      ...branch(1, ["c1"], { author: "ada", authored_at: at("05T23:30"), committed_at: at("05T23:30") }),
      ...branch(1, ["c2"], { author: "ben", authored_at: at("05T23:40"), committed_at: at("05T23:40") }),
      ...branch(1, ["c3", "c4", "c5", "c6"], {
        author: "dee",
        authored_at: at("05T03:30"),
        committed_at: at("05T03:30"),
      }),
      ...branch(1, ["c7"], { author: "eve", authored_at: at("05T03:45"), committed_at: at("05T03:45") }),
      ...branch(1, ["c8"], { author: "renovate[bot]" }),
    ],
  };
}

test("teams are told who reviews whom and how soon, and nothing that only few are behind", () => {
  const { output } = ofTwo;
  const of = (from: string, to: string, metric: string) =>
    output["delivery_collaboration"]!.find(
      (row) => row["team"] === from && row["other_team"] === to && row["metric"] === metric && row["period"] === "all",
    );
  expect(of("a", "a", "reviews")).toMatchObject({ value: 2, is_suppressed: false });
  expect(toNumber(of("a", "a", "reviews")?.["people"])).toBe(3);
  expect(of("a", "all", "reviews")).toMatchObject({ value: 3 });
  expect(of("a", "all", "outside_review_share")).toMatchObject({ value: 1 / 3 });
  // ready at 08:00, first reviewed by their own at 10:00, by the others at 14:00
  expect(of("a", "a", "review_response_time")).toMatchObject({ value: 2 * hour });
  expect(of("b", "a", "review_response_time")).toMatchObject({ value: 6 * hour });
  const hidden = ofThree.output["delivery_collaboration"]!.filter((row) => row["is_suppressed"] === true);
  expect(hidden.length).toBeGreaterThan(0);
  expect(hidden.every((row) => row["value"] === null && row["n"] === null && row["people"] === null)).toBe(true);
});

test("commits are told by weekday and hour where the team is, and on how few people a service rests", () => {
  const { output } = ofTwo;
  const slots = output["delivery_commit_patterns"]!.map((row) => [
    row["team"],
    toNumber(row["weekday"]),
    toNumber(row["hour"]),
    toNumber(row["commits"]),
  ]);
  // the 5th is a Monday; in New York it is still Sunday evening
  expect(slots.toSorted((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual([
    ["a", 1, 23, 2],
    ["b", 7, 22, 5],
  ]);
  const [factor] = output["delivery_bus_factor"]!;
  expect([factor?.["service"], toNumber(factor?.["bus_factor"]), toNumber(factor?.["people"])]).toEqual([
    "acme/r1",
    1,
    4,
  ]);
  expect(ofThree.output["delivery_commit_patterns"]).toMatchObject([
    { team: "a", weekday: null, is_suppressed: true },
    { team: "b", weekday: null, is_suppressed: true },
  ]);
});
