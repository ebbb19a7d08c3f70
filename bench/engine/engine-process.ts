// Millrace as one side of an engine bench: `node engine-process.ts <scenario> <postgres url | file> <count>` runs one
// scenario in a fresh process and prints one line of JSON, as the programs in peers/ do.
import { defineJob, type Job } from "../../src/core/job/job.ts";
import { oneByOne, shapeOf } from "../peers/scenario.mjs";
import { type EngineUnderBench, openEngine } from "./engine-under-bench.ts";

type Scenario = (input: { readonly address: string; readonly count: number }) => Promise<object>;

const slots = 800;
const submitBatch = 1_000;

const noop: Job = defineJob({ name: "noop", execute: () => undefined });

const twoSteps: Job = defineJob({
  name: "two_steps",
  async execute(ctx) {
    await ctx.step("one", () => 1);
    await ctx.step("two", () => 2);
  },
});

const scenarios: Readonly<Record<string, Scenario>> = {
  /** Waiting no-ops, from the start of the worker until the last has ended. */
  throughput: ({ address, count }) => drain(address, count, noop, slots),
  /** The same, each of two remembered steps. */
  two_steps: ({ address, count }) => drain(address, count, twoSteps, slots),
  async latency({ address, count }) {
    await using engine = await openEngine(address);
    let started: (() => void) | undefined;
    const job = defineJob({ name: "noop", execute: () => started?.() });
    await using _worker = await engine.startWorker([job], { slots: 4 });
    const values = await oneByOne(count, async (onStarted: () => void) => {
      started = onStarted;
      await engine.submit("noop", 1);
    });
    return { values };
  },
  chain: ({ address, count }) => runShape(address, "chain", count),
  fan_out: ({ address, count }) => runShape(address, "fan_out", count),
  fan_in: ({ address, count }) => runShape(address, "fan_in", count),
  layers: ({ address, count }) => runShape(address, "layers", count),
};

const [name = "", address = "", count = "0"] = process.argv.slice(2);
const scenario = scenarios[name];
if (scenario === undefined) throw new Error(`expected one of ${Object.keys(scenarios).join(", ")}, got: ${name}`);
console.log(JSON.stringify(await scenario({ address, count: Number(count) })));

async function drain(store: string, total: number, job: Job, atOnce: number): Promise<object> {
  await using engine = await openEngine(store);
  for (let sent = 0; sent < total; sent += submitBatch) {
    await engine.submit(job.name, Math.min(submitBatch, total - sent));
  }
  return { ms: await workUntilEnded(engine, job, total, atOnce) };
}

async function runShape(store: string, shape: string, total: number): Promise<object> {
  await using engine = await openEngine(store);
  await engine.submitGraph("noop", shapeOf(shape, total));
  return { ms: await workUntilEnded(engine, noop, total, slots) };
}

/** Milliseconds from the start of the worker to the last accepted end. */
async function workUntilEnded(engine: EngineUnderBench, job: Job, total: number, atOnce: number): Promise<number> {
  const startedAtMs = performance.now();
  await using worker = await engine.startWorker([job], { slots: atOnce });
  await worker.ended(total);
  return performance.now() - startedAtMs;
}
