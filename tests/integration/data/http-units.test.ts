// Jobs whose source is read in units: tokens and accounts out of other datasets, parts of time, and how far each was read.
import { afterEach, beforeEach, expect, test } from "vitest";
import { integrationJob, type IntegrationJobDefinition } from "../../../src/data/jobs/integration-job.ts";
import type { HttpSourceOptions } from "../../../src/data/sources/http/options.ts";
import type { UnitOptions } from "../../../src/data/units/unit-options.ts";
import { createTestProject, type TestProject, type TestRun, type TestRunOptions } from "../../../src/testing.ts";
import type { Job } from "../../../src/core/job/job.ts";
import { PageServer, type Respond } from "../../support/data/page-server.ts";
import { expectThrown } from "../../support/expect-thrown.ts";

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

interface Definition extends UnitOptions, Partial<Pick<IntegrationJobDefinition, "name" | "output">> {
  readonly http?: Partial<HttpSourceOptions>;
  readonly onEmpty?: "ok";
}

function define({ http, ...options }: Definition): Job {
  const source = { http: { url: server.url("/calls"), retry: { wait: "1ms" } as const, ...http } };
  return integrationJob({ name: "calls", source, output: { dataset: "calls", mode: "append" }, ...options });
}

async function run(job: Job, options: TestRunOptions = {}): Promise<TestRun> {
  return await project.run(job, { onFailure: "return", ...options });
}

const token = { dataset: "tokens", role: "authentication", fields: ["access_token"] } as const;
const accounts = { dataset: "accounts", role: "activation", key: "id" } as const;
const byAccount = { url: "", query: { account: "{{accounts.id}}", from: "{{window.from}}", to: "{{window.to}}" } };

function http(more: Partial<HttpSourceOptions>): Partial<HttpSourceOptions> {
  return { ...more, url: server.url("/calls") };
}

test("a token out of another dataset is exactly one row, or nothing is sent", async () => {
  const job = define({ inputs: { token }, http: { auth: { bearer: "{{token.access_token}}" } } });
  const one = { access_token: "canary-5d1e7f00" };
  for (const [rows, count] of [
    [{ rows: [], columns: { access_token: "VARCHAR" } }, "none"],
    [[one, one], "more than one"],
  ] as const) {
    const { error } = await run(job, { inputs: { tokens: rows } });
    expect(error).toMatchObject({
      code: "INPUT_INVALID",
      message: `expected input \`token\` to have exactly one row, got: ${count}`,
    });
  }
  expect(server.requests).toEqual([]);
  await run(job, { inputs: { tokens: [one] } });
  expect(server.requests[0]?.headers.authorization).toBe("Bearer canary-5d1e7f00");
});

test("each row of an activation is a unit; the same key is one, and no row is no request", async () => {
  const job = define({
    inputs: { accounts },
    http: http({ query: { account: "{{accounts.id}}", region: "{{accounts.region}}" } }),
  });
  respond = ({ query }) => ({ body: [{ account: query.get("account") }] });
  const rows = [
    { id: "b", region: "eu" },
    { id: "a", region: null },
    { id: "a", region: null },
  ];
  const nothing = await run(job, { inputs: { accounts: { rows: [], columns: { id: "VARCHAR", region: "VARCHAR" } } } });
  expect(nothing.error).toMatchObject({ code: "SOURCE_EMPTY" });
  const failing = await run(job, { inputs: { accounts: [{ id: null, region: "x" }] } });
  expect(failing.error).toMatchObject({ code: "INPUT_INVALID" });
  expect(server.requests).toEqual([]);
  // one without a region cannot be asked for, and leaves the other
  const { reason } = await run(job, { inputs: { accounts: rows } });
  expect(reason).toBe("partial");
  expect(server.lines).toEqual(["GET /calls?account=b&region=eu"]);
});

