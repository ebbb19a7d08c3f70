// Environments of one project: each has its own store, datasets and configuration, in every process that works for it.
import { access } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createCommandContext } from "../../../src/cli/command-context.ts";
import { serve } from "../../../src/app/serve.ts";
import { createCommandLine, silentTerminal } from "../../support/cli/command-line.ts";
import { createSmallProject, type SmallProject } from "../../support/cli/small-project.ts";

const job = (name: string, isolation: string): string => `import { defineJob, z } from "millrace";
export default defineJob({
  name: "${name}", isolation: "${isolation}", config: z.object({ city: z.string() }),
  async execute(ctx) {
    await ctx.data.publish({ sql: \`select '\${ctx.config.city}' as city\`, output: { dataset: "${name}" } });
    return { city: ctx.config.city, environment: ctx.run.environment ?? "none" };
  },
});
`;

const config = `import { defineProject } from "millrace";
export default defineProject({
  compute: { threads: 1, memoryLimit: "256MB" },
  config: { inside: { city: "Rome" }, apart: { city: "Rome" } },
});
`;

const files = {
  "millrace.config.ts": config,
  "millrace.config.dev.yaml": "config:\n  inside: { city: Oslo }\n  apart: { city: Oslo }\n",
  "millrace.config.prod.ts": `import { defineEnvironment } from "millrace";
export default defineEnvironment({ config: { inside: { city: "Bonn" } } });
`,
  "jobs/inside.ts": job("inside", "inline"),
  "jobs/apart.ts": job("apart", "thread"),
};

async function resultOf(project: SmallProject, name: string, env: string | undefined): Promise<unknown> {
  const { stdout, stderr, exitCode } = await createCommandLine(project.path, withEnv(env)).run("run", name, "--json");
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  return (JSON.parse(stdout) as { result: unknown }).result;
}

function withEnv(env: string | undefined): { readonly env?: string } {
  return env === undefined ? {} : { env };
}

test("each environment runs with its own configuration, store and lake, also in a thread of its own", async () => {
  await using project = await createSmallProject(files);
  expect(await resultOf(project, "inside", undefined)).toEqual({ city: "Rome", environment: "none" });
  expect(await resultOf(project, "inside", "dev")).toEqual({ city: "Oslo", environment: "dev" });
  expect(await resultOf(project, "inside", "prod")).toEqual({ city: "Bonn", environment: "prod" });
  expect(await resultOf(project, "apart", "dev")).toEqual({ city: "Oslo", environment: "dev" });
  expect(await resultOf(project, "apart", "prod")).toEqual({ city: "Rome", environment: "prod" });
  for (const path of [".millrace/store.db", ".millrace/dev/store.db", ".millrace/prod/staging", "lake-dev/inside"]) {
    await expect(access(join(project.path, path))).resolves.toBeUndefined();
  }
  const shown = await createCommandLine(project.path, { env: "dev" }).run("show", "r1", "--json");
  expect(JSON.parse(shown.stdout)).toMatchObject({ environment: "dev", result: { city: "Oslo" } });
  expect((await createCommandLine(project.path, { env: "dev" }).run("show", "r1")).stdout).toContain("in       dev");
});

test("commands tell which environment they work in, and one that is not there is refused with those that are", async () => {
  await using project = await createSmallProject(files);
  const on = async (env: string | undefined): Promise<string> => {
    const { stdout, stderr } = await createCommandLine(project.path, withEnv(env)).run("doctor");
    return stdout + stderr;
  };
  expect(await on("prod")).toMatch(
    /ok +environment +prod, which is production[^]*\nenvironment: prod, which is production\n/,
  );
  expect(await on("dev")).toMatch(/ok +config +millrace.config.ts and millrace.config.dev.yaml are valid/);
  expect(await on(undefined)).toMatch(/ok +environment +none chosen; the project has: dev, prod/);
  const { exitCode, stderr } = await createCommandLine(project.path, { env: "prd" }).run("jobs");
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/unknown environment `prd`, did you mean `prod`\?[^]*the project has: dev, prod/);
});

test("environments that a configuration gives one store are told that it belongs to the first", async () => {
  await using project = await createSmallProject({
    ...files,
    "millrace.config.ts": config.replace("compute", 'store: "one.db",\n  compute'),
  });
  expect(await resultOf(project, "inside", "dev")).toMatchObject({ environment: "dev" });
  const { exitCode, stderr } = await createCommandLine(project.path, { env: "prod" }).run("run", "inside");
  expect(exitCode).toBe(2);
  expect(stderr).toContain("STORE_TAKEN: expected a store of environment `prod`, got: one of environment `dev`");
});

test("a server tells its environment, and commands that are meant for another one change nothing there", async () => {
  await using project = await createSmallProject(files);
  await resultOf(project, "inside", "dev");
  const context = createCommandContext(project.path, { env: "dev", terminal: silentTerminal });
  await using app = await context.openApp();
  const { environment } = context;
  await using serving = await serve(app, { environment, host: "127.0.0.1", port: 0, auth: "off", logLevel: "fatal" });
  const session = (await (await fetch(`${serving.url}/api/v1/session`)).json()) as object;
  expect(session).toMatchObject({ server: { environment: "dev", production: false } });
  const meant = createCommandLine(project.path, { server: serving.url, env: "dev" });
  expect((await meant.run("runs")).exitCode).toBe(0);
  const wrong = await createCommandLine(project.path, { server: serving.url, env: "prod" }).run("start", "inside");
  expect(wrong).toMatchObject({ exitCode: 2, stdout: "" });
  expect(wrong.stderr).toContain("expected a server of environment `prod`, got: one of `dev`");
  expect(await app.store.listRuns({ limit: 10 })).toHaveLength(1);
});

test("what the place lacks is refused before there is a run, and by a worker before the job does anything", async () => {
  await using project = await createSmallProject({
    "millrace.config.dev.json": '{ "capabilities": { "kafka": true } }',
    "jobs/tell.ts": `import { defineJob } from "millrace";
export default defineJob({
  name: "tell", needs: { kafka: true, spark: { fallback: "duckdb" } },
  execute: (ctx) => ({ spark: ctx.capabilities.spark, kafka: ctx.capabilities.kafka }),
});
`,
  });
  const refused = await project.run("run", "tell");
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain("CAPABILITY_MISSING: job `tell` needs `kafka`, which this place does not have");
  expect((await project.run("runs", "--json")).stdout).toContain('"items":[]');
  expect(await resultOf(project, "tell", "dev")).toEqual({
    spark: { isAvailable: false, fallback: "duckdb" },
    kafka: { isAvailable: true },
  });
  const context = createCommandContext(project.path, { terminal: silentTerminal });
  await using app = await context.openApp();
  const { rootRunId } = await app.submit("tell", { params: {}, createdBy: "test" });
  const worker = await app.startWorker();
  const run = await app.waitForRun(rootRunId);
  await worker.stop();
  expect(run).toMatchObject({ state: "ERROR", attempt: 1, error: { code: "CAPABILITY_MISSING" } });
});
