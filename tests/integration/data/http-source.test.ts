// A service as a source, through the whole of publishing: pages, drift, trouble of every kind, and never green on nothing.
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HttpConnection } from "../../../src/connections/http-connection.ts";
import type { MillraceError } from "../../../src/core/errors/errors.ts";
import type { PublishRequest, PublishResult } from "../../../src/core/job/job-context.ts";
import type { HttpSourceOptions } from "../../../src/data/sources/http/options.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { type Answer, PageServer, type Respond } from "../../support/data/page-server.ts";
import { MemoryConnectionStore } from "../../support/http/memory-connection-store.ts";
import { expectFailure } from "../../support/expect-failure.ts";

let project: DataProject;
let server: PageServer | undefined;
beforeEach(async () => {
  project = await DataProject.create();
});
afterEach(async () => {
  await stopServer();
  await project[Symbol.asyncDispose]();
});

async function stopServer(): Promise<void> {
  await server?.[Symbol.asyncDispose]();
  server = undefined;
}

const quick = { wait: "1ms" } as const;

/** Publishes what a service gives. */
async function read(
  respond: Respond,
  http: Partial<HttpSourceOptions> = {},
  more: Partial<PublishRequest> = {},
): Promise<PublishResult> {
  server ??= await PageServer.start(respond);
  const source = { http: { url: server.url("/items"), retry: quick, ...http } };
  return await project.publish({
    source,
    onEmpty: "fail",
    output: { dataset: "t", parquet: { path: "out/t.parquet" } },
    ...more,
  });
}

function refuse(
  respond: Respond,
  http: Partial<HttpSourceOptions> = {},
  more: Partial<PublishRequest> = {},
): Promise<MillraceError> {
  return expectFailure(read(respond, http, more));
}

const byCursor: Partial<HttpSourceOptions> = {
  query: { cursor: "{{page.cursor?}}" },
  pagination: { kind: "cursor", path: "next" },
  read: { rows: "items" },
};

/** Pages of a cursor, which is the number of the page. */
function pages(...bodies: unknown[]): Respond {
  return ({ query }) => {
    const index = Number(query.get("cursor") ?? 0);
    return { body: { items: bodies[index], next: index + 1 < bodies.length ? String(index + 1) : null } };
  };
}

test("pages of a cursor become a dataset, with types that follow from the rows of all of them", async () => {
  const first = {
    id: 1,
    at: "2026-01-31T10:00:00Z",
    day: "2026-01-31",
    price: 1,
    name: "a",
    tags: ["x"],
    home: { city: "Oslo" },
  };
  const second = { ...first, id: 2, price: 1.5, name: 7, home: { city: null, zip: "0150" }, late: true };
  const result = await read(pages([first], [second]), byCursor);
  expect(server?.lines).toEqual(["GET /items", "GET /items?cursor=1"]);
  expect(result.rows).toBe(2);
  expect(result.dataset.schema).toEqual([
    { name: "id", type: "BIGINT" },
    { name: "at", type: "TIMESTAMP WITH TIME ZONE" },
    { name: "day", type: "DATE" },
    { name: "price", type: "DOUBLE" },
    { name: "name", type: "VARCHAR" },
    { name: "tags", type: "VARCHAR[]" },
    { name: "home", type: "STRUCT(city VARCHAR, zip VARCHAR)" },
    { name: "late", type: "BOOLEAN" },
  ]);
  expect(result.warnings).toEqual(["field `late` is on 1 of 2 pages, first on page 2"]);
  expect(await project.rows("t", "select id, price, name, late, home.zip as zip from t order by id")).toEqual([
    { id: 1n, price: 1, name: "a", late: null, zip: null },
    { id: 2n, price: 1.5, name: "7", late: true, zip: "0150" },
  ]);
});

