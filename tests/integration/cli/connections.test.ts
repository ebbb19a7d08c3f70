// Connections at the command line: declared ones and registered ones side by side, and no secret in anything that is printed.
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { serve } from "../../../src/app/serve.ts";
import { createCommandContext } from "../../../src/cli/command-context.ts";
import { type CommandLine, createCommandLine } from "../../support/cli/command-line.ts";
import { writeInsideProject } from "../../support/cli/inside-project.ts";
import { answerJson, type BehavingServer, startBehavingServer } from "../../support/http/behaving-server.ts";

const canary = "canary-0815-registered";

let server: BehavingServer;
let project: string;
let commandLine: CommandLine;

beforeEach(async () => {
  server = await startBehavingServer(({ path, headers }, response) => {
    answerJson(response, { canary, seen: headers.authorization }, path === "/missing" ? 404 : 200);
  });
  const config = { connections: { open: { http: { baseUrl: server.origin } } } };
  project = await writeInsideProject({
    "millrace.config.json": JSON.stringify(config),
    "jobs/ask.ts": `import { defineJob } from "millrace";
      export default defineJob({
        name: "ask",
        execute: async (ctx) => (await ctx.connection("crm").send({ url: "/x" })).status,
      });`,
  });
  commandLine = createCommandLine(project);
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(project, { recursive: true });
});

async function register(token: string, ...options: readonly string[]): ReturnType<CommandLine["run"]> {
  const file = join(project, "crm.json");
  await writeFile(file, JSON.stringify({ http: { baseUrl: server.origin, auth: { bearer: token } } }));
  const result = await commandLine.run("connections", "add", "crm", "--file", file, ...options);
  await rm(file);
  return result;
}

test("a registered connection is used by jobs like a declared one, and its secret is nowhere to be read", async () => {
  expect(await register(canary)).toMatchObject({ exitCode: 0 });
  const run = await commandLine.run("run", "ask", "--json");
  expect(run).toMatchObject({ exitCode: 0 });
  expect(server.received.at(-1)?.headers.authorization).toBe(`Bearer ${canary}`);
  const list = await commandLine.run("connections");
  expect(
    list.stdout.split("\n").map((line) =>
      line
        .split(/\s{2,}/)
        .slice(2)
        .join(" "),
    ),
  ).toEqual(["AUTH FROM STATE", "bearer store ok", "none configuration ok", ""]);
  const files = await readdir(join(project, ".millrace"));
  const store = await Promise.all(
    files
      .filter((name) => name.startsWith("store"))
      .map((name) => readFile(join(project, ".millrace", name), "latin1")),
  );
  expect([run.stdout, run.stderr, list.stdout, ...store].join("\n")).not.toContain(canary);
});

test("`test` sends one request and tells the status, and nothing of what came", async () => {
  await register(canary);
  const found = await commandLine.run("connections", "test", "crm", "--url", "/users?api_key=canary-key", "--json");
  const answer = JSON.parse(found.stdout) as { readonly status: number; readonly address: string };
  expect([found.exitCode, answer.status, answer.address]).toEqual([0, 200, `${server.origin}/users?api_key=[masked]`]);
  const missing = await commandLine.run("connections", "test", "crm", "--url", "/missing");
  expect([missing.exitCode, missing.stdout]).toEqual([1, expect.stringContaining("HTTP status 404")]);
  expect(found.stdout + missing.stdout + missing.stderr).not.toContain("canary");
});

test("a name is taken once, replaced on demand and gone after `remove`", async () => {
  expect((await register(canary)).stdout).toContain("registered `crm`, version 1");
  const again = await register(canary);
  expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining("CONNECTION_TAKEN")]);
  expect((await register("another-token-of-crm", "--replace")).stdout).toContain("version 2");
  await commandLine.run("connections", "test", "crm");
  expect(server.received.at(-1)?.headers.authorization).toBe("Bearer another-token-of-crm");
  expect((await commandLine.run("connections", "remove", "crm")).exitCode).toBe(0);
  const gone = await commandLine.run("connections", "test", "crm");
  expect(gone.stderr).toContain("CONNECTION_UNKNOWN");
});

test.each([
  ["{", "expected the connection to be JSON"],
  [
    JSON.stringify({ http: { baseUrl: "https://x.example", auth: { bearer: [canary] } } }),
    "expected `bearer` of `http.auth` of the connection",
  ],
  [JSON.stringify({ http: { baseUrl: "https://x.example", auht: { bearer: canary } } }), "unknown option `auht`"],
])("%s is refused without its secrets", async (content, message) => {
  await writeFile(join(project, "crm.json"), content);
  const { exitCode, stdout, stderr } = await commandLine.run(
    "connections",
    "add",
    "crm",
    "--file",
    join(project, "crm.json"),
  );
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain(message);
  expect(stdout + stderr).not.toContain(canary);
});

test("a server registers, tries and forgets connections, and its audit has no word of what was registered", async () => {
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
  const file = join(project, "crm.json");
  await writeFile(file, JSON.stringify({ http: { baseUrl: server.origin, auth: { bearer: canary } } }));
  const remote = createCommandLine(project, { server: serving.url });
  const steps = [
    await remote.run("connections", "add", "crm", "--file", file),
    await remote.run("connections", "test", "crm", "--url", "/users"),
    await remote.run("connections"),
    await remote.run("connections", "remove", "crm"),
  ];
  expect(steps.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
  expect(server.received.at(-1)?.headers.authorization).toBe(`Bearer ${canary}`);
  expect(steps[2]?.stdout).toMatch(/crm .*bearer +store +ok/);
  const audit = await app.store.listAudit({ limit: 10 });
  const entries = JSON.stringify(audit);
  expect(entries).toContain("addConnection");
  expect(entries).toContain("testConnection");
  expect(entries).toContain("removeConnection");
  expect(entries + steps.map(({ stdout, stderr }) => stdout + stderr).join("")).not.toContain(canary);
});

test("registered connections are sealed anew, after which the older key is needed no more", async () => {
  await register(canary);
  const keys = join(project, ".millrace/secret.key");
  const older = await readFile(keys, "utf8");
  const newer = "a-newer-key-of-many-letters\n";
  await writeFile(keys, newer);
  const missing = await commandLine.run("connections", "rekey");
  expect(missing.exitCode).not.toBe(0);
  expect(missing.stderr).toMatch(/kept for `connection:crm` was sealed with another key: `\w{8}`/);
  await writeFile(keys, newer + older);
  expect(await commandLine.run("connections", "rekey")).toMatchObject({
    exitCode: 0,
    stdout: "sealed 1 secret anew; 0 had the newest key already\n",
  });
  await writeFile(keys, newer);
  expect((await commandLine.run("connections", "rekey", "--json")).stdout).toContain('"current":1');
  expect(await commandLine.run("run", "ask")).toMatchObject({ exitCode: 0 });
  expect(server.received.at(-1)?.headers.authorization).toBe(`Bearer ${canary}`);
});
