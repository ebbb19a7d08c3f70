// Defines healthy jobs, and jobs that break the thread or process that they share with them. Every process of these tests that
// executes runs loads this file.
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { createDuckDbEngine } from "../../../src/compute/duckdb/duckdb-engine.ts";
import type { DuckDbModule } from "../../../src/compute/duckdb/duckdb-module.ts";
import { defineJob, type Job } from "../../../src/core/job/job.ts";
import type { JobContext } from "../../../src/core/job/job-context.ts";

export type PoisonMode = "inline" | "thread" | "process";

const engine = createDuckDbEngine({}, loadBreakable);

/** What a run may do to its process. */
export const poisons = {
  "a forgotten rejection": async () => {
    void Promise.reject(new Error("nobody waits for me"));
    await sleep(1_000);
  },
  "a throw in a timer": async () => {
    setTimeout(() => {
      throw new Error("nobody catches me");
    }, 10);
    await sleep(1_000);
  },
  "process.exit": () => process.exit(3),
  "kill -9": async () => {
    process.kill(process.pid, "SIGKILL");
    await sleep(1_000);
  },
  "a heap without an end": () => {
    const hoard: unknown[] = [];
    for (;;) hoard.push(Array.from({ length: 10_000 }, () => ({ n: hoard.length })));
  },
  "a loop without an end": () => {
    for (;;);
  },
  "a loop over the context": async (ctx: JobContext) => {
    for (let n = 0; ; n += 1) await ctx.step(`s${n % 1_000}`, () => n);
  },
  "an engine that it makes invalid": async () => {
    await using session = await engine.open();
    await session.execute("break");
  },
  "a crash of native code": async () => {
    process.kill(process.pid, "SIGABRT");
    await sleep(1_000);
  },
} as const satisfies Readonly<Record<string, (ctx: JobContext) => unknown>>;

export type Poison = keyof typeof poisons;

const params = z.object({ ledger: z.string(), poison: z.string().optional() });

/** `healthy` takes about a second and notes each time that it begins; `poisoned` begins its work a little later. */
export function jobsIn(isolation: PoisonMode): readonly Job[] {
  return [
    defineJob({
      name: "healthy",
      isolation,
      params,
      async execute(ctx) {
        appendFileSync(ctx.params.ledger, `${ctx.run.id}\n`);
        for (let tick = 0; tick < 10; tick += 1) {
          ctx.signal.throwIfAborted();
          await using session = await engine.open();
          await session.execute("select 1");
          await sleep(100);
        }
        return "done";
      },
    }),
    defineJob({
      name: "poisoned",
      isolation,
      params,
      retry: { maxRetries: 0 },
      async execute(ctx) {
        await sleep(300);
        await poisons[ctx.params.poison as Poison](ctx);
      },
    }),
  ];
}

// The statement `break` does to it what a bug of the engine does.
async function loadBreakable(): Promise<DuckDbModule> {
  const create = async () => {
    let isInvalid = false;
    const run = async (sql: string): Promise<void> => {
      if (isInvalid)
        throw new Error("FATAL Error: Failed: database has been invalidated because of a previous fatal error");
      if (sql !== "break") return;
      isInvalid = true;
      throw new Error("INTERNAL Error: Attempted to access index 2 within vector of size 2");
    };
    return { connect: async () => ({ run, closeSync: () => undefined }), closeSync: () => undefined };
  };
  return { DuckDBInstance: { create } } as unknown as DuckDbModule;
}