test("an activation without a row makes the empty dataset whose columns are declared", async () => {
  const none = { accounts: { rows: [], columns: { id: "VARCHAR" } } };
  const job = define({
    inputs: { accounts },
    http: { query: { account: "{{accounts.id}}" }, read: { columns: { id: "BIGINT" } } },
    onEmpty: "ok",
  });
  await run(job, { inputs: none });
  expect(server.requests).toEqual([]);
  expect(await project.query("select id from calls", ["calls"])).toEqual([]);
});

test("parts of time times accounts are units of their own, and each is read once", async () => {
  const watermark = { kind: "time", from: "2020-01-06", to: "2020-02-03", format: "date" } as const;
  const job = define({ inputs: { accounts }, partition: "weekly", watermark, http: http({ query: byAccount.query }) });
  respond = ({ path }) => ({ body: [{ path }] });
  const inputs = { accounts: [{ id: "a" }, { id: "b" }, { id: "c" }] };
  expect((await run(job, { inputs })).result).toMatchObject({ rows: 12 });
  expect(server.lines).toHaveLength(12);
  expect(server.lines[0]).toBe("GET /calls?account=a&from=2020-01-06&to=2020-01-13");
  expect((await run(job)).result).toMatchObject({ rows: 0, rowCount: 12, changed: false });
  expect(server.lines).toHaveLength(12);
});

test("a unit that fails is read by the next run, and the others are not read again", async () => {
  const watermark = { kind: "time", from: "2026-01-01", to: "2026-01-04", format: "date" } as const;
  const job = define({ partition: "daily", watermark, http: http({ query: { day: "{{window.from}}" } }) });
  let isDown = true;
  respond = ({ query }) =>
    isDown && query.get("day") === "2026-01-02" ? { status: 400 } : { body: [{ day: query.get("day") }] };
  const first = await run(job);
  expect(first.reason).toBe("partial");
  expect(await project.query("select day::varchar as day from calls order by day", ["calls"])).toEqual([
    { day: "2026-01-01" },
    { day: "2026-01-03" },
  ]);
  isDown = false;
  expect((await run(job)).result).toMatchObject({ rows: 1, rowCount: 3 });
  expect(server.lines.at(-1)).toBe("GET /calls?day=2026-01-02");
  expect(server.lines).toHaveLength(4);
});

test("runs with a cap read each of many units exactly once", async () => {
  const job = define({
    inputs: { accounts },
    maxUnitsPerRun: 30,
    watermark: { kind: "time", from: "2026-01-01", to: "2026-01-02" },
    http: http({ query: { account: "{{accounts.id}}" } }),
  });
  respond = ({ query }) => ({ body: [{ account: Number(query.get("account")) }] });
  await project.publish(
    "accounts",
    Array.from({ length: 100 }, (_, id) => ({ id })),
  );
  const rows: unknown[] = [];
  for (let count = 0; count < 5; count += 1) rows.push(((await run(job)).result as { rows: number }).rows);
  expect(rows).toEqual([30, 30, 30, 10, 0]);
  expect(await project.query("select count(*) as n, count(distinct account) as d from calls", ["calls"])).toEqual([
    { n: 100n, d: 100n },
  ]);
});

test("a cursor watermark goes on where the greatest value was, and a date of the future does not hide what comes before it", async () => {
  const job = define({
    watermark: { kind: "cursor", field: "at", from: "2026-01-01T00:00:00Z" },
    http: http({ query: { since: "{{watermark?}}" } }),
  });
  respond = () => ({ body: [{ at: "2026-01-03T00:00:00Z" }, { at: "2026-01-02T00:00:00Z" }] });
  await run(job);
  respond = () => ({ body: [{ at: "2999-01-01T00:00:00Z" }] });
  await run(job);
  await run(job);
  const [, second, third] = server.requests.map(({ query }) => query.get("since"));
  expect(server.requests[0]?.query.get("since")).toBe("2026-01-01T00:00:00Z");
  expect(second).toBe("2026-01-03T00:00:00Z");
  expect(third?.slice(0, 2)).toBe("20");
  expect(third).not.toBe("2999-01-01T00:00:00Z");
});

