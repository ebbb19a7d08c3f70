// A source that goes through a connection of the project, run by the command: its secret reaches the service and nothing else.
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createCommandLine } from "../../support/cli/command-line.ts";
import { writeInsideProject } from "../../support/cli/inside-project.ts";
import { PageServer, type Respond } from "../../support/data/page-server.ts";

const canary = "canary-31f0-of-the-environment";
let server: PageServer;
let project: string;
let respond: Respond;

beforeEach(async () => {
  vi.stubEnv("CRM_TOKEN", canary);
  server = await PageServer.start((request) => respond(request));
  const job = `import { integrationJob } from "millrace";
    export default integrationJob({
      name: "items",
      source: { http: {
        connection: "crm", url: "/v1/items", query: { after: "{{page.cursor?}}" },
        pagination: { kind: "cursor", path: "next" }, read: { rows: "items" }, retry: { wait: "1ms" },
      } },
      retry: { maxRetries: 0 },
      output: { dataset: "items" },
    });`;
  project = await writeInsideProject({
    "millrace.config.ts": `import { defineProject, env } from "millrace";
      export default defineProject({
        connections: { crm: { http: { baseUrl: "${server.url("")}", auth: { bearer: env("CRM_TOKEN") },
          cache: { staleIfError: "1h" } } } },
      });`,
    "jobs/items.ts": job,
  });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await server[Symbol.asyncDispose]();
  await rm(project, { recursive: true });
});

async function everything(): Promise<string> {
  const entries = await readdir(project, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), "latin1")))).join("\n");
}

test("pages are asked for with the secret of the connection, which is in no file afterwards", async () => {
  respond = ({ query }) =>
    query.get("after") === null ? { body: { items: [{ id: 1 }], next: "x" } } : { body: { items: [{ id: 2 }] } };
  const run = await createCommandLine(project).run("run", "items", "--json");
  expect(run).toMatchObject({ exitCode: 0 });
  expect(server.requests.map(({ path, headers }) => [path, headers.authorization])).toEqual([
    ["/v1/items", `Bearer ${canary}`],
    ["/v1/items?after=x", `Bearer ${canary}`],
  ]);
  expect(run.stdout + run.stderr + (await everything())).not.toContain(canary);
  const requests = await createCommandLine(project).run("requests", "last", "--json");
  expect(JSON.parse(requests.stdout)).toMatchObject({
    items: [
      { seq: 1, connection: "crm", address: server.url("/v1/items"), status: 200, page: 1, failed: false },
      { seq: 2, connection: "crm", address: server.url("/v1/items?after=x"), status: 200, page: 2, failed: false },
    ],
    totals: { requests: 2, failed: 0, kept: 2 },
  });
});

test("a service that gives the secret back in its refusal makes nobody tell it", async () => {
  respond = () => ({ status: 403, headers: { "x-seen": canary }, body: { seen: canary } });
  const run = await createCommandLine(project).run("run", "items");
  expect(run.exitCode).not.toBe(0);
  expect(run.stdout + run.stderr).toContain("status 403");
  const requests = await createCommandLine(project).run("requests", "last", "--failed");
  expect(requests.stdout).toMatch(/GET\s+403 .*\/v1\/items\n$/);
  expect(requests.stderr).toContain("1 request, 1 failed");
  expect(run.stdout + run.stderr + (await everything())).not.toContain(canary);
});

test("rows that come out of the cache because the service is away are published with a warning", async () => {
  respond = () => ({ headers: { etag: '"1"' }, body: { items: [{ id: 1 }] } });
  expect(await createCommandLine(project).run("run", "items")).toMatchObject({ exitCode: 0 });
  respond = () => ({ status: 503, body: {} });
  const again = await createCommandLine(project).run("run", "items", "--fail-on", "warn");
  expect(again.exitCode).toBe(3);
  expect(again.stdout + again.stderr).toMatch(/the service failed, and 1 kept answer stood in for it, up to \d+s old/);
  const shown = await createCommandLine(project).run("show", "last", "--json");
  const { events } = JSON.parse(shown.stdout) as { events: { type: string; data: { since: string } }[] };
  const told = events.find(({ type }) => type === "kept_answers_used");
  expect(told?.data).toMatchObject({ dataset: "items", since: expect.stringMatching(/^\d{4}-.*Z$/) });
  expect(Date.now() - Date.parse(told?.data.since ?? "")).toBeLessThan(120_000);
  const test = await createCommandLine(project).run("connections", "test", "crm", "--url", "/v1/items", "--fresh");
  expect(test.exitCode).toBe(1);
  expect((await createCommandLine(project).run("run", "items")).exitCode).toBe(1);
});
