// A Node process that is started, waited for and measured from outside.
import { spawnSync } from "node:child_process";

export interface NodeProcessResult {
  /** From the start of the process to its end. */
  readonly wallMs: number;
  readonly stdout: string;
}

export interface NodeProcessOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs `node <args>` to its end. @throws Error with its output when it fails */
export function runNode(args: readonly string[], options: NodeProcessOptions = {}): NodeProcessResult {
  const startedAtMs = performance.now();
  const child = spawnSync(process.execPath, args, { ...options, encoding: "utf8", maxBuffer: 64 << 20 });
  const wallMs = performance.now() - startedAtMs;
  if (child.status === 0) return { wallMs, stdout: child.stdout };
  throw new Error(`\`node ${args.join(" ")}\` ended with ${child.status}:\n${child.stdout}${child.stderr}`);
}

/** Greatest resident memory of the process that ran, as the kernel counted it. */
export function runNodeWithPeakMemory(
  args: readonly string[],
  options: NodeProcessOptions = {},
): NodeProcessResult & { readonly peakMb: number } {
  const reporter = `data:text/javascript,${encodeURIComponent(reportPeak)}`;
  const result = runNode(["--import", reporter, ...args], options);
  const peaks = Array.from(result.stdout.matchAll(/^peak-memory-kb (\d+)$/gm), ([, kb]) => Number(kb));
  if (peaks.length === 0) throw new Error(`\`node ${args.join(" ")}\` did not report its memory`);
  return { ...result, peakMb: Math.max(...peaks) / 1024 };
}

// Not `resourceUsage().maxRSS`: after an exec that still holds the peak of the process that forked.
const reportPeak = `
  import { readFileSync, writeSync } from "node:fs";
  process.on("exit", () => {
    const [, kb] = /VmHWM:\\s+(\\d+) kB/.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    writeSync(1, "\\npeak-memory-kb " + kb + "\\n");
  });
`;
