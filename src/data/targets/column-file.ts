// The columns of a file of text, which itself has no types: they are in a file beside it, `<name>.columns.json`. While a file takes
// the place of another one, the file beside it has the columns of both, so that whichever is there is read as it was written.
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { z } from "zod";
import type { Column } from "../../compute/engine.ts";
import { replaceFile } from "../files/file-system.ts";
import type { TextScan } from "../files/text-scan.ts";

/** What is known of a file that a run has written. */
export interface WrittenText extends TextScan {
  readonly bytes: number;
  readonly modifiedAtMs: number;
  readonly rows: number;
  readonly columns: readonly Column[];
}

/** A file with what is known of it. */
export interface KnownFile extends WrittenText {
  readonly path: string;
  /** False when somebody has changed the file since. */
  readonly isAsWritten: boolean;
  readonly bytesNow: number;
}

/** What is known of a file that is there; `undefined` when it is not one of ours, or when nothing is there. */
export async function loadColumns(path: string): Promise<KnownFile | undefined> {
  const found = await stat(path).catch(() => undefined);
  const saved = await load(path);
  if (found === undefined || saved === undefined) return undefined;
  const { written, before } = saved;
  const isNew = found.size === written.bytes && (before === undefined || found.mtimeMs === written.modifiedAtMs);
  const file = { path, bytesNow: found.size };
  if (isNew) return { ...written, ...file, isAsWritten: true };
  if (found.size === before?.bytes) return { ...before, ...file, isAsWritten: true };
  return { ...written, ...file, isAsWritten: false };
}

/** Says of a file that is about to take the place of `path` what is known of it; the one that is there stays known. */
export async function saveColumns(path: string, written: WrittenText): Promise<void> {
  const known = await loadColumns(path);
  await save(path, { format: 1, written, ...(known?.isAsWritten === true ? { before: toWritten(known) } : {}) });
}

/** Forgets the file whose place was taken. */
export async function settleColumns(path: string): Promise<void> {
  const saved = await load(path);
  if (saved?.before !== undefined) await save(path, { format: 1, written: saved.written });
}

/** Removes what an interrupted `saveColumns` has left, and a file of columns without a file that has them. */
export async function removeLonelyColumns(path: string): Promise<void> {
  await rm(nextOf(path), { force: true });
  if (await hasLonelyColumns(path)) await removeColumns(path);
}

/** Whether there is a file of columns, and no file that has them. */
export async function hasLonelyColumns(path: string): Promise<boolean> {
  return (await isThere(columnFileOf(path))) && !(await isThere(path));
}

export async function removeColumns(path: string): Promise<void> {
  await rm(columnFileOf(path), { force: true });
}

/** Where the columns of a file are. */
export function columnFileOf(path: string): string {
  return `${path}.columns.json`;
}

const writtenSchema = z.strictObject({
  bytes: z.number(),
  modifiedAtMs: z.number(),
  rows: z.number(),
  columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
  longestRowBytes: z.number(),
  hasQuotes: z.boolean(),
  isAmbiguous: z.boolean(),
});

const savedSchema = z.strictObject({
  format: z.literal(1),
  written: writtenSchema,
  before: writtenSchema.optional(),
});

interface SavedColumns {
  readonly format: 1;
  readonly written: WrittenText;
  readonly before?: WrittenText | undefined;
}

/** A file of this name that is none of ours says nothing. */
async function load(path: string): Promise<SavedColumns | undefined> {
  try {
    return savedSchema.parse(JSON.parse(await readFile(columnFileOf(path), "utf8")));
  } catch {
    return undefined;
  }
}

async function save(path: string, saved: SavedColumns): Promise<void> {
  await writeFile(nextOf(path), `${JSON.stringify(saved, null, 2)}\n`, { flush: true });
  await replaceFile(nextOf(path), columnFileOf(path));
}

function nextOf(path: string): string {
  return `${columnFileOf(path)}.next`;
}

function toWritten({ path: _path, isAsWritten: _as, bytesNow: _now, ...written }: KnownFile): WrittenText {
  return written;
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