test("a row at the end of what was read comes again, and is left out if it is the same", async () => {
  const job = define({
    watermark: { kind: "cursor", field: "at" },
    http: http({ query: { since: "{{watermark?}}" } }),
  });
  const page =
    (rows: readonly unknown[]): Respond =>
    () => ({ body: rows });
  const [old, same] = [
    { id: 1, at: "2026-01-01T00:00:00Z" },
    { id: 2, at: "2026-01-02T00:00:00Z" },
  ];
  respond = page([old, same]);
  await run(job);
  // nothing new is no empty delivery
  respond = page([same]);
  expect(await run(job)).toMatchObject({ state: "FINISHED", result: { rows: 0, rowCount: 2, changed: false } });
  const tie = { id: 3, at: "2026-01-02T00:00:00Z" };
  respond = page([same, tie]);
  expect((await run(job)).result).toMatchObject({ rows: 1 });
  const changed = { ...same, note: "changed" };
  respond = page([changed, tie]);
  expect((await run(job)).result).toMatchObject({ rows: 1, rowCount: 4 });
  respond = page([same, tie, changed, { id: 4, at: "2026-01-03T00:00:00Z" }]);
  expect((await run(job)).result).toMatchObject({ rows: 1, rowCount: 5 });
  respond = page([]);
  expect((await run(job)).error).toMatchObject({ code: "SOURCE_EMPTY" });
});

test("hundreds of rows with the greatest value come once; more than can be told apart are refused where rows are appended", async () => {
  const watermark = { kind: "cursor", field: "at" } as const;
  const job = define({ watermark, http: http({ query: { since: "{{watermark?}}" } }) });
  const ties = (count: number): { id: number; at: string }[] =>
    Array.from({ length: count }, (_, id) => ({ id, at: "2026-01-02T00:00:00Z" }));
  respond = () => ({ body: ties(120) });
  expect((await run(job)).result).toMatchObject({ rows: 120 });
  respond = () => ({ body: ties(321) });
  expect((await run(job)).result).toMatchObject({ rows: 201, rowCount: 321 });
  expect((await run(job)).result).toMatchObject({ rows: 0, rowCount: 321, changed: false });
  respond = () => ({ body: ties(1_001) });
  const many = await run(job);
  expect(many.error).toMatchObject({ code: "SOURCE_UNREADABLE", disposition: "fail" });
  expect(many.error?.message).toBe(
    "more than 1000 rows have `2026-01-02T00:00:00Z` in field `at`, by which rows are read on",
  );
  const merging = define({
    name: "merged",
    watermark,
    http: http({}),
    output: { dataset: "merged", mode: "merge", key: ["id"] },
  });
  for (let turn = 0; turn < 2; turn += 1) expect((await run(merging)).result).toMatchObject({ rowCount: 1_001 });
});

test("a cursor is read by its formats and sent as the service wants it; a value of none of them is an error with row and value", async () => {
  const job = define({
    watermark: {
      kind: "cursor",
      field: "at",
      formats: ["yyyy-MM-dd HH:mm:ss", "iso"],
      format: "seconds",
      timezone: "Europe/Berlin",
    },
    http: http({ query: { since: "{{watermark?}}" } }),
  });
  respond = () => ({ body: [{ at: "2026-01-02 01:00:00" }, { at: "2026-01-01T23:30:00.5Z" }] });
  await run(job);
  respond = () => ({ body: [{ at: "2026-01-03 01:00:00" }, { at: "3 January" }] });
  expect((await run(job)).error?.message).toBe("page 1, row 2: field `at` has none of its formats: `3 January`");
  await run(job);
  const sent = server.requests.map(({ query }) => query.get("since"));
  expect(sent).toEqual([null, "1767312000", "1767312000"]);
});