test("numbers that a double cannot hold keep every digit, at the top, within objects and within text", async () => {
  const body = `[
    {"id": 9007199254740993, "amount": 12345678901234567.89, "big": ${"9".repeat(30)}, "mixed": 1.10, "o": {"n": 1.50, "m": "t"}},
    {"id": 1, "amount": 0.5, "big": 1, "mixed": "x", "o": {"n": 12345678901234567.8, "m": 1e3}}
  ]`;
  const { dataset } = await read(() => ({ body }));
  expect(dataset.schema.map(({ type }) => type)).toEqual([
    "BIGINT",
    "DECIMAL(38,2)",
    "DECIMAL(38,0)",
    "VARCHAR",
    "STRUCT(n DECIMAL(38,2), m VARCHAR)",
  ]);
  expect(await project.rows("t", "select id, amount, big, mixed, o.n as n, o.m as m from t order by id")).toEqual([
    { id: 1n, amount: "0.50", big: "1", mixed: "x", n: "12345678901234567.80", m: "1e3" },
    {
      id: 9_007_199_254_740_993n,
      amount: "12345678901234567.89",
      big: "9".repeat(30),
      mixed: "1.10",
      n: "1.50",
      m: "t",
    },
  ]);
});

test("values of different kinds are JSON text, with their numbers as they came", async () => {
  await read(() => ({ body: '[{"id":1,"v":{"a":1.10}},{"id":2,"v":"x"},{"id":3,"v":[1e2]}]' }));
  expect(await project.rows("t", "select v from t order by id")).toEqual([
    { v: '{"a":1.10}' },
    { v: '"x"' },
    { v: "[1e2]" },
  ]);
});

test("an empty first page and no page at all are told from rows", async () => {
  expect(await refuse(pages([]), byCursor)).toMatchObject({ code: "SOURCE_EMPTY" });
  await stopServer();
  expect(await refuse(() => ({ body: [] }))).toMatchObject({ code: "SOURCE_EMPTY" });
});

const silent: [name: string, answer: Answer, message: string, code?: string][] = [
  [
    "HTML with status 200",
    { headers: { "content-type": "text/html" }, body: "<html>" },
    "expected the content type of json",
  ],
  ["HTML that says it is JSON", { body: "<html>" }, "it is no JSON"],
  ["an empty body", { body: "" }, "the answer ends within a value"],
  ["a document without the rows", { body: { error: "x" } }, "expected `items` to be there, and the object has `error`"],
  ["rows that are a text", { body: { items: "none" } }, "got: a text"],
  ["rows that are null", { body: { items: null } }, "got: null"],
  ["half of a document", { body: '{"items":[{"id":1}' }, "ends within a value"],
  ["bytes that are no UTF-8", { body: Buffer.from('{"items":[{"a":"é"}]}', "latin1") }, "no UTF-8"],
  ["status 204", { status: 204, body: "" }, "status 204", "REQUEST_REJECTED"],
  ["status 304", { status: 304, body: "" }, "status 304", "REQUEST_REJECTED"],
  ["status 206", { status: 206, body: { items: [{ id: 1 }] } }, "status 206", "REQUEST_REJECTED"],
  ["status 422", { status: 422, body: {} }, "status 422", "REQUEST_REJECTED"],
  ["status 410", { status: 410, body: {} }, "status 410", "REQUEST_REJECTED"],
];

test.each(silent)(
  "%s is an error, asked for once, and publishes nothing",
  async (_name, answer, message, code = "SOURCE_UNREADABLE") => {
    const error = await refuse(() => answer, { read: { rows: "items" } });
    expect(error.message).toContain(message);
    expect(error).toMatchObject({ code, disposition: "fail" });
    expect(server?.requests).toHaveLength(1);
    expect(project.versions("t")).toEqual([]);
  },
);

test("an error object as page 3 of 5 fails with the page, and leaves the table as it was", async () => {
  await read(pages([{ id: 0 }]), byCursor);
  await stopServer();
  const rows = pages([{ id: 1 }], [{ id: 2 }], [{ id: 3 }], [{ id: 4 }], [{ id: 5 }]);
  const error = await refuse(
    (request) => (request.query.get("cursor") === "2" ? { body: { error: { code: 17 } } } : rows(request)),
    byCursor,
  );
  expect(error).toMatchObject({ code: "SOURCE_UNREADABLE" });
  expect(error.message).toContain("page 3");
  expect(await project.rows("t")).toEqual([{ id: 0n }]);
});

