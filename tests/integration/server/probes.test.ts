// Machines and browsers find probes, metrics and the files of the UI beside the API; the log and the audit record
// calls.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditPage } from "../../../src/api/session.ts";
import { defineJob } from "../../../src/core/job/job.ts";
import { hello } from "../../support/server/rest-jobs.ts";
import { startTestServer } from "../../support/server/test-server.ts";

describe("a probe", () => {
  it("says that the process lives and can work, without a token", async () => {
    await using test = await startTestServer();
    const alive = await test.request("GET", "/healthz", { token: "" });
    expect([alive.status, await alive.json()]).toEqual([200, { status: "alive" }]);
    const ready = await test.request("GET", "/readyz", { token: "" });
    expect([ready.status, await ready.json()]).toEqual([200, { status: "ready" }]);
  });

  it("says that the store does not answer, and nothing else", async () => {
    await using test = await startTestServer();
    test.fixture.store.readClockMs = () => Promise.reject(new Error("postgres://me:secret@db is down"));
    const ready = await test.request("GET", "/readyz", { token: "" });
    const text = await ready.text();
    expect(ready.status).toBe(503);
    expect(text).toContain("STORE_UNAVAILABLE");
    expect(text).not.toContain("postgres");
    expect((await test.request("GET", "/healthz", { token: "" })).status).toBe(200);
  });
});

describe("metrics", () => {
  it("tell of the orchestrator, the requests and the process to who may read", async () => {
    await using test = await startTestServer({ definitions: [hello] });
    expect((await test.request("GET", "/metrics", { token: "" })).status).toBe(401);
    await test.fixture.submit(hello, { who: "<b>" });
    await test.request("GET", "/api/v1/jobs/<b>", {});
    const response = await test.request("GET", "/metrics", { token: test.tokens.viewer });
    const text = await response.text();
    expect(response.headers.get("content-type")).toContain("text/plain");
    expect(text).toMatch(/^millrace_runs\{state="ready"\} 1$/m);
    expect(text).toMatch(/^millrace_claiming 1$/m);
    expect(text).toMatch(/^millrace_ws_clients 0$/m);
    expect(text).toMatch(
      /^millrace_http_request_duration_seconds_count\{method="GET",operation="showJob",status="404"\} 1$/m,
    );
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(text).not.toContain("<b>");
  });

  it("tell the newest value without labels of each business figure", async () => {
    const counts = defineJob({
      name: "counts",
      execute: (ctx) => {
        ctx.metric("orders", (ctx.params as { orders: number }).orders);
        ctx.metric("orders", 99, { labels: { region: "eu" } });
        ctx.metric("shares", 0.5, { labels: { region: "eu" } });
      },
    });
    await using test = await startTestServer({ definitions: [counts] });
    await test.fixture.startWorker([counts]);
    for (const orders of [3, 7]) await test.fixture.waitFor(await test.fixture.submit(counts, { orders }));
    const text = await (await test.request("GET", "/metrics", {})).text();
    expect(text.match(/^millrace_job_metric.*$/gm)).toEqual(['millrace_job_metric{job="counts",name="orders"} 7']);
  });

  it("ask the store once however often they are read", async () => {
    await using test = await startTestServer();
    let asked = 0;
    const { store } = test.fixture;
    const readHealth = store.readHealth.bind(store);
    store.readHealth = async (request) => {
      asked += 1;
      return await readHealth(request);
    };
    await Promise.all(Array.from({ length: 20 }, () => test.request("GET", "/metrics")));
    expect(asked).toBe(1);
  });
});