test("each account has a cursor of its own", async () => {
  const job = define({
    inputs: { accounts: { role: "activation", values: ["a", "b"] } },
    watermark: { kind: "cursor", field: "at" },
    http: http({ query: { account: "{{accounts.value}}", since: "{{watermark?}}" } }),
  });
  respond = ({ query }) => ({ body: [{ id: query.get("account"), at: query.get("account") === "a" ? 5 : 7 }] });
  await run(job);
  await run(job);
  expect(server.lines.toSorted()).toEqual([
    "GET /calls?account=a",
    "GET /calls?account=a&since=5",
    "GET /calls?account=b",
    "GET /calls?account=b&since=7",
  ]);
});

test("values in the place of a dataset, and units that are each read once", async () => {
  const job = define({
    watermark: { kind: "units", values: ["a", "b", "c"] },
    unitConcurrency: 1,
    http: http({ query: { id: "{{unit.value}}" } }),
  });
  let isDown = true;
  respond = ({ query }) => (isDown && query.get("id") === "b" ? { status: 404 } : { body: [{ id: query.get("id") }] });
  expect((await run(job)).reason).toBe("partial");
  isDown = false;
  expect((await run(job)).result).toMatchObject({ rows: 1, rowCount: 3 });
  expect((await run(job)).result).toMatchObject({ rows: 0, changed: false });
  expect(server.lines.map((line) => line.slice(-1)).join("")).toBe("abcb");
});

test("only rows of the activation that have changed are read, by a field or as a whole; the same key is one", async () => {
  for (const changedOnly of [true, { field: "version" }] as const) {
    server.requests.length = 0;
    const name = changedOnly === true ? "whole" : "field";
    const job = integrationJob({
      name,
      inputs: { accounts: { ...accounts, changedOnly } },
      source: { http: { url: server.url("/calls"), retry: { attempts: 1 }, query: { account: "{{accounts.id}}" } } },
      output: { dataset: name, mode: "append" },
    });
    let broken = "";
    respond = ({ query }) =>
      query.get("account") === broken ? { status: 400 } : { body: [{ account: query.get("account") }] };
    const read = async (rows: readonly Record<string, unknown>[]): Promise<string> => {
      const before = server.lines.length;
      await run(job, { inputs: { accounts: rows } });
      return server.lines
        .slice(before)
        .map((line) => line.slice(-1))
        .toSorted()
        .join("");
    };
    const [a, b] = [
      { id: "a", version: 1, note: "x" },
      { id: "b", version: 1, note: "x" },
    ];
    expect(await read([a, b, b])).toBe("ab");
    expect(await read([b, a])).toBe("");
    broken = "b";
    expect(await read([a, { ...b, version: 2 }])).toBe("b");
    broken = "";
    expect(await read([a, { ...b, version: 2 }])).toBe("b");
    expect(
      await read([
        { ...a, note: "y" },
        { ...b, version: 2 },
      ]),
    ).toBe(changedOnly === true ? "a" : "");
  }
});

test("units are read at once, as many as the job says, and the rows of one that fails are left out", async () => {
  const values = Array.from({ length: 12 }, (_, index) => index);
  const job = define({
    inputs: { accounts: { role: "activation", values } },
    unitConcurrency: 3,
    http: http({ query: { account: "{{accounts.value}}", page: "{{page.number}}" }, pagination: { kind: "page" } }),
  });
  let [open, most] = [0, 0];
  // the first one is not answered before another has come, however slow the machine is
  const another = Promise.withResolvers<void>();
  respond = async ({ query }) => {
    open += 1;
    most = Math.max(most, open);
    if (open > 1) another.resolve();
    await another.promise;
    open -= 1;
    const [account, page] = [Number(query.get("account")), Number(query.get("page"))];
    if (account === 5 && page === 2) return { status: 400 };
    return { body: page > 2 ? [] : [{ account, page, ...(account === 7 ? { extra: 1.5 } : {}) }] };
  };
  expect(await run(job)).toMatchObject({ reason: "partial", result: { rows: 22 } });
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(3);
  const sums = "select count(*) as n, count(distinct account) as accounts, sum(extra) as extra from calls";
  expect(await project.query(sums, ["calls"])).toEqual([{ n: 22n, accounts: 11n, extra: 3 }]);
});

