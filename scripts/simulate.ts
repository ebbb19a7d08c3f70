// `npm run sim`: lives through many seeds of the simulated orchestrator, or of streams, or through one with its trace.
// Exits with 1 when a promise is broken, or when the worlds had nothing to survive.
import { parseArgs } from "node:util";
import { requiredFaults } from "../tests/simulation/world/fault-counter.ts";
import { runSeeds, type SeedSummary } from "../tests/simulation/seed-pool.ts";
import type { SeedFailure, WorldKind } from "../tests/simulation/seed-result.ts";
import { runWorld, worldStartMs } from "../tests/simulation/world/simulated-world.ts";
import { streamFaults } from "../tests/simulation/streams/stream-network.ts";
import { runStreamWorld } from "../tests/simulation/streams/stream-world.ts";
import { createStoreFolder } from "../tests/simulation/world/store-file.ts";

const usage = `usage: npm run sim -- [--seeds 2000] [--start 1] [--hours 0] [--jobs 2] [--streams]
       npm run sim -- --seed <n> [--trace] [--hours 0] [--streams]`;

/** Below this many seeds a kind of fault may be missing by chance. */
const enoughSeeds = 100;

try {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "2000" },
      start: { type: "string", default: "1" },
      hours: { type: "string", default: "0" },
      jobs: { type: "string", default: "2" },
      seed: { type: "string" },
      trace: { type: "boolean", default: false },
      streams: { type: "boolean", default: false },
    },
  });
  const hours = toNumber("hours", values.hours);
  const world = values.streams ? "streams" : "orchestrator";
  const failed =
    values.seed === undefined
      ? await simulateMany({
          seeds: toNumber("seeds", values.seeds),
          start: toNumber("start", values.start),
          threads: Math.max(1, toNumber("jobs", values.jobs)),
          hours,
          world,
        })
      : await simulateOne({ seed: toNumber("seed", values.seed), hours, world, isTraced: values.trace });
  if (failed) process.exitCode = 1;
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  process.exitCode = 2;
}

interface ManySeeds {
  readonly seeds: number;
  readonly start: number;
  readonly threads: number;
  readonly hours: number;
  readonly world: WorldKind;
}

interface OneSeed extends Pick<ManySeeds, "hours" | "world"> {
  readonly seed: number;
  readonly isTraced: boolean;
}

async function simulateMany({ seeds, start, threads, hours, world }: ManySeeds): Promise<boolean> {
  const range = Array.from({ length: seeds }, (_, index) => start + index);
  let done = 0;
  const onSeed = (): void => {
    done += 1;
    if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${seeds} seeds`);
  };
  const summary = await runSeeds({ world, seeds: range, threads, hours, onSeed });
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  for (const failure of summary.failures.slice(0, 3)) printFailure(failure, hours, world);
  printSummary(summary);
  const required: readonly string[] = world === "streams" ? streamFaults : requiredFaults;
  const missing = required.filter((kind) => (summary.faults[kind] ?? 0) === 0);
  const isTooCalm = seeds >= enoughSeeds && missing.length > 0;
  if (isTooCalm) console.log(`no world had: ${missing.join(", ")}`);
  return summary.failures.length > 0 || isTooCalm;
}

async function simulateOne({ seed, hours, world, isTraced }: OneSeed): Promise<boolean> {
  using folder = await createStoreFolder(worldStartMs);
  const report = world === "streams" ? runStreamWorld({ seed, folder }) : runWorld({ seed, hours, folder });
  const { lines, violations, hash, events, virtualMs } = await report;
  if (isTraced) console.log(lines.join("\n"));
  for (const { invariant, message } of violations) console.log(`${invariant}: ${message}`);
  const verdict = violations.length === 0 ? "held" : "FAILED";
  console.log(`seed ${seed} ${verdict}: ${events} events in ${(virtualMs / 1000).toFixed(1)} s, trace ${hash}`);
  return violations.length > 0;
}

function printFailure({ seed, violations, lastLines }: SeedFailure, hours: number, world: WorldKind): void {
  console.log(`seed ${seed} FAILED`);
  for (const violation of violations.slice(0, 5)) console.log(`  ${violation}`);
  for (const line of lastLines) console.log(`    ${line}`);
  const span = `${world === "streams" ? " --streams" : ""}${hours === 0 ? "" : ` --hours ${hours}`}`;
  console.log(`  again: npm run sim -- --seed ${seed} --trace${span}\n`);
}

function printSummary(summary: SeedSummary): void {
  const { seeds, virtualHours, events, runs, accepted, fenced, faults, failures, durationMs } = summary;
  console.log(`${seeds} seeds, ${virtualHours.toFixed(1)} virtual hours, ${events} events in ${seconds(durationMs)}`);
  console.log(
    `${runs} runs, ${accepted} accepted writes that end attempts or move groups, ${fenced} writes refused by the fence`,
  );
  for (const [kind, count] of Object.entries(faults)) console.log(`  ${kind.padEnd(24)} ${count}`);
  const numbers = failures.slice(0, 20).map(({ seed }) => seed);
  console.log(failures.length === 0 ? "every promise held" : `${failures.length} seeds FAILED: ${numbers.join(", ")}`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function toNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new RangeError(`expected \`--${name}\` to be a whole number, got: \`${text}\``);
}
