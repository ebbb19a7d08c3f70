// Brings the tables to this program's version, or refuses a database that is newer, read-only or somebody else's.
// They live in a schema of their own, so that a database may serve other programs and other projects, too.
import { MillraceError } from "../../core/errors/errors.ts";
import type { Migration } from "../migrations/migration.ts";
import { migrations as allMigrations } from "../migrations/migrations.ts";
import type { Database, Session, Statement, Transaction } from "./database.ts";

export interface MigrateOptions {
  /** False refuses a database that lacks migrations instead of applying them. */
  readonly apply: boolean;
  /** Default: all of this program. Those of another version are for tests. */
  readonly migrations?: readonly Migration[];
}

/** @returns the versions that it applied. @throws MillraceError `STORE_VERSION` | `STORE_CORRUPT` | `STORE_UNAVAILABLE` */
export async function migrate(db: Database, { apply, migrations = allMigrations }: MigrateOptions): Promise<number[]> {
  await assertServer(db);
  // The usual case takes no lock.
  const found = await readVersion(db, migrations, db.place);
  if (found >= migrations.length) return [];
  if (!apply) {
    throw new MillraceError(
      "STORE_VERSION",
      `expected the store's schema to be version \`${migrations.length}\`, got: \`${found}\``,
      { hint: "run `millrace migrate` first" },
    );
  }
  return await db.transact(async (transaction) => {
    // One process migrates, the others wait and find it done.
    await transaction.query(lockMigrations, []);
    const version = await readVersion(transaction, migrations, db.place);
    const missing = migrations.slice(version);
    if (version === 0) await prepareSchema(transaction, db);
    for (const migration of missing) await applyMigration(transaction, migration);
    return missing.map((migration) => migration.version);
  });
}

// "Mill" and "migr".
const lockMigrations: Statement = { name: "", text: "select pg_advisory_xact_lock(1298754668, 1835624306)" };

const readServer: Statement = {
  name: "",
  text: `select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding,
    current_setting('transaction_read_only') = 'on' as "readOnly"`,
};

const oldestServer = 140_000;

async function assertServer(db: Database): Promise<void> {
  const { rows } = await db.query<{ version: number; encoding: string; readOnly: boolean }>(readServer);
  const [server] = rows;
  if (server === undefined) throw new RangeError("the server says nothing of itself");
  if (server.version < oldestServer) {
    const major = Math.trunc(server.version / 10_000);
    throw new MillraceError("STORE_UNAVAILABLE", `expected Postgres 14 or newer, got: \`${major}\``, {
      hint: `upgrade the server at \`${db.place}\``,
    });
  }
  if (server.encoding !== "UTF8") {
    throw new MillraceError("STORE_UNAVAILABLE", `expected a database in UTF8, got: \`${server.encoding}\``, {
      hint: "create another with `create database … encoding 'UTF8' template template0`",
    });
  }
  if (server.readOnly) {
    throw new MillraceError("STORE_UNAVAILABLE", `store is read-only: \`${db.place}\``, {
      hint: "connect to the primary: a standby, or a database with `default_transaction_read_only`, takes no work",
    });
  }
}

const findTable: Statement = { name: "", text: "select to_regclass('migration') is not null as found" };
const readNewest: Statement = {
  name: "",
  text: `select version, compatible_with as "compatibleWith" from migration order by version desc limit 1`,
};

// 0 means that there is nothing yet. A newer store is taken as of this version when its tables still suit this program.
async function readVersion(session: Session, migrations: readonly Migration[], place: string): Promise<number> {
  const { rows: tables } = await session.query<{ found: boolean }>(findTable, []);
  if (tables[0]?.found !== true) return 0;
  const { rows } = await session.query<{ version: number; compatibleWith: number }>(readNewest, []);
  const [newest] = rows;
  if (newest === undefined) return 0;
  if (newest.version <= migrations.length || newest.compatibleWith <= migrations.length) return newest.version;
  throw new MillraceError(
    "STORE_VERSION",
    `expected the store's schema to be at most version \`${migrations.length}\`, got: \`${newest.version}\``,
    { hint: `a newer Millrace wrote \`${place}\`: upgrade this one, or choose another database for the store` },
  );
}

const countStrangers: Statement = {
  name: "",
  text: "select count(*) as tables from pg_class where relnamespace = to_regnamespace($1) and relkind in ('r', 'p', 'v')",
};

async function prepareSchema(transaction: Transaction, { place, address }: Database): Promise<void> {
  const { schema } = address;
  const { rows } = await transaction.query<{ tables: number }>(countStrangers, [schema]);
  if ((rows[0]?.tables ?? 0) > 0) {
    throw new MillraceError("STORE_CORRUPT", `schema \`${schema}\` holds tables of another program: \`${place}\``, {
      hint: "name another one as `database.schema` in the configuration, or rename that schema",
    });
  }
  // Not `if not exists` alone, which asks for the right to create even when it is there.
  const { rows: schemas } = await transaction.query<{ found: boolean }>(
    { name: "", text: "select to_regnamespace($1) is not null as found" },
    [schema],
  );
  if (schemas[0]?.found !== true) await transaction.query({ name: "", text: `create schema ${schema}` }, []);
  const table = `create table migration (version int primary key, name text not null,
    compatible_with int not null, applied_at bigint not null)`;
  await transaction.query({ name: "", text: table }, []);
}

async function applyMigration(transaction: Transaction, migration: Migration): Promise<void> {
  const { version, name, compatibleWith, postgres } = migration;
  await transaction.execute(postgres);
  const insert = "insert into migration (version, name, compatible_with, applied_at) values ($1, $2, $3, $4)";
  await transaction.query({ name: "", text: insert }, [version, name, compatibleWith, transaction.nowMs]);
}