test("a cursor that comes again fails instead of going round for ever", async () => {
  const error = await refuse(
    ({ index }) => ({ body: { items: [{ id: index }], next: index % 2 === 0 ? "a" : "b" } }),
    byCursor,
  );
  expect(error).toMatchObject({ code: "PAGINATION_BROKEN", message: "page 3: the cursor is one that came before" });
});

test("a service that does not know the parameter of the page is found out by its second answer", async () => {
  const paging: Partial<HttpSourceOptions> = { query: { page: "{{page.number}}" }, pagination: { kind: "page" } };
  const error = await refuse(() => ({ body: [{ id: 1 }, { id: 2 }] }), paging);
  expect(error.message).toBe("page 2: its rows are those of the page before");
});

test("429 and 503 are waited out, and the page is asked for again", async () => {
  const rows = pages([{ id: 1 }], [{ id: 2 }]);
  const result = await read((request) => {
    if (request.index === 1) return { status: 429, headers: { "retry-after": "0" } };
    if (request.index === 2) return { status: 503, headers: { "retry-after": new Date(0).toUTCString() } };
    return request.index === 3 ? { status: 500 } : rows(request);
  }, byCursor);
  expect(result.rows).toBe(2);
  expect(server?.lines.slice(1)).toEqual(Array.from({ length: 4 }, () => "GET /items?cursor=1"));
});

test("a long pause gives the worker back with the time to come again", async () => {
  const error = await refuse(() => ({ status: 429, headers: { "retry-after": "3600" } }));
  expect(error).toMatchObject({ code: "RATE_LIMITED", disposition: "retry", retryAfterMs: 3_600_000 });
  expect(server?.requests).toHaveLength(1);
});

test("a compressed answer that is cut is asked for again, and its rows come once", async () => {
  const whole = gzipSync(JSON.stringify(Array.from({ length: 20_000 }, (_, id) => ({ id, name: `n${id * 7919}` }))));
  const headers = { "content-encoding": "gzip" };
  const result = await read(({ index }) => {
    return index === 0 ? { headers, body: whole.subarray(0, whole.length / 2), isCut: true } : { headers, body: whole };
  });
  expect(result.rows).toBe(20_000);
  expect(server?.requests).toHaveLength(2);
  expect(await project.rows("t", "select count(distinct id) as n from t")).toEqual([{ n: 20_000n }]);
});

test("a POST whose answer was cut is not sent again unless the job says that it may", async () => {
  const half: Respond = ({ index }) => ({ body: index === 0 ? '[{"id":1}' : '[{"id":1}]', isCut: index === 0 });
  const post: Partial<HttpSourceOptions> = { method: "POST", body: { json: { q: "x" } } };
  await refuse(half, post);
  expect(server?.requests).toHaveLength(1);
  await stopServer();
  expect((await read(half, { ...post, retry: { ...quick, resend: true } })).rows).toBe(1);
  expect(server?.requests.map(({ body }) => body)).toEqual(['{"q":"x"}', '{"q":"x"}']);
});

test("rules tell what answers mean: a busy code in a body, a child that may be missing, an empty page", async () => {
  const responses: HttpSourceOptions["responses"] = [
    { status: 200, body: { path: "error.code", is: 17 }, then: "retry" },
    { status: 404, then: "skipUnit" },
    { status: 204, then: "warn" },
  ];
  const units = ["a", "b", "c"].map((id) => ({ key: id, variables: { account: { id } } }));
  const result = await read(
    ({ path, index }) => {
      if (path === "/accounts/b") return { status: 404 };
      if (path === "/accounts/c") return { status: 204, body: "" };
      return index === 0 ? { body: { error: { code: 17 } } } : { body: { items: [{ id: 1 }] } };
    },
    { responses, read: { rows: "items", missing: "empty" }, url: "" },
    { reading: { units } },
  ).catch((error: unknown) => error);
  expect(result).toMatchObject({ code: "JOB_INVALID" });
  const http = {
    url: server?.url("/accounts/{{account.id}}") ?? "",
    responses,
    retry: quick,
    read: { rows: "items", missing: "empty" },
  } as const;
  const published = await project.publish({ source: { http }, reading: { units }, output: { dataset: "t" } });
  expect(published.rows).toBe(1);
  expect(published.warnings).toEqual(["1 of 3 units were skipped: `b`"]);
  expect(server?.lines).toEqual(["GET /accounts/a", "GET /accounts/a", "GET /accounts/b", "GET /accounts/c"]);
});

