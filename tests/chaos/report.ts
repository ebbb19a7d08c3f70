// docs/reports/chaos.md: what the newest run of each kind found, with the machine and the versions it belongs to.
import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import type { Percentiles } from "./recovery.ts";
import type { ScenarioResult } from "./scenarios.ts";

const header = `# Chaos report

What \`npm run chaos\` found: workers, schedulers and a submitter as real processes over one store, and a injector that hurts them
and the store after a plan that follows from a seed. Each job writes what it does into a ledger outside of the orchestrator; in the
end the ledger is compared with the store. [Guarantees](../reference/guarantees.md) says what is promised.
`;

/** Puts the section of this kind of run in the place of its last one. */
export async function writeReport(path: string, result: ScenarioResult): Promise<void> {
  const before = await readFile(path, "utf8").catch(() => header);
  const [, ...sections] = before.split(/^(?=## )/m);
  const section = `## ${result.title}\n\n${formatScenario(result)}\n`;
  const others = sections.filter((other) => !other.startsWith(`## ${result.title}\n`));
  const all = [...others, section].toSorted();
  await writeFile(path, [header, ...all].map((text) => text.trimEnd()).join("\n\n") + "\n");
}

/** The figures of one run as Markdown. */
export function formatScenario(result: ScenarioResult): string {
  const { checked, recovery, options, slots } = result;
  const count = (kind: string): number => result.findings.filter((finding) => finding.kind === kind).length;
  const verifyFindings = result.findings.filter(({ kind }) => kind.startsWith("verify")).length;
  const rows: readonly (readonly [string, string])[] = [
    ["result", result.findings.length === 0 ? "passed" : `**${result.findings.length} findings**`],
    ["lost runs and checkpoints", String(count("lost"))],
    ["effects counted twice", String(count("double"))],
    ["wrong instants of schedules", String(count("schedule"))],
    ["limits exceeded", `${count("limit")} in ${format(slots.samples)} looks; at most ${slots.most} of 3 slots held`],
    ["violations found by `verify`", String(verifyFindings)],
    ["runs", `${format(result.runs)}, ${format(result.finished)} of them FINISHED`],
    ["acknowledged by the orchestrator", format(checked.acknowledgedRuns)],
    [
      "submissions without an answer",
      `${format(checked.unknownOrders.count)}, ${format(checked.unknownOrders.taken)} of them had been taken`,
    ],
    ["attempts", format(result.attempts)],
    ["effects tried / counted", `${format(checked.effectsTried)} / ${format(checked.effectsCounted)}`],
    ["instants of schedules, one run each", format(checked.ticks)],
    ["given up after 10 losses, besides poisoned runs", format(checked.givenUp)],
    ...(options.kills === 0 ? [] : formatRecovery(result)),
    ["attempts lost by processes that were not hurt", format(recovery.lostAlive)],
    ["processes started", `${format(result.starts)}, ${result.skewed} with a wrong clock`],
    [
      "time",
      `${seconds(result.durationMs)}, ${seconds(result.faultsMs)} of them with faults, ${seconds(result.drainMs)} to drain`,
    ],
    ["processes", `${options.workers} workers, ${options.schedulers} schedulers, 1 submitter; seed ${options.seed}`],
    ["machine", describeMachine()],
    ["versions", `${result.version}, Node.js ${process.version.slice(1)}, commit ${describeCommit()}`],
    ["date", new Date().toISOString().slice(0, 10)],
  ];
  const faults = [...result.faults].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const troubles = [...result.troubles].map(([code, times]) => `${format(times)} × \`${code}\``).join(", ");
  return [
    "| what | |",
    "| --- | --- |",
    ...rows.map(([name, value]) => `| ${name} | ${value} |`),
    "",
    `Faults: ${faults.map(([name, times]) => `${format(times)} × ${name.replaceAll("_", " ")}`).join(", ")}.`,
    ...Object.entries(result.counts).map(([name, value]) => `${name.replaceAll("_", " ")}: ${format(value)}.`),
    `Troubles that the processes met and survived: ${troubles === "" ? "none" : troubles}.`,
  ].join("\n");
}

function formatRecovery({ recovery, options }: ScenarioResult): (readonly [string, string])[] {
  return [
    ["taken back from a killed process of the same host", formatPercentiles(recovery.takenBackLocally)],
    [`taken back by the end of a lease of ${options.leaseTtlMs} ms`, formatPercentiles(recovery.takenBackByLease)],
    ["urgent runs running elsewhere", formatPercentiles(recovery.runningElsewhere)],
    ["longest until a run was taken back, under all faults", `${format(recovery.longestOfAllMs)} ms`],
  ];
}

function formatPercentiles(percentiles: Percentiles | undefined): string {
  if (percentiles === undefined) return "none";
  const { count, p50Ms, p95Ms, maxMs } = percentiles;
  return `p50 ${format(p50Ms)} ms, p95 ${format(p95Ms)} ms, longest ${format(maxMs)} ms (${format(count)} attempts)`;
}

function seconds(durationMs: number): string {
  return `${Math.round(durationMs / 1_000)} s`;
}

function format(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function describeMachine(): string {
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${memoryGb} GB, ${type()} ${release()}`;
}

// With `+` when source files differ from the commit.
function describeCommit(): string {
  const git = (...args: string[]): string => spawnSync("git", args, { encoding: "utf8" }).stdout.trim();
  return git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain", "src") === "" ? "" : "+");
}
