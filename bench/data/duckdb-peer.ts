// A bare DuckDB connection with the settings of Millrace's engine, and files flushed the way Millrace flushes them.
import { open } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { DuckDBInstance } from "@duckdb/node-api";
import type { DuckDbEngineOptions } from "../../src/compute/duckdb/duckdb-engine.ts";

/** What both sides get: all cores, and the memory limit of a project without configuration. */
export const computeSettings: Required<Pick<DuckDbEngineOptions, "threads" | "memoryLimit">> = {
  threads: availableParallelism(),
  memoryLimit: "1GB",
};

/** Options of every Parquet file that Millrace writes. */
export const parquetOptions = "format parquet, compression zstd, compression_level 1";

export interface DuckDbPeer extends Disposable {
  /** Runs statements and returns the rows of the last, as JSON has them. */
  run(sql: string): Promise<Record<string, unknown>[]>;
}

export async function openDuckDbPeer(): Promise<DuckDbPeer> {
  const { threads, memoryLimit } = computeSettings;
  const instance = await DuckDBInstance.create(":memory:", { threads: String(threads), memory_limit: memoryLimit });
  const connection = await instance.connect();
  await connection.run("set TimeZone = 'UTC'");
  return {
    run: async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson(),
    [Symbol.dispose]() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Makes a file, or the entries of a folder, survive the loss of power. */
export async function flush(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
