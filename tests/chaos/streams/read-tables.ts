// What batches left in tables, read without the product: the log of a Delta table with its files, a SQLite file, a Postgres database.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DuckDBInstance } from "@duckdb/node-api";
import pg from "pg";
import { targetPaths } from "./stream-kill-project.ts";

const numbersSql = "select n from doubled_rows";

/** The numbers in the table of a SQLite file. */
export function readSqlite(folder: string): readonly number[] {
  using database = new DatabaseSync(join(folder, targetPaths.sqlite), { readOnly: true });
  return database
    .prepare(numbersSql)
    .all()
    .map(({ n }) => Number(n));
}

/** The numbers in the table of a Postgres database. */
export async function readPostgres(url: string): Promise<readonly number[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<[string]>({ text: numbersSql, rowMode: "array" });
    return rows.map(([n]) => Number(n));
  } finally {
    await client.end();
  }
}

interface DeltaAction {
  readonly add?: { readonly path: string };
  readonly remove?: { readonly path: string };
}

/** The numbers in the files that a Delta table has after all its commits. @throws Error when a commit is missing */
export async function readDelta(folder: string): Promise<readonly number[]> {
  const root = join(folder, targetPaths.delta);
  const names = (await readdir(join(root, "_delta_log"))).filter((name) => /^\d{20}\.json$/.test(name)).toSorted();
  const files = new Set<string>();
  for (const [version, name] of names.entries()) {
    if (Number(name.slice(0, 20)) !== version) throw new Error(`the Delta table has no commit ${version}`);
    const lines = (await readFile(join(root, "_delta_log", name), "utf8")).split("\n").filter((line) => line !== "");
    for (const { add, remove } of lines.map((line) => JSON.parse(line) as DeltaAction)) {
      if (add !== undefined) files.add(join(root, decodeURIComponent(add.path)));
      if (remove !== undefined) files.delete(join(root, decodeURIComponent(remove.path)));
    }
  }
  const database = await DuckDBInstance.create(":memory:");
  const connection = await database.connect();
  try {
    const list = [...files].map((file) => `'${file}'`).join(", ");
    const found = await connection.runAndReadAll(`select n from read_parquet([${list}], hive_partitioning = false)`);
    return found.getRows().map(([n]) => Number(n));
  } finally {
    connection.closeSync();
    database.closeSync();
  }
}
