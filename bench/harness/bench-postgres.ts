// A Postgres server for benches, flushing as in production, on the disk of the repository; a fresh database for each turn.
import { mkdir, mkdtemp, chmod } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { startPostgresServer } from "../../tests/support/postgres/postgres-server.ts";
import { cacheFolder } from "./bench-folder.ts";

export interface BenchPostgres extends AsyncDisposable {
  /** Address of an empty database that nobody used before. */
  createDatabase(): Promise<string>;
}

export async function startBenchPostgres(): Promise<BenchPostgres> {
  await mkdir(cacheFolder, { recursive: true });
  const folder = await mkdtemp(join(cacheFolder, "postgres-"));
  await chmod(folder, 0o755);
  const settings = { max_connections: "200", shared_buffers: "512MB", max_wal_size: "4GB" };
  const server = await startPostgresServer({ durable: true, folder, settings });
  let count = 0;
  return {
    async createDatabase() {
      const name = `bench_${(count += 1)}`;
      const client = new pg.Client({ connectionString: server.url("postgres") });
      await client.connect();
      // What the turn before left to be written must not be paid by this one.
      await client.query("checkpoint");
      await client.query(`create database ${name}`);
      await client.end();
      return server.url(name);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
