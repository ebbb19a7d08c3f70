// The table of bad input: each case says what becomes of the run, by which code, where people see it, and which test shows it.
import type { Document } from "./doc-links.ts";
import { parseFeatures, type TestLink } from "./feature-table.ts";

/** A case of the table. */
export interface BadInput {
  readonly name: string;
  /** The cells between the name and the tests, in their order; fewer are a mistake. */
  readonly cells: readonly string[];
  readonly shownBy: readonly TestLink[];
}

/** Codes with the disposition that each has by itself. */
export type Dispositions = Readonly<Record<string, string>>;

/** The cases of all tables of a page. */
export function parseBadInput(page: Document): readonly BadInput[] {
  return parseFeatures(page).map(({ feature, cells, shownBy }) => ({
    name: feature,
    cells: cells.slice(1, -1),
    shownBy,
  }));
}

/**
 * Cells that are empty, words that stand for no outcome, codes that do not exist or that no test of the case mentions, and
 * dispositions that are not those of their code.
 */
export async function findWrongCases(
  cases: readonly BadInput[],
  codes: Dispositions,
  read: (path: string) => Promise<string | undefined>,
): Promise<string[]> {
  const problems: string[] = [];
  for (const { name, cells, shownBy } of cases) {
    const texts = await Promise.all(shownBy.map(async ({ path }) => (await read(path)) ?? ""));
    problems.push(...findWrongCells(cells, codes, texts).map((problem) => `\`${name}\`: ${problem}`));
  }
  return problems;
}

const columns = ["how it comes about", "outcome", "code", "disposition", "seen"] as const;
const outcomes = ["failed", "parked", "retried", "adopted", "skipped", "counted", "warned", "kept", "refused"];

function findWrongCells(cells: readonly string[], codes: Dispositions, tests: readonly string[]): string[] {
  const empty = columns.filter((_column, index) => (cells[index] ?? "") === "");
  if (empty.length > 0) return empty.map((column) => `no \`${column}\``);
  const [, outcome = "", code = "", disposition = ""] = cells;
  return [...findWrongOutcome(outcome), ...findWrongCode(code, disposition, codes, tests)];
}

function findWrongOutcome(outcome: string): string[] {
  const [word = ""] = outcome.split(/[\s,:]/);
  return outcomes.includes(word) ? [] : [`\`${word}\` is no outcome`];
}

function findWrongCode(code: string, disposition: string, codes: Dispositions, tests: readonly string[]): string[] {
  if (code === "none") return disposition === "none" ? [] : ["a disposition without a code"];
  const found = /^`([A-Z_]+)`$/.exec(code)?.[1] ?? code;
  const own = codes[found];
  if (own === undefined) return [`unknown code \`${found}\``];
  const unseen = tests.some((text) => text.includes(found)) ? [] : [`no test of it mentions \`${found}\``];
  const isSaidOtherwise = /^(?:retry|fail|skip|cancel), since ./.test(disposition);
  if (disposition === own || isSaidOtherwise) return unseen;
  return [...unseen, `expected disposition \`${own}\` of \`${found}\`, got: \`${disposition}\``];
}
