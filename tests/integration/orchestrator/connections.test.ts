// Jobs talk to services through declared connections: with the secrets of the environment, and without a trace of them.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type App, openApp } from "../../../src/app/app.ts";
import { readEnvironment } from "../../../src/config.ts";
import { loadProject } from "../../../src/project/project.ts";
import type { RunSummary } from "../../../src/store/rows/run-records.ts";
import {
  answerJson,
  type Behaviour,
  type BehavingServer,
  startBehavingServer,
} from "../../support/http/behaving-server.ts";

const canary = "canary-4711-of-the-environment";

// Threads and processes of jobs get it as this process has it.
beforeEach(() => void vi.stubEnv("CRM_TOKEN", canary));
afterEach(() => void vi.unstubAllEnvs());

interface Scene extends AsyncDisposable {
  readonly app: App;
  readonly server: BehavingServer;
  run(job: string): Promise<RunSummary>;
  /** Everything that the project's folder of the store holds, as text. */
  readStore(): Promise<string>;
}

/**
 * @param auth of the connection `crm`, as JavaScript, where `origin` is the address of the server
 * @param settings more of it, beginning with a comma
 */
async function givenProject(
  behaviour: Behaviour,
  auth: string,
  jobs: Readonly<Record<string, string>>,
  settings = "",
): Promise<Scene> {
  await using cleanup = new AsyncDisposableStack();
  const server = cleanup.use(await startBehavingServer(behaviour));
  const parent = join(import.meta.dirname, "../../../.cache/connections");
  await mkdir(parent, { recursive: true });
  const root = await mkdtemp(join(parent, "run-"));
  cleanup.defer(() => rm(root, { recursive: true }));
  await mkdir(join(root, "jobs"));
  await writeFile(
    join(root, "millrace.config.ts"),
    `import { defineProject, env } from "millrace";
     const origin = "${server.origin}";
     export default defineProject({ connections: { crm: { http: { baseUrl: origin, auth: ${auth} ${settings} } } } });`,
  );
  for (const [name, options] of Object.entries(jobs)) {
    await writeFile(
      join(root, "jobs", `${name}.ts`),
      `import { defineJob } from "millrace";
       export default defineJob({ name: "${name}", ${options} });`,
    );
  }
  const environment = readEnvironment();
  const app = cleanup.use(await openApp({ project: await loadProject({ cwd: root, environment }), environment }));
  await app.startWorker();
  const owned = cleanup.move();
  return {
    app,
    server,
    run: async (job) => {
      const { rootRunId } = await app.submit(job, { params: {}, createdBy: "test" });
      return await app.waitForRun(rootRunId);
    },
    readStore: async () => {
      const files = await readdir(join(root, ".millrace"), { recursive: true, withFileTypes: true });
      const contents = files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name)));
      return (await Promise.all(contents)).map((content) => content.toString("latin1")).join("\n");
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

test.each(["inline", "thread"])(
  "a job in isolation `%s` asks with a secret that no log, error or store has",
  async (isolation) => {
    const handler = `isolation: "${isolation}", async execute(ctx) {
    const answer = await (await ctx.connection("crm").send({ url: "/who", query: { page: "1" } })).json();
    ctx.log.info("answered " + answer.seen, { answer });
    throw new Error("no use for " + answer.seen, { cause: new Error(answer.seen) });
  }`;
    await using scene = await givenProject(
      ({ headers, path }, response) => answerJson(response, { seen: headers.authorization, path }),
      `{ bearer: env("CRM_TOKEN") }`,
      { ask: handler },
    );
    const run = await scene.run("ask");
    expect(scene.server.received[0]?.headers.authorization).toBe(`Bearer ${canary}`);
    expect(run.error).toMatchObject({
      message: "no use for Bearer [masked]",
      causes: ["no use for Bearer [masked]", "Bearer [masked]"],
    });
    expect(await scene.readStore()).not.toContain(canary);
    const asked = await scene.app.store.listExchanges({ runId: run.id, isFailed: false, after: 0, limit: 10 });
    expect(asked).toMatchObject([
      { method: "GET", address: `${scene.server.origin}/who?page=1`, connection: "crm", status: 200, attempt: 1 },
    ]);
  },
);

test("requests for tokens and those that are sent again are among the requests of a run", async () => {
  let asked = 0;
  await using scene = await givenProject(
    ({ path }, response) => {
      if (path === "/token") answerJson(response, { access_token: `canary-access-${(asked += 1)}` });
      else answerJson(response, { ok: asked > 1 }, asked > 1 ? 200 : 401);
    },
    '{ clientCredentials: { tokenUrl: origin + "/token", clientId: "me", clientSecret: env("CRM_TOKEN") } }',
    { ask: 'execute: async (ctx) => await (await ctx.connection("crm").send({ url: "/x" })).json()' },
  );
  const { id } = await scene.run("ask");
  const requests = await scene.app.store.listExchanges({ runId: id, isFailed: false, after: 0, limit: 10 });
  expect(requests.map(({ method, address, status, repeat }) => [method, address.slice(-6), status, repeat])).toEqual([
    ["POST", "/token", 200, 0],
    ["GET", expect.stringMatching(/\/x$/), 401, 0],
    ["POST", "/token", 200, 0],
    ["GET", expect.stringMatching(/\/x$/), 200, 1],
  ]);
  expect(await scene.app.store.findTraffic(id)).toMatchObject({ exchanges: 4, failed: 1 });
  expect(await scene.readStore()).not.toContain("canary-access");
});

