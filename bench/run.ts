// `npm run bench [-- <name>…] [-- --record]`: runs the benches, all or those named, one after the other, prints their
// measures, and with `--record` waits for a quiet machine, keeps them in bench/results and makes bench/RESULTS.md anew. A
// missed target is told and is no failure: a busy machine is not a bug.
import { readdir } from "node:fs/promises";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import type { Bench } from "./harness/bench.ts";
import { toRecord, type BenchRecord, type BenchResult } from "./harness/bench-record.ts";
import { describeMachine } from "./harness/machine.ts";
import { markLoad, othersShareSince } from "./harness/machine-load.ts";
import { recordResults } from "./harness/record-results.ts";
import { formatRecord } from "./harness/results-page.ts";

const suffix = ".bench.ts";
/** Up to this share of the machine used by others counts as quiet. */
const quietShare = 0.1;
const maxTries = 4;

const { values: options, positionals } = parseArgs({
  options: { record: { type: "boolean", default: false } },
  allowPositionals: true,
});

const benches = await loadBenches(positionals);
const machine = describeMachine();
const records: BenchRecord[] = [];
for (const bench of benches) {
  console.log(`\n${bench.name}: ${bench.description}`);
  const startedAt = new Date();
  const result = await (options.record ? measureQuietly(bench) : measure(bench));
  const record = toRecord(result, machine, startedAt);
  records.push(record);
  console.log(formatRecord(record));
}
if (options.record) {
  await recordResults(records);
  console.log("\nrecorded in bench/results and bench/RESULTS.md");
}

async function measure(bench: Bench): Promise<BenchResult> {
  const mark = markLoad();
  return { bench, measures: await bench.run(), othersShare: othersShareSince(mark) };
}

/** Chooses by the noise alone, before any result is looked at: the first quiet try, or else the quietest. */
async function measureQuietly(bench: Bench): Promise<BenchResult> {
  const tries: BenchResult[] = [];
  while (tries.length < maxTries) {
    await waitForQuiet();
    const result = await measure(bench);
    if (bench.hasServer === true || result.othersShare <= quietShare) return result;
    console.log(`  (other processes used ${Math.round(result.othersShare * 100)} % of the machine)`);
    tries.push(result);
  }
  return tries.reduce((best, result) => (result.othersShare < best.othersShare ? result : best));
}

async function waitForQuiet(): Promise<void> {
  for (let look = 0; look < 30; look += 1) {
    const mark = markLoad();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    if (othersShareSince(mark) <= quietShare) return;
  }
}

async function loadBenches(names: readonly string[]): Promise<Bench[]> {
  const files = await readdir(import.meta.dirname, { recursive: true });
  const benchFiles = files.filter((file) => file.endsWith(suffix) && !file.includes("node_modules"));
  const known = new Map(benchFiles.map((file) => [basename(file, suffix), file]));
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined || known.size === 0) {
    console.error(`unknown bench \`${unknown}\`; there are: ${[...known.keys()].toSorted().join(", ")}`);
    process.exit(2);
  }
  const chosen = names.length === 0 ? [...known.keys()].toSorted() : names;
  return await Promise.all(
    chosen.map(async (name) => {
      // the name pattern is the contract: such a file exports `bench`
      const module = (await import(`./${known.get(name)}`)) as { readonly bench: Bench };
      return module.bench;
    }),
  );
}
