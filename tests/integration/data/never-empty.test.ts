// Answers and files that look like an empty delivery, or like a whole one, and are neither: each of them is told, and nothing is
// published of it. docs/internals/bad-input.md has all cases, with the tests of the others.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Job } from "../../../src/core/job/job.ts";
import { integrationJob, type IntegrationJobDefinition } from "../../../src/data/jobs/integration-job.ts";
import type { HttpSourceOptions } from "../../../src/data/sources/http/options.ts";
import { createTestProject, type TestProject, type TestRun, type TestRunOptions } from "../../../src/testing.ts";
import { type Answer, PageServer, type Respond } from "../../support/data/page-server.ts";
import { rawAnswer, startRawServer } from "../../support/http/raw-server.ts";

let project: TestProject;
let server: PageServer;
let respond: Respond;
beforeEach(async () => {
  respond = () => ({ body: [{ id: 1 }] });
  server = await PageServer.start((request) => respond(request));
  project = await createTestProject();
});
afterEach(async () => {
  await project[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

type Definition = Omit<Partial<IntegrationJobDefinition>, "source"> & { readonly http?: Partial<HttpSourceOptions> };

function define({ http, ...more }: Definition = {}): Job {
  const source = { http: { url: server.url("/items"), retry: { attempts: 2, wait: "1ms" }, ...http } } as const;
  return integrationJob({ name: "items", source, output: { dataset: "items" }, retry: { maxRetries: 0 }, ...more });
}

async function run(job: Job, options: TestRunOptions = {}): Promise<TestRun> {
  return await project.run(job, { onFailure: "return", ...options });
}

test("rows without a field are neither an empty delivery nor rows of nulls", async () => {
  for (const before of [undefined, [{ id: 1 }]]) {
    if (before !== undefined) expect(await run(define())).toMatchObject({ state: "FINISHED" });
    respond = () => ({ body: [{}, {}] });
    expect((await run(define({ onEmpty: "ok" }))).error).toMatchObject({
      code: "SOURCE_EMPTY",
      message: "expected JSON objects, got: objects without a key",
    });
    respond = () => ({ body: [{ id: 1 }] });
  }
  expect(await project.query("select * from items", ["items"])).toEqual([{ id: 1n }]);
});

const html: Answer = { headers: { "content-type": "text/html" }, body: "<html>please log in</html>" };
const token = { dataset: "tokens", role: "authentication", fields: ["access_token"] } as const;

test("a page of a proxy in the place of a token takes the old token away, and the jobs behind it send nothing", async () => {
  const login = define({
    name: "login",
    purpose: "authentication",
    http: { url: server.url("/token"), method: "POST", read: { rows: "." } },
    output: { dataset: "tokens" },
  });
  respond = () => ({ body: { access_token: "canary-of-never-empty" } });
  expect((await run(login)).error).toBeUndefined();
  respond = () => html;
  expect((await run(login)).error).toMatchObject({ code: "SOURCE_UNREADABLE", disposition: "fail" });
  const sent = server.requests.length;
  const reading = define({ inputs: { token }, http: { auth: { bearer: "{{token.access_token}}" } } });
  expect((await run(reading)).error).toMatchObject({ disposition: "fail" });
  expect(server.requests).toHaveLength(sent);
});

test("a job whose input no run has published sends nothing", async () => {
  for (const inputs of [
    { token },
    { payload: { dataset: "prepared", role: "payload" } },
    { accounts: { dataset: "accounts", role: "activation", key: "id" } },
  ] as const) {
    const { error } = await run(define({ inputs, http: { query: { q: "{{token.access_token?}}" } } }));
    expect(error).toMatchObject({ code: "DATASET_UNKNOWN", disposition: "fail" });
  }
  expect(server.requests).toEqual([]);
});

test.each<[string, unknown, string]>([
  ["lacks the field", { status: "pending" }, "SCHEMA_MISMATCH"],
  ["has another text in it", { uri: "/queue/12", status: "pending" }, "CONVERT_FAILED"],
])("an answer to an initiation that %s gives no identifier to the jobs behind it", async (_name, body, code) => {
  const start = define({
    name: "start",
    purpose: "initiation",
    http: { url: server.url("/syncs"), method: "POST", body: { json: { export: 7 } }, read: { rows: "." } },
    convert: [{ derive: { sync_id: { match: "uri", pattern: "^/syncs/([0-9]+)$" } } }],
    output: { dataset: "syncs" },
  });
  respond = () => ({ status: 201, body });
  const { error, output } = await run(start);
  expect(error).toMatchObject({ code, disposition: "fail" });
  expect(output["syncs"]).toBeUndefined();
  expect(server.lines).toEqual(["POST /syncs"]);
});

test("SQL that cannot be read costs no request", async () => {
  const wrong: readonly (readonly [Definition, string, string])[] = [
    [{ convert: [{ sql: "selct * from source" }] }, "SQL_INVALID", "step 1 (`sql`): "],
    [{ convert: [{ derive: { a: { sql: "id +" } } }] }, "SQL_INVALID", "step 1 (`derive`): "],
    [{ convert: [{ filter: { sql: "id = = 1" } }] }, "SQL_INVALID", "step 1 (`filter`): "],
    [
      { convert: [{ derive: { a: { sql: "upperr(id)" } } }] },
      "SQL_INVALID",
      "no function `upperr`, did you mean `upper`?",
    ],
    [{ convert: [{ derive: { a: { match: "id", pattern: "(" } } }] }, "SQL_INVALID", "the pattern `(` cannot be read"],
    [{ convert: [{ filter: { id: { pattern: "[" } } }] }, "SQL_INVALID", "the pattern `[` cannot be read"],
    [{ convert: [{ validate: { id: { pattern: "+" } } }] }, "SQL_INVALID", "the pattern `+` cannot be read"],
    [{ convert: [{ sql: "select * from orders" }] }, "DATASET_UNKNOWN", "no input: `orders`"],
    [{ checks: [{ sql: "select * from rows where (" }] }, "SQL_INVALID", "check `sql`: "],
    [{ checks: [{ sql: "select * from row" }] }, "DATASET_UNKNOWN", "no input: `row`, did you mean `rows`?"],
    [{ checks: [{ pattern: { id: "(" } }] }, "JOB_INVALID", "check `pattern(id)`: "],
    [{ checks: [{ references: { id: "known.idd" } }] }, "SCHEMA_MISMATCH", "`idd`, did you mean `id`?"],
  ];
  await project.publish("known", [{ id: 1 }]);
  for (const [definition, code, message] of wrong) {
    const { error } = await run(define(definition));
    expect(error).toMatchObject({ code, disposition: "fail", message: expect.stringContaining(message) as string });
  }
  expect(server.requests).toEqual([]);
});

test("a body holds what is written in it, and nothing of inputs that stand elsewhere", async () => {
  const start = define({
    inputs: { token, accounts: { role: "activation", values: ["a"] } },
    http: {
      url: server.url("/jobs?account={{accounts.value}}"),
      method: "POST",
      auth: { bearer: "{{token.access_token}}" },
      body: { json: { query: "select {{accounts.value}}" } },
    },
  });
  await run(start, { inputs: { tokens: [{ access_token: "canary-of-never-empty" }] } });
  expect(server.requests.map(({ body }) => body)).toEqual(['{"query":"select a"}']);
});

test("a state that is blank, null, an empty list or unknown is waited for, and an error between is passed over", async () => {
  const answers: readonly Answer[] = [
    { body: { state: "" } },
    { body: { state: null } },
    { body: { state: [] } },
    { status: 500 },
    { body: { state: "in the queue" } },
    { body: { state: "success" } },
  ];
  const check = define({
    http: { read: { rows: "." }, ready: { path: "state", is: "success", failed: "errored" } },
    wait: { every: "15m", timeout: "4h" },
  });
  respond = ({ index }) => answers[index] ?? html;
  const { error, output } = await run(check);
  expect(error).toBeUndefined();
  expect(output["items"]).toEqual([{ state: "success" }]);
  expect(server.requests).toHaveLength(6);
});

test("a request whose answer never comes is not sent again, and its batch is one that somebody has to look at", async () => {
  const upload = define({
    purpose: "egression",
    inputs: { payload: { dataset: "prepared", role: "payload", batch: 1 } },
    http: { method: "POST", body: { json: "{{payload.rows}}" }, timeout: "50ms" },
    retry: { maxRetries: 3 },
  });
  let answer: ((answer: Answer) => void) | undefined;
  respond = ({ index }) =>
    index === 0 ? { body: [{ id: 1 }] } : new Promise<Answer>((resolve) => void (answer = resolve));
  const { error, output } = await run(upload, { inputs: { prepared: [{ id: 1 }, { id: 2 }, { id: 3 }] } });
  answer?.({});
  expect(error).toMatchObject({ code: "REQUEST_UNRESOLVED", disposition: "fail" });
  expect(error?.message).toContain("batch 2");
  expect(server.requests).toHaveLength(2);
  expect(output["items"]).toBeUndefined();
});

test("a page that says there are more is told of where the source has no pagination, once for all units", async () => {
  const inputs = { accounts: { role: "activation", values: ["a", "b"] } } as const;
  respond = () => ({ body: { items: [{ id: 1 }], meta: { has_more: true } } });
  const job = define({ inputs, http: { read: { rows: "items" }, query: { account: "{{accounts.value}}" } } });
  const { logs } = await run(job);
  expect(logs.filter(({ level }) => level === "warn").map(({ message }) => message)).toEqual([
    "field `meta.has_more` of an answer says that there are more rows, and the source has no `pagination`",
  ]);
});

test.each(["text/csv", "application/x-ndjson"])(
  "lines of %s that break off are asked for again, where nothing tells the length of the answer",
  async (type) => {
    const [format, text] =
      type === "text/csv" ? (["csv", "id,name\n1,a\n2,bcd"] as const) : (["ndjson", '{"id":1}\n{"id":2}'] as const);
    const half = rawAnswer({ "content-type": type, connection: "close" }, text);
    const broken = await startRawServer(half);
    try {
      const { error, output } = await run(define({ http: { url: broken.origin, read: { format } } }));
      expect(error).toMatchObject({ code: "RESPONSE_TRUNCATED", disposition: "retry" });
      expect(output["items"]).toBeUndefined();
    } finally {
      await broken[Symbol.asyncDispose]();
    }
  },
);

test("a field that is first on page 50 is a column, and it is said where it came", async () => {
  respond = ({ query }) => {
    const page = Number(query.get("page"));
    return { body: page > 60 ? [] : [{ id: page, ...(page === 50 ? { late: { n: 1.5 } } : {}) }] };
  };
  const { result, logs } = await run(
    define({ http: { query: { page: "{{page.number}}" }, pagination: { kind: "page" } } }),
  );
  expect(result).toMatchObject({ rows: 60 });
  expect(await project.query("select id, late.n as n from items where late is not null", ["items"])).toEqual([
    { id: 50n, n: 1.5 },
  ]);
  expect(logs.map(({ message }) => message)).toContain("field `late` is on 1 of 60 pages, first on page 50");
});

test("250 fields of one kind are 250 columns, and in an object a map that has all of them", async () => {
  const fields = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`f${index}`, index]));
  respond = () => ({ body: [{ ...fields, deep: fields }] });
  expect((await run(define())).error).toBeUndefined();
  const [row] = await project.query(
    "select * exclude (deep), cardinality(deep) as n, deep['f249'] as last from items",
    ["items"],
  );
  expect(row).toEqual({ ...mapValues(fields, BigInt), n: 250n, last: 249n });
});

