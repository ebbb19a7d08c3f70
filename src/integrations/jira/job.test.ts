// What a pipeline of Jira is made of, and what it says of options that are written as the job guide writes them.
import { expect, test } from "vitest";
import { jiraConnection } from "./client.ts";
import { jiraJob } from "./job.ts";
import { readOptions } from "./options.ts";

const JIRA_ENDPOINTS = {
  projects: "/rest/api/3/project",
  issues: "/rest/api/3/search",
  sprints: "/rest/agile/1.0/board/{board_id}/sprint",
  workflows: "/rest/api/3/workflow",
  users: "/rest/api/3/users/search",
};

const JIRA_CONFIG = {
  base_url: "https://company.atlassian.net",
  email: "admin@company.com",
  api_token: "ATATT3xFfGF0...",
  projects: ["PROJ1", "PROJ2", "PROJ3"],
  max_results: 100,
  fields: ["summary", "status", "assignee", "created", "updated", "resolutiondate", "priority"],
};

const VALIDATION_RULES = {
  jira_issue: {
    required_fields: ["key", "summary", "status", "created"],
    key_pattern: String.raw`^[A-Z]+-\d+$`,
    status_mapping: "project_specific",
  },
};

test("the configuration of the job guide is accepted as it is written, and what is used instead is said", () => {
  const settings = readOptions({ config: JIRA_CONFIG, endpoints: JIRA_ENDPOINTS, validation: VALIDATION_RULES });
  expect(settings.projects).toEqual(["PROJ1", "PROJ2", "PROJ3"]);
  expect(settings.addresses).toMatchObject({
    projects: "/rest/api/3/project/search",
    search: "/rest/api/3/search/jql",
    issues: "/rest/api/3/issue/bulkfetch",
    workflows: "/rest/api/3/workflows/search",
    sprints: "/rest/agile/1.0/board/{{board.id}}/sprint",
    users: "/rest/api/3/users/search",
  });
  const notices = settings.notices.join("\n");
  for (const told of ["CHANGE-2046", "CHANGE-2569", "/rest/api/3/project/search", "max_results", "PROJ1-7"]) {
    expect(notices).toContain(told);
  }
});

test("the pattern of keys is widened where it would refuse projects with digits, and kept where it is another", () => {
  const { rules } = readOptions({ validation: VALIDATION_RULES });
  expect(rules).toEqual({
    required: ["key", "summary", "status_id", "created_at"],
    keyPattern: String.raw`[A-Z][A-Z0-9_]+-\d+`,
  });
  expect("PROJ1-7").toMatch(new RegExp(`^${rules.keyPattern}$`));
  const own = readOptions({ validation: { jira_issue: { key_pattern: String.raw`^PROJ\d-\d+$` } } });
  expect([own.rules.keyPattern, own.notices]).toEqual([String.raw`PROJ\d-\d+`, []]);
});

test("SCHEDULE_CONFIG and RETRY_CONFIG are those of the pipeline and of its jobs", () => {
  const settings = readOptions({
    schedule: { jira_job: { interval: "6_hours", fast_recovery: "1_hour", dependencies: [] } },
    retry: {
      max_retries: 3,
      base_delay: 300,
      exponential_backoff: true,
      jitter: true,
      retry_conditions: ["api_rate_limit"],
    },
  });
  expect(settings.schedule).toMatchObject({ every: "6h", fastRecovery: "1h" });
  expect(settings.retry).toMatchObject({ maxRetries: 3, baseDelay: "300000ms" });
  const pipeline = jiraJob({ schedule: { interval: "6_hours" } });
  expect([pipeline.name, pipeline.schedule === undefined]).toEqual(["jira_job", false]);
});

test("its members are integration jobs, chained by the datasets that they read", () => {
  const nodes = jiraJob({ name: "tracker", prefix: "tracker_" }).nodes();
  const names = nodes.map(({ job }) => job.name);
  expect(names).toContain("tracker_issues");
  expect(names.every((name) => name.startsWith("tracker_"))).toBe(true);
  const records = nodes.find(({ job }) => job.name === "tracker_issue_records");
  const upstream = records?.dependsOn.map(({ job }) => job);
  expect(upstream?.toSorted((left, right) => left.localeCompare(right))).toEqual([
    "tracker_census",
    "tracker_projects",
    "tracker_scopes",
  ]);
});

test.each([
  [{ project: ["A"] }, "`project`"],
  [{ deployment: "server" }, "`deployment`"],
  [{ projects: ["a b"] }, "keys of projects"],
  [{ projects: ['X" OR key > "A'] }, "keys of projects"],
  [{ fields: { sprint: "cf[1]" } }, "ids of fields"],
  [{ fields: { points: ["a1", "a2", "a3", "a4", "a5"] } }, "at most 4"],
  [{ statusCategories: { Done: "done" } }, "ids of statuses"],
  [{ statusCategories: { "1": "finished" } }, "indeterminate"],
  [{ endpoints: { issue: "/x" } }, "one of projects"],
  [{ endpoints: { issues: "x" } }, "begins with `/`"],
  [{ validation: { jira_issue: { required_fields: ["colour"] } } }, "names out of"],
  [{ validation: { jira_issue: { key_pattern: "(" } } }, "a regular expression"],
  [{ validation: { jira_issue: { status_mapping: "global" } } }, "`project_specific`"],
  [{ config: { max_results: 0 } }, "a positive integer"],
])("%j is refused", (options, told) => {
  expect(() => jiraJob(options as never)).toThrow(
    expect.objectContaining({ code: "JOB_INVALID", message: expect.stringContaining(told) as unknown }),
  );
});

test("a connection to Cloud proves by e-mail and token, and one to Data Center by token alone", () => {
  expect(jiraConnection({ config: JIRA_CONFIG }).http).toMatchObject({
    baseUrl: "https://company.atlassian.net",
    auth: { basic: { user: "admin@company.com", password: "ATATT3xFfGF0..." } },
  });
  expect(jiraConnection({ baseUrl: "https://jira.example.com/", token: "pat", staleIfError: "1d" }).http).toMatchObject(
    {
      baseUrl: "https://jira.example.com",
      auth: { bearer: "pat" },
      cache: { staleIfError: "1d" },
    },
  );
  expect(() => jiraConnection({ token: "x" })).toThrow("the address of the site");
  expect(() => jiraConnection({ baseUrl: "https://x.example" })).toThrow("an API token");
});
