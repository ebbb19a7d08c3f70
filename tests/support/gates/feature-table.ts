// Tables of features and the tests that show them: each feature has one, and each of those tests is there.
import { posix } from "node:path";
import type { Document } from "./doc-links.ts";

/** A row of a table whose last column is headed `shown by`. */
export interface FeatureRow {
  readonly feature: string;
  /** All cells, the first of them the feature. */
  readonly cells: readonly string[];
  readonly shownBy: readonly TestLink[];
}

/** A link whose text is the name of a test, or its beginning. */
export interface TestLink {
  readonly name: string;
  /** Relative to the repository. */
  readonly path: string;
}

/** The rows of all tables of features. */
export function parseFeatures({ path, text }: Document): readonly FeatureRow[] {
  const rows: FeatureRow[] = [];
  let isTable = false;
  for (const line of text.split("\n")) {
    const cells = line.startsWith("|") ? line.split(" | ").map((cell) => cell.replaceAll(/^\|\s*|\s*\|$/g, "")) : [];
    if (cells.length < 2) isTable = false;
    else if (cells.at(-1) === "shown by") isTable = true;
    else if (isTable && !/^\|\s*-/.test(line))
      rows.push({ feature: cells[0] ?? "", cells, shownBy: linksIn(path, cells.at(-1) ?? "") });
  }
  return rows;
}

/** Features without a test, and tests that are not there. */
export async function findUnshown(
  rows: readonly FeatureRow[],
  read: (path: string) => Promise<string | undefined>,
): Promise<string[]> {
  const problems: string[] = [];
  for (const { feature, shownBy } of rows) {
    if (shownBy.length === 0) problems.push(`nothing shows \`${feature}\``);
    for (const { name, path } of shownBy) {
      const text = await read(path);
      if (text === undefined) problems.push(`\`${feature}\`: no file \`${path}\``);
      else if (!nameStartsIn(text, name)) problems.push(`\`${feature}\`: no test \`${name}\` in \`${path}\``);
    }
  }
  return problems;
}

function linksIn(page: string, cell: string): TestLink[] {
  return Array.from(cell.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g), ([, name = "", target = ""]) => ({
    name: name.replaceAll("`", ""),
    path: posix.join(posix.dirname(page), target),
  }));
}

/** Backticks are left out of links, and are quotes or a part of the name in the source. */
function nameStartsIn(text: string, name: string): boolean {
  const source = text.replaceAll(/\\?`/g, "");
  return ['"', "'", "("].some((before) => source.includes(before + name));
}
