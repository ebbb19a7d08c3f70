// Publishes to a table of a Postgres database: rows are copied in and remembered in one transaction, so that a run which publishes
// again finds that it has.
import { join } from "node:path";
import { quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import { type PostgresSession, withPostgres } from "../../../connections/postgres/postgres-session.ts";
import { isSameTable } from "../../../core/dataset/dataset-location.ts";
import { makeFolder, toTargetError } from "../../files/file-system.ts";
import { isPublicationDone } from "../../publication-order.ts";
import type { Target, TargetInput, TargetResult } from "../../target.ts";
import { listPresentColumns } from "../present-columns.ts";
import {
  countRows,
  beginPublication,
  findColumns,
  isThere,
  type PostgresTable,
  readMemory,
  toLocation,
} from "./postgres-table.ts";
import { createPostgresReceiver } from "./receive-rows.ts";
import { holdInPostgres, listPostgresLimits, toPostgresText } from "./postgres-types.ts";
import { type CopyFile, writeRows } from "./postgres-write.ts";

/** @param database as definitions name it */
export function createPostgresTarget(database: string, place: PostgresTable): Target {
  const location = toLocation(database, place);
  return {
    format: "postgres",
    path: database,
    currentColumns: async () =>
      await withPostgres(database, {}, async (session) =>
        (await findColumns(session, place))?.map(({ name, type }) => ({ name, type })),
      ),
    hold: (columns) => columns.map(holdInPostgres),
    limits: listPostgresLimits,
    isCurrent: async (_session, version) => {
      if (!version.locations.some((known) => isSameTable(known, location))) return false;
      return await withPostgres(database, {}, async (session) => {
        if (!(await isThere(session, place))) return false;
        const { last } = await readMemory(session, place, { runKey: "", dataset: version.dataset });
        return last?.fingerprint === version.fingerprint && (await countRows(session, place)) === version.rowCount;
      });
    },
    hasPublished: async (_session, writer) =>
      await withPostgres(database, {}, async (session) => (await readMemory(session, place, writer)).hasOwn),
    publish: async (input) => {
      try {
        const file = await writeFile(input);
        const work = (session: PostgresSession): Promise<Published> => publish(session, place, file, input);
        const published = await withPostgres(database, { signal: input.signal }, work);
        await input.failpoint("postgres:committed");
        return { location, ...published, warnings: [] };
      } catch (error) {
        throw toTargetError(error, location.table);
      }
    },
    receiver: createPostgresReceiver(database, place),
  };
}

type Published = Pick<TargetResult, "changed" | "rowCount">;

async function publish(
  session: PostgresSession,
  place: PostgresTable,
  file: CopyFile,
  input: TargetInput,
): Promise<Published> {
  const { mode, writer, failpoint } = input;
  await beginPublication(session, place);
  const isDone = isPublicationDone(mode, writer, await readMemory(session, place, writer));
  const changed = isDone || (await writeRows(session, place, file, input));
  const rowCount = await countRows(session, place);
  await failpoint("postgres:written");
  await input.assertHeld();
  await session.execute("COMMIT");
  return { changed, rowCount };
}

/** The staged rows as text, which the engine writes faster than rows could pass through here. */
async function writeFile(input: TargetInput): Promise<CopyFile> {
  const { session, rows, stagingFolder, signal } = input;
  const path = join(stagingFolder, "postgres.csv");
  await makeFolder(stagingFolder);
  const columns = listPresentColumns(input);
  const texts = columns.map((column) => `${toPostgresText(column)} AS ${quoteIdentifier(column.name)}`);
  // a line of `\.` alone would end the rows for older servers
  const quoting = columns.length === 1 ? `, FORCE_QUOTE (${quoteIdentifier(columns[0]?.name ?? "")})` : "";
  const copy = `COPY (SELECT ${texts.join(", ")} FROM (${rows.sql})) TO ${quoteLiteral(path)}
    (FORMAT csv, HEADER false, DELIMITER ',', QUOTE '"', ESCAPE '"', NULLSTR '\\N'${quoting})`;
  await session.execute(copy, { signal });
  return { path, columns };
}
