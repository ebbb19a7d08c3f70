// Plans how rows for a Delta table are staged: the staged files become files of the table by being renamed into its
// folder.
import type { Column, WrittenFile } from "../../../compute/engine.ts";
import { type DeltaSnapshot, planDeltaStaging } from "../../delta/delta-table.ts";
import { relationOf } from "../../delta/read/delta-relation.ts";
import { toDeltaSchema } from "../../delta/schema/delta-schema.ts";
import { asAddFile } from "../../delta/write/delta-placement.ts";
import type { StagedColumn, StagedLayout } from "../../staged-rows.ts";

/** @param table the table that is there, whose names and wider types the columns take */
export function layOutFiles(
  columns: readonly Column[],
  table: DeltaSnapshot | undefined,
  partitionBy: readonly string[],
): StagedLayout {
  const staging = planDeltaStaging(columns, table?.schema);
  const layout: StagedLayout = { columns: staging.schema, select: (sql) => staging.select(sql) };
  if (partitionBy.length === 0) return layout;
  return {
    ...layout,
    partitions: {
      by: partitionBy,
      relationOf: (files, folder) => relationOfPartitions(files, folder, layout.columns, partitionBy),
    },
  };
}

/** The values of partitions are in no file: they are joined as those of a table in the log are. */
function relationOfPartitions(
  files: readonly WrittenFile[],
  folder: string,
  columns: readonly StagedColumn[],
  partitionBy: readonly string[],
): string {
  const schema = toDeltaSchema(columns);
  const added = files.map((file) => asAddFile(file, schema, partitionBy));
  return relationOf({
    tablePath: folder,
    schema,
    partitionColumns: partitionBy,
    files: added,
    holdsEmptyTexts: true,
  });
}
