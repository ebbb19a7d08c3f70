// `npm run gates`: plants one fault after the other in a copy of the repository and asserts that its gate refuses it
// with the expected words. A gate that cannot fail is no gate.
import { execFile, spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { finishPhases } from "./phase-runner.ts";
import { plantedFailures, type PlantedFailure } from "./planted-failures.ts";

const repositoryRoot = resolve(import.meta.dirname, "..");
const startedAt = performance.now();
const folder = await mkdtemp(join(tmpdir(), "millrace-gates-"));
let caught = 0;
try {
  await copyRepository(folder);
  await runGate(["node", "scripts/build.ts"]);
  for (const failure of plantedFailures) {
    const problem = await plant(failure);
    if (problem === undefined) caught += 1;
    console.log(problem === undefined ? `caught  ${failure.name}` : `MISSED  ${failure.name}\n${problem}`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

const total = plantedFailures.length;
const durationMs = performance.now() - startedAt;
await finishPhases([{ name: "planted failures", passed: caught, failed: total - caught, skipped: 0, durationMs }]);
console.log(`${caught} of ${total} planted failures caught`);

/** Undefined when the gate caught the fault, otherwise what it did instead. */
async function plant(failure: PlantedFailure): Promise<string | undefined> {
  const undo: (() => Promise<void>)[] = [];
  try {
    for (const path of failure.remove ?? []) undo.push(await removePath(path));
    for (const [path, text] of Object.entries(failure.write ?? {})) undo.push(await writePath(path, text));
    const { code, output } = await runGate(failure.command);
    if (code === 0) return `  \`${failure.command.join(" ")}\` passed`;
    if (failure.expected.test(output)) return undefined;
    return `  expected ${failure.expected}, got:\n${output.slice(-2_000)}`;
  } finally {
    for (const step of undo.toReversed()) await step();
  }
}

async function removePath(path: string): Promise<() => Promise<void>> {
  const place = join(folder, path);
  const aside = join(folder, ".removed");
  try {
    await rename(place, aside);
  } catch {
    return async () => {}; // not there: nothing to bring back
  }
  return async () => {
    await rm(place, { recursive: true, force: true });
    await rename(aside, place);
  };
}

async function writePath(path: string, text: string | ((text: string) => string)): Promise<() => Promise<void>> {
  const place = join(folder, path);
  const before = await readFile(place, "utf8").catch(() => undefined);
  await mkdir(dirname(place), { recursive: true });
  await writeFile(place, typeof text === "string" ? text : text(before ?? ""));
  return () => (before === undefined ? rm(place) : writeFile(place, before));
}

/** Runs a gate in the copy; what it prints comes back without colours. */
function runGate([program = "", ...parameters]: readonly string[]): Promise<{ code: number; output: string }> {
  const { MILLRACE_PHASE_REPORT: _report, ...env } = process.env; // a planted failure must not count as a failure
  const path = `${join(folder, "node_modules", ".bin")}${delimiter}${env["PATH"] ?? ""}`;
  const options = { cwd: folder, env: { ...env, PATH: path, NO_COLOR: "1" }, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((settle) => {
    execFile(program, parameters, options, (error, stdout, stderr) => {
      settle({ code: error === null ? 0 : 1, output: `${stdout}${stderr}` });
    });
  });
}

/** The files that git knows or would add, and the installed packages as a link. */
async function copyRepository(target: string): Promise<void> {
  const listed = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
    cwd: repositoryRoot,
    encoding: "utf8",
  });
  const paths = listed.stdout.split("\0").filter((path) => path !== "");
  if (paths.length === 0) throw new Error(`git listed no file to copy: ${listed.stderr}`);
  for (const path of paths) {
    // A file that git still lists may be gone from the working copy.
    await cp(join(repositoryRoot, path), join(target, path)).catch(() => {});
  }
  await symlink(join(repositoryRoot, "node_modules"), join(target, "node_modules"));
}
