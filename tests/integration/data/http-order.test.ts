// Services that are read in one order at first and in another one later, that say in a body that they are asked too much, and that
// have a status of their own where there is nothing.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Job } from "../../../src/core/job/job.ts";
import { integrationJob, type IntegrationJobDefinition } from "../../../src/data/jobs/integration-job.ts";
import { createTestProject, type TestProject } from "../../../src/testing.ts";
import { PageServer, type Respond } from "../../support/data/page-server.ts";
import { expectThrown } from "../../support/expect-thrown.ts";

let project: TestProject;
let server: PageServer;
let respond: Respond;
beforeEach(async () => {
  respond = () => ({ body: [{ id: 1, changed: "2026-01-01T12:00:00Z" }] });
  server = await PageServer.start((request) => respond(request));
  const service = { http: { baseUrl: server.url(""), limits: { concurrency: 1 } } };
  project = await createTestProject({ connections: { service } });
});
afterEach(async () => {
  await project[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

type Http = Extract<IntegrationJobDefinition["source"], { readonly http: unknown }>["http"];

function define(http: Partial<Http>, more: Partial<IntegrationJobDefinition> = {}): Job {
  return integrationJob({
    name: "items",
    source: { http: { connection: "service", url: "/items", ...http } },
    onEmpty: "ok",
    output: { dataset: "items", mode: "merge", key: ["id"] },
    ...more,
  });
}

const cursor = { kind: "cursor", field: "changed", formats: ["iso"] } as const;

test("parameters of the first run are others than those of later runs, which begin a while before the watermark", async () => {
  const query = { sort: "changed", direction: "desc", since: "{{watermark?}}" };
  const first = { query: { sort: "created", direction: "asc" } };
  const job = define({ query, first }, { watermark: { ...cursor, overlap: "10m" } });
  await project.run(job);
  await project.run(job);
  await project.run(job, { isFullRefresh: true });
  expect(server.requests.map(({ query: asked }) => Object.fromEntries(asked))).toEqual([
    { sort: "created", direction: "asc" },
    { sort: "changed", direction: "desc", since: "2026-01-01T11:50:00.000Z" },
    { sort: "created", direction: "asc" },
  ]);
});

test("an overlap needs to know how the field is written", () => {
  const watermark = { kind: "cursor", field: "changed", overlap: "10m" } as const;
  expectThrown(() => define({}, { watermark }), "JOB_INVALID");
});

test("a status that means nothing here is a page without rows, and no warning", async () => {
  respond = () => ({ status: 409, body: { message: "empty" } });
  const read = { columns: { id: "BIGINT" } };
  const run = await project.run(define({ read, responses: [{ status: 409, then: "empty" }] }));
  expect(run.warnings).toEqual([]);
  expect(await project.query("select * from items", ["items"])).toEqual([]);
});

test("a pause that a body asks for closes the connection for all", async () => {
  const busy = { status: 403, body: { path: "message", has: "slow down" }, then: "rateLimited", pause: "2m" } as const;
  const sent: number[] = [];
  respond = ({ index }) => {
    sent.push(project.now.getTime());
    return index < 2 ? { status: 403, body: { message: "please slow down" } } : { body: [{ id: 1 }] };
  };
  const values = ["a", "b"];
  const inputs = { unit: { role: "activation", values } } as const;
  const job = define({ url: "/items/{{unit.value}}", responses: [busy] }, { inputs, unitConcurrency: 1 });
  await project.run(job, { onFailure: "return" });
  const waits = sent.slice(1).map((at, index) => at - (sent[index] ?? 0));
  // while it is closed the second unit is not asked for
  expect(waits[0]).toBeGreaterThanOrEqual(120_000);
});

test("where no unit is there to be asked, the dataset has its columns and no row", async () => {
  const inputs = { parent: { dataset: "parents", role: "activation", key: "id" } } as const;
  const job = define({ url: "/items/{{parent.id}}", read: { columns: { id: "BIGINT", name: "VARCHAR" } } }, { inputs });
  const parents = { rows: [], columns: { id: "BIGINT" } };
  expect((await project.run(job, { inputs: { parents } })).result).toMatchObject({ rows: 0, version: 1 });
  expect(await project.query("select id, name from items", ["items"])).toEqual([]);
  expect(server.requests).toEqual([]);
});
