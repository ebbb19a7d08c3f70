// Puts rows in the place of those of a window: files with nothing else leave the table unread by anybody, files that hold others too
// are written again without what gives way, and the staged files enter as they are.
import type { ScanExpression } from "../../../compute/scan-expression.ts";
import { type CoveredRows, coveredSql } from "../../modes/row-rule.ts";
import { chooseFiles } from "../read/delta-file-filter.ts";
import {
  byPath,
  type ChangeInput,
  type ChangeResult,
  columnName,
  columnType,
  compareColumn,
  fileColumn,
  listFields,
  openFiles,
  signalOf,
  stagedRows,
  tableOf,
  tableRows,
  withinStaged,
  writeRows,
} from "./delta-change.ts";

/** Writes what stays of the files that hold rows which give way to the staging folder. */
export async function replaceCovered(change: ChangeInput, covered: CoveredRows): Promise<ChangeResult> {
  const table = tableOf(change, change.snapshot?.files ?? []);
  const files = await chooseFiles(change.session, table, await toFilter(change, covered));
  if (files.length === 0) return { written: [], removed: [], takesStaged: true };
  const input = await openFiles(change, files);
  const gives = coveredSql(covered, columnName(input, covered.by), columnType(input, covered.by), stagedRows(input));
  const file = fileColumn(input);
  const found = await input.session.query(
    `SELECT ${file} AS file, count(*) FILTER (WHERE NOT ${gives}) AS kept FROM (${tableRows(input, files)})
      GROUP BY ${file} HAVING count(*) FILTER (WHERE ${gives}) > 0`,
    signalOf(input),
  );
  const removed = byPath(input, files, found);
  const mixed = byPath(
    input,
    files,
    found.filter(({ kept }) => Number(kept) > 0),
  );
  const rest = `SELECT ${listFields(input).join(", ")} FROM (${tableRows(input, mixed)}) WHERE NOT ${gives}`;
  return { written: mixed.length === 0 ? [] : await writeRows(input, rest), removed, takesStaged: true };
}

async function toFilter(input: ChangeInput, { by, ranges }: CoveredRows): Promise<ScanExpression> {
  if (ranges === undefined) return { kind: "and", inputs: await withinStaged(input, [by]) };
  return {
    kind: "or",
    inputs: ranges.map(({ from, to }) => ({
      kind: "and",
      inputs: [compareColumn(input, by, ">=", from), compareColumn(input, by, "<", to)],
    })),
  };
}
