// No command shows a value that is named like a secret or that the environment keeps secret, as text or as JSON.
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTerminal } from "../../../src/cli/print/terminal.ts";
import { readEnvironment } from "../../../src/config.ts";
import { type CommandLine, createCommandLine } from "../../support/cli/command-line.ts";
import { writeInsideProject } from "../../support/cli/inside-project.ts";

let project: string;
const canary = "canary-7f3a91";
let commandLine: CommandLine;

const job = `import { defineJob } from "millrace";
import { z } from "zod";
export default defineJob({
  name: "secretive",
  params: z.object({ password: z.string(), nested: z.object({ apiKey: z.string() }), n: z.number() }),
  execute: async (ctx) => {
    ctx.log.info("logged in", { github_token: ctx.params.password, n: 1 });
    await ctx.checkpoint.save({ access_token: ctx.params.password, page: 2 });
    return { client_secret: ctx.params.password, rows: 1, pages: [{ cookie: ctx.params.password }] };
  },
});
`;

beforeAll(async () => {
  project = await writeInsideProject({ "millrace.config.ts": "export default {};\n", "jobs/secretive.ts": job });
  commandLine = createCommandLine(project);
  for (const n of [1, 2]) {
    const params = JSON.stringify({ password: `${canary}-${n}`, nested: { apiKey: `${canary}-${n}` }, n });
    const { exitCode, stderr } = await commandLine.run("run", "secretive", "--params", params);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  }
});

afterAll(async () => {
  await rm(project, { recursive: true, force: true });
});

const commands: readonly (readonly string[])[] = [
  ["show", "last"],
  ["show", "last", "--json"],
  ["runs", "--json"],
  ["logs", "last"],
  ["logs", "last", "--json"],
  ["state", "show", "secretive"],
  ["state", "diff", "secretive"],
  ["state", "show", "secretive", "--json"],
  ["diff", "r1", "r2"],
  ["diff", "r1", "r2", "--json"],
  ["watch", "last", "--json"],
  ["why", "last", "--json"],
  ["retry", "last", "--json"],
  ["run", "secretive", "--json", "--params", `{"password":"${canary}-3","nested":{"apiKey":"${canary}-3"},"n":3}`],
];

test.each(commands.map((args) => [args.slice(0, 3).join(" "), args] as const))("%s", async (_name, args) => {
  const { exitCode, stdout, stderr } = await commandLine.run(...args);
  expect(stderr + String(exitCode)).not.toMatch(
    /(?:unknown|missing|invalid) (?:command|option|required)|USAGE_INVALID|INTERNAL/,
  );
  expect(stdout + stderr).not.toContain(canary);
});

test("what is no secret is shown beside what is", async () => {
  const { stdout } = await commandLine.run("show", "r1");
  expect(stdout).toContain("password=[masked]");
  expect(stdout).toContain("client_secret=[masked]");
  expect(stdout).toContain("rows=1");
  const { stdout: json } = await commandLine.run("diff", "r1", "r2", "--json");
  expect(JSON.parse(json)).toMatchObject({
    params: expect.arrayContaining([
      { path: "password", before: "[masked]", after: "[masked]" },
      { path: "n", before: 1, after: 2 },
    ]),
  });
});

test("secrets of the environment are masked wherever they turn up, also where the address cannot be read", () => {
  const lines: string[] = [];
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (text: string) => lines.push(text) > 0;
  try {
    const environment = readEnvironment({
      MILLRACE_DATABASE_URL: "postgres://ada:s3cret%21pass@db/x",
      MILLRACE_TOKEN: "mlr_canary_token",
    });
    const terminal = createTerminal(environment);
    terminal.out("cannot log in with s3cret!pass");
    terminal.json({ message: "postgres://ada:s3cret%21pass@db/x", note: "mlr_canary_token" });
    createTerminal(readEnvironment({ MILLRACE_DATABASE_URL: "postgres://ada:s3cret%zz@db/x" })).out("ok");
  } finally {
    process.stdout.write = write;
  }
  expect(lines.join("")).not.toMatch(/s3cret|mlr_canary/);
  expect(lines).toHaveLength(3);
});