test("fewer units or rows than there have to be are errors", async () => {
  const values = ["a", "b"];
  const inputs = { accounts: { role: "activation", values } } as const;
  const few = define({ inputs, minUnits: 3, http: http({ query: { account: "{{accounts.value}}" } }) });
  expect((await run(few)).error).toMatchObject({ code: "INPUT_INVALID" });
  expect(server.requests).toEqual([]);
  const job = define({ inputs, minRowsPerUnit: 2, http: http({ query: { account: "{{accounts.value}}" } }) });
  respond = ({ query }) => ({ body: query.get("account") === "a" ? [{ id: 1 }] : [{ id: 1 }, { id: 2 }] });
  const { reason, result } = await run(job);
  expect([reason, result]).toMatchObject(["partial", { rows: 2 }]);
  respond = () => ({ body: [{ id: 1 }] });
  const alone = await run(define({ minRowsPerUnit: 2 }));
  expect(alone.error).toMatchObject({
    code: "SOURCE_EMPTY",
    message: "expected the source to have at least 2 rows, got: `1`",
  });
});

test("an activation without a row is told, also with a watermark", async () => {
  const watermark = { kind: "time", from: "2026-01-01", to: "2026-01-02" } as const;
  const job = define({ inputs: { accounts }, watermark, http: http({ query: { account: "{{accounts.id}}" } }) });
  const { error } = await run(job, { inputs: { accounts: { rows: [], columns: { id: "VARCHAR" } } } });
  expect(error).toMatchObject({ code: "SOURCE_EMPTY" });
});

test("time that begins in the future is told, and is no run without units", async () => {
  const later = define({ watermark: { kind: "time", from: "2999-01-01" }, http: http({}) });
  expect((await run(later)).error).toMatchObject({
    code: "SOURCE_EMPTY",
    message: "time begins at `2999-01-01`, which is later than now, so that nothing is asked for",
  });
  expect(server.requests).toEqual([]);
});

test("a row without the field of the watermark fails, and the watermark stays", async () => {
  const job = define({
    watermark: { kind: "cursor", field: "at" },
    http: http({ query: { since: "{{watermark?}}" } }),
  });
  respond = () => ({ body: [{ at: "2026-01-03" }, { at: null }] });
  expect((await run(job)).error).toMatchObject({ code: "SOURCE_UNREADABLE" });
  respond = () => ({ body: [{ at: "2026-01-03" }] });
  await run(job);
  expect(server.lines).toEqual(["GET /calls", "GET /calls"]);
});

test("params of a run and the window of a schedule are variables", async () => {
  const job = define({ http: http({ query: { from: "{{window.from?}}", to: "{{window.to?}}" } }) });
  await run(job, { window: { from: "2026-01-01T00:00:00.000Z", to: "2026-01-02T00:00:00.000Z" } });
  expect(server.requests[0]?.query.get("from")).toBe("2026-01-01T00:00:00.000Z");
});