test("a folder whose name looks like a column adds none, and does not change the field of that name", async () => {
  const folder = join(project.root, "region=north/id=9");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "rows.json"), '[{"id":1,"region":"south"}]');
  await writeFile(join(folder, "rows.csv"), "id,region\n2,south\n");
  for (const path of ["*/*/rows.json", "*/*/rows.csv"]) {
    const job = integrationJob({ name: "items", source: { file: { path } }, output: { dataset: "items" } });
    const { output } = await run(job);
    expect(output["items"]).toEqual([{ id: path.endsWith("json") ? 1n : 2n, region: "south" }]);
  }
});

test("a time beyond a day, a day that is none and digits beyond a double stay what was delivered", async () => {
  const values = { time: "25:00:00", day: "0000-00-00", other: "2024-02-30", id: "900719925474099312345" };
  respond = () => ({ body: `[${JSON.stringify({ ...values, n: 0 }).replace("0}", "9007199254740993}")}]` });
  expect((await run(define())).output["items"]).toEqual([{ ...values, n: 9_007_199_254_740_993n }]);
  respond = () => ({ body: `time,day,other\n25:00:00,0000-00-00,2024-02-30\n` });
  const csv = define({
    http: { read: { format: "csv", contentTypes: ["application/json"] } },
    output: { dataset: "of_csv" },
  });
  expect((await run(csv)).output["of_csv"]).toEqual([{ time: "25:00:00", day: "0000-00-00", other: "2024-02-30" }]);
  const cast = define({
    convert: [{ cast: { time: "TIME" } }],
    http: { read: { format: "csv", contentTypes: ["application/json"] } },
  });
  expect((await run(cast)).error).toMatchObject({ code: "CONVERT_FAILED", disposition: "fail" });
});

function mapValues<From, To>(of: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(of).map(([name, value]) => [name, change(value)]));
}
