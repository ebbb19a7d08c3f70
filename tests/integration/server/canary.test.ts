// A secret in every place it could come to by mistake: no answer, no live message and no line of the server's log has it in
// any form, and the audit has it not either. The server's own tokens are not even in the database's file.
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { z } from "zod";
import { eventsPath, type RouteEntry, type RouteName, routes } from "../../../src/api/routes.ts";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import { defineJob, type Job } from "../../../src/core/job/job.ts";
import { formatRunId } from "../../../src/core/run-id.ts";
import { createSecretRedactor, maskText } from "../../../src/core/errors/secret-redactor.ts";
import { fillPath, startTestServer, type TestServer } from "../../support/server/test-server.ts";

const canary = "kanarienvogel-7f3a9c51d2e8";
const underKey = "only-its-key-tells-2b64";
const base64 = Buffer.from(`user:${canary}`).toString("base64");

const leaky: Job<"leaky"> = defineJob({
  name: "leaky",
  description: `reads with ${canary}`,
  retry: { maxRetries: 0 },
  params: z.looseObject({}),
  async execute(ctx) {
    ctx.log.info(`connecting to postgres://me:${canary}@db`, { header: `Basic ${base64}`, api_key: underKey });
    ctx.log.error(JSON.stringify({ nested: JSON.stringify({ canary }) }));
    ctx.log.warn("x".repeat(2_000) + canary);
    ctx.progress({ done: 1, total: 2, operation: `reading ${canary}` });
    await ctx.checkpoint.save({ page: canary, password: underKey });
    await ctx.watermark().advance(`2026-01-01-${canary}`);
    await ctx.each([canary], { key: (item) => item, onItemError: "continue" }, async (item) => {
      throw new Error(`no unit ${item}`);
    });
    throw new MillraceError("SOURCE_MISSING", `401 from https://api.example/?token=${encodeURIComponent(canary)}`, {
      hint: `try ${canary} again`,
      details: { canary, token: underKey },
      cause: new Error(`caused by ${canary}`),
    });
  },
});

const entries = Object.entries(routes) as [RouteName, RouteEntry][];

describe("a secret that is registered", () => {
  it("is in nothing that the server says, logs or records", { timeout: 60_000 }, async () => {
    await using test = await startTestServer({
      definitions: [leaky],
      redactor: createSecretRedactor([canary]),
      logLevel: "debug",
    });
    const heard = await listen(test);
    const runId = await plantInRun(test);
    await plantInStore(test);
    await plantInRequests(test, runId);

    const said = await readEverything(test, runId);
    for (const [where, text] of Object.entries({
      ...said,
      messages: heard.join("\n"),
      log: test.logLines.join("\n"),
    })) {
      for (const form of [canary, base64.slice(8, -4), encodeURIComponent(canary), underKey]) {
        expect([where, form, text.includes(form)]).toEqual([where, form, false]);
      }
    }
    // The test looks where something is.
    expect(Object.values(said).filter((text) => text.includes(maskText)).length).toBeGreaterThanOrEqual(8);
    expect(heard.join("")).toContain(maskText);
    expect(test.logLines.join("")).toContain(maskText);
    expect(JSON.stringify(await test.fixture.store.listAudit({ limit: 500 }))).not.toContain(canary);
  });
});

describe("a token of the server", () => {
  it("is not in the database, not in the log, and masked where a person put it", async () => {
    await using test = await startTestServer({ definitions: [leaky] });
    const token = test.tokens.operator;
    await test.call("startJob", { params: { job_name: "leaky" }, token, body: { reason: `with ${token}` } });
    const session = await test.request("POST", "/api/v1/session", { token: "", body: { token } });
    const cookie = session.headers.get("set-cookie")?.split(";")[0]?.split("=")[1] ?? "";
    const shown = await (await test.call("listRuns", { query: { q: token.slice(-43) } })).text();
    expect(shown).not.toContain(token.slice(-43));
    const files = await readDatabase(test);
    for (const secret of [token.slice(-43), test.tokens.admin.slice(-43), cookie]) {
      expect(secret.length).toBeGreaterThan(40);
      expect(files.includes(secret)).toBe(false);
      expect(test.logLines.join("")).not.toContain(secret);
    }
  });
});

