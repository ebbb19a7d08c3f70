// Keeps the versions of rows: the open version of a row that has changed is closed, and a new one is opened. Only files with a version
// that opens or closes are written again, and those that hold nothing but versions of long ago are not read.
import { quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import type { ScanExpression } from "../../../compute/scan-expression.ts";
import { outOfOrder } from "../../modes/row-order.ts";
import { type HistoryRule, instantType } from "../../modes/row-rule.ts";
import type { AddFile } from "../log/delta-actions.ts";
import { chooseFiles } from "../read/delta-file-filter.ts";
import {
  byPath,
  type ChangeInput,
  type ChangeResult,
  columnName,
  columnOf,
  compareColumn,
  fileColumn,
  hasStaged,
  keyColumns,
  listFields,
  openFiles,
  signalOf,
  stagedRows,
  tableOf,
  tableRows,
  withinStaged,
  writeRows,
} from "./delta-change.ts";

/**
 * Writes the versions that the change makes or touches to the staging folder. What was written for the same moment before is undone.
 * @throws MillraceError `HISTORY_OUT_OF_ORDER` for versions that are older than those which are there
 */
export async function keepHistory(change: ChangeInput, history: HistoryRule): Promise<ChangeResult> {
  if (change.staged.length === 0 && !history.closesAbsent) return { written: [], removed: [] };
  const files = await findLiveFiles(change, history);
  if (files.length === 0) return { written: [], removed: [], takesStaged: true };
  const input = await openFiles(change, files);
  const sql = new HistorySql(input, history);
  const removed = await findTouched(input, sql, files, history);
  const rest = removed.length === 0 ? [] : [sql.afterwards(removed)];
  return { written: await writeRows(input, [...rest, sql.opened(files)].join("\nUNION ALL\n")), removed };
}

/** The files that can hold versions which are open, or which began or ended at the moment or after it. */
async function findLiveFiles(input: ChangeInput, history: HistoryRule): Promise<readonly AddFile[]> {
  const { validFrom, validTo, moment, closesAbsent } = history;
  const isLive: ScanExpression = {
    kind: "or",
    inputs: [
      { kind: "isNull", input: columnOf(input, validTo) },
      compareColumn(input, validTo, ">=", moment),
      compareColumn(input, validFrom, ">=", moment),
    ],
  };
  const ofKeys = closesAbsent ? [] : await withinStaged(input, input.key);
  const table = tableOf(input, input.snapshot?.files ?? []);
  return await chooseFiles(input.session, table, { kind: "and", inputs: [isLive, ...ofKeys] });
}

async function findTouched(
  input: ChangeInput,
  sql: HistorySql,
  files: readonly AddFile[],
  history: HistoryRule,
): Promise<AddFile[]> {
  const found = await input.session.query(
    `SELECT file, count(*) FILTER (WHERE is_late) AS late FROM (${sql.judged(files)})
      WHERE is_late OR is_touched GROUP BY file`,
    signalOf(input),
  );
  const late = found.reduce((sum, row) => sum + Number(row["late"]), 0);
  if (late > 0) throw outOfOrder(history, late);
  return byPath(input, files, found);
}

/** The queries. Versions of the table are `t`, staged rows are `s`; a version whose key is not staged has no `s`. */
class HistorySql {
  readonly #input: ChangeInput;
  readonly #from: string;
  readonly #to: string;
  readonly #moment: string;
  readonly #keys: string;
  /** Those of the version. */
  readonly #ownKeys: string;
  /** Whether the version is one of a key that the run says something of. */
  readonly #isMeant: string;
  readonly #isSame: string;

  constructor(input: ChangeInput, history: HistoryRule) {
    this.#input = input;
    const keys = keyColumns(input);
    const [key = ""] = keys;
    this.#from = `t.${columnName(input, history.validFrom)}`;
    this.#to = `t.${columnName(input, history.validTo)}`;
    this.#moment = `CAST(${quoteLiteral(history.moment)} AS ${instantType})`;
    this.#keys = keys.join(", ");
    this.#ownKeys = keys.map((name) => `t.${name}`).join(", ");
    this.#isMeant = history.closesAbsent ? "true" : `s.${key} IS NOT NULL`;
    const same = listCompared(input, history).map((name) => `t.${name} IS NOT DISTINCT FROM s.${name}`);
    this.#isSame = [`s.${key} IS NOT NULL`, ...same].join(" AND ");
  }

  /** For each version its file, whether it is younger than the moment, and whether it changes. */
  judged(files: readonly AddFile[]): string {
    const isLate = `coalesce(${this.#from} > ${this.#moment} OR ${this.#to} > ${this.#moment}, false) AND ${this.#isMeant}`;
    const isTouched = `${this.#isUndone()} OR ${this.#endAfterwards()} IS DISTINCT FROM ${this.#to}`;
    return `SELECT t.${fileColumn(this.#input)} AS file, ${isLate} AS is_late, ${isTouched} AS is_touched
      FROM ${this.#versions(files)}`;
  }

  /** The versions of files as they are after the change. */
  afterwards(files: readonly AddFile[]): string {
    const list = listFields(this.#input).map((name) =>
      `t.${name}` === this.#to ? `${this.#endAfterwards()} AS ${name}` : `t.${name}`,
    );
    return `SELECT ${list.join(", ")} FROM ${this.#versions(files)} WHERE NOT ${this.#isUndone()}`;
  }

  /** The staged rows that become a version. */
  opened(files: readonly AddFile[]): string {
    const list = listFields(this.#input).join(", ");
    const open = `SELECT ${this.#ownKeys} FROM ${this.#versions(files)}
      WHERE NOT ${this.#isUndone()} AND ${this.#isMeant} AND ${this.#isLive()} AND ${this.#endAfterwards()} IS NULL`;
    return `SELECT ${list} FROM (${stagedRows(this.#input)}) ANTI JOIN (${open}) USING (${this.#keys})`;
  }

  #versions(files: readonly AddFile[]): string {
    return `(${tableRows(this.#input, files)}) AS t LEFT JOIN (${stagedRows(this.#input)}) AS s USING (${this.#keys})`;
  }

  /** Whether the version was opened at this moment before. */
  #isUndone(): string {
    return `coalesce(${this.#from} = ${this.#moment} AND ${this.#isMeant}, false)`;
  }

  #isLive(): string {
    return `(${this.#to} IS NULL OR ${this.#to} = ${this.#moment})`;
  }

  #endAfterwards(): string {
    return `CASE WHEN ${this.#isLive()} AND ${this.#isMeant} THEN CASE WHEN ${this.#isSame} THEN NULL ELSE ${this.#moment} END ELSE ${this.#to} END`;
  }
}

/** The columns whose values make a version, quoted. */
function listCompared(input: ChangeInput, { ignored, validFrom, validTo }: HistoryRule): string[] {
  const others = new Set([...input.key, ...ignored, validFrom, validTo].map((name) => name.toLowerCase()));
  return input.schema.fields
    .filter(({ name }) => !others.has(name.toLowerCase()) && hasStaged(input, name))
    .map(({ name }) => quoteIdentifier(name));
}
