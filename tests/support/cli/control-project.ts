// A project with something for every command that reads or controls: a scheduled pipeline with rows set aside and a
// watermark, runs that finished and one that waits, a token, and a server beside the store.
import { createCommandContext } from "../../../src/cli/command-context.ts";
import { serve } from "../../../src/app/serve.ts";
import { type CommandLine, createCommandLine } from "./command-line.ts";
import { createSmallProject } from "./small-project.ts";

const files: Readonly<Record<string, string>> = {
  "raw/people.csv": "id,amount\n1,10\n2,-5\n3,40\n",
  "jobs/daily.ts": `import { defineJob, integrationJob, JobPipeline, z } from "millrace";

const load = integrationJob({
  name: "load",
  layer: "bronze",
  source: { file: { path: "raw/people.csv" } },
  checks: [{ range: { amount: { min: 0 } }, severity: "quarantine" }],
  output: { dataset: "people" },
});

const count = defineJob({
  name: "count",
  description: "counts people",
  inputs: ["people"],
  params: z.object({ perPage: z.number().default(10) }),
  async execute(ctx) {
    ctx.log.info("counted", { rowCount: 2 });
    await ctx.watermark().advance(2);
    return { rows: 2, perPage: ctx.params.perPage };
  },
});

export default new JobPipeline("daily", { schedule: { cron: "@daily", window: true } }).addJob(load).addJob(count);
`,
  "jobs/idle.ts": `import { defineJob } from "millrace";
export default defineJob({ name: "idle", execute: () => ({ rows: 1 }) });
`,
};

export interface ControlProject extends AsyncDisposable {
  readonly path: string;
  /** Commands that work on the store. */
  readonly store: CommandLine;
  /** Commands that talk to the server. */
  readonly server: CommandLine;
}

/** Runs r1 and r4 are of `daily`, r7 is of \`idle\` and waits. */
export async function createControlProject(): Promise<ControlProject> {
  const project = await createSmallProject(files);
  const context = createCommandContext(project.path);
  for (const args of [
    ["run", "daily"],
    ["run", "daily", "-p", "perPage=20"],
    ["start", "idle"],
  ]) {
    const { exitCode, stderr } = await project.run(...args);
    if (exitCode !== 0) throw new Error(`${args.join(" ")} ended with ${exitCode}: ${stderr}`);
  }
  await project.run("token", "create", "wall");
  const app = await context.openApp();
  await (await app.startScheduler()).stop();
  const { environment } = context;
  const serving = await serve(app, { environment, host: "127.0.0.1", port: 0, auth: "off", logLevel: "fatal" });
  return {
    path: project.path,
    store: createCommandLine(project.path),
    server: createCommandLine(project.path, { server: serving.url }),
    async [Symbol.asyncDispose]() {
      await serving[Symbol.asyncDispose]();
      await app[Symbol.asyncDispose]();
      await project[Symbol.asyncDispose]();
    },
  };
}
