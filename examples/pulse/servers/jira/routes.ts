// What a Jira answers to each request: the addresses of Cloud and of Data Center, with their ways of paging, and 410 for those that are gone.
import type { JiraSite } from "./jira-site.ts";
import { JqlError, parseJql } from "./jql.ts";
import type { Issue } from "../../organisation/entities.ts";
import { placeOf } from "./place-of.ts";
import { JiraJson } from "./to-json.ts";

export interface JiraRequest {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface JiraAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the account of the token may not do, and how large pages are. */
export interface JiraRoutesOptions {
  readonly deployment: "cloud" | "datacenter";
  /** Boards that answer 403. */
  readonly hiddenBoards?: readonly number[];
  /** Whether the account may browse users. Default true. */
  readonly mayBrowseUsers?: boolean;
  /** Whether the account administers Jira. Default true. */
  readonly isAdmin?: boolean;
  /** Most ids in a page of a search. Default 5000. */
  readonly idPage?: number;
  /** Most issues in an answer with fields. Default 100. */
  readonly issuePage?: number;
  /** Most sprints, boards and projects in a page. Default 50. */
  readonly listPage?: number;
  /** Names of fields by their id, in the language of the account. */
  readonly fieldNames?: Readonly<Record<string, string>>;
}

type Route = (request: JiraRequest, ...parts: readonly string[]) => JiraAnswer;

type RouteTable = readonly (readonly [method: string, pattern: RegExp, route: Route])[];

/** Answers of a site; an address that it does not have is 404. */
export class JiraRoutes {
  readonly #site: JiraSite;
  readonly #options: JiraRoutesOptions;
  readonly #base: string;
  readonly #json: JiraJson;
  readonly #routes: RouteTable;

  constructor(site: JiraSite, base: string, options: JiraRoutesOptions) {
    this.#site = site;
    this.#base = base;
    this.#options = options;
    this.#json = new JiraJson(site, base, options.deployment === "cloud");
    this.#routes = [...(options.deployment === "cloud" ? this.#cloud() : this.#datacenter()), ...this.#agile()];
  }

  answer(request: JiraRequest): JiraAnswer {
    for (const [method, pattern, route] of this.#routes) {
      const found = pattern.exec(request.path);
      if (found === null || method !== request.method) continue;
      try {
        return route(request, ...found.slice(1));
      } catch (error) {
        if (error instanceof JqlError) return problem(400, error.message);
        throw error;
      }
    }
    return problem(404, "null for uri: " + request.path);
  }

