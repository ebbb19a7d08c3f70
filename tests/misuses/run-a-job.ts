// Lists what the compiler refuses where jobs start, follow or enqueue each other. Nothing here runs: `tsc -p .` reads
// it, and a misuse that stops being an error fails there.
import {
  cancel,
  defineJob,
  enqueue,
  integrationJob,
  JobPipeline,
  type JobContext,
  partial,
  snooze,
  sqlJob,
  z,
} from "../../src/index.ts";

const load = defineJob({
  name: "load",
  params: z.object({ day: z.string(), limit: z.int().default(10) }),
  execute: (ctx) => ({ rows: ctx.params.limit, at: new Date(0), big: 1n }),
});
const report = defineJob({
  name: "report",
  params: z.object({ title: z.string().optional() }),
  async execute(ctx) {
    if (ctx.params.title === "wait") return snooze("5m");
    if (ctx.params.title === "stop") return cancel("nobody reads it");
    return ctx.params.title === undefined ? partial({ pages: 1 }, ["no title"]) : { pages: 2 };
  },
  onSuccess(_ctx, result) {
    const pages: number = result.pages;
    // @ts-expect-error the result is that of `execute`
    const text: string = result.pages;
    return void [pages, text];
  },
});
const copy = integrationJob({ name: "copy", source: { dataset: "a" }, output: { dataset: "b" } });
const sums = sqlJob({ name: "sums", inputs: ["b"], sql: "select 1 as n", output: { dataset: "sums" } });

/** Params of the job itself. */
export const params: unknown = defineJob({
  name: "params",
  params: z.object({ day: z.string() }),
  config: z.object({ folder: z.string() }),
  execute(ctx) {
    const text: string = ctx.params.day + ctx.config.folder;
    // @ts-expect-error wrong param
    const other: unknown = ctx.params.dya;
    // @ts-expect-error wrong type of a param
    const number: number = ctx.params.day;
    return [text, other, number];
  },
});

export async function upstream(ctx: JobContext): Promise<unknown> {
  const loaded = await ctx.upstream(load);
  const right: { rows: number; at: string; big: string } = loaded;
  // @ts-expect-error a date comes back as text
  const date: Date = loaded.at;
  // @ts-expect-error wrong upstream type
  const text: string = loaded.rows;
  // @ts-expect-error the job returns no such field
  const missing: unknown = loaded.row;
  const pages: number = (await ctx.upstream(report)).pages;
  const version: number = (await ctx.upstream(copy)).version + (await ctx.upstream(sums)).rowCount;
  // @ts-expect-error what a name returns is not known
  const unknown: number = await ctx.upstream("load");
  // @ts-expect-error no job
  await ctx.upstream({ name: "load" });
  return [right, date, text, missing, pages, version, unknown];
}

export async function spawn(ctx: JobContext): Promise<unknown> {
  const spawned = await ctx.spawn(load, { day: "2026-01-01" }, { name: "first" });
  const rows: number = (await spawned.result()).rows;
  // @ts-expect-error the result has another type
  const text: string = (await spawned.result()).rows;
  await ctx.spawn(report);
  await ctx.spawn("load", { anything: 1 });
  // @ts-expect-error wrong spawn params: another type
  await ctx.spawn(load, { day: 1 });
  // @ts-expect-error wrong spawn params: no such param
  await ctx.spawn(load, { day: "2026-01-01", dya: "2026-01-01" });
  // @ts-expect-error wrong spawn params: one is missing
  await ctx.spawn(load, {});
  // @ts-expect-error wrong spawn params: all are missing
  await ctx.spawn(load);
  // @ts-expect-error no job
  await ctx.spawn({ name: "load" });
  return [rows, text];
}

export async function pipelines(): Promise<void> {
  const pipeline = new JobPipeline("all")
    .addJob(copy)
    .addJob(load, { dependsOn: [copy, "copy"] })
    .addJob(report, { dependsOn: [load], onUpstreamFailure: "skip" });
  await pipeline.run({ day: "2026-01-01", title: "t" });
  // @ts-expect-error wrong pipeline params: another type
  await pipeline.run({ day: 1 });
  // @ts-expect-error wrong pipeline params: no such param
  await pipeline.run({ day: "2026-01-01", tilte: "t" });
  // @ts-expect-error wrong pipeline params: one is missing
  await pipeline.run();
  await new JobPipeline("free").addJob(copy).run({ anything: 1 });
  await new JobPipeline("optional").addJob(report).run();
  // @ts-expect-error the name is not in the pipeline
  pipeline.addJob(sums, { dependsOn: ["laod"] });
  // @ts-expect-error the job is not in the pipeline
  new JobPipeline("one").addJob(sums, { dependsOn: [load] });
  const some: JobPipeline<string> = pipeline;
  await some.run({ anything: 1 });
}

export async function enqueued(client: Parameters<typeof enqueue>[0]): Promise<void> {
  await enqueue(client, load, { params: { day: "2026-01-01" }, once: true });
  await enqueue(client, report);
  await enqueue(client, new JobPipeline("one").addJob(load), { params: { day: "2026-01-01" } });
  // @ts-expect-error wrong params: another type
  await enqueue(client, load, { params: { day: 1 } });
  // @ts-expect-error wrong params: no such param
  await enqueue(client, report, { params: { tilte: "t" } });
  // @ts-expect-error wrong params: they are missing
  await enqueue(client, load, { once: true });
  // @ts-expect-error wrong params: they are missing
  await enqueue(client, load);
}

export async function remembered(ctx: JobContext): Promise<unknown> {
  const kept = await ctx.step("now", () => ({ at: new Date(0), tags: ["a"], none: undefined, call: () => 1 }));
  const right: { at: string; tags: string[] } = kept;
  // @ts-expect-error a step remembers a date as text
  const date: Date = kept.at;
  const found: { id: string } = await ctx.waitFor({ every: "30s" }, () => (right.at === "" ? undefined : { id: 1n }));
  return [date, found];
}
