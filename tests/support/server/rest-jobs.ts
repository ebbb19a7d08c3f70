// Jobs that the tests of the REST handlers run: one that finishes, one that fails, one that waits until it is told, one with
// units, and a pipeline of some of them.
import { z } from "zod";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import { defineJob, type Job } from "../../../src/core/job/job.ts";
import { JobPipeline } from "../../../src/core/job/pipeline.ts";

export const hello: Job<"hello"> = defineJob({
  name: "hello",
  description: "Greets somebody",
  params: z.object({ who: z.string().default("you"), times: z.int().max(9).optional() }),
  outputs: ["greetings"],
  execute(ctx) {
    ctx.log.info("hello", { who: "you" });
    ctx.log.warn("careful \u001b[31mred\u202e\r\nsecond line");
    return { rows: 3 };
  },
});

export const broken: Job<"broken"> = defineJob({
  name: "broken",
  retry: { maxRetries: 0 },
  execute() {
    throw new MillraceError("SOURCE_MISSING", "no file 17 in the inbox", { hint: "put it there" });
  },
});

export const after: Job<"after"> = defineJob({ name: "after", inputs: ["greetings"], execute: () => "done" });

/** `broken` fails, so that `after` is cancelled; `hello` finishes. */
export const chain: JobPipeline<"broken" | "after" | "hello"> = new JobPipeline("chain", { description: "All of them" })
  .addJob(broken)
  .addJob(hello)
  .addJob(after, { dependsOn: ["broken"] });

/** A quarter done until somebody stops or pauses it. */
export const waits: Job<"waits"> = defineJob({
  name: "waits",
  async execute(ctx) {
    ctx.progress({ done: 25, total: 100, operation: "waiting" });
    await ctx.waitFor({ every: "1h" }, () => false);
  },
});

/** Holds its worker, with progress, until it is aborted. */
export const holds: Job<"holds"> = defineJob({
  name: "holds",
  async execute(ctx) {
    ctx.progress({ done: 25, total: 100, operation: "holding" });
    await new Promise<void>((resolve) => ctx.signal.addEventListener("abort", () => resolve()));
  },
});

export const slices: Job<"slices"> = defineJob({
  name: "slices",
  async execute(ctx) {
    const items = Array.from({ length: 7 }, (_, index) => `s${index} <b>/ü`);
    await ctx.each(items, { key: (item) => item, onItemError: "continue" }, async (item) => {
      if (item.startsWith("s3")) throw new Error("no such slice");
    });
  },
});
