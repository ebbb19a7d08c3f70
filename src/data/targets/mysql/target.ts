// Publishes to a table of a MySQL or MariaDB database: rows are loaded as texts, and get into the table and its memory at one moment, so
// that a run which publishes again finds that it has.
import type { DatabaseName } from "../../../connections/database/database-address.ts";
import { type MysqlSession, withMysql } from "../../../connections/mysql/mysql-session.ts";
import { isSameTable } from "../../../core/dataset/dataset-location.ts";
import { toTargetError } from "../../files/file-system.ts";
import { isPublicationDone } from "../../publication-order.ts";
import type { Target, TargetInput, TargetResult } from "../../target.ts";
import type { TableLocation } from "../table-options.ts";
import { prepareMemory, readMemory } from "./mysql-memory.ts";
import { countRows, findColumns, isThere, lockPlace } from "./mysql-place.ts";
import { loadTexts, writeTexts } from "./mysql-staging.ts";
import { holdInMysql, listMysqlLimits } from "./mysql-types.ts";
import { writeRows } from "./mysql-write.ts";

/** @param database as definitions name it */
export function createMysqlTarget(database: DatabaseName, table: string): Target {
  const location: TableLocation = { format: "mysql", path: database, table };
  return {
    format: "mysql",
    path: database,
    currentColumns: async () =>
      await withMysql(database, {}, async (session) =>
        (await findColumns(session, table))?.map(({ name, type }) => ({ name, type })),
      ),
    hold: (columns) => columns.map(holdInMysql),
    limits: listMysqlLimits,
    isCurrent: async (_session, version) => {
      if (!version.locations.some((known) => isSameTable(known, location))) return false;
      return await withMysql(database, {}, async (session) => {
        if (!(await isThere(session, table))) return false;
        const { last } = await readMemory(session, { runKey: "", dataset: version.dataset });
        return last?.fingerprint === version.fingerprint && (await countRows(session, table)) === version.rowCount;
      });
    },
    hasPublished: async (_session, writer) =>
      await withMysql(database, {}, async (session) => (await readMemory(session, writer)).hasOwn),
    publish: async (input) => {
      try {
        const { signal } = input;
        const work = (session: MysqlSession): Promise<Published> => publish(session, table, input);
        const published = await withMysql(database, { signal }, work);
        await input.failpoint("mysql:committed");
        return { location, ...published, warnings: [] };
      } catch (error) {
        throw toTargetError(error, table);
      }
    },
  };
}

type Published = Pick<TargetResult, "changed" | "rowCount">;

async function publish(session: MysqlSession, table: string, input: TargetInput): Promise<Published> {
  const { mode, writer } = input;
  // attempts of one run, and runs of one table, come one after the other
  await lockPlace(session, table);
  await prepareMemory(session, table);
  const isDone = isPublicationDone(mode, writer, await readMemory(session, writer));
  const changed = isDone || (await loadRows(session, table, input));
  return { changed, rowCount: await countRows(session, table) };
}

async function loadRows(session: MysqlSession, table: string, input: TargetInput): Promise<boolean> {
  const file = await writeTexts(input);
  await loadTexts(session, file);
  return await writeRows(session, table, file, input);
}
