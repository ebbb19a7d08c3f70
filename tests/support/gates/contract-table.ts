// The table of the contracts of streams: each has a number and says where it is shown, by which tests, and why it is not where it is not.
import type { Document } from "./doc-links.ts";
import { parseFeatures, type TestLink } from "./feature-table.ts";

/** A row of the table. */
export interface Contract {
  readonly number: string;
  /** The cells between the number and the tests, in their order; fewer are a mistake. */
  readonly cells: readonly string[];
  readonly shownBy: readonly TestLink[];
}

/** How many contracts of each kind there are, by the letter that their numbers begin with. */
export type ContractCounts = Readonly<Record<string, number>>;

/** The rows of all tables of a page. */
export function parseContracts(page: Document): readonly Contract[] {
  return parseFeatures(page).map(({ feature, cells, shownBy }) => ({
    number: feature,
    cells: cells.slice(1, -1),
    shownBy,
  }));
}

/**
 * Numbers that are missing, come twice or that nobody knows, cells that are empty, places that are none, and rows that neither have a
 * test nor say why a place is left out.
 * @param runsOnKafka whether the tests of a file run against a broker
 */
export function findWrongContracts(
  contracts: readonly Contract[],
  counts: ContractCounts,
  runsOnKafka: (path: string) => boolean,
): string[] {
  const wanted = Object.entries(counts).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
  );
  const found = contracts.map(({ number }) => number);
  return [
    ...wanted.filter((number) => !found.includes(number)).map((number) => `no row for \`${number}\``),
    ...found.filter((number) => !wanted.includes(number)).map((number) => `\`${number}\` is no contract`),
    ...found.filter((number, index) => found.indexOf(number) < index).map((number) => `\`${number}\` comes twice`),
    ...contracts.flatMap((contract) =>
      findWrong(contract, runsOnKafka).map((what) => `\`${contract.number}\`: ${what}`),
    ),
  ];
}

const places = ["SQLite", "Postgres", "Kafka"];
const columns = ["contract", "shown on", "not shown"] as const;

function findWrong({ cells, shownBy }: Contract, runsOnKafka: (path: string) => boolean): string[] {
  const empty = columns.filter((_column, index) => (cells[index] ?? "") === "");
  if (empty.length > 0) return empty.map((column) => `no \`${column}\``);
  const [, shownOn = "", missing = ""] = cells;
  const shown = shownOn === "none" ? [] : shownOn.split(", ");
  const problems = shown.filter((place) => !places.includes(place)).map((place) => `\`${place}\` is no place`);
  const isComplete = places.every((place) => shown.includes(place));
  if (!isComplete && missing === "–") problems.push("no reason for a place that is left out");
  if (shown.length > 0 && shownBy.length === 0) problems.push("no test");
  if (shown.includes("Kafka") && shownBy.length > 0 && !shownBy.some(({ path }) => runsOnKafka(path)))
    problems.push("none of its tests runs on Kafka");
  return problems;
}
