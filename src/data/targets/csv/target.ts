// Publishes CSV: commas, quotes where they are needed, a header, and an empty field for NULL. A source of files reads the same rows.
import { parseEngineType } from "../../../compute/engine-type.ts";
import { type Column, quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import type { HeldColumn } from "../../schema-contract.ts";
import type { ValueLimit } from "../../target.ts";
import type { FileTable } from "../file-table.ts";
import { holdStaged } from "../staged-types.ts";
import { listYearLimits } from "../text-limits.ts";
import { createTextTable } from "../text-table.ts";
import { csvRelation } from "./relation.ts";

export const csvTable: FileTable = createTextTable({
  format: "csv",
  title: "CSV",
  ending: "csv",
  quote: '"',
  hold: holdInCsv,
  limits: listCsvLimits,
  write({ sql, columns }, path) {
    const values = columns.map((column) => `${toField(column)} AS ${quoteIdentifier(column.name)}`);
    return `COPY (SELECT ${values.join(", ")} FROM (${sql})) TO ${quoteLiteral(path)}
      (FORMAT csv, HEADER true, DELIMITER ',', QUOTE '"', ESCAPE '"', NULLSTR '')`;
  },
  read: csvRelation,
});

/** A field is text, so that lists, objects and maps are their JSON. */
function holdInCsv(column: Column): HeldColumn {
  if (parseEngineType(column.type).kind === "scalar") return holdStaged(column);
  return {
    name: column.name,
    type: "VARCHAR",
    expression: `CAST(to_json(${quoteIdentifier(column.name)}) AS VARCHAR)`,
  };
}

/** An empty field is NULL, so that there is none for an empty text. */
function listCsvLimits(of: Column): ValueLimit[] {
  const { name, type } = of;
  if (type !== "VARCHAR" && type !== "BLOB") return listYearLimits(of);
  const hint = `make it NULL in the query: \`nullif(${name}, '')\``;
  const what = "an empty text, which CSV does not tell from NULL";
  return [{ column: name, breaks: `${quoteIdentifier(name)} = ''`, what, hint }];
}

/** Instants are in UTC, with its offset. */
function toField({ name, type }: Column): string {
  const column = quoteIdentifier(name);
  if (type !== "TIMESTAMP WITH TIME ZONE") return column;
  return `CASE WHEN isfinite(${column}) THEN CAST(${column} AS VARCHAR) || ':00' ELSE CAST(${column} AS VARCHAR) END`;
}
