// `npm run bench [-- <name>…] [-- --record]`: runs the benches, all or those named, one after the other, prints their
// measures, and with `--record` puts them on top of bench/RESULTS.md. A missed target is told and is no failure: a busy
// machine is not a bug.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Bench } from "./bench.ts";
import { describeMachine } from "./machine.ts";
import { markLoad, othersShareSince } from "./machine-load.ts";
import { type BenchResult, formatResult, recordResults } from "./results-page.ts";

const suffix = ".bench.ts";

const { values: options, positionals } = parseArgs({
  options: { record: { type: "boolean", default: false } },
  allowPositionals: true,
});

const benches = await loadBenches(positionals);
const results: BenchResult[] = [];
const startedAt = new Date();
for (const bench of benches) {
  console.log(`\n${bench.name}: ${bench.description}`);
  const mark = markLoad();
  const measures = await bench.run();
  const result = { bench, measures, othersShare: othersShareSince(mark) };
  results.push(result);
  console.log(formatResult(result));
}
if (options.record) {
  await recordResults(join(import.meta.dirname, "RESULTS.md"), {
    startedAt,
    machine: describeMachine(),
    results,
  });
  console.log("\nrecorded in bench/RESULTS.md");
}

async function loadBenches(names: readonly string[]): Promise<Bench[]> {
  const files = await readdir(import.meta.dirname);
  const known = files.filter((file) => file.endsWith(suffix)).map((file) => file.slice(0, -suffix.length));
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    console.error(`unknown bench \`${unknown}\`; there are: ${known.toSorted().join(", ")}`);
    process.exit(2);
  }
  const chosen = names.length === 0 ? known.toSorted() : names;
  return await Promise.all(
    chosen.map(async (name) => {
      // the name pattern is the contract: such a file exports `bench`
      const module = (await import(`./${name}${suffix}`)) as { readonly bench: Bench };
      return module.bench;
    }),
  );
}
