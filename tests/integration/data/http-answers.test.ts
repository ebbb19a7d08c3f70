// What the rows of answers get besides their own fields: headers, what stands beside them, and what was asked.
import { afterEach, beforeEach, expect, test } from "vitest";
import { integrationJob } from "../../../src/data/jobs/integration-job.ts";
import type { HttpReadOptions, HttpSourceOptions } from "../../../src/data/sources/http/options.ts";
import { createTestProject, type TestProject, type TestRun } from "../../../src/testing.ts";
import { type Answer, PageServer, type Respond } from "../../support/data/page-server.ts";

let project: TestProject;
let server: PageServer;
let respond: Respond;
beforeEach(async () => {
  server = await PageServer.start((request) => respond(request));
  project = await createTestProject();
});
afterEach(async () => {
  await project[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

async function post(
  answer: Answer | Respond,
  read: HttpReadOptions,
  http: Partial<HttpSourceOptions> = {},
): Promise<TestRun> {
  respond = typeof answer === "function" ? answer : () => answer;
  const job = integrationJob({
    name: "post",
    purpose: "egression",
    inputs: { payload: { dataset: "prepared", role: "payload", batch: 1 } },
    source: { http: { url: server.url("/rows"), method: "POST", body: { json: "{{payload.row}}" }, read, ...http } },
    output: { dataset: "answers" },
  });
  return await project.run(job, { inputs: { prepared: [{ id: 1 }, { id: 2 }] }, onFailure: "return" });
}

const created = { status: 201, body: "", headers: { "x-restli-id": "148" } };

test.each([201, 204])("an answer with status %d and no body is a row of its headers", async (status) => {
  const read = { headers: { id: "X-RestLi-Id" }, values: { batch: "{{payload.number}}" } };
  const { error, output } = await post({ ...created, status }, read);
  expect(error).toBeUndefined();
  expect(output["answers"]).toEqual([
    { id: "148", batch: 1n },
    { id: "148", batch: 2n },
  ]);
});

test("a header that is not there fails, unless it may be absent", async () => {
  const failing = await post({ ...created, headers: {} }, { headers: { id: "x-restli-id" } });
  expect(failing.error).toMatchObject({ code: "SOURCE_UNREADABLE" });
  expect(failing.error?.message).toContain("the answer has no header `x-restli-id`");
  const { output } = await post({ ...created, headers: {} }, { headers: { id: "x-restli-id?", type: "content-type" } });
  expect(output["answers"]).toMatchObject([{ type: "application/json" }, { type: "application/json" }]);
});

test("fields beside the rows become columns, and rows keep what they have themselves", async () => {
  const body = '{"meta":{"id":12345678901234567890,"at":"noon"},"rows":[{"n":0.10},{"n":1,"request":"own"},{}]}';
  const read = { rows: "rows", envelope: { request: "meta.id", at: "meta.at", gone: "meta.gone?" } };
  const { error } = await post({ body }, read);
  expect(error).toBeUndefined();
  const sql = 'select distinct cast(n as varchar) as n, request, "at" from answers order by n';
  expect(await project.query(sql, ["answers"])).toEqual([
    { n: "0.1", request: "12345678901234567890", at: "noon" },
    { n: "1.0", request: "own", at: "noon" },
    { n: null, request: "12345678901234567890", at: "noon" },
  ]);
});

test("answers without rows have the columns that are declared, so that a table is there", async () => {
  const read = { rows: "errors", missing: "empty", columns: { code: "varchar", count: "decimal(9, 2)" } } as const;
  const { error } = await post({ body: {} }, read);
  expect(error).toBeUndefined();
  expect(await project.query("select count(code) as n from answers", ["answers"])).toEqual([{ n: 0n }]);
  const { output } = await post({ body: { errors: [{ text: "x" }] } }, read);
  expect(output["answers"]).toEqual([
    { code: null, count: null, text: "x" },
    { code: null, count: null, text: "x" },
  ]);
});

test("an adopted answer has its headers", async () => {
  const { error, output } = await post(
    ({ index }) => (index === 1 ? { status: 429, headers: { "retry-after": "600" } } : created),
    { headers: { id: "x-restli-id" } },
  );
  expect(error).toBeUndefined();
  expect(output["answers"]).toEqual([{ id: "148" }, { id: "148" }]);
  expect(server.requests).toHaveLength(3);
});
