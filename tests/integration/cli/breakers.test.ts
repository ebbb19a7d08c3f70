// What a person sees and does at the command line when a service refuses the credentials of a connection.
import { rm } from "node:fs/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type CommandLine, createCommandLine } from "../../support/cli/command-line.ts";
import { writeInsideProject } from "../../support/cli/inside-project.ts";
import { answerJson, type BehavingServer, startBehavingServer } from "../../support/http/behaving-server.ts";

let server: BehavingServer;
let project: string;
let commandLine: CommandLine;

beforeEach(async () => {
  server = await startBehavingServer(({ headers }, response) => {
    answerJson(response, [{ id: 1 }], headers.authorization === "Bearer right" ? 200 : 401);
  });
  const shop = { http: { baseUrl: server.origin, auth: { bearer: "env:SHOP_TOKEN" } } };
  project = await writeInsideProject({
    "millrace.config.json": JSON.stringify({ connections: { shop } }),
    "jobs/orders.ts": `import { defineJob } from "millrace";
      export default defineJob({
        name: "orders",
        connections: ["shop"],
        execute: async (ctx) => (await ctx.connection("shop").send({ url: "/orders" })).status,
      });`,
  });
  commandLine = createCommandLine(project);
  vi.stubEnv("SHOP_TOKEN", "wrong");
  expect(await commandLine.run("run", "orders")).toMatchObject({ exitCode: 1 });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await server[Symbol.asyncDispose]();
  await rm(project, { recursive: true });
});

test("a run that a shut breaker holds says so while it is waited for, and `why` names the breaker before the worker", async () => {
  const waited = await commandLine.run("run", "orders", "--wait-timeout", "2500ms");
  expect(waited.exitCode).toBe(75);
  expect(waited.stderr).toMatch(/orders: waits because connection `shop` is failing: .*401.*\n {2}→ correct the cause/);
  const why = await commandLine.run("why", "last");
  expect(why.stdout.split("\n").slice(0, 2)).toEqual([
    expect.stringMatching(/^r\d+ orders: waits because connection `shop` is failing/),
    "  waits because no worker is in service",
  ]);
  const forced = await commandLine.run("start", "last", "--force");
  expect(forced.stderr).toContain("connection `shop` is failing");
});

test("`connections reset` closes the breaker, says whether it was open, and knows its connections", async () => {
  const opened = await commandLine.run("connections", "reset", "shop");
  expect(opened).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("closed the breaker of `shop`") });
  const again = await commandLine.run("connections", "reset", "shop", "--json");
  expect(JSON.parse(again.stdout)).toMatchObject({ action: "reset", name: "shop", was: "closed" });
  vi.stubEnv("SHOP_TOKEN", "right");
  expect(await commandLine.run("run", "orders")).toMatchObject({ exitCode: 0 });
  const unknown = await commandLine.run("connections", "reset", "shp");
  expect([unknown.exitCode, unknown.stderr]).toEqual([4, expect.stringContaining("did you mean `shop`")]);
});

test("a good answer to `test` closes a breaker that refused credentials opened, and a bad one does not", async () => {
  await commandLine.run("connections", "test", "shop");
  expect((await commandLine.run("connections")).stdout).toContain("breaker open");
  vi.stubEnv("SHOP_TOKEN", "right");
  expect(await commandLine.run("connections", "test", "shop")).toMatchObject({ exitCode: 0 });
  expect((await commandLine.run("connections")).stdout).not.toContain("breaker open");
  expect(await commandLine.run("run", "orders")).toMatchObject({ exitCode: 0 });
});
