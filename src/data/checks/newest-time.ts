// The newest time among rows that are published, for datasets whose freshness goes by a column.
import { type Column, type EngineSession, quoteIdentifier } from "../../compute/engine.ts";
import type { DatasetOutput } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { isInstant } from "./comparable-types.ts";
import { instantSql } from "./freshness.ts";

interface NewRows {
  /** SQL of the rows. */
  readonly relation: string;
  readonly columns: readonly Column[];
}

/** The column that the freshness of the dataset goes by, if it goes by one. */
export function freshnessColumn({ freshness }: Pick<DatasetOutput, "freshness">): string | undefined {
  return typeof freshness === "object" ? freshness.of : undefined;
}

/**
 * Milliseconds since the Unix epoch; `undefined` where no row has a time, and for an output without such a column.
 * @throws MillraceError `SCHEMA_MISMATCH` for a column that is missing, or that holds no times
 */
export async function readNewestTime(
  session: EngineSession,
  output: Pick<DatasetOutput, "dataset" | "freshness">,
  { relation, columns }: NewRows,
  signal: AbortSignal,
): Promise<number | undefined> {
  const name = freshnessColumn(output);
  if (name === undefined) return undefined;
  const column = columns.find((candidate) => candidate.name === name);
  if (column === undefined || !isInstant(column.type)) {
    const got = column?.type ?? columns.map((candidate) => candidate.name).join(", ");
    const message = `\`freshness\` of dataset \`${output.dataset}\` needs column \`${name}\` with dates or timestamps, got: \`${got}\``;
    throw new MillraceError("SCHEMA_MISMATCH", message, { hint: "name another column, or cast it in the query" });
  }
  const sql = `SELECT max(${instantSql(quoteIdentifier(name))}) AS newest FROM (${relation})`;
  const [row = {}] = await session.query(sql, { signal });
  const newestMs = Number(row["newest"] ?? Number.NaN);
  // What lies at infinity is no time.
  return Number.isSafeInteger(newestMs) ? newestMs : undefined;
}
