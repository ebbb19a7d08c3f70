// Recorded exchanges: what is in the files, what never is, and runs that are answered out of them.
import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { integrationJob } from "../../../src/data/jobs/integration-job.ts";
import { createTestProject } from "../../../src/testing.ts";
import { createCommandContext } from "../../../src/cli/command-context.ts";
import { playExchanges } from "../../../src/connections/tape/play-exchanges.ts";
import { createCommandLine, silentTerminal } from "../../support/cli/command-line.ts";
import { writeInsideProject } from "../../support/cli/inside-project.ts";
import { PageServer, type Respond } from "../../support/data/page-server.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";

const canary = "canary-c0ffee-of-the-environment";
const issued = "canary-issued-by-the-service";
const folder = useTemporaryFolder("playback");
let server: PageServer;
let project: string;
let respond: Respond;

beforeEach(async () => {
  vi.stubEnv("CRM_SECRET", canary);
  let isFirst = true;
  respond = ({ path, query, headers }) => {
    if (path === "/token") return { body: { access_token: issued, token_type: "bearer", expires_in: 3_600 } };
    if (headers.authorization !== `Bearer ${issued}`) return { status: 401 };
    if (isFirst) {
      isFirst = false;
      return { status: 429, headers: { "retry-after": "0" } };
    }
    const next = query.get("after") === null ? { next: server.url(`/v1/items?after=x&api_key=${issued}`) } : {};
    return {
      headers: { "x-seen": issued, "set-cookie": "s=canary-cookie" },
      body: { items: [{ id: query.get("after") ?? "0" }], seen: canary, ...next },
    };
  };
  server = await PageServer.start((request) => respond(request));
  project = await writeInsideProject({
    "millrace.config.ts": `import { defineProject, env } from "millrace";
      export default defineProject({ connections: { crm: { http: {
        baseUrl: "${server.url("")}",
        auth: { clientCredentials: { tokenUrl: "${server.url("/token")}", clientId: "me", clientSecret: env("CRM_SECRET") } },
      } } } });`,
    "jobs/items.job.yaml": `name: items
source:
  http:
    connection: crm
    url: /v1/items
    pagination: { kind: nextUrl, path: next }
    read: { rows: items }
retry: { maxRetries: 0 }
output: { dataset: items }
`,
  });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server[Symbol.asyncDispose]();
  await rm(project, { recursive: true });
});

async function textOf(path: string): Promise<string> {
  const names = await readdir(path);
  return (await Promise.all(names.map((name) => readFile(join(path, name), "latin1")))).join("\n");
}

/** @returns the folder */
async function recordItems(tape: string): Promise<string> {
  expect(await createCommandLine(project).run("run", "items", "--record", tape)).toMatchObject({ exitCode: 0 });
  return tape;
}

test("a run is recorded without its secrets, and played without network, secrets and tokens", async () => {
  const tape = join(folder(), "items");
  const recorded = await createCommandLine(project).run("run", "items", "--record", tape);
  expect(recorded).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("recorded 4 exchanges in") });
  expect((await readdir(tape)).toSorted().slice(0, 4)).toEqual([
    "0001-POST-token.body.json",
    "0001-POST-token.json",
    "0002-GET-items.body.json",
    "0002-GET-items.json",
  ]);
  const text = await textOf(tape);
  expect(text).not.toContain("canary");
  expect(text).toContain('"access_token":"[masked]"');
  expect(JSON.parse(await readFile(join(tape, "0003-GET-items.json"), "utf8"))).toMatchObject({
    request: { method: "GET", address: server.url("/v1/items"), headers: { authorization: "[masked]" } },
    response: {
      status: 200,
      headers: { "set-cookie": "[masked]", "x-seen": "[masked]" },
      body: "0003-GET-items.body.json",
    },
  });
  const sent = server.requests.length;
  vi.stubEnv("CRM_SECRET", undefined);
  const played = await createCommandLine(project).run("run", "items", "--full-refresh", "--playback", tape);
  expect(played).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining("1 recorded request not asked for: POST"),
  });
  expect(server.requests).toHaveLength(sent);
  expect((await createCommandLine(project).run("datasets", "head", "items")).stdout).toBe("id\n0\nx\n");
});

test("a request that was not recorded is an error that names it and the nearest one", async () => {
  const tape = join(folder(), "missing");
  await createCommandLine(project).run("run", "items", "--record", tape);
  const job = await readFile(join(project, "jobs/items.job.yaml"), "utf8");
  await writeFile(join(project, "jobs/items.job.yaml"), job.replace("/v1/items", "/v1/items?region=eu"));
  const { exitCode, stderr } = await createCommandLine(project).run("run", "items", "--playback", tape);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("EXCHANGE_MISSING");
  expect(stderr).toContain(
    `no recorded exchange answers \`GET ${server.url("/v1/items?region=eu")}\`; the nearest is \`GET`,
  );
});

test("folders that are wrong are refused before anything runs", async () => {
  const command = createCommandLine(project);
  const full = await command.run("run", "items", "--record", join(project, "jobs"));
  expect(full).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("expected a folder that is empty") });
  const none = await command.run("run", "items", "--playback", join(project, "jobs"));
  expect(none).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("expected a folder of recorded exchanges"),
  });
  const both = await command.run("run", "items", "--playback", "a", "--record", "b");
  expect(both).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("got both") });
  expect(existsSync(join(project, "b"))).toBe(false);
});

