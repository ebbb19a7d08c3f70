// Datasets of credentials: they reach the requests that need them, and no file, no store, no log and no screen beside.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { integrationJob } from "../../../src/data/jobs/integration-job.ts";
import { sqlJob } from "../../../src/data/jobs/sql-job.ts";
import { defineJob, type Job } from "../../../src/core/job/job.ts";
import { createTestProject, type TestProject, type TestRun } from "../../../src/testing.ts";
import { expectThrown } from "../../support/expect-thrown.ts";
import { PageServer, type Respond } from "../../support/data/page-server.ts";

const canary = "canary-7f3e9b20-c4d1";
const file = ".millrace/sealed/tokens";

let project: TestProject;
let server: PageServer;
let respond: Respond;
beforeEach(async () => {
  respond = () => ({ body: { access_token: canary, expires_in: 3600, account: { id: 7n.toString() } } });
  server = await PageServer.start((request) => respond(request));
  project = await createTestProject();
});
afterEach(async () => {
  await project[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const login = (more: Record<string, unknown> = {}): Job =>
  integrationJob({
    name: "login",
    purpose: "authentication",
    source: { http: { url: server.url("/token"), method: "POST", read: { rows: "." }, retry: { attempts: 1 } } },
    checks: [{ rowCount: { min: 1, max: 1 } }],
    output: { dataset: "tokens" },
    ...more,
  });

const calls = (): Job =>
  integrationJob({
    name: "calls",
    inputs: { token: { dataset: "tokens", role: "authentication", fields: ["access_token"] } },
    source: { http: { url: server.url("/calls"), auth: { bearer: "{{token.access_token}}" }, retry: { attempts: 1 } } },
    output: { dataset: "calls" },
  });

async function run(job: Job): Promise<TestRun> {
  return await project.run(job, { onFailure: "return" });
}

/** Files of the project that have the canary, in whatever form somebody could read. */
async function findCanary(): Promise<string[]> {
  const entries = await readdir(project.root, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((one) => one.isFile())) {
    const bytes = await readFile(join(entry.parentPath, entry.name));
    const texts = [canary, Buffer.from(canary).toString("base64"), Buffer.from(canary).toString("hex")];
    if (texts.some((text) => bytes.includes(text.slice(0, -2)))) found.push(entry.name);
  }
  return found;
}

test("a token reaches the request that needs it, and nothing else has it", async () => {
  const published = await run(login());
  expect(published.state).toBe("FINISHED");
  expect((await stat(join(project.root, file))).mode & 0o777).toBe(0o600);
  respond = () => ({ body: [{ id: 1 }] });
  const { state } = await run(calls());
  expect([state, server.requests[1]?.headers.authorization]).toEqual(["FINISHED", `Bearer ${canary}`]);
  expect(await findCanary()).toEqual([]);
  const { logs, warnings, result, checks } = published;
  expect(JSON.stringify([logs, warnings, result, checks])).not.toContain(canary);
  // a test sees what it has made up
  expect(published.output["tokens"]).toMatchObject([{ access_token: canary, expires_in: 3600n }]);
});

test("no query, check, source or look reads it", async () => {
  await run(login());
  await expect(project.query("select * from tokens", ["tokens"])).rejects.toMatchObject({ code: "DATASET_SEALED" });
  const output = { dataset: "copy" } as const;
  for (const job of [
    sqlJob({ name: "copy", inputs: ["tokens"], sql: "select * from tokens", output }),
    integrationJob({ name: "copy", source: { dataset: "tokens" }, output }),
    sqlJob({
      name: "copy",
      inputs: [],
      sql: "select 1 as id",
      checks: [{ references: { id: "tokens.expires_in" } }],
      output,
    }),
    integrationJob({
      name: "copy",
      source: { http: { url: server.url("/x") } },
      inputs: { t: { dataset: "tokens", role: "activation", key: "access_token" } },
      output,
    }),
    defineJob({
      name: "copy",
      inputs: ["tokens"],
      execute: async (ctx) => void (await ctx.sql("select * from tokens")),
    }),
  ]) {
    expect((await run(job)).error).toMatchObject({ code: "DATASET_SEALED" });
  }
  expect(await findCanary()).toEqual([]);
});

test("a check that fails keeps no row, and a value that cannot be cast is in no message", async () => {
  const refusing = "select error('refused: ' || access_token) as t from source";
  for (const [code, more] of [
    ["CHECKS_FAILED", { checks: [{ acceptedValues: { access_token: ["x"] } }] }],
    ["SQL_FAILED", { convert: [{ sql: "select access_token::integer as access_token from source" }] }],
    ["SQL_FAILED", { convert: [{ sql: "select * from source" }, { sql: refusing }] }],
  ] as const) {
    const failed = await run(login(more));
    expect(failed).toMatchObject({ state: "ERROR", error: { code } });
    expect(
      JSON.stringify([failed.error?.message, failed.error?.hint, failed.error?.details, failed.logs]),
    ).not.toContain(canary);
    expect(await findCanary()).toEqual([]);
  }
});

test("a handler seals what it publishes for authentication, or when its output says so", async () => {
  await writeFile(
    join(project.root, "in.json"),
    JSON.stringify([{ access_token: canary, at: "2026-01-01T00:00:00Z" }]),
  );
  const source = { file: { path: "in.json" } } as const;
  const byPurpose = defineJob({
    name: "by_purpose",
    purpose: "authentication",
    outputs: ["tokens"],
    execute: async (ctx) => void (await ctx.data.publish({ source, output: { dataset: "tokens" } })),
  });
  const byOutput = defineJob({
    name: "by_output",
    outputs: ["tokens"],
    execute: async (ctx) => void (await ctx.data.publish({ source, output: { dataset: "tokens", sealed: true } })),
  });
  const reader = defineJob({
    name: "reader",
    execute: async (ctx) => {
      const [row] = await ctx.data.credentials("tokens");
      ctx.log.info(`the token is ${String(row?.["access_token"])}`);
      return { length: String(row?.["access_token"]).length, at: row?.["at"] };
    },
  });
  for (const job of [byPurpose, byOutput]) {
    expect((await run(job)).state).toBe("FINISHED");
    const { result, logs } = await run(reader);
    expect(result).toEqual({ length: canary.length, at: "2026-01-01T00:00:00Z" });
    expect(JSON.stringify(logs)).not.toContain(canary);
  }
});

test("a renewal that is refused takes the token away; one that fails by chance leaves it", async () => {
  await run(login());
  respond = () => ({ status: 503 });
  expect((await run(login())).error).toMatchObject({ code: "SERVICE_UNAVAILABLE", disposition: "retry" });
  respond = () => ({ body: [{ id: 1 }] });
  expect((await run(calls())).state).toBe("FINISHED");
  respond = () => ({ status: 400, body: { error: "invalid_grant" } });
  expect((await run(login())).error).toMatchObject({ code: "REQUEST_REJECTED", disposition: "fail" });
  const before = server.requests.length;
  expect((await run(calls())).error).toMatchObject({ code: "SOURCE_MISSING" });
  expect(server.requests).toHaveLength(before);
});

test("a process that is killed leaves no row, where rows are staged in the clear, once it is dead", async () => {
  const script = fileURLToPath(new URL("../../support/data/seal-and-die.ts", import.meta.url));
  const args = ["--conditions=millrace-source", script, project.root];
  const died = await promisify(execFile)(process.execPath, args).catch((error: unknown) => error);
  expect(died).toMatchObject({ signal: "SIGKILL" });
  const { path, files } = JSON.parse((died as { readonly stdout: string }).stdout) as { path: string; files: string[] };
  expect(files.length).toBeGreaterThan(0);
  await vi.waitFor(() => expect(existsSync(path)).toBe(false), { timeout: 20_000 });
  const left = await readdir(project.root, { recursive: true, withFileTypes: true });
  for (const { parentPath, name } of left.filter((entry) => entry.isFile())) {
    expect((await readFile(join(parentPath, name))).includes("canary-canary")).toBe(false);
  }
});

test("the same token again is no new version, another one is", async () => {
  expect((await run(login())).result).toMatchObject({ version: 1, changed: true });
  expect((await run(login())).result).toMatchObject({ version: 1, changed: false });
  respond = () => ({ body: { access_token: `${canary}-2`, expires_in: 3600, account: { id: "7" } } });
  expect((await run(login())).result).toMatchObject({ version: 2, changed: true });
});

test("what would show rows of credentials is refused when the job is defined", () => {
  for (const more of [
    { output: { dataset: "tokens", parquet: { path: "tokens.parquet" } } },
    { output: { dataset: "tokens", mode: "append" } },
    { checks: [{ notNull: ["access_token"], severity: "quarantine" }] },
  ]) {
    expectThrown(() => login(more), "JOB_INVALID");
  }
});