test("a unit that fails leaves the rows of the others and is told of before they are published", async () => {
  const units = ["a", "b"].map((id) => ({ key: id, variables: { account: { id } } }));
  server = await PageServer.start(({ path }) => (path.endsWith("a=1") ? { body: [{ id: 1 }] } : { status: 400 }));
  const http = { url: server.url("/x"), query: { a: "{{account.n?}}" }, retry: quick };
  const seen: unknown[] = [];
  const onRead = async (outcomes: readonly unknown[]): Promise<void> => void seen.push(...outcomes);
  const numbered = units.map((unit, index) => ({ ...unit, variables: { account: { n: index + 1 } } }));
  const published = await project.publish({
    source: { http },
    reading: { units: numbered, onRead },
    output: { dataset: "t" },
  });
  expect(published.rows).toBe(1);
  expect(seen).toMatchObject([
    { key: "a", status: "read", rows: 1 },
    { key: "b", status: "failed" },
  ]);
});

test("an unresolved variable fails before anything is sent", async () => {
  const error = await refuse(() => ({ body: [] }), { headers: { authorization: "Bearer {{token.access_token}}" } });
  expect(error).toMatchObject({ code: "VARIABLE_UNRESOLVED" });
  expect(server?.requests).toEqual([]);
});

test("credentials reach the service and no message", async () => {
  const secret = "canary-7f3a91c2";
  const auths: readonly NonNullable<HttpSourceOptions["auth"]>[] = [
    { bearer: "{{token.value}}" },
    { basic: { user: "u", password: "{{token.value}}" } },
    { apiKey: { header: "x-api-key", value: "{{token.value}}" } },
    { apiKey: { query: "k", value: "{{token.value}}" } },
  ];
  const reading = { units: [{ key: "", variables: { token: { value: secret } } }], secretScopes: ["token"] };
  for (const auth of auths) {
    const error = await refuse(
      () => ({ status: 400, body: secret }),
      { auth, query: { s: "{{token.value}}" } },
      { reading },
    );
    expect(JSON.stringify([error.message, error.hint, error.details, project.events, project.warnings])).not.toContain(
      secret,
    );
  }
  const sent = server?.requests.map(({ headers, path }) => headers.authorization ?? headers["x-api-key"] ?? path);
  expect(sent).toEqual([
    `Bearer ${secret}`,
    `Basic ${Buffer.from(`u:${secret}`).toString("base64")}`,
    secret,
    `/items?s=${secret}&k=${secret}`,
  ]);
});

test("a newest-first feed ends at the first row that is older than the watermark", async () => {
  const feed = [9, 8, 5, 7, 4, 3].map((at) => ({ at }));
  const respond: Respond = ({ query }) => ({
    body: feed.slice(Number(query.get("offset")), Number(query.get("offset")) + 2),
  });
  const result = await read(
    respond,
    {
      query: { offset: "{{page.offset}}" },
      pagination: { kind: "offset", size: 2, stop: { olderThan: { field: "at" } } },
    },
    { reading: { units: [{ key: "", variables: { watermark: 7 } }] } },
  );
  expect(server?.requests).toHaveLength(2);
  expect(result.rows).toBe(3);
});

