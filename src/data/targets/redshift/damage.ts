// Looks whether a table that runs have published to can be reached.
import type { EngineSession } from "../../../compute/engine.ts";
import { withPostgres } from "../../../connections/postgres/postgres-session.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { TableLocation } from "../table-options.ts";
import { findColumns, ofLocation } from "./redshift-table.ts";

/** A table that somebody has dropped is not damaged. */
export async function findRedshiftDamage(_session: EngineSession, location: TableLocation): Promise<readonly string[]> {
  try {
    await withPostgres(location.path, { server: "redshift" }, (session) => findColumns(session, ofLocation(location)));
    return [];
  } catch (error) {
    if (error instanceof MillraceError) return [error.message];
    throw error;
  }
}
