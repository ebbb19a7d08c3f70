// Brings the tables to this program's version, or refuses a file that is newer or somebody else's.
import { MillraceError } from "../../core/errors/errors.ts";
import { migrations, schemaVersion } from "../migrations/migrations.ts";
import type { Connection } from "./connection.ts";

// "Mill", in the header of the file; https://www.sqlite.org/pragma.html#pragma_application_id
const applicationId = 0x4d696c6c;

/** Applies what is missing, in one transaction. @throws MillraceError `STORE_VERSION` | `STORE_CORRUPT` */
export function migrate(connection: Connection, nowMs: number): void {
  // The usual case takes no lock.
  if (connection.read(() => readVersion(connection)) === schemaVersion) return;
  connection.transact(() => {
    const version = readVersion(connection);
    if (version === 0) prepareFile(connection);
    for (const migration of migrations.slice(version)) {
      connection.execute(migration.sqlite);
      const sql = "insert into migration (version, name, applied_at) values (?, ?, ?)";
      connection.run(sql, migration.version, migration.name, nowMs);
    }
    connection.execute(`pragma user_version = ${schemaVersion}`);
  });
}

// Both pragmas live in the header page, so a rollback undoes them with the rest.
function prepareFile(connection: Connection): void {
  connection.execute(`
    pragma application_id = ${applicationId};
    create table migration (version integer primary key, name text not null, applied_at integer not null) strict;
  `);
}

// 0 means an empty file.
function readVersion(connection: Connection): number {
  const version = readPragma(connection, "user_version");
  const owner = readPragma(connection, "application_id");
  if (owner !== applicationId && !(owner === 0 && isEmpty(connection))) {
    throw new MillraceError("STORE_CORRUPT", `file is a database of another program: \`${connection.path}\``, {
      hint: "choose another path for the store",
    });
  }
  if (version > schemaVersion) {
    throw new MillraceError(
      "STORE_VERSION",
      `expected the store's schema to be at most version \`${schemaVersion}\`, got: \`${version}\``,
      {
        hint: `a newer Millrace wrote \`${connection.path}\`: upgrade this one, or choose another path for the store`,
      },
    );
  }
  return version;
}

function readPragma(connection: Connection, name: "user_version" | "application_id"): number {
  return connection.get<{ value: number }>(`select ${name} as value from pragma_${name}`)?.value ?? 0;
}

function isEmpty(connection: Connection): boolean {
  return connection.get("select 1 from sqlite_schema limit 1") === undefined;
}
