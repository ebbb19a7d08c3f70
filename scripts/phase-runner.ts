// Runs the phases of a check one after the other and counts what each did.
// A phase that fails, or a suite that runs no test, fails the whole.
import { spawn } from "node:child_process";
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { readSuiteReport, type SuiteReport, type TestFailure } from "./suite-report.ts";

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
  /** The tests that failed; with `failed` 0 those that only a second look let pass. */
  readonly failures?: readonly TestFailure[];
}

const repositoryRoot = resolve(import.meta.dirname, "..");
/** When more files than these fail, the machine was not to blame. */
const secondLookFiles = 3;
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
  for (const failure of results.flatMap(({ failures = [] }) => failures)) console.log(`\n${formatFailure(failure)}`);
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

type Counts = Pick<PhaseResult, "passed" | "failed" | "note" | "failures"> & { readonly skipped?: number };

async function runTool(command: readonly string[]): Promise<Counts> {
  const code = await runCommand(command);
  return code === 0
    ? { passed: 1, failed: 0 }
    : { passed: 0, failed: 1, note: `\`${command[0]}\` exited with ${code}` };
}

type Suite = Phase & { readonly kind: "suite" };

/**
 * Runs a suite, and what failed of it once more, alone. A fault fails twice. A test that fails only beside others on a
 * busy machine counts as passed, and is named with what it said, so that somebody mends it.
 */
async function runSuite(suite: Suite): Promise<Counts> {
  const atOnce = suite.workers === undefined ? [] : [`--maxWorkers=${suite.workers}`];
  const first = await runVitest(suite.project, atOnce);
  const counts = countTests(first);
  const failures = first.report?.failures ?? [];
  const files = [...new Set(failures.map(({ file }) => file))];
  if (files.length === 0 || files.length > secondLookFiles) return { ...counts, failures };

  console.log(`\n▶ ${suite.project}: what failed once more, alone: ${files.join(", ")}`);
  const second = await runVitest(suite.project, ["--maxWorkers=1", ...files]);
  if (countTests(second).failed > 0) return { ...counts, failures };
  const tests = first.report?.failed ?? 0;
  const note = `UNSTEADY, passed only alone: ${failures.map(({ test }) => test).join("; ")}`;
  return { ...counts, passed: counts.passed + tests, failed: 0, note, failures };
}

interface VitestRun {
  readonly exitCode: number;
  /** Undefined when it wrote none. */
  readonly report: SuiteReport | undefined;
}

async function runVitest(project: string, options: readonly string[]): Promise<VitestRun> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-phase-"));
  const reportPath = join(folder, "report.json");
  try {
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportPath}`];
    const exitCode = await runCommand(["vitest", "run", "--project", project, ...options, ...reporters]);
    return { exitCode, report: await readSuiteReport(reportPath, repositoryRoot) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function countTests({ report, exitCode }: VitestRun): Counts {
  if (report === undefined) return { passed: 0, failed: 1, note: "the suite wrote no report" };
  const { passed, failed, skipped } = report;
  if (passed + failed === 0) return { passed, failed: 1, skipped, note: "the suite ran no test" };
  // A file that cannot be loaded, or leaks after its last test, fails the run without a failed test.
  if (failed === 0 && exitCode !== 0) return { passed, failed: 1, skipped, note: `vitest exited with ${exitCode}` };
  return { passed, failed, skipped };
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

function formatFailure({ file, test, message }: TestFailure): string {
  return `✗ ${file}\n  ${test}\n${message.replaceAll(/^/gm, "    ")}`;
}

/** One JSON line per phase into the file that `.ci/run` sums up, and what failed beside it; nothing when it did not ask. */
async function recordResults(results: readonly PhaseResult[]): Promise<void> {
  const path = process.env["MILLRACE_PHASE_REPORT"];
  if (path === undefined || path === "") return;
  const lines = results.map(({ name, passed, failed, skipped, durationMs, note }) => {
    return `${JSON.stringify({ name, passed, failed, skipped, durationMs, note })}\n`;
  });
  await appendFile(path, lines.join(""));
  const failures = results.flatMap(({ failures = [] }) => failures);
  await appendFile(`${path}.failures`, failures.map((failure) => `${formatFailure(failure)}\n`).join(""));
}
