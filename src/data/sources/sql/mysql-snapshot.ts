// How several sessions of MySQL come to see a table as it was at one moment. The server has no snapshot that one session could give to
// another.
import type { DatabaseName } from "../../../connections/database/database-address.ts";
import { type MysqlAccess, type MysqlSession, withMysql } from "../../../connections/mysql/mysql-session.ts";
import { MillraceError } from "../../../core/errors/errors.ts";

/** Nothing can be written by a query, and what is read is as it was when this statement ran. */
export const beginReading = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";

/** What made all sessions see the same rows. */
export type SnapshotMeans = "lock" | "binlog";

/**
 * Makes all sessions begin as of one moment.
 * @param table as SQL has it
 * @returns by what means; `undefined` when there was none, and what they see may differ
 */
export async function shareSnapshot(
  name: DatabaseName,
  table: string,
  sessions: readonly MysqlSession[],
  { signal }: MysqlAccess,
): Promise<SnapshotMeans | undefined> {
  if (await beginBehindLock(name, table, sessions, { signal, lockTimeoutS })) return "lock";
  return (await beginAtOnePosition(sessions)) ? "binlog" : undefined;
}

/** Writers of the table wait behind a lock that is waited for. */
const lockTimeoutS = 5;

/** While another session holds the table against writers, no transaction has rows in it that it may still take back. */
async function beginBehindLock(
  name: DatabaseName,
  table: string,
  sessions: readonly MysqlSession[],
  access: MysqlAccess,
): Promise<boolean> {
  try {
    await withMysql(name, access, async (keeper) => {
      await keeper.execute(`LOCK TABLES ${table} READ`);
      for (const session of sessions) await session.execute(beginReading);
      await keeper.execute("UNLOCK TABLES");
    });
    return true;
  } catch (error) {
    if (error instanceof MillraceError && ["PERMISSION_DENIED", "TARGET_CONFLICT"].includes(error.code)) return false;
    throw error;
  }
}

/** MariaDB tells each snapshot's position in its log, so that it can be tried again until they are the same. */
async function beginAtOnePosition(sessions: readonly MysqlSession[]): Promise<boolean> {
  for (let tries = 0; tries < 10; tries += 1) {
    for (const session of sessions) await session.execute(beginReading);
    const positions = await Promise.all(sessions.map(readPosition));
    if (positions.includes("")) return false;
    if (new Set(positions).size === 1) return true;
  }
  return false;
}

/** Empty when there is none, because nothing is logged. */
async function readPosition(session: MysqlSession): Promise<string> {
  if (!session.isMariaDb) return "";
  const rows = await session.query("SHOW STATUS LIKE 'binlog_snapshot_%'");
  const values = new Map(rows.map(([name, value]) => [name?.toLowerCase(), value ?? ""]));
  const file = values.get("binlog_snapshot_file") ?? "";
  return file === "" ? "" : `${file}:${values.get("binlog_snapshot_position")}`;
}
