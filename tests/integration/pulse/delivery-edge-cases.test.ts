// What makes tools of delivery metrics wrong, a repository each, with figures computed by hand. One run computes all of them.
import { beforeAll, expect, test } from "vitest";
import { doraJob } from "../../../src/integrations/delivery/dora/dora-job.ts";
import { createTestProject, type TestRow } from "../../../src/testing.ts";
import { createHistories, toInstant } from "../../support/pulse/hand-written.ts";
import { toNumber, toSeconds } from "../../support/pulse/to-values.ts";

const hour = 3600;
const day = 24 * hour;
const services = [
  { name: "mono-api", repositories: ["acme/mono"], environments: ["production-api"] },
  { name: "mono-web", repositories: ["acme/mono"], environments: ["production-web"] },
  { name: "shop", repositories: ["acme/shop-a", "acme/shop-b"] },
];
let rows: Readonly<Record<string, readonly TestRow[]>> = {};
let inBerlin: readonly TestRow[] = [];

const change = (service: string, number: number): TestRow =>
  rows["delivery_changes"]!.find((row) => row["service"] === service && Number(row["number"]) === number)!;
const deployments = (service: string): readonly TestRow[] =>
  rows["delivery_deployments"]!.filter((row) => row["service"] === service);
const leads = (service: string): Map<unknown, number | null> =>
  new Map(
    rows["delivery_commit_leads"]!.filter((row) => row["service"] === service).map((row) => [
      row["sha"],
      toNumber(row["lead_seconds"]),
    ]),
  );
const figure = (
  service: string,
  metric: string,
  start: string | null,
  dora = rows["delivery_dora"]!,
): TestRow | undefined =>
  dora.find(
    (row) =>
      row["service"] === service &&
      row["metric"] === metric &&
      (start === null ? row["period"] === "all" : toSeconds(row["start_at"]) === toSeconds(toInstant(start))),
  );

/** A repository with a first deployment of `zero` on the first of January. */
function begin(histories: ReturnType<typeof createHistories>, name: string, id: number) {
  const repository = histories.repository(`acme/${name}`);
  repository.deploy({ id, sha: `${name}-zero`, at: "2026-01-01 00:00" });
  return repository;
}

beforeAll(async () => {
  const all = createHistories();
  const first = all.repository("acme/first");
  first.pull(1, { sha: "first-1", authored: ["2025-01-01 00:00"], merged: "2025-01-02 00:00" });
  first.deploy({ id: 100, sha: "first-1", at: "2026-01-05 00:00" });
  const rerun = begin(all, "rerun", 110);
  rerun.pull(1, { sha: "rerun-1", authored: ["2026-01-05 00:00"], merged: "2026-01-05 01:00" });
  const twice = [
    ["success", "2026-01-05 02:00"],
    ["inactive", "2026-01-06 00:00"],
    ["success", "2026-01-07 00:00"],
  ] as const;
  rerun.deploy({ id: 111, sha: "rerun-1", statuses: twice, brought: ["rerun-1"], base: "rerun-zero" });
  const names = all.repository("acme/names");
  for (const [index, environment] of ["prod-eu", "Production", "staging"].entries()) {
    names.deploy({ id: 120 + index, sha: "names-1", environment, at: `2026-01-05 00:${index}0` });
  }
  const mono = all.repository("acme/mono");
  for (const [index, environment] of ["production-api", "production-web"].entries()) {
    mono.deploy({ id: 130 + index, sha: "mono-zero", environment, at: "2026-01-01 00:00" });
    const brought = { brought: ["mono-1"], base: "mono-zero" };
    mono.deploy({ id: 132 + index, sha: "mono-1", environment, at: `2026-01-05 0${2 + index}:00`, ...brought });
  }
  mono.pull(1, { sha: "mono-1", authored: ["2026-01-05 00:00"], merged: "2026-01-05 01:00" });
  for (const [index, name] of ["shop-a", "shop-b"].entries()) {
    const shop = begin(all, name, 140 + 2 * index);
    shop.pull(1, { sha: `${name}-1`, authored: ["2026-01-05 00:00"], merged: "2026-01-05 01:00" });
    const brought = { brought: [`${name}-1`], base: `${name}-zero` };
    shop.deploy({ id: 141 + 2 * index, sha: `${name}-1`, at: `2026-01-05 0${3 + index}:00`, ...brought });
  }
  const merges = begin(all, "merges", 150);
  merges.pull(1, { sha: "squash", authored: ["2026-01-04 00:00", "2026-01-04 12:00"], merged: "2026-01-05 00:00" });
  merges.pull(2, { sha: "rebased-2", authored: ["2026-01-04 06:00"], merged: "2026-01-05 01:00" });
  merges.pull(3, { sha: "queue-3", authored: ["2026-01-04 08:00"], merged: "2026-01-05 02:00" });
  merges.pull(4, { sha: "queue-4", authored: ["2026-01-04 09:00"], merged: "2026-01-05 02:00" });
  merges.commit("pushed", "2026-01-05 03:00");
  merges.commit("taken-away", "2026-01-04 01:00", true);
  const brought = ["squash", "rebased-1", "rebased-2", "queue-3", "queue-4", "pushed"];
  merges.deploy({ id: 151, sha: "pushed", at: "2026-01-06 00:00", brought, base: "merges-zero" });
  writePeople(begin(all, "people", 160));
  writeReverts(begin(all, "reverts", 170));
  const times = begin(all, "times", 180);
  times.pull(1, { sha: "times-1", authored: ["2026-01-30 12:00"], merged: "2026-01-31 12:00" });
  times.pull(2, { sha: "times-2", authored: ["2026-02-01 00:00"], merged: "2026-02-02 00:00" });
  times.deploy({ id: 181, sha: "times-1", at: "2026-02-02 12:00", brought: ["times-1"], base: "times-zero" });
  times.deploy({ id: 182, sha: "times-3", at: "2026-03-29 22:30", brought: ["times-3"], base: "times-1" });
  await using project = await createTestProject({ now: "2026-06-01T00:00:00Z" });
  rows = (await project.run(doraJob({ name: "dora", services }), { inputs: all.inputs() })).output;
  const berlin = doraJob({ name: "dora", services, timezone: "Europe/Berlin" });
  inBerlin = (await project.run(berlin)).output["delivery_dora"]!;
}, 120_000);

