// The streams of Jira: each is a job that asks for one kind of thing. A project is a unit of its own where it can be, so that one that
// fails holds up no other.
import type { Job } from "../../core/job/job.ts";
import type { Pagination } from "../../data/requests/pagination.ts";
import type { ResponseRule } from "../../data/requests/response-rules.ts";
import type { UnitOptions } from "../../data/units/unit-options.ts";
import { createChecks } from "./checks.ts";
import { type DefineStream, definerOf } from "./define-stream.ts";
import {
  boardListSql,
  configurationsSql,
  fieldsSql,
  projectsSql,
  projectStatusesSql,
  rawColumns,
  serverSql,
  sprintsSql,
  statusListSql,
  usersSql,
  workflowsSql,
} from "./entities.ts";
import { createIssueStreams } from "./issue-streams.ts";
import type { JiraSettings } from "./options.ts";

export function createStreams(settings: JiraSettings): readonly Job[] {
  const define = definerOf(settings);
  return [
    ...createSiteStreams(settings, define),
    ...createPeopleStreams(settings, define),
    ...createBoardStreams(settings, define),
    ...createIssueStreams(settings, define),
  ];
}

/** Pages that say whether they are the last. */
const byOffset: Pagination = { kind: "flag", path: "isLast", more: false };
const offset = { startAt: "{{page.offset}}", maxResults: 50 };
/** What the account may not see is left out, and told. */
const hidden: readonly ResponseRule[] = [{ status: [403, 404], then: "skipUnit" }];
const once = (abstain: JiraSettings["censusEvery"]): UnitOptions => ({
  watermark: { kind: "units", values: ["all"], abstain },
});

function createSiteStreams(settings: JiraSettings, define: DefineStream): readonly Job[] {
  const { addresses, deployment, projects, censusEvery } = settings;
  const isCloud = deployment === "cloud";
  const checks = createChecks(settings);
  const wanted = projects.length === 0 ? "" : ` where key in (${projects.map((key) => `'${key}'`).join(", ")})`;
  return [
    define({
      name: "projects",
      description: "projects that are collected",
      http: {
        url: addresses.projects,
        query: isCloud ? { ...offset, keys: projects, expand: "lead" } : { expand: "lead" },
        ...(isCloud ? { pagination: byOffset } : {}),
        read: { ...(isCloud ? { rows: "values" } : {}), columns: rawColumns.projects },
      },
      convert: [{ sql: `${projectsSql}${wanted}` }],
      checks: checks.projects,
    }),
    define({
      name: "server",
      description: "what kind of Jira it is",
      http: { url: addresses.server, read: { rows: ".", columns: rawColumns.server } },
      convert: [{ sql: serverSql }],
      checks: checks.server,
      key: ["base_url"],
      ...once(censusEvery),
    }),
    define({
      name: "fields",
      description: "fields of issues, with the kinds of custom ones",
      http: { url: addresses.fields, read: { columns: rawColumns.fields } },
      convert: [{ sql: fieldsSql }],
      key: ["id"],
      ...once(censusEvery),
    }),
    define({
      name: "status_history",
      description: "statuses as they were, with those that are gone",
      http: { url: addresses.statuses, read: { columns: rawColumns.statuses } },
      convert: [{ sql: statusListSql }],
      key: ["id"],
      checks: checks.statuses,
      isHistory: true,
    }),
  ];
}

function createPeopleStreams(
  { addresses, deployment, censusEvery, prefix }: JiraSettings,
  define: DefineStream,
): readonly Job[] {
  const isCloud = deployment === "cloud";
  return [
    define({
      name: "users",
      description: "people and apps",
      http: {
        url: addresses.users,
        query: isCloud
          ? { startAt: "{{page.offset}}", maxResults: "{{page.size}}" }
          : { startAt: "{{page.offset}}", maxResults: "{{page.size}}", username: "." },
        pagination: { kind: "offset", size: 1_000, stop: { shortPage: false } },
        read: { columns: rawColumns.users },
        // an account that may not browse users sees those of issues alone
        responses: [{ status: 403, then: "warn" }],
      },
      convert: [{ sql: usersSql }, { dedupe: ["account_id"] }],
      key: ["account_id"],
      ...once(censusEvery),
    }),
    ...(isCloud
      ? [
          define({
            name: "workflow_list",
            description: "workflows, where the account administers Jira",
            http: {
              url: addresses.workflows,
              query: offset,
              pagination: byOffset,
              read: { rows: "values", columns: rawColumns.workflows },
              responses: [{ status: [403, 404, 410], then: "warn" }],
            },
            convert: [{ sql: workflowsSql }],
            key: ["id"],
            ...once(censusEvery),
          }),
        ]
      : []),
    define({
      name: "workflows",
      description: "statuses that issues of each type can have, by project",
      inputs: { project: { dataset: `${prefix}projects`, role: "activation", key: "key" } },
      watermark: { kind: "units", abstain: censusEvery },
      http: { url: addresses.projectStatuses, read: { columns: rawColumns.projectStatuses }, responses: hidden },
      convert: [{ derive: { project_key: "{{project.key}}" } }, { sql: projectStatusesSql }, { dedupe: workflowKey }],
      key: workflowKey,
    }),
  ];
}

const workflowKey = ["project_key", "type", "status_id"];

function createBoardStreams(settings: JiraSettings, define: DefineStream): readonly Job[] {
  const { addresses, prefix, censusEvery, sprintsEvery } = settings;
  return [
    define({
      name: "board_list",
      description: "boards that the account sees",
      http: {
        url: addresses.boards,
        query: offset,
        pagination: byOffset,
        read: { rows: "values", columns: rawColumns.boards },
      },
      convert: [{ sql: boardListSql }],
      key: ["id"],
      ...once(sprintsEvery),
    }),
    define({
      name: "board_configurations",
      description: "columns of boards and the field that they estimate by",
      inputs: { board: { dataset: `${prefix}board_list`, role: "activation", key: "id" } },
      watermark: { kind: "units", abstain: censusEvery },
      http: {
        url: addresses.configuration,
        read: { rows: ".", columns: rawColumns.configurations },
        responses: hidden,
      },
      convert: [{ sql: configurationsSql }],
      key: ["board_id"],
    }),
    define({
      name: "sprints",
      description: "sprints of boards that have them",
      inputs: { board: { dataset: `${prefix}sprint_boards`, role: "activation", key: "id" } },
      watermark: { kind: "units", abstain: sprintsEvery },
      http: {
        url: addresses.sprints,
        query: { ...offset, state: "active,future,closed" },
        pagination: byOffset,
        read: { rows: "values", columns: rawColumns.sprints },
        // a board without sprints answers 400; the request has nothing else that could be wrong
        responses: [{ status: 400, then: "skipUnit" }, ...hidden],
      },
      convert: [{ derive: { unit_board: "{{board.id}}" } }, { sql: sprintsSql }, { dedupe: ["id"] }],
      key: ["id"],
      checks: createChecks(settings).sprints,
    }),
  ];
}