test("tests of jobs are answered by a recording, in their order, with what went wrong", async () => {
  const tape = join(folder(), "test");
  respond = ({ body, index }) =>
    index === 0 ? { body: [{ id: 1, asked: body }] } : { body: '[{ "id": 2 }', isCut: true };
  const job = integrationJob({
    name: "asked",
    // It only reads, so that its requests are not in the ledger.
    purpose: "extraction",
    source: {
      http: {
        url: server.url("/search"),
        method: "POST",
        body: { json: { day: "{{params.day}}", password: "{{params.password}}" } },
        retry: { attempts: 1 },
      },
    },
    retry: { maxRetries: 0 },
    output: { dataset: "asked", mode: "append" },
  });
  {
    await using live = await createTestProject({ record: tape });
    await live.run(job, { params: { day: "a", password: canary } });
    await live.run(job, { params: { day: "b", password: canary }, onFailure: "return" });
  }
  expect(await textOf(tape)).not.toContain("canary");
  const sent = server.requests.length;
  await using played = await createTestProject({ playback: tape });
  const first = await played.run(job, { params: { day: "a", password: "another" } });
  expect(first.result).toMatchObject({ rows: 1 });
  expect((await expectFailure(played.run(job, { params: { day: "b", password: "x" } }))).code).toBe(
    "RESPONSE_TRUNCATED",
  );
  const unknown = await expectFailure(played.run(job, { params: { day: "c", password: "x" } }));
  expect(unknown).toMatchObject({
    code: "EXCHANGE_MISSING",
    message: expect.stringContaining("the same address with another body"),
  });
  expect(server.requests).toHaveLength(sent);
});

test("a run with a recording is executed by its own process, whoever else works for the project", async () => {
  const tape = join(folder(), "own");
  const command = createCommandLine(project);
  await using other = await createCommandContext(project, { terminal: silentTerminal }).openApp();
  const worker = await other.startWorker({ slots: 4 });
  const recorded = await command.run("run", "items", "--record", tape);
  expect(recorded).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("recorded 4 exchanges in") });
  const sent = server.requests.length;
  for (let round = 0; round < 5; round += 1) {
    const played = await command.run("run", "items", "--full-refresh", "--playback", tape);
    expect(played).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("1 recorded request not asked for") });
  }
  expect(server.requests).toHaveLength(sent);
  await worker.stop();
});

test("what a command left that had the recording fails elsewhere, and asks no service", async () => {
  const tape = await playExchanges(await recordItems(join(folder(), "left")));
  const context = createCommandContext(project, { terminal: silentTerminal });
  const gone = await context.openApp({ tape });
  const { id } = await gone.startWorker({ slots: 0 });
  const { rootRunId } = await gone.submit("items", { params: {}, createdBy: "ada", boundTo: id });
  await gone[Symbol.asyncDispose]();
  const sent = server.requests.length;
  await using other = await context.openApp();
  const worker = await other.startWorker();
  const run = await other.waitForRun(rootRunId);
  await worker.stop();
  expect(run).toMatchObject({ state: "ERROR", error: { code: "TAPE_GONE" } });
  expect(server.requests).toHaveLength(sent);
});

test("a run with a recording that is left unfinished is stopped, as nobody could go on with it", async () => {
  const tape = await recordItems(join(folder(), "unfinished"));
  const command = createCommandLine(project);
  await command.run("pause", "items");
  const left = await command.run("run", "items", "--playback", tape, "--wait-timeout", "1ms");
  expect(left).toMatchObject({ exitCode: 1, stderr: expect.not.stringContaining("goes on with") });
  expect(JSON.parse((await command.run("show", "last", "--json")).stdout)).toMatchObject({
    state: "ERROR",
    reason: "stopped",
  });
});

/** A job that reads from its watermark up to now. */
async function writeParts(): Promise<void> {
  const job = `name: parts
source:
  http:
    url: ${server.url("/parts")}
    query: { from: "{{window.from}}", to: "{{window.to}}" }
watermark: { kind: time, from: "2026-01-01" }
retry: { maxRetries: 0 }
output: { dataset: parts, mode: append }
`;
  await writeFile(join(project, "jobs/parts.job.yaml"), job);
}

test("a job that reads up to now is played up to the instant of its recording", async () => {
  respond = ({ query }) => ({ body: [{ id: `${query.get("from")} to ${query.get("to")}` }] });
  await writeParts();
  const command = createCommandLine(project);
  const tape = join(folder(), "parts");
  expect(await command.run("run", "parts", "--record", tape)).toMatchObject({ exitCode: 0 });
  const [start] = JSON.parse(await readFile(join(tape, "starts.json"), "utf8"));
  expect(start).toEqual({ job: "parts", at: expect.stringMatching(/^\d{4}-.*Z$/) });
  const recorded = (await command.run("datasets", "head", "parts")).stdout;
  expect(recorded).toMatch(/^id\n2026-01-01.* to 20/);
  const sent = server.requests.length;
  const played = await command.run("run", "parts", "--full-refresh", "--playback", tape);
  expect(played).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining("not asked for") });
  expect((await command.run("datasets", "head", "parts")).stdout).toBe(recorded);
  expect(server.requests).toHaveLength(sent);
});

test("a recording that does not begin where a watermark stands says how it is played, and then is", async () => {
  respond = ({ query }) => ({ body: [{ id: query.get("from") }] });
  await writeParts();
  const command = createCommandLine(project);
  await command.run("run", "parts");
  const tape = join(folder(), "later");
  await command.run("run", "parts", "--record", tape);
  const [later] = server.requests.slice(-1);
  const wrong = await command.run("run", "parts", "--full-refresh", "--playback", tape);
  expect(wrong).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("millrace state rewind") });
  const began = later?.query.get("from") ?? "";
  const rewound = await command.run("state", "rewind", "parts", "--to", began, "--reason", "play it");
  expect(rewound).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("takes it back") });
  const played = await command.run("run", "parts", "--playback", tape);
  expect(played).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining("not asked for") });
});
