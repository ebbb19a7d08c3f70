// Requests that change something elsewhere: sent once, or again only with the key by which the service can tell.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Job } from "../../../src/core/job/job.ts";
import { integrationJob } from "../../../src/data/jobs/integration-job.ts";
import type { HttpSourceOptions } from "../../../src/data/sources/http/options.ts";
import { createTestProject, type TestProject, type TestRun } from "../../../src/testing.ts";
import { PageServer, type Respond } from "../../support/data/page-server.ts";

let project: TestProject;
let server: PageServer;
let respond: Respond;
beforeEach(async () => {
  respond = ({ index }) => ({ body: [{ answer: index }] });
  server = await PageServer.start((request) => respond(request));
  project = await createTestProject({ connections: { ads: { http: { baseUrl: server.url("") } } } });
});
afterEach(async () => {
  await project[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const prepared = [{ id: 1 }, { id: 2 }, { id: 3 }];

function define(http: Partial<HttpSourceOptions> = {}): Job {
  return integrationJob({
    name: "upload",
    purpose: "egression",
    inputs: { payload: { dataset: "prepared", role: "payload", batch: 1 } },
    source: { http: { url: server.url("/rows"), method: "POST", body: { json: "{{payload.rows}}" }, ...http } },
    output: { dataset: "answers" },
    retry: { baseDelay: "1s" },
  });
}

async function run(job: Job): Promise<TestRun> {
  return await project.run(job, { inputs: { prepared }, onFailure: "return" });
}

function sent(): string[] {
  return server.requests.map(({ body }) => body);
}

function keys(): unknown[] {
  return server.requests.map(({ headers }) => headers["idempotency-key"]);
}

const all = prepared.map((row) => JSON.stringify([row]));

test("a later attempt adopts the answers that an earlier one got, and goes on where it was", async () => {
  respond = ({ index }) =>
    index === 1 ? { status: 429, headers: { "retry-after": "600" } } : { body: [{ answer: index }] };
  const { error, attempts, output } = await run(define());
  expect(error).toBeUndefined();
  expect(attempts).toHaveLength(2);
  expect(sent()).toEqual([all[0], all[1], all[1], all[2]]);
  const [first, second, again] = keys();
  expect(first).toMatch(/^[\da-f-]{36}$/);
  expect(again).toBe(second);
  expect(output["answers"]).toEqual([{ answer: 0n }, { answer: 2n }, { answer: 3n }]);
});

test("a dataset that is published again between two attempts changes nothing of what is sent", async () => {
  respond = async ({ index }) => {
    if (index !== 1) return { body: [{ answer: index }] };
    await project.publish("prepared", [{ id: 7 }]);
    return { status: 429, headers: { "retry-after": "600" } };
  };
  const { error } = await run(define());
  expect(error).toBeUndefined();
  expect(sent()).toEqual([all[0], all[1], all[1], all[2]]);
});

test("through a connection, it is the same", async () => {
  respond = ({ index }) =>
    index === 1 ? { status: 429, headers: { "retry-after": "600" } } : { body: [{ answer: index }] };
  const { error } = await run(define({ url: "/rows", connection: "ads" }));
  expect(error).toBeUndefined();
  expect(sent()).toEqual([all[0], all[1], all[1], all[2]]);
});

test("what may have been carried out is not sent again, and the run says so", async () => {
  respond = ({ index }) => ({ body: [{ answer: index }], isCut: index === 1 });
  const { error, attempts } = await run(define());
  expect(error).toMatchObject({ code: "REQUEST_UNRESOLVED" });
  expect(error?.message).toContain("`answers, batch 2` was sent");
  expect(attempts).toHaveLength(1);
  expect(sent()).toEqual(all.slice(0, 2));
});

test("an answer that cannot be read is known to be one, and is not sent for again", async () => {
  respond = ({ index }) => ({ status: 201, body: { ok: true, index } });
  const wrong = await run(define());
  expect(wrong.attempts).toHaveLength(1);
  expect(wrong.error).toMatchObject({ code: "SOURCE_UNREADABLE", disposition: "fail" });
  expect(wrong.error?.message).toContain(
    "`answers, batch 1` was sent, and it answered 201; its answer could not be read: ",
  );
  expect(wrong.error?.hint).toContain('`read: { rows: "." }` takes the whole answer for one row');
  expect(server.requests).toHaveLength(1);
  expect(wrong.error?.hint).toContain("a retry of the run reads the same answer again and sends nothing");
});

test("a service that knows idempotency keys gets the same one again", async () => {
  respond = ({ index }) => ({ body: [{ answer: index }], isCut: index === 1 });
  const { error, output } = await run(define({ ledger: { key: "X-Request-Id" }, retry: { wait: "1ms" } }));
  expect(error).toBeUndefined();
  expect(sent()).toEqual([all[0], all[1], all[1], all[2]]);
  const ids = server.requests.map(({ headers }) => headers["x-request-id"]);
  expect(ids[2]).toBe(ids[1]);
  expect(new Set(ids).size).toBe(3);
  expect(output["answers"]).toHaveLength(3);
});

test("a request that nobody knows of is told of, also where no other request has a row", async () => {
  const output = { dataset: "answers", mode: "append" } as const;
  const http = { url: server.url("/rows?id={{accounts.value}}"), method: "POST" } as const;
  const inputs = { accounts: { role: "activation", values: ["a", "b", "c"] } } as const;
  const job = integrationJob({ name: "start", purpose: "initiation", inputs, source: { http }, output });
  respond = ({ query }) => (query.get("id") === "a" ? { body: [] } : { body: [{ id: 1 }], isCut: true });
  expect((await run(job)).error).toMatchObject({ code: "REQUEST_UNRESOLVED" });
  respond = ({ query }) => (query.get("id") === "c" ? { body: [], isCut: true } : { status: 400 });
  expect((await run(job)).error).toMatchObject({ code: "REQUEST_UNRESOLVED" });
});

test("a server error may have done half of the work", async () => {
  respond = () => ({ status: 500 });
  expect((await run(define())).error).toMatchObject({ code: "REQUEST_UNRESOLVED" });
  expect(server.requests).toHaveLength(1);
});

test("a POST without a purpose is written down as well, and one that reads is not", async () => {
  const source = { http: { url: server.url("/search"), method: "POST", retry: { wait: "1ms", attempts: 2 } } } as const;
  const output = { dataset: "found" };
  respond = () => ({ status: 500 });
  const unknown = await run(integrationJob({ name: "post", source, output }));
  expect(unknown.error).toMatchObject({ code: "REQUEST_UNRESOLVED" });
  const search = await run(
    integrationJob({ name: "search", purpose: "extraction", source, output, retry: { maxRetries: 0 } }),
  );
  expect(search.error).toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  expect(keys()[1]).toBeUndefined();
  expect(server.requests).toHaveLength(3);
});
