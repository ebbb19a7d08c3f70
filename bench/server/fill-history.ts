// Fills a new store in bulk, and leaves it as it is some time after so much was written.
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { createPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import { createSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";

/** In one transaction that nobody needs to survive. @param path of a database file that does not exist */
export async function fillSqlite(path: string, statements: readonly string[]): Promise<void> {
  await (await createSqliteStore({ path }))[Symbol.asyncDispose]();
  const database = new DatabaseSync(path);
  database.exec("pragma synchronous = off; pragma cache_size = -500000; pragma temp_store = memory; begin");
  for (const statement of statements) database.exec(statement);
  database.exec("commit");
  database.close();
  await using store = await createSqliteStore({ path });
  await store.tidy();
}

/** @param address of an empty database */
export async function fillPostgres(address: string, statements: readonly string[]): Promise<void> {
  await (await createPostgresStore({ url: address }))[Symbol.asyncDispose]();
  const client = new pg.Client({
    connectionString: address,
    options: "-c search_path=millrace -c synchronous_commit=off",
  });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  // As autovacuum does it some time after so many inserts.
  await client.query("vacuum (analyze)");
  await client.query("checkpoint");
  await client.end();
}
