// Issues and their histories. On Cloud a search lists ids, and issues and changelogs are fetched by batches of them; on Data Center a
// search gives both. What is new is asked for in milliseconds since 1970, which no time zone of an account changes.
import type { Job } from "../../core/job/job.ts";
import type { Pagination } from "../../data/requests/pagination.ts";
import type { UnitOptions } from "../../data/units/unit-options.ts";
import { createChecks } from "./checks.ts";
import { censusSql, changesOfIssuesSql, changesSql, issuesSql, rawColumns } from "./entities.ts";
import type { JiraSettings } from "./options.ts";
import type { DefineStream, StreamOptions } from "./define-stream.ts";

type HttpOptions = StreamOptions["http"];
type Read = NonNullable<HttpOptions["read"]>;

export function createIssueStreams(settings: JiraSettings, define: DefineStream): readonly Job[] {
  const { prefix, censusEvery } = settings;
  const checks = createChecks(settings);
  const derived = {
    project_key: "{{project.key}}",
    sprint_field: "{{project.sprint_field?}}",
    flagged_field: "{{project.flagged_field?}}",
    points_fields: "{{project.points_fields?}}",
  };
  const answered = { answered: "date?" };
  return [
    define({
      name: "census",
      description: "ids of all issues of each project, which tell those that are gone",
      inputs: { project: { dataset: `${prefix}scopes`, role: "activation", key: "key" } },
      watermark: { kind: "units", abstain: censusEvery },
      http: listIds(settings, { headers: answered }),
      convert: [{ derive: { project_key: "{{project.key}}" } }, { sql: censusSql }],
      key: ["project_key"],
    }),
    define({
      name: "issue_records",
      description: "issues that changed",
      inputs: { project: { dataset: `${prefix}scopes`, role: "activation", key: "key" } },
      ...timeOf(settings),
      http: fetchIssues(settings, { rows: "issues", columns: rawColumns.issues, headers: answered }),
      convert: [{ derive: derived }, { sql: issuesSql }, { dedupe: ["id"], orderBy: ["updated_at"] }],
      key: ["id"],
      checks: checks.issues,
    }),
    define({
      name: "changes",
      description: "what changed in issues that changed",
      inputs: {
        project: {
          dataset: `${prefix}change_scopes`,
          role: "activation",
          key: "key",
          changedOnly: { field: "last_updated_at" },
        },
      },
      ...timeOf(settings),
      http: fetchChanges(settings),
      convert: [
        { derive: derived },
        { sql: settings.deployment === "cloud" ? changesSql : changesOfIssuesSql },
        { dedupe: ["id"] },
      ],
      key: ["id"],
      checks: checks.changes,
    }),
  ];
}

function timeOf({ from, chunks, chunksPerRun, overlap }: JiraSettings): UnitOptions {
  return {
    watermark: { kind: "time", from, format: "milliseconds", grace: overlap },
    ...(chunks === undefined ? {} : { partition: chunks }),
    ...(chunksPerRun === undefined ? {} : { maxUnitsPerRun: chunksPerRun }),
  };
}

/**
 * Issues of the project that changed in the window. The end of a window is not asked for, but where a backfill is cut into parts: an issue
 * that changes while it is read must be found by some of them, so that each also has those of the last hour.
 */
function jqlOf({ chunks }: JiraSettings): string {
  const upTo = chunks === undefined ? "" : " AND (updated < {{window.to}} OR updated >= -60m)";
  return `project = "{{project.key}}" AND updated >= {{window.from}}${upTo} ${order}`;
}

/** By what never changes, so that nothing moves between pages. */
const order = "ORDER BY created ASC, id ASC";
const byToken: Pagination = { kind: "cursor", path: "nextPageToken" };
const byOffset = (size: number): Pagination => ({ kind: "offset", size });

/** Ids are given by the thousand where nothing else is asked for. */
function idSearch(
  { addresses }: JiraSettings,
  jql: string,
): Pick<HttpOptions, "url" | "method" | "body" | "pagination"> {
  const body = { json: { jql, fields: ["id"], maxResults: 5_000, nextPageToken: "{{page.cursor?}}" } };
  return { url: addresses.search, method: "POST", body, pagination: byToken };
}

function offsetSearch(
  { addresses }: JiraSettings,
  jql: string,
  size: number,
  more: Readonly<Record<string, string | readonly string[]>>,
): Pick<HttpOptions, "url" | "method" | "body" | "pagination"> {
  const page = { startAt: "{{page.offset}}", maxResults: "{{page.size}}" };
  return {
    url: addresses.search,
    method: "POST",
    body: { json: { jql, ...page, ...more } },
    pagination: byOffset(size),
  };
}

function listIds(settings: JiraSettings, read: Read): HttpOptions {
  const jql = `project = "{{project.key}}" ${order}`;
  const search =
    settings.deployment === "cloud" ? idSearch(settings, jql) : offsetSearch(settings, jql, 1_000, { fields: ["id"] });
  return { ...search, read: { rows: "issues", columns: rawColumns.census, ...read } };
}

function fetchIssues(settings: JiraSettings, read: Read): HttpOptions {
  const fields = "{{project.fields}}";
  const jql = jqlOf(settings);
  if (settings.deployment === "datacenter") return { ...offsetSearch(settings, jql, 100, { fields }), read };
  return {
    url: settings.addresses.issues,
    method: "POST",
    body: { json: { issueIdsOrKeys: "{{keys.values}}", fields } },
    keys: { ...idSearch(settings, jql), path: "issues.*.id", batch: 100 },
    read,
  };
}

function fetchChanges(settings: JiraSettings): HttpOptions {
  const jql = jqlOf(settings);
  if (settings.deployment === "datacenter") {
    const search = offsetSearch(settings, jql, 100, { fields: ["id"], expand: ["changelog"] });
    return { ...search, read: { rows: "issues", columns: rawColumns.changesOfIssues } };
  }
  return {
    url: settings.addresses.changes,
    method: "POST",
    body: {
      json: {
        issueIdsOrKeys: "{{keys.values}}",
        fieldIds: "{{project.change_fields}}",
        maxResults: 10_000,
        nextPageToken: "{{page.cursor?}}",
      },
    },
    pagination: byToken,
    keys: { ...idSearch(settings, jql), path: "issues.*.id", batch: 1_000 },
    read: { rows: "issueChangeLogs", columns: rawColumns.changes },
  };
}
