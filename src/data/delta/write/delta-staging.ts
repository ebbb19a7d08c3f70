// Plans staging so that its Parquet files can become files of a Delta table without being rewritten.
import { type Column, quoteIdentifier } from "../../../compute/engine.ts";
import { trimStatement } from "../../../compute/sql-text.ts";
import { findField, isSafelyCast } from "../schema/delta-schema-contract.ts";
import { type DeltaStruct, toDeltaType, toEngineType } from "../schema/delta-schema.ts";
import type { StagedColumn } from "../../staged-rows.ts";

export interface DeltaStaging {
  /** Wraps the query whose rows are to be staged. */
  select(sql: string): string;
  /** The columns of the staged files, for `commitDelta`. */
  readonly schema: readonly StagedColumn[];
}

/**
 * Plans the casts that turn rows with `columns` into rows a Delta table can hold. With the schema of the table that is
 * there, columns also take its names and its wider types; what does not fit is left for the commit to refuse.
 */
export function planDeltaStaging(columns: readonly Column[], table?: DeltaStruct): DeltaStaging {
  const plans = columns.map((column) => planColumn(column, table));
  const list = plans.map((plan) => plan.expression).join(", ");
  const unchanged = plans.every((plan) => plan.expression === quoteIdentifier(plan.column.name));
  return {
    select: (sql) => (unchanged ? sql : `SELECT ${list} FROM (\n${trimStatement(sql)}\n)`),
    schema: plans.map((plan) => plan.column),
  };
}

interface ColumnPlan {
  readonly column: StagedColumn;
  readonly expression: string;
}

function planColumn(column: Column, table: DeltaStruct | undefined): ColumnPlan {
  const own = toDeltaType(column.type);
  const have = table === undefined ? undefined : findField(table, column.name);
  const fits =
    have !== undefined &&
    (column.type === '"NULL"' ||
      isSafelyCast(own, have.type) ||
      isSafelyCast(toDeltaType(column.type, "timestamp_ntz"), have.type));
  const type = toEngineType(fits ? have.type : own);
  const name = have?.name ?? column.name;
  const zoneless = /^TIMESTAMP(_S|_MS|_NS)?$/.test(column.type) && type === instant;
  const source = quoteIdentifier(column.name);
  const value =
    column.type === type
      ? source
      : zoneless
        ? toInstant(column.type === "TIMESTAMP" ? source : `CAST(${source} AS TIMESTAMP)`)
        : `CAST(${source} AS ${type})`;
  const alias = value === source && name === column.name ? "" : ` AS ${quoteIdentifier(name)}`;
  return {
    column: { name, type, ...(zoneless ? { logicalType: "TIMESTAMP" } : {}) },
    expression: `${value}${alias}`,
  };
}

const instant = "TIMESTAMP WITH TIME ZONE";

/** A cast in the session's zone, UTC, but 13 times as fast: 3 M rows in 13 ms instead of 176. */
function toInstant(source: string): string {
  return `CASE WHEN isfinite(${source}) THEN make_timestamptz(epoch_us(${source})) ELSE CAST(${source} AS ${instant}) END`;
}
