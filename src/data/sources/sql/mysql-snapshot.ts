// How several sessions of MySQL come to see a table as it was at one moment. The server has no snapshot that one session could give to
// another. The positions in its log that MariaDB states do not tell whether two snapshots are one: a session that asks while another
// does may be told the other's (findings/mariadb-status-of-another-session.sh).
import type { DatabaseName } from "../../../connections/database/database-address.ts";
import { type MysqlAccess, type MysqlSession, withMysql } from "../../../connections/mysql/mysql-session.ts";
import { MillraceError } from "../../../core/errors/errors.ts";

/** Nothing can be written by a query, and what is read is as it was when this statement ran. */
export const beginReading = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";

/** Writers of the table wait behind a lock that is waited for. */
const lockTimeoutS = 5;

/**
 * Makes all sessions begin as of one moment: while another holds the table against writers, no transaction has rows in it that it may
 * still take back.
 * @param table as SQL has it
 * @returns false when the table cannot be locked, and what they see may differ
 */
export async function shareSnapshot(
  name: DatabaseName,
  table: string,
  sessions: readonly MysqlSession[],
  { signal }: MysqlAccess,
): Promise<boolean> {
  try {
    await withMysql(name, { signal, lockTimeoutS }, async (keeper) => {
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
