// Drops the table of a dataset that is reset; schema and database stay.
import { type Engine, quoteLiteral } from "../../../compute/engine.ts";
import { withPostgres } from "../../../connections/postgres/postgres-session.ts";
import type { TableLocation } from "../table-options.ts";
import { isThere, memoryOf, ofLocation, qualify } from "./postgres-table.ts";

/** The schema also forgets what was published of `datasets`. @throws MillraceError `TARGET_CONFLICT` when views or keys depend on the table */
export async function deletePostgresTable(
  _engine: Engine,
  location: TableLocation,
  datasets: readonly string[],
): Promise<void> {
  const place = ofLocation(location);
  await withPostgres(location.path, {}, async (session) => {
    await session.execute("BEGIN");
    if (await isThere(session, place)) await session.execute(`DROP TABLE ${qualify(place)}`);
    const memory = memoryOf(place);
    if (await isThere(session, memory)) {
      const names = datasets.map(quoteLiteral).join(", ");
      if (names !== "") await session.execute(`DELETE FROM ${qualify(memory)} WHERE dataset IN (${names})`);
    }
    await session.execute("COMMIT");
  });
}
