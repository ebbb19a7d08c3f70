// Published files behind a connection: copied to the spool with what is known of them, and read there as those of this machine are.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { RemoteFile } from "../../../connections/files/file-service.ts";
import type { DatasetLocation } from "../../../core/dataset/dataset.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { makeFolder } from "../../files/file-system.ts";
import { inParallel } from "../../in-parallel.ts";
import type { TableRows } from "../../table-rows.ts";
import type { TableReading } from "../../target.ts";
import { columnFileOf } from "../column-file.ts";
import type { FileTable } from "../file-table.ts";
import { type ColumnFiles, loadKnown } from "./remote-columns.ts";
import { parsePlace } from "../../files/recorded-place.ts";
import { listData, serviceOf } from "./remote-place.ts";
import { withScratch } from "../../files/scratch-folder.ts";

/** The rows of the files that are there now; `undefined` for a table of this machine. @throws MillraceError `SOURCE_MISSING`, `SOURCE_UNREADABLE` */
export async function readRemoteTable(
  table: FileTable,
  { path: recorded }: DatasetLocation,
  { spool }: Pick<TableReading, "spool">,
): Promise<TableRows | undefined> {
  const place = parsePlace(recorded);
  if (place === undefined) return undefined;
  const service = await serviceOf(place);
  const files = await listData(service, place.path, table.ending);
  if (files.length === 0) {
    throw new MillraceError("SOURCE_MISSING", `there is no ${table.title} file at \`${service.place(place.path)}\``);
  }
  const folder = join(spool, createHash("sha256").update(recorded).digest("hex").slice(0, 16));
  await makeFolder(folder);
  const copies = await inParallel(files, 8, async (file, index) => {
    const copy = join(folder, `${String(index).padStart(6, "0")}.${table.ending}`);
    await copyFile(table, { service, folder }, file, copy);
    return copy;
  });
  return { sql: await table.relation(copies) };
}

/** One line for each thing that keeps the table from being read; `undefined` for a table of this machine. */
export async function findRemoteDamage(
  table: FileTable,
  { path: recorded }: DatasetLocation,
): Promise<readonly string[] | undefined> {
  const place = parsePlace(recorded);
  if (place === undefined) return undefined;
  try {
    const service = await serviceOf(place);
    const files = await listData(service, place.path, table.ending);
    return await withScratch(async (folder) => {
      const known = await inParallel(files, 8, async ({ path }) => await loadKnown({ service, folder }, path));
      return files
        .filter((_file, index) => known[index]?.length === 0)
        .map(({ path }) => `\`${service.place(path)}\` lacks the file of its columns`);
    });
  } catch (error) {
    if (error instanceof MillraceError) return [error.message];
    throw error;
  }
}

/** Removes the data files of runs and what is known of them. @returns false for a table of this machine */
export async function deleteRemoteTable(table: FileTable, { path: recorded }: DatasetLocation): Promise<boolean> {
  const place = parsePlace(recorded);
  if (place === undefined) return false;
  const service = await serviceOf(place);
  for (const { path } of await listData(service, place.path, table.ending)) {
    await service.remove(path, {});
    await service.remove(columnFileOf(path), {});
  }
  return true;
}

/** The bytes say which file it is: another one may have taken its place since it was listed. */
async function copyFile(table: FileTable, files: ColumnFiles, file: RemoteFile, copy: string): Promise<void> {
  await files.service.download(file, copy, {});
  const { companion } = table;
  if (companion === undefined) return;
  const hash = createHash("md5");
  await pipeline(createReadStream(copy), hash);
  const md5 = hash.digest("hex");
  const known = (await loadKnown(files, file.path)).find((one) => one.md5 === md5);
  if (known?.companion === undefined) throw changed(files.service.place(file.path));
  await writeFile(companion.of(copy), known.companion);
}

function changed(place: string): MillraceError {
  return new MillraceError("SOURCE_UNREADABLE", `the bytes of \`${place}\` are not those that a run has published`, {
    disposition: "retry",
    hint: "somebody has changed it; run its job again, or read it with `source: { file: { connection, path } }`",
  });
}
