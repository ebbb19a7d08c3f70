// Sources that list keys first and ask for their rows a batch at a time, against services on this machine.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Job } from "../../../src/core/job/job.ts";
import { integrationJob, type IntegrationJobDefinition } from "../../../src/data/jobs/integration-job.ts";
import type { HttpSourceOptions } from "../../../src/data/sources/http/options.ts";
import { createTestProject, type TestProject } from "../../../src/testing.ts";
import { type Answer, PageServer, type Received, type Respond } from "../../support/data/page-server.ts";

let project: TestProject;
let server: PageServer;
let respond: Respond;
/** What a list of keys is asked for: the keys of the pages, in their order. */
let pages: readonly (readonly unknown[])[];

beforeEach(async () => {
  pages = [
    ["1", "2", "3"],
    ["3", "4", "5"],
  ];
  respond = (request) => (request.path.startsWith("/keys") ? listKeys(request) : listRows(request));
  server = await PageServer.start((request) => respond(request));
  project = await createTestProject();
});
afterEach(async () => {
  await project[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

function listKeys({ body }: Received): Answer {
  const { token = "0" } = JSON.parse(body) as { readonly token?: string };
  const at = Number(token);
  const next = at + 1 < pages.length ? { next: String(at + 1) } : {};
  return { body: { items: (pages[at] ?? []).map((id) => ({ id })), ...next } };
}

function listRows({ body }: Received): Answer {
  const { ids } = JSON.parse(body) as { readonly ids: readonly unknown[] };
  return { body: { rows: ids.map((id) => ({ id })) } };
}

function define(http: Partial<HttpSourceOptions> = {}, more: Partial<IntegrationJobDefinition> = {}): Job {
  const source: HttpSourceOptions = {
    url: server.url("/rows"),
    method: "POST",
    body: { json: { ids: "{{keys.values}}" } },
    read: { rows: "rows" },
    retry: { wait: "1ms" },
    keys: {
      url: server.url("/keys"),
      method: "POST",
      body: { json: { token: "{{page.cursor?}}" } },
      pagination: { kind: "cursor", path: "next" },
      path: "items.*.id",
      batch: 2,
    },
    ...http,
  };
  return integrationJob({
    name: "found",
    purpose: "extraction",
    source: { http: source },
    output: { dataset: "found" },
    ...more,
  });
}

const bodies = (path: string): unknown[] =>
  server.requests.filter((request) => request.path.startsWith(path)).map(({ body }) => JSON.parse(body) as unknown);

async function ids(): Promise<unknown[]> {
  return (await project.query("select id from found order by id", ["found"])).map(({ id }) => id);
}

test("keys of all pages are asked for in batches, each of them once", async () => {
  const { state } = await project.run(define());
  expect(state).toBe("FINISHED");
  expect(await ids()).toEqual(["1", "2", "3", "4", "5"]);
  expect(bodies("/keys")).toEqual([{}, { token: "1" }]);
  expect(bodies("/rows")).toEqual([{ ids: ["1", "2"] }, { ids: ["3", "4"] }, { ids: ["5"] }]);
});

test("a list without a key asks for no row, and what that means is said by `onEmpty`", async () => {
  pages = [[]];
  const failed = await project.run(define(), { onFailure: "return" });
  expect(failed.error).toMatchObject({ code: "SOURCE_EMPTY" });
  await project.run(define({ read: { rows: "rows", columns: { id: "VARCHAR" } } }, { onEmpty: "ok" }));
  expect(server.lines).toEqual(["POST /keys", "POST /keys"]);
});

test("each unit lists its own keys, and one whose list fails leaves the others", async () => {
  respond = (request) => {
    if (!request.path.startsWith("/keys")) return listRows(request);
    if (request.query.get("project") === "b") return { status: 400, body: { error: "no such project" } };
    return { body: { items: [{ id: `${request.query.get("project") ?? ""}1` }] } };
  };
  const keys = { url: `${server.url("/keys")}?project={{projects.value}}`, path: "items.*.id" };
  const inputs = { projects: { values: ["a", "b", "c"], role: "activation" } } as const;
  const { reason } = await project.run(define({ keys }, { inputs, output: { dataset: "found", mode: "append" } }), {
    onFailure: "return",
  });
  expect(reason).toBe("partial");
  expect(await ids()).toEqual(["a1", "c1"]);
});

test("keys that are not where the path says are an error that names their page", async () => {
  respond = () => ({ body: { items: [{ name: "x" }] } });
  const { error } = await project.run(define(), { onFailure: "return" });
  expect(error).toMatchObject({
    code: "SOURCE_UNREADABLE",
    message: "page 1 of keys: expected texts or numbers at `items.*.id`, got: nothing, or null",
  });
});

test("a page of keys that comes again fails instead of going round for ever", async () => {
  respond = (request) =>
    request.path.startsWith("/keys") ? { body: { items: [{ id: "1" }], next: "same" } } : listRows(request);
  const { error } = await project.run(define(), { onFailure: "return" });
  expect(error).toMatchObject({ code: "PAGINATION_BROKEN" });
  expect(server.lines.filter((line) => line.startsWith("POST /keys")).length).toBeLessThanOrEqual(3);
});

test("a sample asks for no more keys than it needs", async () => {
  await project.run(define(), { params: { $limit: 2 } });
  expect(bodies("/rows")).toEqual([{ ids: ["1", "2"] }]);
  expect(bodies("/keys")).toHaveLength(1);
});

test("a plan shows the request for keys, and what follows", async () => {
  const planned = await project.plan(define());
  expect(JSON.stringify(planned)).toContain("/keys");
  expect(JSON.stringify(planned)).toContain("for the rows of the keys at `items.*.id`, 2 at a time");
  expect(server.requests).toEqual([]);
});

test("requests with keys that would be written to the ledger are refused", async () => {
  const { error } = await project.run(define({}, { purpose: "ingestion" }), { onFailure: "return" });
  expect(error).toMatchObject({ code: "JOB_INVALID" });
  expect(error?.hint).toContain('purpose: "extraction"');
});

test("keys that no request carries, and those beside a remote job, are refused", () => {
  expect(() => define({ body: { json: {} } })).toThrow("{{keys.values}}");
  const remote = { create: { url: "/x" }, status: { url: "/x/{{remote.id}}", path: "state", is: "done" } };
  expect(() => define({ remote })).toThrow("left out beside `remote`");
});
