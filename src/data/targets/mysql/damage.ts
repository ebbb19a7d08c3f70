// Looks whether a table that runs have published to can be reached.
import type { EngineSession } from "../../../compute/engine.ts";
import { withMysql } from "../../../connections/mysql/mysql-session.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { TableLocation } from "../table-options.ts";
import { findColumns } from "./mysql-place.ts";

/** A table that somebody has dropped is not damaged. */
export async function findMysqlDamage(
  _session: EngineSession,
  { path, table }: TableLocation,
): Promise<readonly string[]> {
  try {
    await withMysql(path, {}, (session) => findColumns(session, table));
    return [];
  } catch (error) {
    if (error instanceof MillraceError) return [error.message];
    throw error;
  }
}
