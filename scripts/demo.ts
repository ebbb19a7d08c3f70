// `npm run demo`: the flights example from raw files to published tables, then its report and where everything is.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const project = join(root, "examples/flights");

// `--no-serve` is for scripts: the demo ends when the run has ended, instead of serving it.
parseArgs({ options: { "no-serve": { type: "boolean" } } });

const startedAtMs = performance.now();
const run = spawnSync(
  process.execPath,
  ["--disable-warning=ExperimentalWarning", join(root, "src/cli/main.ts"), "run", "flights"],
  { cwd: project, stdio: "inherit" },
);
if (run.status !== 0) process.exit(run.status ?? 1);
const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);

console.log(`\n${readFileSync(join(project, "out/report.txt"), "utf8")}`);
console.log(`done in ${seconds} s; the results are in ${relative(process.cwd(), project)}:
  out/report.html                    the report with charts, for a browser
  out/*.parquet, out/flights.sqlite  gold tables for other tools
  lake/                              Delta tables: bronze, silver and gold
look closer:
  npm run dev -- --project examples/flights show last       its jobs, checks and datasets
  npm run dev -- --project examples/flights graph flights   how the jobs depend on each other
  npm run demo                                              again: the same rows, and no new version`);
