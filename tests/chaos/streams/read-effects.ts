// What streams left, read without the product: blocks of the log, the log of a Delta table with its files, a SQLite table.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { zstdDecompressSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { targetPaths } from "./stream-kill-project.ts";

/** A record as it lies in a topic. */
export interface LaidRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly n: number;
}

/** One block of records as its row has it. */
export interface BlockRow {
  readonly partition: number;
  readonly first_offset: number | string;
  readonly record_count: number;
  readonly payload: Uint8Array;
}

/** The blocks of a topic by partition and offset. */
export const blocksSql = (topic: string): string => `select b.partition, b.first_offset, b.record_count, b.payload
  from stream_block b join stream_topic t on t.id = b.topic_id where t.name = '${topic}' order by b.partition, b.first_offset`;

/** The records of a topic by partition and offset. */
export function decodeBlocks(rows: readonly BlockRow[]): readonly LaidRecord[] {
  return rows.flatMap(({ partition, first_offset: first, record_count: count, payload }) => {
    const next = readerOf(payload);
    if (next.number() !== count) throw new Error(`the block at ${first} has another number of records`);
    next.number();
    return Array.from({ length: count }, (_, index): LaidRecord => {
      next.number();
      const key = next.text();
      const { n } = JSON.parse(next.text()) as { readonly n: number };
      // Of each header the name and the value.
      for (let texts = next.number() * 2; texts > 0; texts -= 1) next.text();
      return { partition, offset: Number(first) + index, key, n };
    });
  });
}

/** Numbers are seven bits a byte, the least first; bytes come behind their count plus one. */
function readerOf(payload: Uint8Array): { readonly number: () => number; readonly text: () => string } {
  const bytes = Buffer.from(payload);
  const body = bytes[0] === 1 ? zstdDecompressSync(bytes.subarray(1)) : bytes.subarray(1);
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = body[at++] ?? 0;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  const text = (): string => {
    const size = Math.max(0, number() - 1);
    at += size;
    return body.toString("utf8", at - size, at);
  };
  return { number, text };
}

/** The numbers in the table of a SQLite file. */
export function readSqlite(folder: string): readonly number[] {
  using database = new DatabaseSync(join(folder, targetPaths.sqlite), { readOnly: true });
  return database
    .prepare("select n from doubled_rows")
    .all()
    .map(({ n }) => Number(n));
}

interface DeltaAction {
  readonly add?: { readonly path: string };
  readonly remove?: { readonly path: string };
}

/** The numbers in the files that a Delta table has after all its commits. */
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
