// Measures as text for the terminal and as the tables of bench/RESULTS.md, the newest recording first.
import { readFile, writeFile } from "node:fs/promises";
import type { Bench, Measure } from "./bench.ts";
import type { Machine } from "./machine.ts";
import { isMet, ratios, type Summary, summarize } from "./statistics.ts";

export interface BenchResult {
  readonly bench: Bench;
  readonly measures: readonly Measure[];
  /** Share (0–1) of the machine that other processes used meanwhile. */
  readonly othersShare: number;
}

export interface Recording {
  readonly startedAt: Date;
  readonly machine: Machine;
  readonly results: readonly BenchResult[];
}

/** Two lines a measure, and how quiet the machine was. */
export function formatResult({ measures, othersShare }: BenchResult): string {
  const lines = measures.map((measure) => {
    const { ours, peer, ratio, target, met } = toCells(measure);
    const verdict = met === "" ? "" : `; target ${target}: ${met}`;
    return `  ${measure.name}: ${ours}${verdict}\n    ${peer}; ratio ${ratio}`;
  });
  return [...lines, `  (other processes used ${percent(othersShare)} of the machine)`].join("\n");
}

/** Puts the recording on top of those before it. */
export async function recordResults(path: string, recording: Recording): Promise<void> {
  const before = await readFile(path, "utf8").catch(() => "");
  const earlier = before.slice(Math.max(0, before.indexOf(sectionMark)));
  const sections = before.includes(sectionMark) ? `\n${earlier}` : "";
  await writeFile(path, `${head}\n${toSection(recording)}${sections}`);
}

const sectionMark = "## ";

const head = `# Results

Recorded by \`npm run bench -- --record\`, the newest first; what is measured and how is in [README.md](README.md).
Each cell is the median of the repetitions, with p95 and the range (least to greatest) in brackets. A ratio is ours
divided by the peer's value of the same repetition; the target applies to the median unless it says p95.
`;

function toSection({ startedAt, machine, results }: Recording): string {
  const { cores, cpu, memoryGb, system, node, duckdb, sqlite, commit } = machine;
  const date = startedAt.toISOString().slice(0, 16).replace("T", " ");
  const lines = [
    `${sectionMark}${date} UTC, commit ${commit}`,
    "",
    `${cores} cores (${cpu}), ${memoryGb} GB, ${system}; Node ${node}, DuckDB ${duckdb}, SQLite ${sqlite}.`,
    ...results.flatMap(toTable),
  ];
  return `${lines.join("\n")}\n`;
}

function toTable({ bench, measures, othersShare }: BenchResult): string[] {
  const repetitions = measures[0]?.ours.length ?? 0;
  return [
    "",
    `### ${bench.name}`,
    "",
    `${bench.description[0]?.toUpperCase()}${bench.description.slice(1)}. ${repetitions} repetitions in turns; other processes${bench.hasServer === true ? ", the database server among them," : ""} used ${percent(othersShare)} of the machine.`,
    "",
    "| measure | target | Millrace | peer | ratio | met |",
    "| --- | --- | --- | --- | --- | --- |",
    ...measures.map((measure) => {
      const { target, ours, peer, ratio, met } = toCells(measure);
      return `| ${measure.name} | ${target} | ${ours} | ${peer} | ${ratio} | ${met} |`;
    }),
  ];
}

interface Cells {
  readonly target: string;
  readonly ours: string;
  readonly peer: string;
  readonly ratio: string;
  readonly met: "yes" | "no" | "";
}

function toCells(measure: Measure): Cells {
  const { unit, ours, peer, target } = measure;
  const met = isMet(measure);
  const value = `${target?.kind === "p95" ? "p95 " : ""}≤ ${target?.atMost} ${unit}`;
  const limit = target?.kind === "ratio" ? `≤ ${target.atMost}×` : value;
  return {
    target: target === undefined ? "–" : limit,
    ours: formatSummary(summarize(ours), ` ${unit}`),
    peer: `${peer.name}: ${formatSummary(summarize(peer.values), ` ${unit}`)}`,
    ratio: formatSummary(summarize(ratios(measure)), "×"),
    met: met === undefined ? "" : met ? "yes" : "no",
  };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function formatSummary({ p50, p95, min, max }: Summary, unit: string): string {
  return `${format(p50)}${unit} (p95 ${format(p95)}; ${format(min)}–${format(max)})`;
}

/** Three digits. */
function format(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
