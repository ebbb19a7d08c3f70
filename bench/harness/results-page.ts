// Records of benches as text: two lines a measure for the terminal, one row a measure for bench/RESULTS.md.
import type { BenchRecord, MeasureRecord } from "./bench-record.ts";
import type { Summary } from "./statistics.ts";

/** Two lines a measure, and how quiet the machine was. */
export function formatRecord({ measures, othersShare }: BenchRecord): string {
  const lines = measures.map((measure) => {
    const { unit, ours, peer, ratio } = measure;
    const verdict = measure.isMet === null ? "" : `; target ${formatTarget(measure)}: ${measure.isMet ? "yes" : "no"}`;
    const peerText = `${peer.name}: ${formatRange(peer, ` ${unit}`)}; ratio ${formatRange(ratio, "×")}`;
    return `  ${measure.measure}: ${formatRange(ours, ` ${unit}`)}${verdict}\n    ${peerText}`;
  });
  return [...lines, `  (other processes used ${percent(othersShare)} of the machine)`].join("\n");
}

/** The page with the current figures of all benches, by name. */
export function formatPage(records: readonly BenchRecord[]): string {
  const sorted = records.toSorted((a, b) => (a.bench < b.bench ? -1 : 1));
  return `${[head, formatMisses(sorted), ...sorted.map(formatSection)].join("\n\n")}\n`;
}

const head = `# Results

Made from [results/](results) by \`npm run bench -- --record\`; do not edit it. What is measured and how is in
[README.md](README.md). Each row is the newest figure of a measure: the median of the repetitions with p95 in brackets. A ratio
is ours divided by the peer's value of the same repetition; a target applies to the median unless it says p95.`;

function formatMisses(records: readonly BenchRecord[]): string {
  const withTarget = records.flatMap(({ measures }) => measures.filter(({ isMet }) => isMet !== null));
  const missed = records.flatMap(({ bench, measures }) => {
    const count = measures.filter(({ isMet }) => isMet === false).length;
    return count === 0 ? [] : [`[${bench}](#${bench}) ${count}`];
  });
  const sum = `${withTarget.filter(({ isMet }) => isMet === true).length} of ${withTarget.length} targets are met.`;
  return missed.length === 0 ? sum : `${sum} Missed: ${missed.join(", ")}.`;
}

function formatSection(record: BenchRecord): string {
  const { bench, description, measures } = record;
  const rows = measures.map((measure) => {
    const { unit, ours, peer, ratio } = measure;
    const cells = [
      measure.measure,
      formatSummary(ours, ` ${unit}`),
      `${peer.name}: ${formatSummary(peer, ` ${unit}`)}`,
      formatSummary(ratio, "×"),
      formatTarget(measure),
      measure.isMet === null ? "" : measure.isMet ? "yes" : "**no**",
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return [
    `## ${bench}`,
    "",
    `${description[0]?.toUpperCase() ?? ""}${description.slice(1)}.`,
    "",
    describeOrigin(record),
    "",
    "| measure | Millrace | peer | ratio | target | met |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

function describeOrigin({ machine, measuredAt, repetitions, othersShare, hasServer }: BenchRecord): string {
  const { cores, cpu, memoryGb, system, node, duckdb, sqlite, postgres, commit } = machine;
  const others = `other processes${hasServer ? ", the server among them," : ""} used ${percent(othersShare)} of the machine`;
  return [
    `${measuredAt.slice(0, 10)}, commit ${commit}, ${repetitions === 1 ? "once" : `${repetitions} repetitions in turns`};`,
    `${cores} cores (${cpu}), ${memoryGb} GB, ${system};`,
    `Node ${node}, DuckDB ${duckdb}, SQLite ${sqlite}, Postgres ${postgres}; ${others}.`,
  ].join(" ");
}

function formatTarget({ target, unit }: MeasureRecord): string {
  if (target === null) return "–";
  const limit = `≤ ${target.atMost}${target.kind === "ratio" ? "×" : ` ${unit}`}`;
  return target.kind === "p95" ? `p95 ${limit}` : limit;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function formatSummary({ p50, p95 }: Summary, unit: string): string {
  return `${format(p50)}${unit} (${format(p95)})`;
}

function formatRange({ p50, p95, min, max }: Summary, unit: string): string {
  return `${format(p50)}${unit} (p95 ${format(p95)}; ${format(min)}–${format(max)})`;
}

/** Three digits. */
function format(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
