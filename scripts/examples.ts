// `npm run examples [name …] [-- --except name]`: runs examples, each in a copy of its folder, and compares the report that it
// writes with the one that its author expects. What differs is printed as a diff.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { bundlePackage } from "./build/bundle-package.ts";
import { finishPhases, type PhaseResult } from "./phase-runner.ts";

const root = resolve(import.meta.dirname, "..");
const examples = join(root, "examples");
const known = readdirSync(examples).filter((name) => existsSync(join(examples, name, "steps.txt")));
const results = new Set(["lake", "out", ".millrace"]);
/** Of the source as it is now, in few files: each step is a start of its own. */
const packageFolder = join(root, ".cache/examples/package");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { except: { type: "string", multiple: true, default: [] } },
});
const unknown = [...positionals, ...values.except].find((name) => !known.includes(name));
if (unknown === undefined) {
  const chosen = (positionals.length === 0 ? known : positionals).filter((name) => !values.except.includes(name));
  await finishPhases(await runAll(chosen));
} else {
  console.error(`expected some of ${known.join(", ")}, got: \`${unknown}\``);
  process.exitCode = 2;
}

async function runAll(names: readonly string[]): Promise<readonly PhaseResult[]> {
  const all: PhaseResult[] = [];
  await rm(packageFolder, { recursive: true, force: true });
  await bundlePackage(join(packageFolder, "dist"));
  await cp(join(root, "package.json"), join(packageFolder, "package.json"));
  for (const name of names) {
    const startedAtMs = performance.now();
    const note = await findProblem(name);
    const counts = note === undefined ? { passed: 1, failed: 0 } : { passed: 0, failed: 1, note };
    all.push({ name: `example ${name}`, skipped: 0, durationMs: performance.now() - startedAtMs, ...counts });
  }
  return all;
}

/** `undefined` when the example did what it should. */
async function findProblem(name: string): Promise<string | undefined> {
  const source = join(examples, name);
  // Inside the repository, where the copy finds the package and its raw data.
  const parent = join(root, ".cache/examples");
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, "run-"));
  try {
    const project = join(folder, name);
    await cp(source, project, { recursive: true, filter: (file) => !results.has(relative(source, file)) });
    const steps = (await readFile(join(source, "steps.txt"), "utf8")).split("\n").map((line) => line.trim());
    const commands = steps.filter((line) => line !== "" && !line.startsWith("#"));
    if (commands.length === 0) return "steps.txt has no step";
    for (const command of commands) {
      console.log(`\n▶ ${name}: millrace ${command}`);
      const code = millrace(project, command.split(/\s+/));
      if (code !== 0) return `\`millrace ${command}\` exited with ${code}`;
    }
    return compare(join(source, "expected.txt"), join(project, "out/report.txt"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function millrace(project: string, parameters: readonly string[]): number {
  const command = ["--disable-warning=ExperimentalWarning", join(packageFolder, "dist/cli/main.js"), ...parameters];
  return spawnSync(process.execPath, command, { cwd: project, stdio: ["ignore", "inherit", "inherit"] }).status ?? 1;
}

function compare(expected: string, actual: string): string | undefined {
  if (!existsSync(actual)) return "it wrote no out/report.txt";
  const diff = spawnSync("git", ["diff", "--no-index", "--", expected, actual], { encoding: "utf8" });
  if (diff.status === 0) return undefined;
  console.log(`${diff.stdout}${diff.stderr}`);
  return "out/report.txt is not as expected.txt";
}
