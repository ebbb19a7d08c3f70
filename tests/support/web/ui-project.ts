// A project with one job for each thing that a person does on the screens, and a server of it as a process of its own.
import { setTimeout as sleep } from "node:timers/promises";
import { type CliProcess, CliProject } from "../cli/cli-project.ts";

/** Counts to `total`, a step each 50 ms; yields at each checkpoint. */
const counter = `import { setTimeout as sleep } from "node:timers/promises";
import { defineJob } from "millrace";
import { z } from "zod";
export default defineJob({
  name: "counter",
  description: "counts slowly and can be paused at any number",
  params: z.object({ total: z.int().min(1).max(10_000).default(40).describe("how far to count") }),
  async execute(ctx) {
    const from = (await ctx.checkpoint.load(z.object({ done: z.int() })))?.done ?? 0;
    for (let done = from + 1; done <= ctx.params.total; done += 1) {
      await sleep(50, undefined, { signal: ctx.signal });
      ctx.progress({ done, total: ctx.params.total, operation: "counting" });
      if (done % 10 === 0) ctx.log.info("counted", { done });
      await ctx.checkpoint.save({ done });
    }
    return { rows: ctx.params.total };
  },
});
`;

/** Heeds no signal. */
const stubborn = `import { defineJob } from "millrace";
export default defineJob({
  name: "stubborn",
  description: "computes without a pause and listens to nobody",
  isolation: "thread",
  execute() { for (;;) Math.sqrt(2); },
});
`;

/** Fails until the file \`fixed\` is there, with an id in the message that differs from run to run. */
const flaky = `import { existsSync } from "node:fs";
import { defineJob } from "millrace";
import { z } from "zod";
export default defineJob({
  name: "flaky",
  params: z.object({ order: z.int().default(1) }),
  retry: { maxRetries: 0 },
  execute(ctx) {
    ctx.log.info("looking at the order", { order: ctx.params.order });
    ctx.log.error("the needle in this haystack is " + ctx.params.order);
    if (!existsSync(ctx.path("fixed"))) throw new Error("order " + ctx.params.order + " has no customer");
    return { rows: 1 };
  },
});
`;

/** Reads ten more at each run. */
const reader = `import { defineJob } from "millrace";
export default defineJob({
  name: "reader",
  description: "reads ten more records at each run",
  async execute(ctx) {
    const watermark = ctx.watermark();
    const from = Number((await watermark.load()) ?? 0);
    await watermark.advance(from + 10);
    return { rows: 10 };
  },
});
`;

const holder = `import { setTimeout as sleep } from "node:timers/promises";
import { defineJob } from "millrace";
import { z } from "zod";
export default defineJob({
  name: "exclusive",
  description: "one at a time",
  concurrency: 1,
  params: z.object({ n: z.int().default(0), seconds: z.number().default(60) }),
  execute: (ctx) => sleep(ctx.params.seconds * 1_000, { rows: 1 }, { signal: ctx.signal }),
});
`;

const daily = `import { defineJob, JobPipeline } from "millrace";
const step = (name, layer) => defineJob({ name, layer, execute: (ctx) => { ctx.log.info(name + " at work"); return { rows: 3 }; } });
export default new JobPipeline("daily", { description: "three steps, one after the other", schedule: { cron: "30 2 * * *", timezone: "Europe/Berlin" } })
  .addJob(step("extract_orders", "bronze"))
  .addJob(step("clean_orders", "silver"), { dependsOn: ["extract_orders"] })
  .addJob(step("sum_orders", "gold"), { dependsOn: ["clean_orders"] });
`;

export const uiProjectFiles: Readonly<Record<string, string>> = {
  "jobs/counter.ts": counter,
  "jobs/stubborn.ts": stubborn,
  "jobs/flaky.ts": flaky,
  "jobs/reader.ts": reader,
  "jobs/exclusive.ts": holder,
  "pipelines/daily.ts": daily,
};

/** `millrace dev` of a project; disposing it ends the process and removes the folder. */
export class UiProject implements AsyncDisposable {
  readonly project: CliProject;
  /** Without a path. */
  readonly origin: string;
  /** Logs a browser in, once. */
  readonly loginUrl: string;
  readonly #process: CliProcess;

  private constructor(project: CliProject, process: CliProcess, loginUrl: string) {
    this.project = project;
    this.#process = process;
    this.loginUrl = loginUrl;
    this.origin = new URL(loginUrl).origin;
  }

  /** @param more files on top of those of `uiProjectFiles` */
  static async start(more: Readonly<Record<string, string>> = {}): Promise<UiProject> {
    const project = await CliProject.create({ ...uiProjectFiles, ...more });
    await project.link("zod");
    const process = project.start("dev", "--port", "0");
    const url = await readUrl(process);
    return new UiProject(project, process, url);
  }

  /** Resolves when the process has said so on stderr. */
  waitForNote(text: string): Promise<void> {
    return this.#process.waitForNote(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGTERM");
    const isEnded = await Promise.race([this.#process.ended.then(() => true), sleep(10_000, false, { ref: false })]);
    if (!isEnded) this.#process.kill("SIGKILL");
    await this.#process.ended;
    await this.project[Symbol.asyncDispose]();
  }
}

async function readUrl(process: CliProcess): Promise<string> {
  await process.waitForNote("#token=");
  const url = /http:\/\/\S+#token=\S+/.exec(process.stderr)?.[0];
  if (url === undefined) throw new Error(`no address in: ${process.stderr}`);
  return url;
}
