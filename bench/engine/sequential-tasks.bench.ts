// A pipeline of 40 tasks of 10 ms, one after the other: what the engine adds to the 0.4 s that they take.
import type { Bench } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { defineChain, toPipeline } from "../harness/bench-jobs.ts";
import { startBenchWorker } from "../harness/bench-worker.ts";
import { takeTurns, timeMs } from "../harness/take-turns.ts";

const taskCount = 40;
const taskMs = 10;

export const bench: Bench = {
  name: "sequential-tasks",
  description: "40 tasks of 10 ms in one pipeline, each waiting for the one before, beside 40 awaited timers",
  async run() {
    const jobs = defineChain("task", taskCount, sleep);
    const pipeline = toPipeline("sequential_tasks", jobs);
    await using folder = await createBenchFolder();
    await using worker = await startBenchWorker({ folder: folder.path, jobs });
    const values = await takeTurns(
      { ours: async () => (await worker.run(pipeline)).wallMs, timers: () => timeMs(sleepInTurn) },
      { warmUps: 2, repetitions: 15 },
    );
    return [
      {
        name: "40 sequential tasks of 10 ms, from submit until the caller knows the end",
        unit: "ms",
        ours: values.ours,
        peer: { name: "40 timers of 10 ms in turn", values: values.timers },
        target: { kind: "value", atMost: 500 },
      },
    ];
  },
};

async function sleepInTurn(): Promise<void> {
  for (let task = 0; task < taskCount; task += 1) await sleep();
}

function sleep(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, taskMs));
}
