// Measures the cost of a task whose start and end survive the loss of power: the time from one no-op's start to the
// next one's in a chain of 500, beside as many flushed commits as the engine makes for each of them.
import { join } from "node:path";
import type { Store } from "../../src/store/store.ts";
import type { Bench } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { openCommitPeer } from "./commit-peer.ts";
import { defineChain, toPipeline } from "../harness/bench-jobs.ts";
import { startBenchWorker } from "../harness/bench-worker.ts";
import { summarize } from "../harness/statistics.ts";
import { takeTurns } from "../harness/take-turns.ts";

const taskCount = 500;

export const bench: Bench = {
  name: "task-overhead",
  description:
    "time from one no-op task's start to the next one's in a chain of 500, beside the same number of flushed SQLite commits of one row",
  async run() {
    const startedAtMs: number[] = [];
    const jobs = defineChain("noop", taskCount, () => startedAtMs.push(performance.now()));
    const pipeline = toPipeline("task_overhead", jobs);
    await using folder = await createBenchFolder();
    const commits = { count: 0 };
    await using worker = await startBenchWorker({
      folder: folder.path,
      jobs,
      wrapStore: (store) => countCommits(store, commits),
    });
    using peer = openCommitPeer(join(folder.path, "peer.db"));
    const chains: ReturnType<typeof summarize>[] = [];
    const floors: ReturnType<typeof summarize>[] = [];
    let commitsPerTask = 2;
    const runChain = async (): Promise<number> => {
      startedAtMs.length = 0;
      commits.count = 0;
      await worker.run(pipeline);
      commitsPerTask = Math.round(commits.count / taskCount);
      return keep(chains, startedAtMs);
    };
    const runPeer = (): Promise<number> => Promise.resolve(keep(floors, peer.commit(taskCount, commitsPerTask)));
    const { ours, floor } = await takeTurns({ ours: runChain, floor: runPeer }, { warmUps: 1, repetitions: 11 });
    const name = `${commitsPerTask} flushed SQLite commits of one row`;
    const [tails, floorTails] = [chains, floors].map((all) => all.slice(1).map(({ p95 }) => p95));
    return [
      {
        name: "durable overhead of a task, p50 of 500",
        unit: "ms",
        ours,
        peer: { name, values: floor },
        target: { kind: "value", atMost: 2 },
      },
      { name: "the same, p95 of 500", unit: "ms", ours: tails ?? [], peer: { name, values: floorTails ?? [] } },
    ];
  },
};

function keep(all: ReturnType<typeof summarize>[], instants: readonly number[]): number {
  const gaps = instants.slice(1).map((at, index) => at - (instants[index] ?? at));
  const summary = summarize(gaps);
  all.push(summary);
  return summary.p50;
}

/** The store, counting the calls that commit: each write method is one transaction. */
function countCommits(store: Store, commits: { count: number }): Store {
  return {
    ...store,
    claim: async (request) => {
      const runs = await store.claim(request);
      if (runs.length > 0) commits.count += 1;
      return runs;
    },
    settle: (settlements) => {
      commits.count += 1;
      return store.settle(settlements);
    },
    appendEvents: (fence, events) => {
      commits.count += 1;
      return store.appendEvents(fence, events);
    },
    recordProgress: (records) => {
      commits.count += 1;
      return store.recordProgress(records);
    },
    appendLogs: (lines) => {
      commits.count += 1;
      return store.appendLogs(lines);
    },
  };
}
