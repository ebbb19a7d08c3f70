// A log by hand, as little as it can be: a row a record, and one for the offset of its reader. What appends and reads of Millrace are held against.
import { DatabaseSync } from "node:sqlite";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from } from "pg-copy-streams";

/** Key and value of a row. */
export type RawRow = readonly [key: string, value: string];

/** One table in one database, flushed at each commit. */
export interface RawLog extends AsyncDisposable {
  /** In one transaction: on SQLite a prepared insert a row, on Postgres one `copy`. */
  append(rows: readonly RawRow[]): Promise<void>;
  /** Up to `limit` values behind the offset. */
  read(limit: number): Promise<readonly string[]>;
  /** Moves the offset, in a transaction of its own. */
  commit(by: number): Promise<void>;
}

/** @param address a Postgres URL, or the path of a SQLite file */
export async function openRawLog(address: string): Promise<RawLog> {
  return address.startsWith("postgres://") ? await openOnPostgres(address) : openOnSqlite(address);
}

/** A file as every side of these benches has it: durable at each commit. */
export function openDurable(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec("pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -64000");
  return database;
}

function openOnSqlite(path: string): RawLog {
  const database = openDurable(path);
  database.exec(`create table if not exists log (place integer primary key, key text not null, value text not null);
    create table if not exists reader (place integer not null)`);
  database.exec("insert into reader select 0 where not exists (select 1 from reader)");
  const insert = database.prepare("insert into log (key, value) values (?, ?)");
  const select = database.prepare("select value from log where place > ? order by place limit ?");
  const move = database.prepare("update reader set place = place + ?");
  let place = 0;
  return {
    async append(rows) {
      database.exec("begin immediate");
      for (const [key, value] of rows) insert.run(key, value);
      database.exec("commit");
    },
    read: async (limit) => select.all(place, limit).map((row) => String(row["value"])),
    async commit(by) {
      move.run(by);
      place += by;
    },
    [Symbol.asyncDispose]: async () => database.close(),
  };
}

async function openOnPostgres(url: string): Promise<RawLog> {
  const [writer, reader] = await Promise.all([connect(url), connect(url)]);
  await writer.query(`create table if not exists log (place bigserial primary key, key text not null, value text not null);
    create table if not exists reader (place bigint not null);
    insert into reader select 0 where not exists (select 1 from reader)`);
  let place = 0;
  return {
    async append(rows) {
      // keys and values have no character that `copy` escapes but the quotes of none
      const text = rows.map(([key, value]) => `${key}\t${value}\n`).join("");
      await pipeline([Buffer.from(text)], writer.query(from("copy log (key, value) from stdin")));
    },
    async read(limit) {
      const sql = "select value from log where place > $1 order by place limit $2";
      const { rows } = await reader.query<{ value: string }>({ name: "read", text: sql, values: [place, limit] });
      return rows.map(({ value }) => value);
    },
    async commit(by) {
      await reader.query({ name: "commit", text: "update reader set place = place + $1", values: [by] });
      place += by;
    },
    [Symbol.asyncDispose]: async () => void (await Promise.all([writer.end(), reader.end()])),
  };
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}
