// Entry of a simulation thread: lives through its share of the seeds, one after the other.
import { parentPort, workerData } from "node:worker_threads";
import { runWorld, worldStartMs, type WorldReport } from "./world/simulated-world.ts";
import type { SeedFailure, SeedResult, SeedTask } from "./seed-result.ts";
import { runStreamWorld } from "./streams/stream-world.ts";
import { createStoreFolder } from "./world/store-file.ts";

const lastLines = 40;

if (parentPort !== null) {
  const port = parentPort;
  const { world, seeds, hours } = workerData as SeedTask;
  using folder = await createStoreFolder(worldStartMs);
  for (const seed of seeds) {
    const report = world === "streams" ? runStreamWorld({ seed, folder }) : runWorld({ seed, hours, folder });
    port.postMessage(toResult(await report));
  }
}

function toResult({ lines, violations, ...report }: WorldReport): SeedResult {
  if (violations.length === 0) return { ...report, failure: undefined };
  const failure: SeedFailure = {
    seed: report.seed,
    violations: violations.map(({ invariant, message }) => `${invariant}: ${message}`),
    lastLines: lines.slice(-lastLines),
  };
  return { ...report, failure };
}
