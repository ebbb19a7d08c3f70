// Lives through many seeds on several threads and sums them up.
import { Worker } from "node:worker_threads";
import type { SeedFailure, SeedResult, SeedTask, WorldKind } from "./seed-result.ts";

/** What became of a range of seeds. */
export interface SeedSummary {
  readonly seeds: number;
  readonly virtualHours: number;
  readonly events: number;
  readonly runs: number;
  /** Ends of leases that the store accepted; of streams, deliveries. */
  readonly accepted: number;
  /** Writes that the fence refused. */
  readonly fenced: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly failures: readonly SeedFailure[];
  readonly durationMs: number;
}

export interface RunSeedsOptions {
  /** Default: the orchestrator. */
  readonly world?: WorldKind;
  readonly seeds: readonly number[];
  readonly threads: number;
  readonly hours: number;
  readonly onSeed?: (result: SeedResult) => void;
}

/** Resolves when every seed was lived through; failures are in the summary. */
export async function runSeeds(options: RunSeedsOptions): Promise<SeedSummary> {
  const startedAt = performance.now();
  const { world = "orchestrator", hours } = options;
  const results: SeedResult[] = [];
  const shares = Array.from({ length: options.threads }, (_, thread) =>
    options.seeds.filter((_seed, index) => index % options.threads === thread),
  );
  await Promise.all(
    shares.map((seeds) =>
      runThread({ world, seeds, hours }, (result) => {
        results.push(result);
        options.onSeed?.(result);
      }),
    ),
  );
  return { ...sumUp(results), durationMs: performance.now() - startedAt };
}

function runThread(task: SeedTask, onResult: (result: SeedResult) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL("./seed-thread.ts", import.meta.url), {
      workerData: task,
      // Not those of this process: some flags of test runners are refused in threads.
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    thread.on("message", onResult);
    thread.on("error", reject);
    thread.on("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`a simulation thread exited with ${code}`)),
    );
  });
}

function sumUp(results: readonly SeedResult[]): Omit<SeedSummary, "durationMs"> {
  const faults: Record<string, number> = {};
  for (const result of results) {
    for (const [kind, count] of Object.entries(result.faults)) faults[kind] = (faults[kind] ?? 0) + count;
  }
  const sum = (pick: (result: SeedResult) => number): number => results.reduce((total, one) => total + pick(one), 0);
  return {
    seeds: results.length,
    virtualHours: sum(({ virtualMs }) => virtualMs) / 3_600_000,
    events: sum(({ events }) => events),
    runs: sum(({ runs }) => runs),
    accepted: sum(({ accepted }) => accepted),
    fenced: sum(({ fenced }) => fenced),
    faults,
    failures: results.flatMap(({ failure }) => failure ?? []).toSorted((left, right) => left.seed - right.seed),
  };
}
