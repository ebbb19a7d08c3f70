// The command line as a process of its own, as a shell starts it.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { join } from "node:path";

export interface CliResult {
  /** `null` when a signal ended the process. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliProcess {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves when stderr has a line that matches; rejects when the process ends without one. */
  printed(pattern: RegExp): Promise<void>;
  /** Resolves when the process has ended and all it printed was read. */
  readonly ended: Promise<CliResult>;
}

const main = join(import.meta.dirname, "../../../src/cli/main.ts");

/** Starts `millrace …` in a folder. @param env on top of this process's own, without NO_COLOR and CI */
export function startCli(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): CliProcess {
  const { NO_COLOR: _noColor, CI: _ci, NODE_OPTIONS: _nodeOptions, ...inherited } = process.env;
  const child = spawn(process.execPath, ["--conditions=millrace-source", main, ...args], {
    cwd,
    env: { ...inherited, ...env },
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...output }));
  });
  const printed = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (pattern.test(output.stderr)) resolve();
      };
      look();
      child.stderr.on("data", look);
      child.on("close", () => reject(new Error(`ended without ${String(pattern)}: ${output.stderr}`)));
    });
  return { child, printed, ended };
}

/** Runs `millrace …` to its end. */
export function runCli(cwd: string, ...args: readonly string[]): Promise<CliResult> {
  return startCli(cwd, args).ended;
}
