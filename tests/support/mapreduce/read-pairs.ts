// Pairs of a key and a number as the query engine reads them, in the order of the files and of their rows.
import { DuckDBInstance } from "@duckdb/node-api";
import { fileList } from "../../../src/data/files/file-list.ts";

export type Pair = readonly [key: string, value: number];

export async function readPairs(files: readonly string[]): Promise<readonly Pair[]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const rows = await connection.runAndReadAll(`SELECT key, value FROM read_parquet(${fileList(files)})`);
    return rows.getRowsJson().map(([key, value]) => [key as string, Number(value)] as const);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
