// `npm run demo`: the flights example from raw files to published tables, then its report, where everything is, and the
// screens with the finished run.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const project = join(root, "examples/flights");

// `--no-serve` is for scripts, which CI runs, too: the demo ends when the run has ended, instead of serving it.
const { values: options } = parseArgs({ options: { "no-serve": { type: "boolean" } } });
const isServing = options["no-serve"] !== true && (process.env["CI"] ?? "") === "";

const startedAtMs = performance.now();
const run = millrace("run", "flights");
if (run !== 0) process.exit(run);
const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);

console.log(`\n${readFileSync(join(project, "out/report.txt"), "utf8")}`);
console.log(`done in ${seconds} s; the results are in ${relative(process.cwd(), project)}:
  out/report.html                    the report with charts, for a browser
  out/*.parquet, out/flights.sqlite  gold tables for other tools
  lake/                              Delta tables: bronze, silver and gold
look closer:
  npm run dev -- --project examples/flights show last       its jobs, checks and datasets
  npm run dev -- --project examples/flights graph flights   how the jobs depend on each other
  npm run dev -- --project examples/flights dev             the screens: what ran, how long, what it wrote
  npm run demo                                              again: the same rows, and no new version`);
if (isServing) serve();

function serve(): void {
  if (!existsSync(join(root, "dist/web/index.html"))) {
    const build = spawnSync(process.execPath, [
      "--disable-warning=ExperimentalWarning",
      join(root, "scripts/build-web.ts"),
    ]);
    if (build.status !== 0) {
      console.error(`the screens could not be built:\n${String(build.stdout)}${String(build.stderr)}`);
      process.exit(1);
    }
  }
  console.log("\nnow serving the finished run; open the address below in a browser, Ctrl-C ends it");
  process.exitCode = millrace("dev");
}

function millrace(...args: readonly string[]): number {
  const command = ["--disable-warning=ExperimentalWarning", join(root, "src/cli/main.ts"), ...args];
  // Ctrl-C reaches the command line, too, which ends in its own time.
  process.on("SIGINT", () => undefined);
  return spawnSync(process.execPath, command, { cwd: project, stdio: "inherit" }).status ?? 1;
}
