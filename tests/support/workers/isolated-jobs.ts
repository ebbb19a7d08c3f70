// Jobs that run in a thread or process of their own, for tests of the orchestrator. Both sides load this file.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import { defineJob, type Job, type JobDefinition } from "../../../src/core/job/job.ts";
import { partial } from "../../../src/core/job/outcome.ts";
import type { JobLocation } from "../../../src/orchestrator/attempt/job-registry.ts";

export type Isolation = "thread" | "process";

const params = z.object({ file: z.string().optional() });

/** The jobs, as the worker registers them and the isolate finds them. */
export function jobsIn(isolation: Isolation): readonly Job[] {
  const define = <const Name extends string>(job: JobDefinition<Name, unknown, z.infer<typeof params>>): Job =>
    defineJob({ isolation, params, retry: { maxRetries: 0 }, ...job });
  return [
    define({
      name: "everything",
      spawns: ["child", "chidl"],
      config: z.object({ from: z.string() }),
      metrics: { numbers: { max: 2 } },
      async execute(ctx) {
        const config = ctx.config as { from: string };
        ctx.log.info("begins", { in: config.from });
        ctx.progress({ done: 1, total: 2, operation: "reading" });
        ctx.metric("numbers", 3, { unit: "rows", labels: { from: "here" } });
        const token = await ctx.step("token", () => "t1");
        const { done, failures } = await ctx.each(
          ["a", "bad"],
          { key: String, onItemError: "continue" },
          async (key) => {
            if (key === "bad") throw new Error(`no ${key}`);
          },
        );
        await ctx.checkpoint.save({ at: 7 });
        const checkpoint = await ctx.checkpoint.load(z.object({ at: z.number() }));
        const { dataset } = await ctx.data.publish({ output: { dataset: "numbers" } });
        const read = await ctx.data.dataset("numbers");
        const spawned = await ctx.spawn("child", {});
        const unknown = await ctx.spawn("chidl").catch((error: unknown) => (error as MillraceError).code);
        const facts = { path: ctx.path("a.txt"), attempt: ctx.run.attempt, version: dataset.version };
        return { ...facts, token, done, failed: failures.length, checkpoint, read: read.version, spawned, unknown };
      },
      onSuccess: (ctx) => ctx.log.info("ended well"),
    }),
    define({ name: "child", execute: () => "grown" }),
    define({
      name: "fails",
      retry: { maxRetries: 1, baseDelay: "1ms" },
      execute: () => {
        throw new MillraceError("RATE_LIMITED", "slow down", {
          retryAfterMs: 5,
          hint: "wait",
          details: { secret: () => 1 },
        });
      },
      onFailure: (ctx, error) => ctx.log.warn(`heard ${error.code}`),
    }),
    define({ name: "some", execute: () => partial({ rows: 1 }, ["x"]) }),
    define({
      name: "spins",
      execute: (ctx) => {
        ctx.log.info("spins");
        if (ctx.params.file !== undefined) writeFileSync(ctx.params.file, String(process.pid));
        for (;;);
      },
    }),
    define({
      name: "spins_too_long",
      timeout: "150ms",
      execute: () => {
        for (;;);
      },
    }),
    define({
      name: "winds_down",
      async execute(ctx) {
        ctx.log.info("waits");
        await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve, { once: true }));
        ctx.signal.throwIfAborted();
      },
      onFailure: (ctx, error) => ctx.log.info(`leaves: ${error.message}`),
    }),
    define({
      name: "pauses",
      async execute(ctx) {
        const before = await ctx.checkpoint.load(z.number());
        if (before !== undefined) return `goes on at ${before}`;
        ctx.log.info("works");
        for (let at = 1; ; at += 1) {
          await ctx.checkpoint.save(at);
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      },
    }),
    define({ name: "exits", execute: () => process.exit(7) }),
    define({
      name: "eats",
      execute: () => {
        const hoard: unknown[] = [];
        for (;;) hoard.push(Array.from({ length: 10_000 }, () => ({ n: hoard.length })));
      },
    }),
    define({
      name: "throws_aside",
      execute: () =>
        new Promise(() => {
          setImmediate(() => {
            throw new Error("nobody caught this");
          });
        }),
    }),
    define({ name: "crashes", execute: () => process.kill(process.pid, "SIGSEGV") }),
    define({
      name: "has_children",
      execute: (ctx) => {
        const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
        writeFileSync(ctx.params.file ?? "", `${process.pid} ${child.pid}`);
        ctx.log.info("spins");
        for (;;);
      },
    }),
    define({
      name: "floods",
      execute: (ctx) => {
        for (let line = 0; line < 50_000; line += 1) ctx.log.info(`line ${line}`);
        for (let done = 0; done < 50_000; done += 1) ctx.progress({ done });
        ctx.log.info("x".repeat(50_000_000), { more: "y".repeat(50_000_000) });
      },
    }),
    define({ name: "huge", execute: () => "x".repeat(50_000_000) }),
    define({ name: "burns", execute: () => void Array.from({ length: 3_000_000 }, (_, index) => Math.sqrt(index)) }),
    define({ name: "empty", execute: () => undefined }),
  ];
}

/** The job of that name. */
export function jobIn(isolation: Isolation, name: string): Job {
  const job = jobsIn(isolation).find((candidate) => candidate.name === name);
  if (job === undefined) throw new Error(`no job ${name}`);
  return job;
}

export function locateHere(): JobLocation {
  return { file: fileURLToPath(import.meta.url) };
}
