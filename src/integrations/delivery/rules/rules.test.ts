// Rules of delivery are refused where they cannot be right, and have a version that is theirs alone.
import { expect, test } from "vitest";
import { settleIssueRules } from "./issue-rules.ts";
import { matchesAny, settleRules } from "./rules.ts";

test.each([
  [
    "a service twice",
    { services: ["a", "a"].map((name) => ({ name, repositories: ["acme/a"] })) },
    "job `dora`: expected each service once, got twice: `a`",
  ],
  [
    "a service without a repository",
    { services: [{ name: "a", repositories: [] }] },
    "job `dora`: expected service `a` to have repositories, got: none",
  ],
  [
    "a zone that is none",
    { timezone: "Mars/Olympus" },
    "job `dora`: expected `timezone` to be a zone such as `Europe/Berlin`, got: `Mars/Olympus`",
  ],
  [
    "somebody in two teams",
    { teams: { a: ["ada"], b: ["ada"] } },
    "job `dora`: expected each login in one team, got `a` and `b` of: `ada`",
  ],
  [
    "a team with a name that is taken",
    { teams: { all: ["ada"] } },
    "job `dora`: expected another name of a team than `no team`, `all`, got: `all`",
  ],
  [
    "a team in a zone that is none",
    { teams: { a: { members: ["ada"], timezone: "Mars/Olympus" } } },
    "job `dora`: expected `timezone` to be a zone such as `Europe/Berlin`, got: `Mars/Olympus`",
  ],
  [
    "figures of one person",
    { people: { least: 1 } },
    "job `dora`: expected `people.least` to be an integer of at least 2, got: `1`",
  ],
])("rules that cannot be right are refused: %s", (_what, rules, message) => {
  expect(() => settleRules("job `dora`", rules)).toThrow(expect.objectContaining({ code: "JOB_INVALID", message }));
});

test.each([
  ["a category that is none", { statuses: { "3": "doing" } as never }, "got: `doing`"],
  ["a velocity of no sprint", { velocitySprints: 0 }, "expected `velocitySprints` to be a positive integer, got: `0`"],
])("rules of issues that cannot be right are refused: %s", (_what, rules, message) => {
  expect(() => settleIssueRules("job `sprints`", rules)).toThrow(message);
});

test("the version of rules is that of what they say, defaults included", () => {
  const version = settleRules("job `dora`").version;
  expect(settleRules("job `dora`", { timezone: "UTC", incidents: { maxGap: "48h" } }).version).toBe(version);
  expect(settleRules("job `dora`", { production: { environments: [/^live/] } }).version).not.toBe(version);
  expect(settleRules("job `dora`", { production: { environments: [/^live/i] } }).version).not.toBe(
    settleRules("job `dora`", { production: { environments: [/^live/] } }).version,
  );
});

test("a text is a whole name without regard to capitals, and an expression matches anywhere, however often it is asked", () => {
  expect(matchesAny(["production"], "Production")).toBe(true);
  expect(matchesAny(["production"], "pre-production")).toBe(false);
  const everywhere = /^prod-/g;
  expect([1, 2, 3].map(() => matchesAny([everywhere], "prod-eu"))).toEqual([true, true, true]);
});
