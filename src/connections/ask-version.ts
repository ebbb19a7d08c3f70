// Asks a database what it is, which shows that jobs can reach it.
import { withMysql } from "./mysql/mysql-session.ts";
import { withPostgres } from "./postgres/postgres-session.ts";
import type { DatabaseKind, DatabaseName } from "./database/database-address.ts";

/** @returns such as `PostgreSQL 18.4`. @throws MillraceError as a session */
export async function askVersion(kind: DatabaseKind, name: DatabaseName): Promise<string> {
  if (kind === "mysql") {
    const [[version] = []] = await withMysql(name, {}, async (session) => await session.query("SELECT version()"));
    return /mariadb/i.test(version ?? "") ? `MariaDB ${version?.replace(/-.*/, "")}` : `MySQL ${version}`;
  }
  const [[version] = []] = await withPostgres(name, {}, async (session) => await session.query("SHOW server_version"));
  return `PostgreSQL ${version}`;
}
