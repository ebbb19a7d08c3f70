// Who is told of what: rules and jobs together.
import { describe, expect, test } from "vitest";
import { createNoticeRouter, matchesName, type NoticeRouter } from "./notice-router.ts";
import type { JobNotifications, NotificationRule } from "./notification-rule.ts";

const channels = {
  ops: { slack: { url: "https://hooks.example.com/a" } },
  boss: { webhook: { url: "https://boss.example.com" } },
  page: { pagerduty: { routingKey: "key" } },
  nobody: { noop: {} },
};
const hourMs = 3_600_000;

describe("a router of notices", () => {
  test("a rule without jobs is for jobs, and one that names a pipeline for that, too", () => {
    const router = routerOf([
      { on: ["failed"], to: ["ops"] },
      { on: ["failed", "succeeded"], jobs: ["da*y"], to: ["boss"] },
    ]);
    expect(told(router, "load")).toEqual(["ops"]);
    expect(told(router, "daily")).toEqual(["boss"]);
    expect(router.routesFor("load", "succeeded")).toEqual([]);
    expect(router.routesFor("unknown", "failed")).toEqual([]);
  });

  test("a rule says how: severity, window, repetition, quiet hours and who else", () => {
    const router = routerOf([
      {
        on: ["failed"],
        to: ["ops"],
        severity: "critical",
        group: "5m",
        repeat: "off",
        quietHours: { from: "22:00", to: "07:00" },
        escalate: { after: 3, to: ["boss"] },
      },
    ]);
    const how = {
      severity: "critical",
      groupMs: 300_000,
      repeatMs: null,
      quietHours: { from: "22:00", to: "07:00", timezone: "UTC" },
      isPaging: false,
    };
    expect(router.routesFor("load", "failed")).toEqual([
      { channel: "ops", ...how, after: 1 },
      { channel: "boss", ...how, after: 3 },
    ]);
  });

  test("a channel is told once, by the way that tells first", () => {
    const router = routerOf([
      { on: ["failed"], to: ["boss"], escalate: { after: 3, to: ["ops"] } },
      { on: ["failed"], to: ["ops"] },
    ]);
    expect(router.routesFor("load", "failed").map(({ channel, after }) => [channel, after])).toEqual([
      ["boss", 1],
      ["ops", 1],
    ]);
  });

  test("a job has channels of its own, named after their place", () => {
    const slack = { slack: { url: "https://hooks.example.com/b" } };
    const router = routerOf([], { failed: ["boss", slack], succeeded: [{ noop: {} }] });
    expect(told(router, "load")).toEqual(["boss", "load:failed:2"]);
    expect(router.channels.get("load:failed:2")).toBe(slack);
    expect(router.routesFor("load", "succeeded")).toEqual([]);
  });

  test("a run has channels of its own beside those of rules, with the same names wherever it is executed", () => {
    const rules = [{ on: ["failed"], to: ["ops"] }] as const;
    const slack = { slack: { url: "https://hooks.example.com/b" } };
    const ofRun = (router: NoticeRouter) =>
      router.ofRun({ kind: "job", name: "load", notifications: { failed: [slack] } }).routesFor("load", "failed");
    const [router, elsewhere] = [routerOf(rules), routerOf(rules)];
    const names = ofRun(router).map(({ channel }) => channel);
    expect(names).toEqual([expect.stringMatching(/^load:failed:[0-9a-f]{8}$/), "ops"]);
    expect(router.channels.get(names[0] ?? "")).toBe(slack);
    expect(ofRun(elsewhere).map(({ channel }) => channel)).toEqual(names);
    expect(told(router, "load")).toEqual(["ops"]);
  });

  test("an alarm is not grouped, and not raised to tell that all is well", () => {
    const router = routerOf([{ on: ["failed", "recovered"], to: ["page"], group: "5m" }]);
    expect(router.routesFor("load", "failed")).toEqual([
      { channel: "page", groupMs: 0, repeatMs: 24 * hourMs, after: 1, isPaging: true },
    ]);
    expect(router.routesFor("load", "recovered")).toEqual([]);
  });

  test("a channel of nobody is nobody", () => {
    expect(told(routerOf([{ on: ["failed"], to: ["nobody"] }]), "load")).toEqual([]);
  });
});

test.each([
  ["load", "load", true],
  ["load", "load_more", false],
  ["*", "load", true],
  ["load_*", "load_promos", true],
  ["*_daily", "load_daily", true],
  ["l*a*d", "load", true],
  ["a*a", "a", false],
  ["a*b*b", "ab", false],
])("the pattern `%s` and the name `%s`: %s", (pattern, name, matches) => {
  expect(matchesName(pattern, name)).toBe(matches);
});

function routerOf(rules: readonly NotificationRule[], notifications?: JobNotifications): NoticeRouter {
  const jobs = [
    { kind: "job", name: "load", notifications },
    { kind: "pipeline", name: "daily" },
  ] as const;
  return createNoticeRouter({ channels, rules, jobs });
}

function told(router: NoticeRouter, job: string): string[] {
  return router.routesFor(job, "failed").map(({ channel }) => channel);
}
