// Writes the rows of files of one partition again, into as few files as they fit in.
import { randomUUID } from "node:crypto";
import { dirname, isAbsolute, join } from "node:path";
import { type EngineSession, quoteIdentifier, type WrittenFile } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { syncFile } from "../../files/file-system.ts";
import type { DeltaSnapshot } from "../log/action-reconciliation.ts";
import type { AddFile } from "../log/delta-actions.ts";
import { decodePath } from "../log/delta-path.ts";
import { openRelation, relationOf } from "../read/delta-relation.ts";
import { freeName, relationSourceOf, storedFields } from "../read/delta-relation-source.ts";
import { nameFiles, type PlacedFile } from "../write/delta-placement.ts";
import type { OptimizeWish, RewriteGroup } from "./optimize-plan.ts";

export interface RewriteInput extends OptimizeWish {
  readonly session: EngineSession;
  readonly snapshot: DeltaSnapshot;
  readonly stagingDir: string;
  readonly signal: AbortSignal;
}

/** A group with the files that hold its rows now. */
export interface Rewrite {
  readonly removed: readonly AddFile[];
  readonly files: readonly PlacedFile[];
  readonly rows: number;
}

/** @throws MillraceError `DELTA_CORRUPT` when what was written has another number of rows */
export async function rewriteGroup(input: RewriteInput, { files, bytes }: RewriteGroup): Promise<Rewrite> {
  const { session, snapshot, sort, stagingDir, targetBytes, signal } = input;
  const { partitionColumns } = snapshot.metadata;
  const source = await openRelation(session, { ...relationSourceOf(snapshot), files }, stagingDir);
  const relation = relationOf(source, { logicalTypes: false });
  const names = storedFields(snapshot.schema, partitionColumns).map(({ name }) => quoteIdentifier(name));
  const list = names.join(", ");
  const count = sort.length === 0 ? 1 : Math.max(1, Math.ceil(bytes / targetBytes));
  const order = sort.length === 0 ? "" : ` ORDER BY ${sort.map(quoteIdentifier).join(", ")}`;
  const written: WrittenFile[] = [];
  if (count === 1) written.push(...(await write(input, `SELECT ${list} FROM (${relation})${order}`)));
  else {
    const number = quoteIdentifier(freeName("__millrace_row", snapshot.schema));
    const sorted = `SELECT ${list}, row_number() OVER (${order.trim()}) - 1 AS ${number} FROM (${relation})`;
    written.push(...(await writeParts(input, { sorted, number, list, count })));
  }
  const rows = written.reduce((sum, file) => sum + file.rows, 0);
  const [found] = await session.query(`SELECT count(*) AS n FROM (${relation})`, { signal });
  if (Number(found?.["n"]) !== rows) {
    const message = `${String(found?.["n"])} rows of \`${snapshot.tablePath}\` became ${rows} when they were written again`;
    throw new MillraceError("DELTA_CORRUPT", message, { hint: "the table is as it was; look at its files" });
  }
  await Promise.all(written.map((file) => syncFile(file.path)));
  return { removed: files, files: inFolderOf(files, written), rows };
}

interface SortedRows {
  readonly sorted: string;
  readonly number: string;
  readonly list: string;
  /** Into how many files. */
  readonly count: number;
}

async function writeParts(input: RewriteInput, { sorted, number, list, count }: SortedRows): Promise<WrittenFile[]> {
  const { session, signal } = input;
  const table = `millrace_optimize_${randomUUID().replaceAll("-", "")}`;
  const written: WrittenFile[] = [];
  try {
    await session.materialize(table, sorted, { signal });
    const [row] = await session.query(`SELECT count(*) AS n FROM ${table}`, { signal });
    const size = Math.max(1, Math.ceil(Number(row?.["n"]) / count));
    for (let part = 0; part < count; part += 1) {
      const range = `${number} >= ${part * size} AND ${number} < ${(part + 1) * size}`;
      written.push(...(await write(input, `SELECT ${list} FROM ${table} WHERE ${range} ORDER BY ${number}`)));
    }
  } finally {
    await session.execute(`DROP TABLE IF EXISTS ${table}`);
  }
  return written;
}

async function write({ session, stagingDir, signal }: RewriteInput, sql: string): Promise<WrittenFile[]> {
  const path = join(stagingDir, `optimize-${randomUUID()}.parquet`);
  return (await session.writeParquet(sql, { path, signal })).filter((file) => file.rows > 0);
}

/** The new files lie where the old ones do; only the log says what partition they are of. */
function inFolderOf(files: readonly AddFile[], written: readonly WrittenFile[]): PlacedFile[] {
  const path = decodePath(files[0]?.path ?? "");
  const folder = isAbsolute(path) || path.includes(":") ? "." : dirname(path);
  return nameFiles(written, []).map((file) => ({ ...file, name: join(folder, file.name) }));
}
