// Finds the Delta tables below a folder, those in archives included, and the rows that each is expected to have.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import type { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";

export interface CorpusTable {
  /** Where it is in its corpus, or in an archive beside which it is then taken to be. */
  readonly name: string;
  readonly path: string;
  /** Pattern of Parquet files with the rows that it must have. */
  readonly expected?: string;
}

/** All tables below `corpus`, by name. @param spool folder for what is in archives */
export async function findTables(corpus: string, spool: string): Promise<CorpusTable[]> {
  const tables: CorpusTable[] = [];
  const archives: string[] = [];
  await collect(corpus, "", tables, archives);
  for (const archive of archives) {
    const folder = join(spool, relative(corpus, archive));
    if (await unpack(archive, folder)) await collect(folder, relative(corpus, dirname(archive)), tables, []);
  }
  return tables.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function collect(folder: string, name: string, tables: CorpusTable[], archives: string[]): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  if (entries.some((entry) => entry.name === "_delta_log")) {
    tables.push({ name, path: folder, ...expectedOf(folder) });
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== "_delta_log") await collect(path, join(name, entry.name), tables, archives);
    } else if (archiveName.test(entry.name)) archives.push(path);
  }
}

const archiveName = /\.(?:tar|tgz|tar\.gz|tar\.zst)$/;

/** Corpora put the rows beside the table, as `expected` or as what the latest version holds. */
function expectedOf(table: string): { expected?: string } {
  if (basename(table) !== "delta") return {};
  const beside = dirname(table);
  const folder = [join(beside, "expected", "latest", "table_content"), join(beside, "expected")].find(existsSync);
  return folder === undefined ? {} : { expected: join(folder, "**", "*.parquet") };
}

/** An archive that cannot be unpacked holds no table that anybody could read. */
async function unpack(archive: string, folder: string): Promise<boolean> {
  await mkdir(folder, { recursive: true });
  const tar = spawn("tar", ["-x", "-C", folder], { stdio: ["pipe", "ignore", "ignore"] });
  const ended = once(tar, "close");
  const steps: Transform[] = [];
  if (archive.endsWith(".zst")) steps.push(createZstdDecompress());
  if (archive.endsWith("gz")) steps.push(createGunzip());
  try {
    await pipeline([createReadStream(archive), ...steps, tar.stdin]);
    return (await ended)[0] === 0;
  } catch {
    tar.stdin.destroy();
    await ended;
    return false;
  }
}
