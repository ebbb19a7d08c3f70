// Asks a database what it is, which shows that jobs can reach it.
import { withMysql } from "./mysql/mysql-session.ts";
import { withPostgres } from "./postgres/postgres-session.ts";
import type { DatabaseKind, DatabaseName } from "./database/database-address.ts";

/** @returns such as `PostgreSQL 18.4` or `Redshift 1.0.77467`. @throws MillraceError as a session */
export async function askVersion(kind: DatabaseKind, name: DatabaseName): Promise<string> {
  if (kind === "mysql") {
    const [[version] = []] = await withMysql(name, {}, async (session) => await session.query("SELECT version()"));
    return /mariadb/i.test(version ?? "") ? `MariaDB ${version?.replace(/-.*/, "")}` : `MySQL ${version}`;
  }
  return await withPostgres(name, { server: "any" }, async (session) => {
    if (session.server === "redshift") {
      const [[version] = []] = await session.query("SELECT version()");
      return /Redshift \S+/.exec(version ?? "")?.[0] ?? "Redshift";
    }
    const [[version] = []] = await session.query("SHOW server_version");
    return `PostgreSQL ${version}`;
  });
}
