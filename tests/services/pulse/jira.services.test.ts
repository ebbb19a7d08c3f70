// The local Jira is judged by the schemas of a client that others have made for Jira Cloud, which pages through all of it.
import { beforeAll, expect, test } from "vitest";
import { createOrganisation } from "../../../examples/pulse/organisation/create-organisation.ts";
import { JiraServer } from "../../../examples/pulse/servers/jira/jira-server.ts";
import { ensureNpm, type NpmPackages } from "../npm-packages.ts";

const { jira: data } = createOrganisation({
  seed: 5,
  repositories: 2,
  pullRequests: 20,
  deployments: 5,
  issues: 230,
  sprints: 6,
});
let packages: NpmPackages;

beforeAll(async () => {
  packages = await ensureNpm(["jira.js@6.2.0"]);
});

type Call = (parameters?: object) => Promise<Answer>;
interface Answer {
  readonly id?: unknown;
  readonly [name: string]: unknown;
  readonly values?: readonly Answer[];
  readonly issues?: readonly Answer[];
  readonly isLast?: boolean;
  readonly nextPageToken?: string;
}
type Group = Readonly<Record<string, Call>>;
interface Clients {
  readonly cloud: Readonly<Record<string, Group>>;
  readonly agile: Readonly<Record<string, Group>>;
  /** What did not fit the schemas. */
  readonly wrong: unknown[];
}

async function createClients(host: string): Promise<Clients> {
  const module = (await packages.load("jira.js")) as {
    readonly createCloudClient: (config: object) => Clients["cloud"];
    readonly createAgileClient: (config: object) => Clients["agile"];
  };
  const wrong: unknown[] = [];
  const config = {
    host,
    auth: { type: "basic", email: "collector@example.com", apiToken: "a-token" },
    onSchemaMismatch: (report: unknown) => void wrong.push(report),
  };
  return { cloud: module.createCloudClient(config), agile: module.createAgileClient(config), wrong };
}

async function start(): Promise<JiraServer> {
  return await JiraServer.start(data, {
    email: "collector@example.com",
    token: "a-token",
    keepsAlive: false,
    idPage: 40,
    issuePage: 100,
  });
}

/** All values of pages that say whether they are the last. */
async function listAll(call: Call | undefined, parameters: object): Promise<readonly Answer[]> {
  const found: Answer[] = [];
  for (;;) {
    const page = await call?.({ ...parameters, startAt: found.length, maxResults: 50 });
    found.push(...(page?.values ?? []));
    if (page?.isLast !== false) return found;
  }
}

const ids = (rows: readonly { readonly id?: unknown }[]): readonly string[] =>
  rows.map(({ id }) => String(id)).toSorted();

test("jira.js finds the projects, boards and sprints that there are, and its schemas find nothing wrong with them", async () => {
  await using server = await start();
  const { cloud, agile, wrong } = await createClients(server.url);
  expect(ids(await listAll(cloud["projects"]?.["searchProjects"], {}))).toEqual(ids(data.projects));
  const boards = await listAll(agile["board"]?.["getAllBoards"], {});
  expect(ids(boards)).toEqual(ids(data.boards));
  const sprints: Answer[] = [];
  for (const { id, type } of data.boards) {
    await agile["board"]?.["getConfiguration"]?.({ boardId: id });
    if (type !== "kanban") sprints.push(...(await listAll(agile["board"]?.["getAllSprints"], { boardId: id })));
  }
  expect(ids(sprints)).toEqual(ids(data.sprints));
  expect(wrong).toEqual([]);
});

test("jira.js finds the issues and changes that there are, by tokens of pages and by batches of ids", async () => {
  await using server = await start();
  const { cloud, wrong } = await createClients(server.url);
  const found: string[] = [];
  const changes: string[] = [];
  for (const { key } of data.projects) {
    let nextPageToken: string | undefined;
    do {
      const jql = `project = "${key}" AND updated >= 0 ORDER BY created ASC, id ASC`;
      const more = nextPageToken === undefined ? {} : { nextPageToken };
      const page = await cloud["issueSearch"]?.["searchAndReconsileIssuesUsingJqlPost"]?.({
        jql,
        maxResults: 5000,
        fields: ["id"],
        ...more,
      });
      const batch = ids(page?.issues ?? []);
      found.push(...batch);
      if (batch.length > 0) {
        const whole = await cloud["issues"]?.["bulkFetchIssues"]?.({
          issueIdsOrKeys: batch,
          fields: ["summary", "status", "assignee", "created"],
        });
        expect(ids(whole?.issues ?? [])).toEqual(batch);
        changes.push(...(await listChanges(cloud, batch)));
      }
      nextPageToken = page?.nextPageToken;
    } while (nextPageToken !== undefined);
  }
  const there = new Set(data.issues.filter(({ is_deleted: isDeleted }) => !isDeleted).map(({ id }) => id));
  expect(found.toSorted()).toEqual([...there].toSorted());
  const made = data.changes.filter(({ issue_id: issue }) => there.has(issue)).map(({ id }) => id.split("-")[0] ?? "");
  expect(changes.toSorted()).toEqual([...new Set(made)].toSorted());
  expect(wrong).toEqual([]);
});

test("jira.js finds nothing wrong with fields, statuses, users and what the server says of itself", async () => {
  await using server = await start();
  const { cloud, wrong } = await createClients(server.url);
  const call = async (group: string, name: string, parameters?: object): Promise<unknown> =>
    await cloud[group]?.[name]?.(parameters);
  expect(await call("issueFields", "getFields")).not.toHaveLength(0);
  expect(await call("workflowStatuses", "getStatuses")).toHaveLength(
    data.statuses.filter((status) => status.is_current).length,
  );
  expect(await call("users", "getAllUsers", { startAt: 0, maxResults: 1000 })).toHaveLength(data.users.length);
  expect(await call("serverInfo", "getServerInfo")).toMatchObject({ deploymentType: "Cloud" });
  for (const { key } of data.projects) await call("projects", "getAllStatuses", { projectIdOrKey: key });
  expect(wrong).toEqual([]);
});

async function listChanges(cloud: Clients["cloud"], issueIdsOrKeys: readonly string[]): Promise<readonly string[]> {
  const answer = await cloud["issues"]?.["getBulkChangelogs"]?.({ issueIdsOrKeys, maxResults: 10_000 });
  const logs = (answer?.["issueChangeLogs"] ?? []) as readonly {
    readonly changeHistories: readonly { readonly id: string }[];
  }[];
  return logs.flatMap(({ changeHistories }) => changeHistories.map(({ id }) => id));
}