test("units that make no sense are refused when the job is defined", () => {
  const output = { dataset: "t", mode: "append" as const };
  const file = { file: { path: "x.csv" } };
  const source = { http: { url: "http://x.test" } };
  const time = { kind: "time", from: "2026-01-01" } as const;
  for (const definition of [
    { source: file, watermark: time },
    { source, partition: "daily" as const },
    { source, inputs: { a: { dataset: "a", role: "activation" as const } } },
    { source, inputs: { a: accounts, b: accounts } },
    { source, watermark: time, partition: { every: "15 days" } },
    { source, watermark: time, output: { dataset: "t" } },
    { source: file, wait: { every: "1s" as const } },
    { source, maxUnitsPerRun: 3 },
    { source, minUnits: 3 },
    { source, watermark: time, minUnits: 3 },
    { source: { file: { path: "{{a.id}}.csv" } }, inputs: { a: accounts }, minRowsPerUnit: 1 },
    { source: { file: { path: "{{a.id}}.csv" } }, inputs: { a: accounts }, unitConcurrency: 2 },
    {
      source: { file: { path: "{{a.id}}.csv" } },
      inputs: { a: accounts },
      watermark: { kind: "cursor" as const, field: "at" },
    },
    { source, watermark: { kind: "units" as const } },
    { source, inputs: { a: { role: "activation" as const } } },
    { source, inputs: { a: { ...accounts, values: [1] } } },
    { source, inputs: { a: { role: "authentication" as const, values: [1] } } },
    { source, inputs: { a: { ...token, changedOnly: true } } },
    { source, inputs: { a: { ...accounts, changedOnly: true } }, output: { dataset: "t" } },
    { source, watermark: { ...time, from: "2026-01-01T06:00:00Z", granularity: "day" as const } },
    { source, watermark: { ...time, format: "date" } },
    { source, partition: "daily" as const, watermark: { ...time, format: "dd.MM.yyyy" } },
    { source, watermark: { kind: "cursor" as const, field: "at", format: "seconds" } },
    { source, watermark: { kind: "cursor" as const, field: "at", formats: ["seconds"], from: "soon" } },
  ]) {
    expectThrown(() => integrationJob({ name: "t", output, ...definition }), "JOB_INVALID");
  }
  for (const watermark of [
    { kind: "time", from: "soon" },
    { kind: "time", from: "2026-01-01", format: "yyyy-mm" },
    { kind: "cursor", field: "at", formats: ["hh:mm"] },
  ] as const) {
    expectThrown(() => integrationJob({ name: "t", output, source, watermark }), "VALUE_INVALID");
  }
  const once = [{ format: "yyyy-MM-dd HH" }, { partial: false }, { granularity: "day" }, { to: "2026-02-01" }] as const;
  for (const more of once) {
    integrationJob({ name: "t", output, source, partition: "daily", watermark: { ...time, format: "date", ...more } });
  }
});

test("a service that works is asked again until it is done, without a worker between, and only then is anything published", async () => {
  const ready = { path: "state", is: ["success", "warning"], failed: "errored" };
  const job = integrationJob({
    name: "calls",
    source: { http: { url: server.url("/syncs/7"), read: { rows: "." }, ready } },
    wait: { every: "15m", timeout: "4h" },
    output: { dataset: "calls" },
  });
  const states = ["pending", undefined, "active", "success"];
  respond = ({ index }) => ({ body: { id: 7, state: states[index] } });
  const { output, state } = await run(job);
  expect(state).toBe("FINISHED");
  expect(output["calls"]).toEqual([{ id: 7n, state: "success" }]);
  expect(server.requests).toHaveLength(4);
  respond = () => ({ body: { id: 7, state: "errored" } });
  const { error } = await run(job);
  expect(error?.message).toBe('page 1: the service has failed: `state` is `"errored"`');
  respond = () => ({ body: { id: 7, state: "pending" } });
  expect((await run(job)).error).toMatchObject({ code: "WAIT_TIMED_OUT" });
});

test("a run that replaces all rows fails when a unit does, since the rows of that unit would be lost", async () => {
  const definition = { inputs: { accounts }, http: http({ query: { account: "{{accounts.id}}" } }) };
  const source = { http: { url: "", retry: { wait: "1ms" } as const, ...definition.http } };
  const job = integrationJob({ name: "calls", inputs: { accounts }, source, output: { dataset: "calls" } });
  respond = ({ query }) => ({ body: [{ account: query.get("account") }] });
  await run(job, { inputs: { accounts: [{ id: "a" }, { id: "b" }] } });
  respond = ({ query }) => (query.get("account") === "b" ? { status: 400 } : { body: [{ account: "a" }] });
  expect((await run(job)).error).toMatchObject({ code: "REQUEST_REJECTED" });
  expect(await project.query("select account from calls order by account", ["calls"])).toEqual([
    { account: "a" },
    { account: "b" },
  ]);
});