test("CSV pages of a header go through the reader of CSV files", async () => {
  const body = (query: URLSearchParams): string =>
    query.get("locator") === null ? 'id,name\n1,"a\nb"\n' : "id,name\n2,c\n";
  const result = await read(
    ({ query }) => ({
      body: body(query),
      headers: { "content-type": "text/csv", "sforce-locator": query.get("locator") === null ? "x" : "null" },
    }),
    {
      read: { format: "csv" },
      query: { locator: "{{page.cursor?}}" },
      pagination: { kind: "cursor", header: "Sforce-Locator", end: "null" },
    },
  );
  expect(result.rows).toBe(2);
  expect(await project.rows("t")).toEqual([
    { id: 1n, name: "a\nb" },
    { id: 2n, name: "c" },
  ]);
});

const misfits: readonly (readonly [string, Partial<HttpSourceOptions>])[] = [
  ["pages that no variable asks for", { pagination: { kind: "page" } }],
  ["a cursor from nowhere", { ...byCursor, pagination: { kind: "cursor" } }],
  ["a cursor from two places", { ...byCursor, pagination: { kind: "cursor", path: "a", header: "b" } }],
  ["two bodies", { method: "POST", body: { text: "x", json: {} } }],
  ["a body of a GET", { body: { text: "x" } }],
  ["two kinds of auth", { auth: { bearer: "x", basic: { user: "a", password: "b" } } }],
  ["rows of CSV", { read: { format: "csv", rows: "items" } }],
  [
    "an offset of CSV",
    { read: { format: "csv" }, query: { o: "{{page.offset}}" }, pagination: { kind: "offset", size: 1 } },
  ],
  ["braces that are no variable", { headers: { a: "{{" } }],
];

test.each(misfits)("%s is refused before a run", async (_name, http) => {
  expect(await refuse(() => ({ body: [] }), http)).toMatchObject({ code: "JOB_INVALID" });
  expect(server?.requests).toEqual([]);
});

test("a token that ends in the middle of the pages is renewed, and the same page is asked for again", async () => {
  const rows = pages([{ id: 1 }], [{ id: 2 }], [{ id: 3 }]);
  let tokens = 0;
  server = await PageServer.start((request) => {
    if (request.path === "/token") return { body: { access_token: `token-${(tokens += 1)}`, expires_in: 3600 } };
    const isEnded = request.query.get("cursor") === "1" && request.headers.authorization === "Bearer token-1";
    return isEnded ? { status: 401 } : rows(request);
  });
  const auth = {
    clientCredentials: { tokenUrl: server.url("/token"), clientId: "c", clientSecret: "canary-0b6d2c44" },
  };
  const clock = createSystemClock();
  const seal = { seal: (secret: string) => btoa(secret), open: (sealed: string) => atob(sealed) };
  await using connection = new HttpConnection(
    "crm",
    { baseUrl: server.url("/v1"), auth },
    { store: new MemoryConnectionStore(() => clock.now()), seal, clock, holder: "h", onSecret: () => undefined },
  );
  const source = { http: { ...byCursor, connection: "crm", url: "/items" } };
  const result = await project.publish({ source, output: { dataset: "t" } }, { connect: async () => connection });
  expect(result.rows).toBe(3);
  expect(server.lines).toEqual([
    "POST /token",
    "GET /v1/items",
    "GET /v1/items?cursor=1",
    "POST /token",
    "GET /v1/items?cursor=1",
    "GET /v1/items?cursor=2",
  ]);
});

test("a rule is asked about an answer without rows before that is an error", async () => {
  const responses: HttpSourceOptions["responses"] = [
    { status: 200, body: { path: "errors.0.code", is: "busy" }, then: "retry" },
  ];
  const busy = { data: null, errors: [{ code: "busy" }] };
  const rows = { read: { rows: "data.items" }, responses };
  const result = await read(({ index }) => ({ body: index < 2 ? busy : { data: { items: [{ id: 1 }] } } }), rows);
  expect([result.rows, server?.requests.length]).toEqual([1, 3]);
  await stopServer();
  const error = await refuse(() => ({ body: { data: null, errors: [{ code: "gone" }] } }), rows);
  expect(error).toMatchObject({ code: "SOURCE_UNREADABLE", message: expect.stringContaining("got: null") as unknown });
});
