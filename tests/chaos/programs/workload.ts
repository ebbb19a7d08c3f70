// The jobs of a chaos run. Each effect is tried with a token of its own and written into the ledger; what the orchestrator keeps of
// it (a step's value, a unit, a checkpoint, a result) carries that token, so that an effect counted twice shows.
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import { defineJob, type Job } from "../../../src/core/job/job.ts";
import type { JobContext } from "../../../src/core/job/job-context.ts";
import { snooze } from "../../../src/core/job/outcome.ts";
import { JobPipeline } from "../../../src/core/job/pipeline.ts";
import type { LedgerWriter } from "./ledger.ts";

/** Every order has its number as a param. */
export interface OrderParams {
  readonly order: number;
}

export interface Workload {
  readonly jobs: readonly Job[];
  readonly diamond: JobPipeline<string>;
}

/** How often things are done within one run. */
export const stepNames: readonly string[] = ["extract", "transform", "load"];
export const unitCount = 8;
export const checkpointCount = 4;
/** Runs of `limited` that may execute at once. */
export const limitedCapacity = 3;
/** How long `urgent` takes: long enough to be caught by a kill. */
const urgentMs = 700;

const params = z.object({ order: z.number() });
// Faults of the store reach handlers as transient errors; they must not use up what a run may try.
const retry = { maxRetries: 100, baseDelay: "50ms", maxDelay: "400ms" } as const;

/** @param spinMs how long `spin` computes without a pause */
export function createWorkload(ledger: LedgerWriter, { spinMs }: { readonly spinMs: number }): Workload {
  const tools = createTools(ledger);
  const define = (name: string, execute: (ctx: JobContext<unknown, OrderParams>) => unknown, more: object = {}): Job =>
    defineJob({ name, params, retry, execute, ...more });
  const [first, left, right, last] = defineDiamond(tools);
  return {
    jobs: [
      define("noop", (ctx) => tools.complete(ctx)),
      define("stepper", async (ctx) => {
        for (const name of stepNames) await tools.step(ctx, name);
        return tools.complete(ctx);
      }),
      define("sliced", (ctx) => tools.sliced(ctx)),
      define("counter", (ctx) => tools.counter(ctx)),
      define("flaky", (ctx) => {
        if (ctx.run.attempt <= 1 + (ctx.params.order % 2)) throw unavailable();
        return tools.complete(ctx);
      }),
      define("snoozer", async (ctx) => {
        const { isFirst } = await tools.step(ctx, "asleep");
        return isFirst ? snooze("300ms") : tools.complete(ctx);
      }),
      define("publisher", async (ctx) => {
        await ctx.data.publish({ output: { dataset: `shelf_${ctx.params.order % 5}` } });
        return tools.complete(ctx);
      }),
      define(
        "limited",
        async (ctx) => {
          await sleep(20);
          return tools.complete(ctx);
        },
        { concurrency: limitedCapacity },
      ),
      define(
        "urgent",
        async (ctx) => {
          await sleep(urgentMs, undefined, { signal: ctx.signal });
          return tools.complete(ctx);
        },
        { priority: -100 },
      ),
      define("spin", (ctx) => {
        const endAt = performance.now() + spinMs;
        while (performance.now() < endAt) Math.hypot(endAt, 1);
        return tools.complete(ctx);
      }),
      // Takes its worker down with it, whenever it is tried.
      define("poison", () => process.kill(process.pid, "SIGKILL")),
      ...scheduleNames.map((name) => defineJob({ name, retry, execute: (ctx) => tools.complete(ctx) })),
      first,
      left,
      right,
      last,
    ],
    diamond: new JobPipeline("diamond")
      .addJob(first)
      .addJob(left, { dependsOn: ["diamond_first"] })
      .addJob(right, { dependsOn: ["diamond_first"] })
      .addJob(last, { dependsOn: ["diamond_left", "diamond_right"] }),
  };
}

/** Jobs that are due every second. */
export const scheduleNames: readonly string[] = ["tick_a", "tick_b", "tick_c"];

interface Tools {
  complete(ctx: JobContext): { token: string };
  /** `isFirst` when the step was carried out now, and not remembered. */
  step(ctx: JobContext, name: string): Promise<{ isFirst: boolean }>;
  sliced(ctx: JobContext): Promise<object>;
  counter(ctx: JobContext): Promise<object>;
}

function createTools(ledger: LedgerWriter): Tools {
  const tried = (run: number, effect: string): string => {
    const token = ledger.token();
    ledger.write({ kind: "tried", run, effect, token });
    return token;
  };
  const kept = (run: number, effect: string, token: string): void => ledger.write({ kind: "kept", run, effect, token });
  const tools: Tools = {
    complete: (ctx) => ({ token: tried(ctx.run.id, "end") }),
    async step(ctx, name) {
      let isFirst = false;
      const token = await ctx.step(name, () => {
        isFirst = true;
        return tried(ctx.run.id, `step:${name}`);
      });
      kept(ctx.run.id, `step:${name}`, token);
      return { isFirst };
    },
    async sliced(ctx) {
      const units = Array.from({ length: unitCount }, (_, index) => `u${index}`);
      const tokens = new Map<string, string>();
      const { done } = await ctx.each(units, { key: (unit) => unit, concurrency: 2 }, async (unit) => {
        tokens.set(unit, tried(ctx.run.id, `unit:${unit}`));
        await sleep(1);
      });
      for (const [unit, token] of tokens) kept(ctx.run.id, `unit:${unit}`, token);
      return { ...tools.complete(ctx), done };
    },
    async counter(ctx) {
      const tokens = [...((await ctx.checkpoint.load(z.array(z.string()))) ?? [])];
      while (tokens.length < checkpointCount) {
        const effect = `checkpoint:${tokens.length}`;
        const token = tried(ctx.run.id, effect);
        tokens.push(token);
        await ctx.checkpoint.save(tokens);
        kept(ctx.run.id, effect, token);
      }
      return { ...tools.complete(ctx), tokens };
    },
  };
  return tools;
}

function defineDiamond(
  tools: Tools,
): readonly [Job<"diamond_first">, Job<"diamond_left">, Job<"diamond_right">, Job<"diamond_last">] {
  const sum = z.object({ sum: z.number() });
  const upstream = async (ctx: JobContext, job: string): Promise<number> => sum.parse(await ctx.upstream(job)).sum;
  return [
    defineJob({ name: "diamond_first", params, retry, execute: (ctx) => ({ ...tools.complete(ctx), sum: 1 }) }),
    defineJob({
      name: "diamond_left",
      params,
      retry,
      execute: async (ctx) => ({ ...tools.complete(ctx), sum: (await upstream(ctx, "diamond_first")) + 1 }),
    }),
    defineJob({
      name: "diamond_right",
      params,
      retry,
      execute: async (ctx) => ({ ...tools.complete(ctx), sum: (await upstream(ctx, "diamond_first")) + 2 }),
    }),
    defineJob({
      name: "diamond_last",
      params,
      retry,
      execute: async (ctx) => {
        const [left, right] = [await upstream(ctx, "diamond_left"), await upstream(ctx, "diamond_right")];
        return { ...tools.complete(ctx), sum: left + right };
      },
    }),
  ];
}

function unavailable(): MillraceError {
  return new MillraceError("JOB_FAILED_TRANSIENT", "the source is away");
}
