// Reads the files of a table from a checkpoint, of which it may have very many: the engine hands over a column of thousands of files as
// one text, since a call for every value would cost more than all the rest. Statistics stay the texts that they are.
import { type EngineSession, quoteIdentifier } from "../../../compute/engine.ts";
import { toAction } from "./delta-action-shape.ts";
import type { Action, AddFile } from "./delta-actions.ts";

/**
 * The `add` actions of a checkpoint.
 * @param source SQL of the relation that has its rows
 * @param fields those of `add` that it has and that are read
 */
export async function readAdds(session: EngineSession, source: string, fields: readonly string[]): Promise<Action[]> {
  const lists = fields.map((field) => `${listSql(field)} AS ${quoteIdentifier(field)}`);
  const batch = `file_index, file_row_number // ${batchSize}`;
  const sql = `SELECT count(*) AS files, ${lists.join(", ")} FROM ${source} WHERE add IS NOT NULL GROUP BY ${batch} ORDER BY ${batch}`;
  const actions: Action[] = [];
  for await (const rows of session.stream(sql)) {
    for (const row of rows) {
      const columns = fields.flatMap((field) => {
        const text = row[field]; // a field that no file has is NULL
        return typeof text === "string" ? [[field, parseList(field, text)] as const] : [];
      });
      for (let index = 0; index < Number(row["files"]); index += 1) actions.push(toAdd(columns, index));
    }
  }
  return actions;
}

/** Files whose values come as one text; those of one batch are in one order in all of its columns. */
const batchSize = 2048;

/** Is in no JSON as it stands. */
const separator = "\0";

function listSql(field: string): string {
  const value = `add.${quoteIdentifier(field)}`;
  if (field === "stats") return `string_agg(coalesce(${value}, ''), chr(0))`;
  return `CASE WHEN count(${value}) > 0 THEN CAST(to_json(list(${value})) AS VARCHAR) END`;
}

function parseList(field: string, text: string): readonly unknown[] {
  return field === "stats" ? text.split(separator) : (JSON.parse(text) as unknown[]);
}

function toAdd(columns: readonly (readonly [field: string, values: readonly unknown[]])[], index: number): Action {
  const add: Record<string, unknown> = {};
  for (const [field, values] of columns) {
    const value = values[index] ?? null;
    if (value !== null && value !== "") add[field] = value;
  }
  if (typeof add["path"] === "string" && typeof add["partitionValues"] === "object")
    return { add: add as unknown as AddFile };
  return toAction({ add }, "a row of the checkpoint"); // which says what is missing
}
