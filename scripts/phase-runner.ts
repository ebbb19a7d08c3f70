// Runs the phases of a check one after the other and counts what each did.
// A phase that fails, or a suite that runs no test, fails the whole.
import { spawn } from "node:child_process";
import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";

/** One step: a tool that passes or fails as a whole, or a vitest project whose tests are counted. */
export type Phase =
  | { readonly kind: "tool"; readonly name: string; readonly command: readonly string[]; readonly requires?: string }
  | {
      readonly kind: "suite";
      readonly name: string;
      readonly project: string;
      readonly requires?: string;
      /** Processes at once; default as the configuration of Vitest says. */
      readonly workers?: number;
    };

export interface PhaseResult {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly durationMs: number;
  /** Why a phase failed when no test of it says so, or why it was not run. */
  readonly note?: string;
}

/** The counts of one vitest run, as its JSON reporter writes them. */
interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
}

const repositoryRoot = resolve(import.meta.dirname, "..");
/** Where Node keeps what it compiled: the tests start some hundred processes that load the same modules. */
const compileCache = join(repositoryRoot, ".cache", "compiled");

/**
 * Runs all phases in order, also after a failure, so that one run shows everything that is wrong; a phase whose
 * `requires` failed is not run and counts as failed. Prints a table and sets the exit code of the process.
 */
export async function runPhases(phases: readonly Phase[]): Promise<void> {
  const results: PhaseResult[] = [];
  for (const phase of phases) {
    console.log(`\n▶ ${phase.name}`);
    const broken = results.find((result) => result.name === phase.requires && result.failed > 0);
    results.push(broken === undefined ? await runPhase(phase) : notRun(phase, broken));
  }
  await finishPhases(results);
}

/** Prints the table of results and the totals, adds them to the report of `.ci/run`, and sets the exit code. */
export async function finishPhases(results: readonly PhaseResult[]): Promise<void> {
  console.log(`\n${formatResults(results)}`);
  await recordResults(results);
  if (results.length === 0 || results.some((result) => result.failed > 0)) process.exitCode = 1;
}

/** Starts a program with the repository's own tools first in its path; resolves to its exit code (1 when killed). */
export function runCommand(command: readonly string[], options: { readonly cwd?: string } = {}): Promise<number> {
  const [program = "", ...parameters] = command;
  const tools = join(repositoryRoot, "node_modules", ".bin");
  return new Promise((settle, reject) => {
    const child = spawn(program, parameters, {
      cwd: options.cwd ?? repositoryRoot,
      stdio: ["ignore", "inherit", "inherit"],
      env: {
        NODE_COMPILE_CACHE: compileCache,
        ...process.env,
        PATH: `${tools}${delimiter}${process.env["PATH"] ?? ""}`,
      },
    });
    child.once("error", reject);
    child.once("close", (code) => settle(code ?? 1));
  });
}

async function runPhase(phase: Phase): Promise<PhaseResult> {
  const startedAt = performance.now();
  const counts = phase.kind === "tool" ? await runTool(phase.command) : await runSuite(phase);
  return { name: phase.name, skipped: 0, durationMs: performance.now() - startedAt, ...counts };
}

type Counts = Pick<PhaseResult, "passed" | "failed" | "note"> & { readonly skipped?: number };

async function runTool(command: readonly string[]): Promise<Counts> {
  const code = await runCommand(command);
  return code === 0
    ? { passed: 1, failed: 0 }
    : { passed: 0, failed: 1, note: `\`${command[0]}\` exited with ${code}` };
}

async function runSuite({ project, workers }: Phase & { readonly kind: "suite" }): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-phase-"));
  const reportPath = join(folder, "report.json");
  try {
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportPath}`];
    const atOnce = workers === undefined ? [] : [`--maxWorkers=${workers}`];
    const code = await runCommand(["vitest", "run", "--project", project, ...atOnce, ...reporters]);
    return countTests(await readReport(reportPath), code);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function countTests(report: VitestReport | undefined, exitCode: number): Counts {
  if (report === undefined) return { passed: 0, failed: 1, note: "the suite wrote no report" };
  const passed = report.numPassedTests;
  const failed = report.numFailedTests;
  const skipped = report.numPendingTests + report.numTodoTests;
  if (passed + failed === 0) return { passed, failed: 1, skipped, note: "the suite ran no test" };
  // A file that cannot be loaded, or leaks after its last test, fails the run without a failed test.
  if (failed === 0 && exitCode !== 0) return { passed, failed: 1, skipped, note: `vitest exited with ${exitCode}` };
  return { passed, failed, skipped };
}

async function readReport(path: string): Promise<VitestReport | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as VitestReport;
  } catch {
    return undefined;
  }
}

function notRun(phase: Phase, broken: PhaseResult): PhaseResult {
  const note = `not run, because \`${broken.name}\` failed`;
  console.log(note);
  return { name: phase.name, passed: 0, failed: 1, skipped: 0, durationMs: 0, note };
}

function formatResults(results: readonly PhaseResult[]): string {
  const width = Math.max(5, ...results.map((result) => result.name.length));
  const lines = results.map((result) => {
    const state = result.failed > 0 ? "FAILED" : "ok";
    const numbers = [result.passed, result.failed, result.skipped].map((count) => String(count).padStart(8)).join("");
    const seconds = `${(result.durationMs / 1000).toFixed(1)} s`.padStart(9);
    return `${result.name.padEnd(width)}  ${state.padEnd(6)}${numbers}${seconds}${result.note ? `  ${result.note}` : ""}`;
  });
  const header = `${"phase".padEnd(width)}  ${"state".padEnd(6)}  passed  failed skipped     time`;
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  return [header, ...lines, `${passed} passed, ${failed} failed in ${results.length} phases`].join("\n");
}

/** One JSON line per phase into the file that `.ci/run` sums up; nothing when it did not ask. */
async function recordResults(results: readonly PhaseResult[]): Promise<void> {
  const path = process.env["MILLRACE_PHASE_REPORT"];
  if (path === undefined || path === "") return;
  const lines = results.map(({ name, passed, failed, ...rest }) => JSON.stringify({ name, passed, failed, ...rest }));
  await appendFile(path, `${lines.join("\n")}\n`);
}
