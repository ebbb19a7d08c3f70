// Drops the table of a dataset that is reset; schema and database stay.
import type { Engine } from "../../../compute/engine.ts";
import { withPostgres } from "../../../connections/postgres/postgres-session.ts";
import type { TableLocation } from "../table-options.ts";
import { isThere, memoryOf, ofLocation, qualify } from "./redshift-table.ts";
import { quoteText } from "./redshift-text.ts";

/** The schema also forgets what was published of `datasets`. @throws MillraceError `TARGET_CONFLICT` when views depend on the table */
export async function deleteRedshiftTable(
  _engine: Engine,
  location: TableLocation,
  datasets: readonly string[],
): Promise<void> {
  const place = ofLocation(location);
  const memory = memoryOf(place);
  await withPostgres(location.path, { server: "redshift" }, async (session) => {
    await session.execute("BEGIN");
    if (await isThere(session, place)) await session.execute(`DROP TABLE ${qualify(place)}`);
    if (datasets.length > 0 && (await isThere(session, memory))) {
      const names = datasets.map(quoteText).join(", ");
      await session.execute(`DELETE FROM ${qualify(memory)} WHERE dataset IN (${names})`);
    }
    await session.execute("COMMIT");
  });
}
