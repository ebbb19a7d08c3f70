// Removes the tables of a dataset that is reset. Only what Millrace made there goes: a folder that is no table stays.
import { relative } from "node:path";
import type { Engine } from "../../compute/engine.ts";
import type { DatasetLocation } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { toTargetError } from "../files/file-system.ts";
import { findTargetFormat } from "../targets/target-registry.ts";

export interface DeleteTablesInput {
  readonly engine: Engine;
  /** Folder of the project, which no table may hold. */
  readonly root: string;
  readonly datasets: readonly string[];
  readonly tables: readonly DatasetLocation[];
}

/** Doing it again is harmless. @throws MillraceError `TARGET_CONFLICT` for a database that somebody else has open, `VALUE_INVALID` */
export async function deleteTables({ engine, root, datasets, tables }: DeleteTablesInput): Promise<void> {
  for (const location of tables) {
    const { format, path } = location;
    assertOutside(root, path);
    try {
      await findTargetFormat(format).deleteTable(engine, location, datasets);
    } catch (error) {
      throw toTargetError(error, path);
    }
  }
}

function assertOutside(root: string, path: string): void {
  const inside = relative(path, root);
  if (inside.startsWith("..")) return;
  throw new MillraceError("VALUE_INVALID", `the project lies in the table, which is not deleted: \`${path}\``, {
    hint: "delete its files yourself",
  });
}
