// Formats what was found in corpora of Delta tables as a page: how many tables have which outcome, and each that is not equal by name.
import type { Comparison, Outcome } from "./compare-table.ts";

export interface ReadCorpus {
  /** What people call it; never where it is on a machine. */
  readonly name: string;
  readonly comparisons: readonly Comparison[];
}

export interface CorpusFacts {
  readonly date: string;
  readonly deltalake: string;
}

/**
 * Tables that differ for a reason that lies elsewhere: the last part of their name → the reason. The other reader, or the value
 * itself, shows that Millrace is right.
 */
const explained: ReadonlyMap<string, string> = new Map([
  [
    "data-reader-partition-values",
    "`expected` was made in the Pacific zone, which the log does not name; deltalake reads as Millrace does",
  ],
  ["table_with_edge_timestamps", "deltalake's query engine reads the INT96 time 9999-12-31 as a time of 1816"],
]);

/** Why a table is different, when Millrace is not what is wrong. */
export function explain({ table, outcome }: Comparison): string | undefined {
  if (outcome !== "different") return undefined;
  return table.name
    .split("/")
    .flatMap((part) => explained.get(part) ?? [])
    .at(-1);
}

/** The page. */
export function formatCorpora(corpora: readonly ReadCorpus[], { date, deltalake }: CorpusFacts): string {
  const all = corpora.flatMap(({ comparisons }) => comparisons);
  const differing = all.filter((found) => found.outcome === "different" && explain(found) === undefined);
  const lines = [
    `# Public Delta tables, ${date}`,
    "",
    "What `npm run delta:corpus` found: every table of these corpora, read with Millrace and with the `deltalake` package",
    `${deltalake}. Rows are compared with their types, whatever their order.`,
    "",
    differing.length === 0
      ? `Of ${all.length} tables none has other rows than it should.`
      : `Of ${all.length} tables **${differing.length}** differ.`,
    "",
    `| corpus | tables | ${columns.map(([, title]) => title).join(" | ")} |`,
    `| --- | --- | ${columns.map(() => "---").join(" | ")} |`,
    ...corpora.map(({ name, comparisons }) => `| ${[name, comparisons.length, ...counts(comparisons)].join(" | ")} |`),
    ...section("Different", all, "different"),
    ...section("Refused for a feature", all, "refused"),
    ...section("Damaged, or without their data files", all, "damaged"),
    ...section("Read by Millrace alone", all, "alone"),
  ];
  return `${lines.join("\n")}\n`;
}

const columns: readonly (readonly [outcome: Outcome, title: string])[] = [
  ["expected", "equal to `expected`"],
  ["equal", "equal to deltalake"],
  ["refused", "refused: feature"],
  ["damaged", "refused: damaged"],
  ["alone", "read by Millrace alone"],
  ["different", "different"],
];

function counts(comparisons: readonly Comparison[]): number[] {
  return columns.map(([outcome]) => comparisons.filter((found) => found.outcome === outcome).length);
}

function section(title: string, all: readonly Comparison[], outcome: Outcome): string[] {
  const found = all.filter((comparison) => comparison.outcome === outcome);
  if (found.length === 0) return [];
  const rows = found.map((comparison) => {
    const note =
      explain(comparison) ?? comparison.note ?? (comparison.rows === undefined ? "" : `${comparison.rows} rows`);
    return `| \`${comparison.table.name}\` | ${note.replaceAll("|", "\\|")} |`;
  });
  return ["", `## ${title}`, "", "| table | |", "| --- | --- |", ...rows];
}