function writePeople(people: ReturnType<ReturnType<typeof createHistories>["repository"]>): void {
  const common = { created: "2026-01-05 01:00", merged: "2026-01-05 10:00" };
  const authored = ["2026-01-05 00:00"];
  people.pull(1, { ...common, sha: "p1", authored: ["2026-01-05 04:00"] });
  people.pull(2, { ...common, sha: "p2", authored: ["2026-02-01 00:00"] });
  people.pull(3, { ...common, sha: "p3", authored, ready: "2026-01-05 05:00" });
  people.pull(4, { ...common, sha: "p4", authored, author: "renovate[bot]", authorType: "Bot" });
  people.pull(5, {
    ...common,
    sha: "p5",
    authored,
    reviews: [
      ["scan[bot]", "APPROVED", "2026-01-05 02:00", "Bot"],
      ["ci-bot", "COMMENTED", "2026-01-05 02:30"],
      ["ada", "COMMENTED", "2026-01-05 03:00"],
      ["ben", "COMMENTED", "2026-01-05 06:00"],
      ["ben", "APPROVED", "2026-01-05 08:00"],
    ],
  });
  people.pull(6, {
    ...common,
    sha: "p6",
    authored,
    author: null,
    authorType: null,
    reviews: [["ben", "APPROVED", "2026-01-05 03:00"]],
  });
  people.pull(7, { ...common, sha: "p7", authored, merged: "2026-01-06 00:00" });
  const brought = ["p1", "p2", "p3", "p4", "p5", "p6", "p7"];
  people.deploy({ id: 161, sha: "p7", at: "2026-01-07 00:00", brought, base: "people-zero" });
}

function writeReverts(reverts: ReturnType<ReturnType<typeof createHistories>["repository"]>): void {
  const pull = (number: number, merged: string, title: string, head: string): void =>
    reverts.pull(number, { sha: `r${number}`, authored: [merged], merged, title, head });
  pull(1, "2026-01-05 00:00", "feature", "feature");
  pull(2, "2026-01-06 00:00", 'Revert "feature"', "revert-1-feature");
  pull(3, "2026-01-07 00:00", 'Revert "Revert "feature""', "revert-2-revert-1-feature");
  for (const [index, at] of ["2026-01-05 01:00", "2026-01-06 01:00", "2026-01-07 01:00"].entries()) {
    const base = index === 0 ? "reverts-zero" : `r${index}`;
    reverts.deploy({ id: 171 + index, sha: `r${index + 1}`, at, brought: [`r${index + 1}`], base });
  }
}

test("the first deployment ever is counted, and no old pull request has a lead time by it", () => {
  expect(deployments("acme/first")).toMatchObject([{ is_baseline: true, comparison: "baseline" }]);
  expect(change("acme/first", 1)).toMatchObject({
    status: "before_first_deployment",
    lead_seconds: null,
    deployment_id: null,
  });
});

test("a deployment that is run again is deployed when it first succeeded, whatever is said of it later", () => {
  expect(deployments("acme/rerun")).toHaveLength(2);
  expect(toNumber(change("acme/rerun", 1)["lead_seconds"])).toBe(2 * hour);
});

test("an environment is production by its pattern, without regard to capitals, and several of one commit are one deployment", () => {
  expect(deployments("acme/names").map((row) => row["environment"])).toEqual(["prod-eu"]);
});

test("one commit of a monorepo is deployed once for each service", () => {
  expect(toNumber(change("mono-api", 1)["lead_seconds"])).toBe(2 * hour);
  expect(toNumber(change("mono-web", 1)["lead_seconds"])).toBe(3 * hour);
});