describe("the UI", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "millrace-ui-"));
    await mkdir(join(folder, "assets"));
    await writeFile(join(folder, "index.html"), "<!doctype html><title>Millrace</title>");
    await writeFile(join(folder, "assets", "main-abc123.js"), "export {};");
    await writeFile(join(folder, "assets", "main-abc123.js.gz"), gzipSync("export {};"));
    await writeFile(join(folder, ".secret"), "no");
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });
  const html = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

  it("is served with files that browsers keep, and pages that they ask for again", async () => {
    await using test = await startTestServer({ uiFolder: folder });
    const script = await test.request("GET", "/assets/main-abc123.js", {
      token: "",
      headers: { "accept-encoding": "gzip" },
    });
    expect(script.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(script.headers.get("content-encoding")).toBe("gzip");
    expect(script.headers.get("content-type")).toContain("javascript");
    for (const path of ["/", "/runs/r1", "/jobs/hello?tab=grid", "/metrics?job=hello"]) {
      const page = await test.request("GET", path, { token: "", headers: html });
      expect([path, page.status, page.headers.get("cache-control")]).toEqual([path, 200, "no-cache"]);
      expect(await page.text()).toContain("<title>Millrace");
    }
  });

  it("lets browsers load and run what is its own alone", async () => {
    await using test = await startTestServer({ uiFolder: folder });
    const policy = (await test.request("GET", "/", { token: "", headers: html })).headers.get(
      "content-security-policy",
    );
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*/);
  });

  it("never answers for the API, for missing files, or with what is outside its folder", async () => {
    await using test = await startTestServer({ uiFolder: folder });
    const status = async (path: string): Promise<number> =>
      (await test.request("GET", path, { token: "", headers: html })).status;
    expect(await status("/api/v1/nope")).toBe(404);
    expect(await status("/api")).toBe(404);
    expect(await status("/assets/main-000000.js")).toBe(404);
    expect(await status("/.secret")).toBe(404);
    expect([403, 404]).toContain(await status("/../../../etc/passwd.txt"));
    expect([403, 404]).toContain(await status("/..%2f..%2f..%2fetc%2fpasswd.txt"));
    expect(await status("/api/v1/runs")).toBe(401);
  });
});

describe("the log", () => {
  it("has a line for each request, without query, body or token", async () => {
    await using test = await startTestServer({ definitions: [hello] });
    await test.request("GET", "/api/v1/runs", { query: { q: "private" } });
    await test.request("POST", "/api/v1/jobs/hello/start", { body: { params: { who: "private" } } });
    const lines = test.logLines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.filter(({ msg }) => msg === "request")).toMatchObject([
      { level: 30, method: "GET", path: "/api/v1/runs", operation: "listRuns", status: 200, caller: "admin" },
      {
        level: 30,
        method: "POST",
        path: "/api/v1/jobs/hello/start",
        operation: "startJob",
        status: 200,
        caller: "admin",
      },
    ]);
    expect(test.logLines.join("")).not.toContain("private");
    expect(test.logLines.join("")).not.toContain("mlr_");
  });
});

describe("the audit", () => {
  it("has every change, whether it was allowed, denied or failed, by whom and of what", async () => {
    await using test = await startTestServer({ definitions: [hello] });
    await test.call("startJob", { params: { job_name: "hello" }, body: { params: { password: "hunter22" } } });
    await test.call("startJob", { params: { job_name: "hello" }, token: test.tokens.viewer, body: {} });
    await test.call("stopJob", { params: { job_name: "nobody" }, body: { reason: "tidy" } });
    await test.call("listRuns", {});
    await test.request("POST", "/api/v1/jobs/hello/start", { token: "", body: {} });
    const page = (await (await test.call("listAudit")).json()) as AuditPage;
    expect(page.chain).toBe("intact");
    expect(page.items.map(({ actor, action, target, outcome }) => [actor, action, target, outcome])).toEqual([
      ["anonymous", "startJob", "hello", "denied"],
      ["admin", "stopJob", "nobody", "failed"],
      ["viewer", "startJob", "hello", "denied"],
      ["admin", "startJob", "hello", "failed"],
    ]);
    expect(page.items[1]?.detail).toMatchObject({ body: { reason: "tidy" }, status: 404, code: "JOB_UNKNOWN" });
    expect(page.items[3]?.detail).toMatchObject({ body: { params: { password: "[masked]" } } });
    expect(JSON.stringify(page)).not.toContain("hunter22");
  });

  it("pages and filters, and shows when somebody has changed it", async () => {
    await using test = await startTestServer({ definitions: [hello] });
    for (let index = 0; index < 5; index += 1) {
      await test.call("startJob", { params: { job_name: "hello" }, body: { params: { who: `w${index}` } } });
    }
    await test.call("createTicket", { body: {} });
    const read = async (query: Record<string, string>): Promise<AuditPage> =>
      (await (await test.call("listAudit", { query })).json()) as AuditPage;
    const first = await read({ limit: "2" });
    expect(first.items.map(({ seq }) => seq)).toEqual([5, 4]);
    const second = await read({ limit: "5", cursor: first.next_cursor ?? "" });
    expect(second.items.map(({ seq }) => seq)).toEqual([3, 2, 1]);
    expect(second.next_cursor).toBeNull();
    expect((await read({ actor: "nobody" })).items).toEqual([]);
    expect((await read({ action: "startJob" })).items).toHaveLength(5);
    expect((await test.call("listAudit", { query: { cursor: "x" } })).status).toBe(400);
  });
});
