// Lists the files in the folder of a table that may be its own: what the log names, and what has the name that writers give to data.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../files/file-system.ts";

export interface DataFile {
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  readonly modifiedAtMs: number;
}

/** Goes through the table's folder, but not into its log, hidden folders, or folders that are tables themselves. */
export async function listDataFiles(tablePath: string, named: ReadonlySet<string>): Promise<DataFile[]> {
  const files: DataFile[] = [];
  await collect(tablePath, named, files);
  return files;
}

async function collect(folder: string, named: ReadonlySet<string>, files: DataFile[]): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!isHidden(entry.name) && !(await isTable(path))) await collect(path, named, files);
    } else if (entry.isFile() && (named.has(path) || dataName.test(entry.name))) {
      const found = await statIfThere(path);
      if (found !== undefined) files.push({ path, bytes: found.size, modifiedAtMs: found.mtimeMs });
    }
  }
}

/** Names that every writer of Delta tables gives to files with rows, changes and deleted rows. */
const dataName = /^(?:part-|cdc-|deletion_vector_)[^/]*\.(?:parquet|bin)$/;

/** A partition column may begin with an underscore, and changes are in a folder of their own. */
function isHidden(name: string): boolean {
  if (name.startsWith(".")) return true;
  return name.startsWith("_") && name !== "_change_data" && !name.includes("=");
}

async function isTable(folder: string): Promise<boolean> {
  return (await statIfThere(join(folder, "_delta_log"))) !== undefined;
}

async function statIfThere(path: string): Promise<{ readonly size: number; readonly mtimeMs: number } | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return undefined;
    throw error;
  }
}