test("a service of several repositories has the deployments of all, each after the one before in its own repository", () => {
  expect(deployments("shop")).toHaveLength(4);
  const shop = rows["delivery_changes"]!.filter((row) => row["service"] === "shop");
  expect(new Set(shop.map((row) => toNumber(row["lead_seconds"])))).toEqual(new Set([3 * hour, 4 * hour]));
});

test("the lead time of a squash begins with the first commit of its pull request, which the branch does not have", () => {
  expect(toNumber(change("acme/merges", 1)["lead_seconds"])).toBe(2 * day);
});

test("a rebased pull request is deployed with its last commit", () => {
  expect(toNumber(change("acme/merges", 2)["lead_seconds"])).toBe(day + 18 * hour);
});

test("pull requests that a merge queue merges at one moment are each deployed by their own commit", () => {
  expect(toNumber(change("acme/merges", 3)["lead_seconds"])).toBe(day + 16 * hour);
  expect(toNumber(change("acme/merges", 4)["lead_seconds"])).toBe(day + 15 * hour);
});

test("a commit pushed straight to main has a lead time without a pull request", () => {
  expect(leads("acme/merges").get("pushed")).toBe(21 * hour);
});

test("commits that a force push has taken away count nowhere", () => {
  expect(leads("acme/merges").has("taken-away")).toBe(false);
  expect(leads("acme/merges").size).toBe(6);
});

test("a commit authored after its pull request was opened makes no stage negative", () => {
  const row = change("acme/people", 1);
  expect(row["is_clock_skewed"]).toBe(true);
  expect(toNumber(row["coding_seconds"])).toBe(0);
  expect(toNumber(row["lead_seconds"])).toBe(day + 20 * hour);
});

test("a commit authored in the future gives a lead time of nothing, and says so", () => {
  const row = change("acme/people", 2);
  expect(row["is_clock_skewed"]).toBe(true);
  expect(toNumber(row["lead_seconds"])).toBe(0);
});

test("a draft is written until it is ready for review", () => {
  const row = change("acme/people", 3);
  expect(row["was_draft"]).toBe(true);
  expect(toNumber(row["coding_seconds"])).toBe(5 * hour);
});

test("a change by a bot is marked as one", () => {
  expect(change("acme/people", 4)["is_bot"]).toBe(true);
  expect(change("acme/people", 5)["is_bot"]).toBe(false);
});

test("reviews of bots and of the author are no first response", () => {
  const row = change("acme/people", 5);
  expect(toNumber(row["pickup_seconds"])).toBe(5 * hour);
  expect(toNumber(row["review_seconds"])).toBe(2 * hour);
  expect(toNumber(row["merge_wait_seconds"])).toBe(2 * hour);
});

test("a pull request of an account that is gone has its review and its lead time", () => {
  const row = change("acme/people", 6);
  expect(row).toMatchObject({ author: null, is_bot: false });
  expect(toNumber(row["pickup_seconds"])).toBe(2 * hour);
});

test("a pull request that was closed, reopened and merged is one change, merged when it was", () => {
  const found = rows["delivery_changes"]!.filter(
    (row) => row["service"] === "acme/people" && Number(row["number"]) === 7,
  );
  expect(found).toHaveLength(1);
  expect(toNumber(found[0]!["deploy_seconds"])).toBe(day);
});

test("a revert says that a deployment failed, and the revert of a revert does not", () => {
  const failed = deployments("acme/reverts").filter((row) => row["is_failed"] === true);
  expect(deployments("acme/reverts")).toHaveLength(4);
  expect(failed.map((row) => Number(row["deployment_id"]))).toEqual([171]);
});

test("weeks begin where clocks of the zone show Monday, also after they were put forward", () => {
  expect(figure("acme/times", "deployments", "2026-03-23 00:00")).toMatchObject({ value: 1 });
  expect(figure("acme/times", "deployments", "2026-03-29 22:00", inBerlin)).toMatchObject({ value: 1 });
  expect(figure("acme/times", "deployments", "2026-03-22 23:00", inBerlin)).toMatchObject({ value: 0 });
});

test("nights and weekends count, as no calendar of work is the default", () => {
  // from Friday noon to Monday noon
  expect(toNumber(change("acme/times", 1)["lead_seconds"])).toBe(3 * day);
});

test("a change counts in the month in which it is deployed, not merged", () => {
  const months = rows["delivery_dora"]!.filter((row) => row["service"] === "acme/times" && row["period"] === "month");
  const lead = months.filter((row) => row["metric"] === "change_lead_time");
  expect(lead.map((row) => [toSeconds(row["start_at"]), Number(row["n"])])).toEqual([
    [toSeconds("2026-02-01T00:00:00Z"), 1],
  ]);
});

test("what is unknown is no zero in a median or share", () => {
  expect(change("acme/times", 2)).toMatchObject({ status: "not_deployed", lead_seconds: null });
  expect(figure("acme/times", "change_lead_time", null)).toMatchObject({ value: 3 * day, is_few: true });
  expect(figure("acme/times", "change_fail_rate", "2026-02-09 00:00")).toMatchObject({ value: null });
});