test("tokens that a service gives are in the store for all workers, and nobody can read them there", async () => {
  await using scene = await givenProject(
    ({ path, headers }, response) => {
      if (path === "/token")
        answerJson(response, { access_token: "canary-access-token", refresh_token: "canary-refresh-token" });
      else answerJson(response, { ok: headers.authorization === "Bearer canary-access-token" });
    },
    '{ refreshToken: { tokenUrl: origin + "/token", clientId: "me", refreshToken: env("CRM_TOKEN") } }',
    { ask: 'execute: async (ctx) => await (await ctx.connection("crm").send({ url: "/x" })).json()' },
  );
  expect(await scene.run("ask")).toMatchObject({ state: "FINISHED", result: { ok: true } });
  expect(await scene.app.store.findCredential("crm")).toMatchObject({ version: 1 });
  const stored = await scene.readStore();
  expect(["canary-access-token", "canary-refresh-token", canary].filter((secret) => stored.includes(secret))).toEqual(
    [],
  );
});

test("a run that a service asks to wait for an hour is parked with the reason, and no try is used up", async () => {
  await using scene = await givenProject(
    (_request, response) => void response.writeHead(429, { "retry-after": "3600" }).end(),
    "{ bearer: env('CRM_TOKEN') }",
    { ask: 'execute: async (ctx) => void (await ctx.connection("crm").send({ url: "/x" }))' },
  );
  const { store } = scene.app;
  const { rootRunId } = await scene.app.submit("ask", { params: {}, createdBy: "test" });
  await expect
    .poll(async () => (await store.findRun(rootRunId))?.reason, { interval: 20, timeout: 10_000 })
    .toBe("waiting_poll");
  const facts = await store.findWaitFacts(rootRunId);
  expect(facts?.wait).toEqual({ kind: "service", because: "nothing may be sent to `crm` for the next 1h" });
  expect((facts?.run.runAtMs ?? 0) - Date.now()).toBeGreaterThan(3_500_000);
  expect((await store.listAttempts(rootRunId)).map(({ end }) => end)).toEqual(["snoozed"]);
  expect(scene.server.received).toHaveLength(1);
});

test("a job is told that an answer was kept, and that one stands in for a service that fails", async () => {
  let isAway = false;
  const secret = "canary-in-an-answer";
  await using scene = await givenProject(
    ({ path }, response) => {
      if (isAway) response.writeHead(503).end();
      else answerJson(response, { path, secret });
    },
    "{ bearer: env('CRM_TOKEN') }",
    {
      ask: `async execute(ctx) {
        const ask = async (request) => {
          const { cached, stale } = await ctx.connection("crm").send({ url: "/x", accept: [503], ...request });
          return [cached, stale];
        };
        return { plain: await ask({}), anew: await ask({ cache: false }) };
      }`,
    },
    ', cache: { ttl: "1s", staleIfError: "1h" }',
  );
  const first = await scene.run("ask");
  expect(first.result).toEqual({ plain: [false, false], anew: [false, false] });
  isAway = true;
  await expect
    .poll(async () => (await scene.run("ask")).result, { interval: 200, timeout: 10_000 })
    .toEqual({ plain: [true, true], anew: [false, false] });
  expect(await scene.readStore()).not.toContain(secret);
});

test("answers that a job leaves unread end with it, and hold nobody up", async () => {
  await using scene = await givenProject(
    (_request, response) => void response.end("x".repeat(2_000_000)),
    "{ bearer: env('CRM_TOKEN') }",
    {
      ask: `execute: async (ctx) => {
        for (let request = 0; request < 8; request += 1) await ctx.connection("crm").send({ url: "/x" });
      }`,
    },
  );
  expect((await scene.run("ask")).state).toBe("FINISHED");
  expect((await scene.run("ask")).state).toBe("FINISHED");
  expect(scene.server.received).toHaveLength(16);
});

test("a failure says which connection it is about, and a missing secret which variable", async () => {
  await using scene = await givenProject(
    (_request, response) => answerJson(response, { secret: canary }, 403),
    "{ bearer: env('CRM_TOKEN') }",
    {
      ask: 'execute: async (ctx) => void (await ctx.connection("crm").send({ url: "/x" }))',
      wrong: 'execute: async (ctx) => void (await ctx.connection("cmr").send({ url: "/x" }))',
    },
  );
  const run = await scene.run("ask");
  expect(run.error).toMatchObject({
    code: "PERMISSION_DENIED",
    message: `GET ${scene.server.origin}/x: HTTP status 403`,
    details: { status: 403, connection: "crm" },
  });
  expect((await scene.run("wrong")).error).toMatchObject({
    code: "CONNECTION_UNKNOWN",
    message: "no connection is declared as `cmr`, did you mean `crm`?",
  });
});
