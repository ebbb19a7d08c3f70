// Secrets in every place of a request, by every way to define and execute a job, recorded and played back, answered and refused by a
// service that gives them back: none of them is in anything that a person, a file or a server can show afterwards.
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { eventsPath, type RouteEntry, routes } from "../../../src/api/routes.ts";
import { serve } from "../../../src/app/serve.ts";
import { createCommandContext } from "../../../src/cli/command-context.ts";
import {
  canaries,
  canaryJobs,
  expectNoCanary,
  tellingAnswers,
  writeCanaryProject,
} from "../../support/cli/canary-project.ts";
import { type CommandResult, createCommandLine } from "../../support/cli/command-line.ts";
import { S3Server } from "../../support/files/s3-server.ts";
import { SftpServer } from "../../support/files/sftp-server.ts";
import { createTestDatabase } from "../../support/postgres/postgres-test-database.ts";
import { writeInsideProject } from "../../support/cli/inside-project.ts";
import { type Answer, PageServer } from "../../support/data/page-server.ts";
import { fillPath } from "../../support/server/test-server.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";

const tapes = useTemporaryFolder("canary");
let server: PageServer;
let project: string;
let answer: () => Answer;
beforeEach(async () => {
  vi.stubEnv("CANARY_SECRET", canaries.environment);
  vi.stubEnv("CANARY_CONFIG", canaries.config);
  server = await PageServer.start(() => answer());
  project = await writeCanaryProject(server.url(""));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server[Symbol.asyncDispose]();
  await rm(project, { recursive: true });
});

async function run(...args: string[]): Promise<CommandResult> {
  return await createCommandLine(project).run("run", ...args, "--json");
}

test.each(canaryJobs)("$name keeps its secrets, whatever the service does with them", async ({ name, isolation }) => {
  const said: Record<string, string> = {};
  const ask = async (scenario: keyof typeof tellingAnswers): Promise<void> => {
    answer = tellingAnswers[scenario];
    const { exitCode, stdout, stderr } = await run(name, "--record", join(tapes(), `${name}-${scenario}`));
    expect([scenario, exitCode]).toEqual([scenario, scenario === "ok" ? 0 : 1]);
    said[scenario] = stdout + stderr;
  };
  await ask("ok");
  const [sent] = server.requests;
  expect([sent?.headers.authorization, sent?.headers["x-key"], sent?.query.get("key"), sent?.body]).toEqual([
    `Bearer ${canaries.environment}`,
    canaries.config,
    canaries.config,
    JSON.stringify({ key: canaries.config }),
  ]);
  const played = await run(name, "--full-refresh", "--playback", join(tapes(), `${name}-ok`));
  expect([played.exitCode, server.requests.length]).toEqual([0, 1]);
  if (isolation === "inline") for (const scenario of ["moved", "broken"] as const) await ask(scenario);
  // the last, since it opens the breaker of the connection
  await ask("refused");
  const texts = { ...said, played: played.stdout + played.stderr };
  await expectNoCanary(texts, [join(project, ".millrace"), join(project, "lake"), tapes()]);
});

test("what databases, buckets and SSH servers say of a secret is shown without it", async () => {
  await using bucket = await S3Server.start();
  await using ssh = await SftpServer.start(tapes());
  await using database = await createTestDatabase({ migrated: false });
  bucket.trouble = () => ({ status: 400, code: canaries.environment });
  vi.stubEnv("CANARY_DATABASE", database.url);
  const sources = {
    lake: '{ file: { connection: lake, path: "in/*.csv" } }',
    drop: '{ file: { connection: drop, path: "/in/*.csv" } }',
    cast: `{ sql: { url: "env:CANARY_DATABASE", query: "select $1::int as id", params: ["{{config.token}}"] } }`,
    login: "{ sql: { connection: warehouse, table: orders } }",
  };
  const { lake, drop } = { lake: bucket.connection.s3, drop: ssh.connection.sftp };
  const address = database.url.replace("postgresql://", `postgresql://nobody:${canaries.environment}@`);
  const folder = await writeInsideProject({
    "millrace.config.ts": `import { defineProject, env } from "millrace";
      export default defineProject({
        connections: {
          lake: { s3: { ...${JSON.stringify(lake)}, secretAccessKey: env("CANARY_SECRET") } },
          drop: { sftp: { ...${JSON.stringify(drop)}, password: env("CANARY_SECRET") } },
          warehouse: { postgres: { url: ${JSON.stringify(address)} } },
        },
        config: { cast: { token: process.env.CANARY_CONFIG } },
      });`,
    ...Object.fromEntries(
      Object.entries(sources).map(([name, source]) => [
        `jobs/${name}.job.yaml`,
        `name: ${name}\nsource: ${source}\nretry: { maxRetries: 0 }\noutput: { dataset: ${name} }\n`,
      ]),
    ),
  });
  try {
    const said: Record<string, string> = {};
    for (const name of Object.keys(sources)) {
      const { exitCode, stdout, stderr } = await createCommandLine(folder).run("run", name, "--json");
      expect([name, exitCode]).toEqual([name, 1]);
      said[name] = stdout + stderr;
    }
    await expectNoCanary(said, [join(folder, ".millrace")]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a server shows none of them, in an answer or in a message", async () => {
  const context = createCommandContext(project);
  await using app = await context.openApp();
  const options = {
    environment: context.environment,
    host: "127.0.0.1",
    port: 0,
    auth: "off",
    logLevel: "fatal",
  } as const;
  await using serving = await serve(app, options);
  const [name = ""] = canaryJobs.map((job) => job.name);
  const heard: string[] = [];
  const topics = `topic=runs&topic=jobs&topic=job:${name}&topic=run:r2`;
  const socket = new WebSocket(`${serving.url.replace("http", "ws")}${eventsPath}?${topics}`);
  socket.on("message", (data: Buffer) => heard.push(data.toString()));
  await once(socket, "open");
  for (const scenario of ["ok", "refused"] as const) {
    answer = tellingAnswers[scenario];
    await run(name);
  }
  const said: Record<string, string> = {};
  const entries: [string, RouteEntry][] = Object.entries(routes);
  for (const [route, { method, path }] of entries) {
    if (method !== "GET") continue;
    const params = { job_name: name, run_id: "r2", other_run_id: "r1", dataset: name, connection: "crm" };
    said[route] = await (await fetch(`${serving.url}${fillPath(path, params)}`)).text();
  }
  expect(said["showRun"]).toContain("AUTHENTICATION_FAILED");
  socket.close();
  await expectNoCanary({ ...said, messages: heard.join("\n") }, [join(project, ".millrace")]);
  expect(heard.join("\n")).toContain(name);
});