  #cloud(): RouteTable {
    const api = "^/rest/api/3";
    return [
      ["GET", /^\/rest\/api\/3\/search$/, () => removed("CHANGE-2046", "/rest/api/3/search/jql")],
      ["POST", /^\/rest\/api\/3\/search$/, () => removed("CHANGE-2046", "/rest/api/3/search/jql")],
      ["GET", /^\/rest\/api\/3\/workflow(?:\/search)?$/, () => removed("CHANGE-2569", "/rest/api/3/workflows/search")],
      ["GET", new RegExp(`${api}/serverInfo$`), () => this.#serverInfo("Cloud")],
      ["GET", new RegExp(`${api}/project/search$`), (request) => this.#projects(request)],
      ["GET", new RegExp(`${api}/project/([^/]+)/statuses$`), (_, key) => this.#projectStatuses(key)],
      ["GET", new RegExp(`${api}/field$`), () => ok(this.#fields())],
      ["GET", new RegExp(`${api}/status$`), () => ok(this.#statuses())],
      ["GET", new RegExp(`${api}/users/search$`), (request) => this.#users(request)],
      ["GET", new RegExp(`${api}/workflows/search$`), (request) => this.#workflows(request)],
      ["POST", new RegExp(`${api}/search/jql$`), ({ body }) => this.#searchByToken(body)],
      ["POST", new RegExp(`${api}/issue/bulkfetch$`), ({ body }) => this.#bulkFetch(body)],
      ["POST", new RegExp(`${api}/changelog/bulkfetch$`), ({ body }) => this.#bulkChangelogs(body)],
    ];
  }

  #datacenter(): RouteTable {
    const api = "^/rest/api/2";
    return [
      ["GET", new RegExp(`${api}/serverInfo$`), () => this.#serverInfo("Server")],
      [
        "GET",
        new RegExp(`${api}/project$`),
        () => ok(this.#site.data.projects.map((project) => this.#json.project(project))),
      ],
      ["GET", new RegExp(`${api}/project/([^/]+)/statuses$`), (_, key) => this.#projectStatuses(key)],
      ["GET", new RegExp(`${api}/field$`), () => ok(this.#fields())],
      ["GET", new RegExp(`${api}/status$`), () => ok(this.#statuses())],
      ["GET", new RegExp(`${api}/user/search$`), (request) => this.#users(request)],
      ["POST", new RegExp(`${api}/search$`), ({ body }) => this.#searchByOffset(body)],
    ];
  }

  #agile(): RouteTable {
    return [
      ["GET", /^\/rest\/agile\/1\.0\/board$/, (request) => this.#boards(request)],
      ["GET", /^\/rest\/agile\/1\.0\/board\/(\d+)\/configuration$/, (_, id) => this.#boardConfiguration(Number(id))],
      ["GET", /^\/rest\/agile\/1\.0\/board\/(\d+)\/sprint$/, (request, id) => this.#sprints(request, Number(id))],
    ];
  }

  #serverInfo(deploymentType: string): JiraAnswer {
    const serverTime = new Date(this.#site.now()).toISOString().replace("Z", "+0000");
    return ok({
      baseUrl: "https://jira.example.com",
      version: "1001.0.0",
      versionNumbers: [1001, 0, 0],
      deploymentType,
      serverTime,
    });
  }

  #projects({ query }: JiraRequest): JiraAnswer {
    const keys = query.getAll("keys");
    const found = this.#site.data.projects.filter(({ key }) => keys.length === 0 || keys.includes(key));
    return this.#page(
      query,
      found.map((project) => this.#json.project(project)),
    );
  }

  #projectStatuses(key: string | undefined): JiraAnswer {
    const { projects, statuses } = this.#site.data;
    const project = projects.find((one) => one.key === key || one.id === key);
    if (project === undefined) return problem(404, `No project could be found with key '${key ?? ""}'.`);
    const own = statuses.filter(
      (status) => status.is_current && (status.project_id === null || status.project_id === project.id),
    );
    const types = new Set(
      [...this.#site.issues.values()].filter((issue) => issue.project_key === project.key).map(({ type }) => type),
    );
    return ok(
      [...types].map((name) => ({
        self: "",
        id: name,
        name,
        subtask: false,
        statuses: own.map((status) => this.#json.status(status)),
      })),
    );
  }

  #fields(): readonly unknown[] {
    const site = this.#site;
    const { fieldNames = {} } = this.#options;
    const system = [
      "summary",
      "issuetype",
      "status",
      "priority",
      "assignee",
      "reporter",
      "labels",
      "resolution",
      "created",
      "updated",
    ];
    const field = (id: string, name: string, custom: string | undefined): unknown => ({
      id,
      key: id,
      name: fieldNames[id] ?? name,
      custom: custom !== undefined,
      orderable: true,
      navigable: true,
      searchable: true,
      clauseNames: [id],
      ...(custom === undefined ? {} : { schema: { type: "any", custom, customId: Number(id.replace(/\D/g, "")) } }),
    });
    return [
      ...system.map((id) => field(id, id, undefined)),
      field(site.sprintField, "Sprint", "com.pyxis.greenhopper.jira:gh-sprint"),
      ...site
        .pointsFields()
        .map((id) => field(id, "Story Points", "com.atlassian.jira.plugin.system.customfieldtypes:float")),
      field(site.flaggedField, "Flagged", "com.atlassian.jira.plugin.system.customfieldtypes:multicheckboxes"),
    ];
  }

  #statuses(): readonly unknown[] {
    return this.#site.data.statuses.filter((status) => status.is_current).map((status) => this.#json.status(status));
  }

  #users({ query }: JiraRequest): JiraAnswer {
    if (this.#options.mayBrowseUsers === false) return problem(403, "You do not have permission to browse users.");
    const from = Number(query.get("startAt") ?? 0);
    const count = Math.min(Number(query.get("maxResults") ?? 50), 1_000);
    return ok(this.#site.data.users.slice(from, from + count).map(({ account_id: id }) => this.#json.user(id)));
  }

  #workflows({ query }: JiraRequest): JiraAnswer {
    if (this.#options.isAdmin === false) return problem(403, "Only Jira administrators can access workflows.");
    const own = this.#site.data.statuses.filter((status) => status.is_current);
    const statuses = own.map(({ id }) => ({ statusReference: id, properties: {} }));
    return this.#page(query, [
      {
        id: "workflow-1",
        name: "Software workflow",
        statuses,
        isEditable: true,
        version: { versionNumber: 1, id: "1" },
      },
    ]);
  }

  #searchByToken(body: JiraRequest["body"]): JiraAnswer {
    const { jql = "", fields = ["id"], maxResults = 50, nextPageToken } = body as SearchBody;
    const found = this.#find(jql);
    const from = nextPageToken === undefined ? "" : readToken(nextPageToken, jql, this.#site.now());
    if (from === undefined) return problem(400, "The provided next page token is invalid or has expired.");
    const { idPage = 5_000, issuePage = 100 } = this.#options;
    const isIds = fields.length === 1 && fields[0] === "id";
    const after = found.filter((issue) => placeOf(issue) > from);
    const page = after.slice(0, Math.min(maxResults, isIds ? idPage : issuePage));
    const last = page.at(-1);
    const isLast = page.length === after.length || last === undefined;
    const issues = page.map((issue) => (isIds ? this.#json.issueId(issue) : this.#json.issue(issue, fields)));
    return ok({ issues, isLast, ...(isLast ? {} : { nextPageToken: toToken(placeOf(last), jql, this.#site.now()) }) });
  }

  #searchByOffset(body: JiraRequest["body"]): JiraAnswer {
    const { jql = "", fields, maxResults = 50, startAt = 0, expand = [] } = body as SearchBody;
    const found = this.#find(jql);
    const page = found.slice(startAt, startAt + Math.min(maxResults, this.#options.issuePage ?? 100));
    const isExpanded = [expand].flat().includes("changelog");
    const issues = page.map((issue) => {
      const histories = isExpanded ? this.#json.histories(issue, undefined) : [];
      const changelog = { startAt: 0, maxResults: histories.length, total: histories.length, histories };
      return { ...this.#json.issue(issue, fields), ...(isExpanded ? { changelog } : {}) };
    });
    return ok({ expand: "", startAt, maxResults, total: found.length, issues });
  }

  #find(jql: string): readonly Issue[] {
    const matches = parseJql(jql);
    const nowMs = this.#site.now();
    const found = [...this.#site.issues.values()].filter((issue) => matches(issue, nowMs));
    return found.toSorted((left, right) => (placeOf(left) < placeOf(right) ? -1 : 1));
  }

  #bulkFetch(body: JiraRequest["body"]): JiraAnswer {
    const { issueIdsOrKeys = [], fields } = body as BulkBody;
    if (issueIdsOrKeys.length > (this.#options.issuePage ?? 100))
      return problem(400, "Too many issues were requested.");
    const found = issueIdsOrKeys.flatMap((id) => this.#site.issues.get(id) ?? []);
    const missing = issueIdsOrKeys.filter((id) => !this.#site.issues.has(id));
    const issueErrors = missing.map((issueIdOrKey) => ({ issueIdOrKey, errorMessage: "Issue does not exist." }));
    return ok({ expand: "", issueErrors, issues: found.map((issue) => this.#json.issue(issue, fields)) });
  }

  #bulkChangelogs(body: JiraRequest["body"]): JiraAnswer {
    const { issueIdsOrKeys = [], fieldIds, maxResults = 1_000, nextPageToken = "0" } = body as BulkBody;
    if (issueIdsOrKeys.length > 1_000) return problem(400, "issueIdsOrKeys has more than 1000 items.");
    if ((fieldIds?.length ?? 0) > 10) return problem(400, "fieldIds has more than 10 items.");
    const all = issueIdsOrKeys
      .flatMap((id) => this.#site.issues.get(id) ?? [])
      .flatMap((issue) => this.#json.histories(issue, fieldIds).map((history) => ({ issueId: issue.id, history })));
    const from = Number(nextPageToken);
    const page = all.slice(from, from + maxResults);
    const byIssue = Map.groupBy(page, ({ issueId }) => issueId);
    const issueChangeLogs = [...byIssue].map(([issueId, entries]) => ({
      issueId,
      changeHistories: entries.map(({ history }) => history),
    }));
    const isLast = from + page.length >= all.length;
    return ok({ issueChangeLogs, ...(isLast ? {} : { nextPageToken: String(from + page.length) }) });
  }

  #boards({ query }: JiraRequest): JiraAnswer {
    const { projects } = this.#site.data;
    const boards = this.#site
      .boards(query.get("projectKeyOrId") ?? undefined)
      .map(({ id, name, type, project_key: projectKey }) => {
        const project = projects.find(({ key }) => key === projectKey);
        const location = {
          projectId: Number(project?.id),
          projectKey,
          projectName: project?.name,
          displayName: project?.name,
        };
        return { id, self: `${this.#base}/rest/agile/1.0/board/${id}`, name, type, location };
      });
    return this.#page(query, boards);
  }

  #boardConfiguration(id: number): JiraAnswer {
    const board = this.#site.data.boards.find((one) => one.id === id);
    if (board === undefined) return problem(404, "The requested board cannot be viewed.");
    if (this.#options.hiddenBoards?.includes(id) === true)
      return problem(403, "You are not permitted to view this board.");
    const columns = board.columns.map(({ name, statusIds }) => ({
      name,
      statuses: statusIds.map((status) => ({ id: status, self: `${this.#base}/rest/api/3/status/${status}` })),
    }));
    const field = board.estimation_field;
    const estimation =
      field === null ? {} : { estimation: { type: "field", field: { fieldId: field, displayName: "Story Points" } } };
    return ok({
      id,
      name: board.name,
      type: board.type,
      self: `${this.#base}/rest/agile/1.0/board/${id}/configuration`,
      columnConfig: { columns, constraintType: "none" },
      ...estimation,
    });
  }

  #sprints({ query }: JiraRequest, id: number): JiraAnswer {
    const board = this.#site.data.boards.find((one) => one.id === id);
    if (board === undefined) return problem(404, "The requested board cannot be viewed.");
    if (this.#options.hiddenBoards?.includes(id) === true)
      return problem(403, "You are not permitted to view this board.");
    if (board.type === "kanban") return problem(400, "The board does not support sprints");
    const states = query.get("state")?.split(",");
    const found = [...this.#site.sprints.values()].filter(
      (sprint) => sprint.board_id === id && (states === undefined || states.includes(sprint.state)),
    );
    return this.#page(
      query,
      found.map((sprint) => this.#json.sprint(sprint)),
    );
  }

  #page(query: URLSearchParams, all: readonly unknown[]): JiraAnswer {
    const startAt = Number(query.get("startAt") ?? 0);
    const maxResults = Math.min(Number(query.get("maxResults") ?? 50), this.#options.listPage ?? 50);
    const values = all.slice(startAt, startAt + maxResults);
    return ok({ maxResults, startAt, total: all.length, isLast: startAt + values.length >= all.length, values });
  }
}

interface SearchBody {
  readonly jql?: string;
  readonly fields?: readonly string[];
  readonly maxResults?: number;
  readonly nextPageToken?: string;
  readonly startAt?: number;
  readonly expand?: string | readonly string[];
}

interface BulkBody {
  readonly issueIdsOrKeys?: readonly string[];
  readonly fields?: readonly string[];
  readonly fieldIds?: readonly string[];
  readonly maxResults?: number;
  readonly nextPageToken?: string;
}

const tokenLifeMs = 7 * 86_400_000;

function toToken(place: string, jql: string, nowMs: number): string {
  return Buffer.from(JSON.stringify([place, jql, nowMs])).toString("base64url");
}

/** @returns `undefined` for a token of another query, or one that is older than a week */
function readToken(token: string, jql: string, nowMs: number): string | undefined {
  try {
    const [place, asked, atMs] = JSON.parse(Buffer.from(token, "base64url").toString()) as [string, string, number];
    return asked === jql && nowMs - atMs <= tokenLifeMs ? place : undefined;
  } catch {
    return undefined;
  }
}

export function ok(body: unknown): JiraAnswer {
  return { status: 200, body };
}

export function problem(status: number, ...errorMessages: readonly string[]): JiraAnswer {
  return { status, body: { errorMessages, errors: {} } };
}

function removed(change: string, instead: string): JiraAnswer {
  const link = `https://developer.atlassian.com/changelog/#${change}`;
  return problem(
    410,
    `The requested API has been removed. Please migrate to the ${instead} API. A full migration guideline is available at ${link}`,
  );
}