async function plantInRun(test: TestServer): Promise<string> {
  const { fixture } = test;
  const worker = await fixture.startWorker([leaky]);
  const body = { params: { dsn: `me:${canary}`, [canary]: 1, deep: [{ client_secret: underKey }] }, reason: canary };
  await test.call("startJob", { params: { job_name: "leaky" }, body });
  const id = await fixture.submit(leaky, { created: canary });
  await fixture.waitFor(id);
  await worker.stop();
  return formatRunId(id);
}

async function plantInStore({ fixture: { store } }: TestServer): Promise<void> {
  await store.saveBreaker({
    name: "warehouse",
    state: "open",
    failures: 3,
    refusals: 0,
    openedAtMs: Date.now(),
    probeAtMs: Date.now() + 60_000,
    lastError: `password ${canary} was refused`,
    version: 0,
  });
  await store.addToken({
    id: "t1",
    name: `token ${canary}`,
    role: "viewer",
    secretHash: "x",
    createdBy: canary,
    expiresAtMs: undefined,
  });
}

/** In a path, a query, headers, a cookie, bodies that are refused, reasons that are kept, a store that fails. */
async function plantInRequests(test: TestServer, runId: string): Promise<void> {
  const { store } = test.fixture;
  await test.request("GET", `/api/v1/jobs/${canary}`, {});
  await test.request("GET", `/api/v1/${canary}`, {});
  await test.request("GET", "/api/v1/runs", { query: { q: canary, [canary]: "1" } });
  const headers = { cookie: `millrace_session=${canary}${canary}`, "user-agent": canary, "x-request-id": canary };
  await test.request("GET", "/api/v1/session", { token: "", headers });
  await test.request("GET", "/api/v1/session", { token: canary });
  await test.request("POST", "/api/v1/session", { token: "", body: { token: canary } });
  await test.call("startJob", { params: { job_name: "leaky" }, body: `{"params": ${canary}` });
  await test.call("startJob", { params: { job_name: "leaky" }, body: { [canary]: true, password: underKey } });
  await test.call("createToken", { body: { name: `ci ${canary}`, role: "viewer" } });
  await test.call("stopRun", { params: { run_id: runId }, body: { reason: canary } });
  await test.call("pauseJob", { params: { job_name: "leaky" }, body: { reason: `because of ${canary}` } });
  await test.call("stopOrchestrator", { body: { reason: base64 } });
  const findRun = store.findRun.bind(store);
  store.findRun = () =>
    Promise.reject(new Error(`cannot connect to postgres://me:${canary}@db`, { cause: new Error(canary) }));
  await test.call("showRun", { params: { run_id: runId } });
  store.findRun = findRun;
}

/** The text of every route that reads, and of the probes. */
async function readEverything(test: TestServer, runId: string): Promise<Record<string, string>> {
  const said: Record<string, string> = {};
  const params = { job_name: "leaky", run_id: runId, other_run_id: "r1", dataset: "greetings" };
  for (const [name, { method, path }] of entries) {
    if (method !== "GET") continue;
    const query = name === "search" ? { query: { q: "leak" } } : {};
    said[name] = await (await test.request("GET", fillPath(path, params), query)).text();
  }
  for (const path of ["/metrics", "/openapi.json", "/healthz"])
    said[path] = await (await test.request("GET", path)).text();
  const rerun = await test.call("rerunRun", { params: { run_id: runId }, body: {} });
  said["rerunRun"] = await rerun.text();
  expect(said["showRun"]).toContain('"SOURCE_MISSING"');
  expect(said["listRunLogs"]).toContain("connecting to");
  return said;
}

/** Messages of all topics, as text, until the test ends. */
async function listen(test: TestServer): Promise<string[]> {
  const heard: string[] = [];
  const socket = new WebSocket(`${test.url.replace("http", "ws")}${eventsPath}?topic=runs&topic=jobs&topic=job:leaky`, {
    headers: { authorization: `Bearer ${test.tokens.viewer}` },
  });
  socket.on("message", (data: Buffer) => heard.push(data.toString()));
  await once(socket, "open");
  return heard;
}

async function readDatabase({ fixture }: TestServer): Promise<Buffer> {
  const names = await readdir(fixture.folder);
  const files = await Promise.all(names.map(async (name) => await readFile(join(fixture.folder, name))));
  expect(Buffer.concat(files).includes("operator")).toBe(true);
  return Buffer.concat(files);
}
