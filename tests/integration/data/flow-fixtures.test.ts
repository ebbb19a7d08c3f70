// Whole flows with their numbers: what is asked for in which order, and what comes out of it. The numbers of parts of time are in
// src/data/units/plan-units.test.ts, those of single pages in src/data/requests.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { integrationJob } from "../../../src/data/jobs/integration-job.ts";
import { createTestProject, type TestProject } from "../../../src/testing.ts";
import { PageServer, type Respond } from "../../support/data/page-server.ts";

let project: TestProject;
let server: PageServer;
let respond: Respond;
beforeEach(async () => {
  respond = () => ({ body: [] });
  server = await PageServer.start((request) => respond(request));
  project = await createTestProject();
});
afterEach(async () => {
  await project[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const ids = (from: number, to: number): { id: number }[] =>
  Array.from({ length: to - from }, (_, index) => ({ id: from + index }));

test("215 calls of a week come in three pages, the first without a cursor, and each week has a state of its own", async () => {
  const job = integrationJob({
    name: "calls",
    partition: "weekly",
    watermark: { kind: "time", from: "2018-01-01", to: "2018-01-15" },
    unitConcurrency: 1,
    source: {
      http: {
        url: server.url("/v2/calls"),
        query: { fromDateTime: "{{window.from}}", toDateTime: "{{window.to}}", cursor: "{{page.cursor?}}" },
        pagination: { kind: "cursor", path: "records.cursor" },
        read: { rows: "calls", total: "records.totalRecords" },
        retry: { attempts: 1 },
      },
    },
    output: { dataset: "calls", mode: "append" },
  });
  let isDown = true;
  respond = ({ query }) => {
    if (isDown && query.get("fromDateTime")?.startsWith("2018-01-08") === true) return { status: 500 };
    const from = Number(query.get("cursor") ?? 0);
    const calls = ids(from, Math.min(from + 100, 215));
    return { body: { calls, records: { totalRecords: 215, ...(from < 200 ? { cursor: String(from + 100) } : {}) } } };
  };
  expect(await project.run(job, { onFailure: "return" })).toMatchObject({ reason: "partial", result: { rows: 215 } });
  expect(server.requests.map(({ query }) => query.get("cursor"))).toEqual([null, "100", "200", null]);
  isDown = false;
  expect(await project.run(job)).toMatchObject({ result: { rows: 215, rowCount: 430 } });
  expect(server.lines.slice(4).every((line) => line.includes("fromDateTime=2018-01-08"))).toBe(true);
});

test("an offset of 100 rows goes on at 100, at the next number", async () => {
  const job = integrationJob({
    name: "items",
    source: {
      http: {
        url: server.url("/items"),
        query: { start: "{{page.offset}}", limit: "{{page.size}}", page: "{{page.number}}" },
        pagination: { kind: "offset", size: 100 },
      },
    },
    output: { dataset: "items" },
  });
  respond = ({ query }) => ({ body: query.get("start") === "0" ? ids(0, 100) : [] });
  await project.run(job);
  expect(server.lines).toEqual(["GET /items?start=0&limit=100&page=1", "GET /items?start=100&limit=100&page=2"]);
});

test("a feed by time ends by its flag, goes on at the greatest second, and what comes twice at the boundary is there once", async () => {
  const job = integrationJob({
    name: "tickets",
    watermark: { kind: "cursor", field: "updated", from: 100 },
    source: {
      http: {
        url: server.url("/tickets"),
        query: { start_time: "{{watermark}}", page: "{{page.number}}" },
        pagination: { kind: "flag", path: "end_of_stream", more: false },
        read: { rows: "tickets" },
      },
    },
    output: { dataset: "tickets", mode: "append" },
  });
  const tickets = [
    { id: 1, updated: 110 },
    { id: 2, updated: 120 },
    { id: 3, updated: 120 },
    { id: 4, updated: 130 },
  ];
  respond = ({ query }) => {
    const since = tickets.filter(({ updated }) => updated >= Number(query.get("start_time")));
    const page = Number(query.get("page")) - 1;
    const end = server.requests.length > 2 ? since.length : Math.min(since.length, 3);
    return {
      body: { tickets: since.slice(page * 2, Math.min(end, page * 2 + 2)), end_of_stream: page * 2 + 2 >= end },
    };
  };
  expect((await project.run(job)).result).toMatchObject({ rows: 3 });
  expect((await project.run(job)).result).toMatchObject({ rows: 1, rowCount: 4 });
  expect(server.requests.map(({ query }) => query.get("start_time"))).toEqual(["100", "100", "120", "120"]);
});

test("a time in a header and in a JSON body is as it is, in an address it is encoded, and braces of the service's own stay", async () => {
  const job = integrationJob({
    name: "exports",
    source: {
      http: {
        url: server.url("/exports?start={{params.startDate}}"),
        method: "POST",
        headers: { "x-start": "{{params.startDate}}" },
        body: { json: { start: "{{params.startDate}}", field: String.raw`\{{Activity.CreatedAt}}` } },
        read: { rows: "." },
      },
    },
    params: z.object({ startDate: z.string() }),
    output: { dataset: "exports" },
  });
  respond = () => ({ body: { id: 1 } });
  await project.run(job, { params: { startDate: "2019-11-01 12:00:00" } });
  const [request] = server.requests;
  expect(server.lines).toEqual(["POST /exports?start=2019-11-01+12%3A00%3A00"]);
  expect(request?.headers["x-start"]).toBe("2019-11-01 12:00:00");
  expect(JSON.parse(String(request?.body))).toEqual({ start: "2019-11-01 12:00:00", field: "{{Activity.CreatedAt}}" });
});

test("columns of a CSV file go by their names, whatever their order, and a projection takes four of six", async () => {
  const write = async (text: string): Promise<void> => await writeFile(join(project.root, "rows.csv"), text);
  const source = { file: { path: "rows.csv" } } as const;
  const job = integrationJob({ name: "letters", source, output: { dataset: "letters", mode: "append" } });
  await write("a,b,c\n1,2,3\n");
  await project.run(job);
  await write("b,c,a\n5,6,4\n");
  await project.run(job);
  expect(await project.query("select a, b, c from letters order by a", ["letters"])).toEqual([
    { a: 1n, b: 2n, c: 3n },
    { a: 4n, b: 5n, c: 6n },
  ]);
  await write("a,b,c,d,e,f\n0,1,2,3,4,5\n");
  const convert = [{ sql: "select a, c, d, e from source" }];
  const four = integrationJob({ name: "four", source, convert, output: { dataset: "four" } });
  expect((await project.run(four)).output["four"]).toEqual([{ a: 0n, c: 2n, d: 3n, e: 4n }]);
});
