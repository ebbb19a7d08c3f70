// One declaration for the first load, what came since, everything anew, and single windows again.
import { afterEach, beforeEach, expect, test } from "vitest";
import { integrationJob } from "../../../src/data/jobs/integration-job.ts";
import type { Job } from "../../../src/core/job/job.ts";
import { createTestProject, type TestProject } from "../../../src/testing.ts";
import type { UnitOptions } from "../../../src/data/units/unit-options.ts";
import { expectThrown } from "../../support/expect-thrown.ts";
import { PageServer, type Respond } from "../../support/data/page-server.ts";

let project: TestProject;
let server: PageServer;
let respond: Respond;
beforeEach(async () => {
  respond = () => ({ body: [{ id: 1, at: "2026-01-05T00:00:00Z" }] });
  server = await PageServer.start((request) => respond(request));
  project = await createTestProject();
});
afterEach(async () => {
  await project[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const window = { from: "2026-01-02T00:00:00.000Z", to: "2026-01-04T00:00:00.000Z" };

function byCursor(): Job {
  return integrationJob({
    name: "orders",
    watermark: { kind: "cursor", field: "at" },
    source: { http: { url: server.url("/orders"), query: { since: "{{watermark?}}", until: "{{window.to?}}" } } },
    output: { dataset: "orders", mode: "merge", key: ["id"] },
  });
}

function byDay(): Job {
  return integrationJob({
    name: "days",
    inputs: { shop: { role: "activation", values: ["a", "b"] } },
    partition: "daily",
    watermark: { kind: "time", from: "2026-01-01", to: "2026-01-05", format: "date" },
    unitConcurrency: 1,
    maxUnitsPerRun: 3,
    source: {
      http: {
        url: server.url("/days"),
        query: { shop: "{{shop.value}}", day: "{{window.from}}" },
        retry: { attempts: 1 },
      },
    },
    output: { dataset: "days", mode: "merge", key: ["shop", "day"] },
  });
}

test("the first run sends no watermark, the next ones do, and a full refresh begins like the first", async () => {
  await project.run(byCursor());
  await project.run(byCursor());
  await project.run(byCursor(), { isFullRefresh: true });
  await project.run(byCursor());
  const since = "GET /orders?since=2026-01-05T00%3A00%3A00Z";
  expect(server.lines).toEqual(["GET /orders", since, "GET /orders", since]);
});

test("a run with a window reads from its beginning, whatever was read before, and moves nothing", async () => {
  await project.run(byCursor());
  await project.run(byCursor(), { window });
  await project.run(byCursor());
  expect(server.lines[1]).toBe("GET /orders?since=2026-01-02T00%3A00%3A00.000Z&until=2026-01-04T00%3A00%3A00.000Z");
  expect(server.lines[2]).toBe("GET /orders?since=2026-01-05T00%3A00%3A00Z");
});

test("a window over units is read by one run, without a cap, and counts as read", async () => {
  respond = ({ query }) => ({ body: [{ shop: query.get("shop"), day: query.get("day") }] });
  expect((await project.run(byDay(), { window })).result).toMatchObject({ rows: 4 });
  expect(server.lines).toEqual([
    "GET /days?shop=a&day=2026-01-02",
    "GET /days?shop=b&day=2026-01-02",
    "GET /days?shop=a&day=2026-01-03",
    "GET /days?shop=b&day=2026-01-03",
  ]);
  const rows: unknown[] = [];
  for (let run = 0; run < 3; run += 1) rows.push(((await project.run(byDay())).result as { rows: number }).rows);
  expect(rows).toEqual([3, 1, 0]);
  expect(server.lines.slice(4)).toEqual([
    "GET /days?shop=a&day=2026-01-01",
    "GET /days?shop=b&day=2026-01-01",
    "GET /days?shop=a&day=2026-01-04",
    "GET /days?shop=b&day=2026-01-04",
  ]);
});

test("a unit of a window that fails is left for the runs without one, and a full refresh reads all units at once", async () => {
  let isDown = true;
  respond = ({ query }) =>
    isDown && query.get("day") === "2026-01-03" && query.get("shop") === "b"
      ? { status: 400 }
      : { body: [{ shop: query.get("shop"), day: query.get("day") }] };
  expect(await project.run(byDay(), { window })).toMatchObject({ reason: "partial", result: { rows: 3 } });
  isDown = false;
  for (let run = 0; run < 2; run += 1) await project.run(byDay());
  expect(server.lines.slice(4)).toContain("GET /days?shop=b&day=2026-01-03");
  const before = server.lines.length;
  await project.run(byDay(), { isFullRefresh: true });
  expect(server.lines.length - before).toBe(8);
});

test("appended rows of a window that is read ahead come once, and a window of a cursor is refused", async () => {
  respond = ({ query }) => ({ body: [{ from: query.get("from"), to: query.get("to") }] });
  const query = { from: "{{window.from}}", to: "{{window.to}}" };
  const append = (watermark: UnitOptions["watermark"], more = query): Job =>
    integrationJob({
      name: "events",
      ...(watermark === undefined ? {} : { watermark }),
      source: { http: { url: server.url("/events"), query: more } },
      output: { dataset: "events", mode: "append" },
    });
  const job = append({ kind: "time", from: "2026-01-01", to: "2026-01-06", format: "date" });
  await project.run(job, { window });
  await project.run(job, { window });
  for (let run = 0; run < 3; run += 1) await project.run(job);
  expect(server.lines).toEqual([
    "GET /events?from=2026-01-02&to=2026-01-04",
    "GET /events?from=2026-01-01&to=2026-01-02",
    "GET /events?from=2026-01-04&to=2026-01-06",
  ]);
  const { error } = await project.run(append({ kind: "cursor", field: "at" }), { window, onFailure: "return" });
  expect(error).toMatchObject({ code: "PARAMS_INVALID", hint: expect.stringContaining('mode: "merge"') as string });
  expectThrown(() => append({ kind: "time", from: "2026-01-01", grace: "1d" }), "JOB_INVALID");
  expect(server.requests).toHaveLength(3);
});

test("a full refresh of a window is refused before anything is sent, as its plan says", async () => {
  for (const job of [byDay(), byCursor()]) {
    const asked = { window, isFullRefresh: true } as const;
    expect((await project.run(job, { ...asked, onFailure: "return" })).error).toMatchObject({ code: "PARAMS_INVALID" });
    expect(await project.plan(job, asked)).toMatchObject([{ problem: { code: "PARAMS_INVALID" } }]);
  }
  expect(server.requests).toEqual([]);
});

test("a window that begins later than now is nothing to ask for, which is told", async () => {
  const asked = { window: { from: "2998-01-01T00:00:00.000Z", to: "2999-01-01T00:00:00.000Z" } };
  const job = integrationJob({
    name: "events",
    watermark: { kind: "time", from: "2026-01-01" },
    source: { http: { url: server.url("/events") } },
    output: { dataset: "events", mode: "merge", key: ["id"] },
  });
  const { error } = await project.run(job, { ...asked, onFailure: "return" });
  expect(error).toMatchObject({ code: "SOURCE_EMPTY", message: expect.stringContaining("2998-01-01") as string });
  expect((await project.run(job, { window })).result).toMatchObject({ rows: 1 });
});

test("time that is read ends where the clock of the project stands, in a run and in its plan", async () => {
  await using past = await createTestProject({ now: "2020-03-02T12:00:00Z" });
  const job = integrationJob({
    name: "events",
    watermark: { kind: "time", from: "2020-03-01" },
    source: { http: { url: server.url("/events"), query: { to: "{{window.to}}" } } },
    output: { dataset: "events", mode: "merge", key: ["id"] },
  });
  const range = { from: "2020-03-01T00:00:00.000Z", to: "2020-03-02T12:00:00.000Z" };
  expect(await past.plan(job)).toMatchObject([{ plan: { units: [{ window: range }] } }]);
  await past.run(job);
  past.skipTo("2020-03-03T00:00:00Z");
  await past.run(job);
  const until = (instant: string): string => `GET /events?to=${encodeURIComponent(instant)}`;
  expect(server.lines).toEqual([until(range.to), until("2020-03-03T00:00:00.000Z")]);
});
