// One job, then 1,000 that wait for it, then one that waits for them all; none does anything but become durable.
import { join } from "node:path";
import { defineJob, type Job } from "../../src/core/job/job.ts";
import type { Bench } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { openCommitPeer } from "./commit-peer.ts";
import { toPipeline } from "../harness/bench-jobs.ts";
import { startBenchWorker } from "../harness/bench-worker.ts";
import { takeTurns, timeMs } from "../harness/take-turns.ts";

const width = 1_000;

export const bench: Bench = {
  name: "fan-out",
  description:
    "a 1,000-wide fan-out of no-ops between one job and one that waits for all, beside two flushed SQLite commits for each task",
  async run() {
    const jobs = defineFan();
    const pipeline = toPipeline("fan_out", jobs);
    await using folder = await createBenchFolder();
    await using worker = await startBenchWorker({ folder: folder.path, jobs });
    using peer = openCommitPeer(join(folder.path, "peer.db"));
    const values = await takeTurns(
      {
        ours: async () => (await worker.run(pipeline)).wallMs,
        commits: () => timeMs(() => Promise.resolve(peer.commit(jobs.length, 2))),
      },
      { warmUps: 1, repetitions: 9 },
    );
    return [
      {
        name: "1,000-wide fan-out of no-ops, from submit until the caller knows the end",
        unit: "ms",
        ours: values.ours,
        peer: { name: "2 flushed SQLite commits of one row for each task", values: values.commits },
        target: { kind: "value", atMost: 1_000 },
      },
    ];
  },
};

function defineFan(): Job[] {
  const outputs = Array.from({ length: width }, (_, index) => `part_${index}`);
  return [
    defineJob({ name: "split", outputs: ["whole"], execute: noop }),
    ...outputs.map((output, index) =>
      defineJob({ name: `work_${index}`, inputs: ["whole"], outputs: [output], execute: noop }),
    ),
    defineJob({ name: "join", inputs: outputs, execute: noop }),
  ];
}

async function noop(): Promise<void> {
  await Promise.resolve();
}
