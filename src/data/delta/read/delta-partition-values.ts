// Partition values are text in the log. One that is no value of its column is named with its file before the engine meets it.
import { type EngineSession, quoteLiteral } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { type DeltaRelationSource, partitionField, partitionText } from "./delta-relation-source.ts";
import { toEngineType } from "../schema/delta-schema.ts";

/** @throws MillraceError `DELTA_CORRUPT` naming file, column and value */
export async function assertPartitionValues(session: EngineSession, source: DeltaRelationSource): Promise<void> {
  for (const column of source.partitionColumns) {
    const field = partitionField(source.schema, column);
    if (field.type === "string") continue;
    const type = toEngineType(field.type);
    const texts = new Set(source.files.flatMap((file) => partitionText(file, field, source) ?? []));
    const values = `unnest(from_json(${quoteLiteral(JSON.stringify([...texts]))}, '["VARCHAR"]'))`;
    const [wrong] = await session.query(
      `SELECT value FROM (SELECT ${values} AS value) WHERE TRY_CAST(value AS ${type}) IS NULL LIMIT 1`,
    );
    if (wrong === undefined) continue;
    const value = String(wrong["value"]);
    const file = source.files.find((candidate) => partitionText(candidate, field, source) === value);
    throw new MillraceError(
      "DELTA_CORRUPT",
      `the log of \`${source.tablePath}\` gives file \`${file?.path ?? ""}\` a value of column \`${field.name}\` that is no ${type}, got: \`${value}\``,
      { hint: "write the file again with the tool that made it, or remove it from the table" },
    );
  }
}
