// Jobs that send rows: one request for each batch of a payload, and the rows of the answers as a dataset.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Job } from "../../../src/core/job/job.ts";
import { integrationJob, type IntegrationJobDefinition } from "../../../src/data/jobs/integration-job.ts";
import { sqlJob } from "../../../src/data/jobs/sql-job.ts";
import type { HttpSourceOptions } from "../../../src/data/sources/http/options.ts";
import type { InputOptions } from "../../../src/data/units/input-options.ts";
import { createTestProject, type TestProject, type TestRun, type TestRunOptions } from "../../../src/testing.ts";
import { PageServer, type Respond } from "../../support/data/page-server.ts";
import { expectThrown } from "../../support/expect-thrown.ts";

let project: TestProject;
let server: PageServer;
let respond: Respond;
beforeEach(async () => {
  respond = ({ index }) => ({ body: [{ id: index + 1 }] });
  server = await PageServer.start((request) => respond(request));
  project = await createTestProject();
});
afterEach(async () => {
  await project[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

interface Definition extends Partial<
  Pick<IntegrationJobDefinition, "onEmpty" | "purpose" | "inputs" | "unitConcurrency" | "minUnits" | "minRowsPerUnit">
> {
  readonly payload?: Partial<InputOptions>;
  readonly http?: Partial<HttpSourceOptions>;
}

function define({ payload, http, ...more }: Definition = {}): Job {
  const source = {
    http: {
      url: server.url("/rows"),
      method: "POST",
      retry: { wait: "1ms" },
      body: { json: "{{payload.rows}}" },
      ...http,
    },
  } as const;
  const inputs = { payload: { dataset: "prepared", role: "payload", ...payload } } as const;
  return integrationJob({ name: "upload", source, inputs, output: { dataset: "answers" }, ...more });
}

async function run(job: Job, options: TestRunOptions = {}): Promise<TestRun> {
  return await project.run(job, { onFailure: "return", ...options });
}

function rows(count: number): { id: number }[] {
  return Array.from({ length: count }, (_, index) => ({ id: index + 1 }));
}

function sizes(): number[] {
  return server.requests.map(({ body }) => (JSON.parse(body) as unknown[]).length);
}

test.each([
  [1203, [500, 500, 203]],
  [1000, [500, 500]],
  [1, [1]],
])("%d rows are sent in batches of 500, none of which is empty", async (count, expected) => {
  const { error } = await run(define(), { inputs: { prepared: rows(count) } });
  expect(error).toBeUndefined();
  expect(sizes()).toEqual(expected);
  const sent = server.requests.flatMap(({ body }) => (JSON.parse(body) as { id: number }[]).map(({ id }) => id));
  expect(sent).toEqual(rows(count).map(({ id }) => id));
});

test("without a row nothing is sent, and `onEmpty` decides", async () => {
  const inputs = { prepared: { rows: [], columns: { id: "BIGINT" } } };
  const failing = await run(define(), { inputs });
  expect(failing.error).toMatchObject({
    code: "SOURCE_EMPTY",
    message: "input `payload` has no row, so that nothing is sent",
  });
  const { error } = await run(define({ onEmpty: "ok" }), { inputs });
  expect(error).toBeUndefined();
  expect(server.requests).toEqual([]);
});

test("a batch has rows of one group, whose values stand in the address and in headers", async () => {
  const job = define({
    payload: { batch: 3, by: ["customer"], fields: ["id"] },
    http: {
      url: server.url("/customers/{{payload.customer}}/rows"),
      headers: { "x-batch": "{{payload.number}} of {{payload.count}}" },
    },
  });
  const prepared = [1, 2, 3, 4, 5, 6].map((id) => ({ id, customer: id % 3 === 0 ? "b/1" : "a" }));
  await run(job, { inputs: { prepared } });
  expect(server.requests.map(({ path, headers, body }) => [path, headers["x-batch"], body])).toEqual([
    ["/customers/a/rows", "1 of 3", '[{"id":1},{"id":2},{"id":4}]'],
    // not filled up with rows of the next customer
    ["/customers/a/rows", "2 of 1", '[{"id":5}]'],
    ["/customers/b%2F1/rows", "3 of 2", '[{"id":3},{"id":6}]'],
  ]);
});

test("a row without a group is told before anything of its group is sent", async () => {
  const prepared = [{ id: 1, customer: null }];
  const { error } = await run(define({ payload: { by: ["customer"] } }), {
    inputs: { prepared: { rows: prepared, columns: { id: "BIGINT", customer: "VARCHAR" } } },
  });
  expect(error).toMatchObject({ code: "INPUT_INVALID" });
  const missing = await run(define({ payload: { by: ["costumer"] } }), { inputs: { prepared: [{ customer: "a" }] } });
  expect(missing.error?.message).toBe("input `payload` has no column `costumer`, did you mean `customer`?");
  expect(server.requests).toEqual([]);
});

test("numbers keep their digits in a body", async () => {
  const sql =
    "select 9007199254740993::bigint as big, 12.50::decimal(9,2) as price, {'a': [0.10::decimal(3,2)]} as nested, '00123' as text, null::int as none";
  await project.run(sqlJob({ name: "prepare", inputs: [], sql, output: { dataset: "prepared" } }));
  await run(define());
  expect(server.requests[0]?.body).toBe(
    '[{"big":9007199254740993,"price":12.50,"nested":{"a":[0.10]},"text":"00123","none":null}]',
  );
});

test("one row is an object, and rows are lines or CSV where a service takes those", async () => {
  const prepared = [
    { id: 1, text: 'a "b", c' },
    { id: 2, text: null },
  ];
  await run(define({ payload: { batch: 1 }, http: { body: { json: { one: "{{payload.row}}" } } } }), {
    inputs: { prepared },
  });
  await run(define({ http: { body: { text: "{{payload.ndjsonText}}" } } }), { inputs: { prepared } });
  await run(define({ http: { body: { text: "{{payload.csvText}}" }, headers: { "content-type": "text/csv" } } }), {
    inputs: { prepared },
  });
  expect(server.requests.map(({ body }) => body)).toEqual([
    '{"one":{"id":1,"text":"a \\"b\\", c"}}',
    '{"one":{"id":2,"text":null}}',
    '{"id":1,"text":"a \\"b\\", c"}\n{"id":2,"text":null}\n',
    'id,text\r\n1,"a ""b"", c"\r\n2,\r\n',
  ]);
});

test("rows are a file in a form", async () => {
  const multipart = [
    { name: "kind", text: "batch {{payload.number}}" },
    { name: "rows", text: "{{payload.csvText}}", fileName: "rows.csv", contentType: "text/csv" },
  ];
  const { error } = await run(define({ http: { body: { multipart } } }), { inputs: { prepared: [{ id: 1 }] } });
  expect(error).toBeUndefined();
  const [request] = server.requests;
  const form = await new Response(request?.body, {
    headers: { "content-type": String(request?.headers["content-type"]) },
  }).formData();
  expect(form.get("kind")).toBe("batch 1");
  expect(await (form.get("rows") as File).text()).toBe("id\r\n1\r\n");
});

test("a batch whose answer lacks the path has no row, and the others go on", async () => {
  respond = ({ index }) => ({ body: index === 1 ? { errors: [{ code: "E1" }] } : { results: [] } });
  const { error } = await run(define({ payload: { batch: 1 }, http: { read: { rows: "errors", missing: "empty" } } }), {
    inputs: { prepared: rows(3) },
  });
  expect(error).toBeUndefined();
  expect(sizes()).toEqual([1, 1, 1]);
  expect(await project.query("select * from answers", ["answers"])).toEqual([{ code: "E1" }]);
});

test("inputs whose options do not fit their roles, and a payload that nothing sends, are refused", async () => {
  const other = { dataset: "x", role: "activation", key: "id" } as const;
  const refusals = [
    () => define({ payload: { role: "authentication", batch: 1 } }),
    () => define({ payload: { key: "id" } }),
    () => define({ payload: { by: ["rows"] } }),
    () => define({ unitConcurrency: 2 }),
    () => define({ minUnits: 1 }),
    () => define({ minRowsPerUnit: 1 }),
    () => define({ inputs: { a: other, payload: { dataset: "prepared", role: "payload" } } }),
  ];
  for (const refused of refusals) expectThrown(refused, "JOB_INVALID");
  const { error } = await run(define({ http: { body: { json: {} } } }), { inputs: { prepared: rows(1) } });
  expect(error).toMatchObject({ code: "JOB_INVALID" });
  expect(server.requests).toEqual([]);
});
