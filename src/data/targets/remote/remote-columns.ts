// What is known of a data file behind a connection, in a file beside it, `<name>.columns.json`: columns, rows, and which bytes they are
// of. While a file takes the place of another one, it has both, so that whichever is there is read as it was written.
import { randomUUID } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { RemoteFile, FileService } from "../../../connections/files/file-service.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { makeFolder } from "../../files/file-system.ts";
import { columnFileOf } from "../column-file.ts";

/** What is known of one data file. */
export interface KnownData {
  readonly md5: string;
  readonly bytes: number;
  readonly rows: number;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** What the service calls the file; absent until it is in its place. */
  readonly version?: string | undefined;
  /** What the format has beside a file of this machine. */
  readonly companion?: string | undefined;
}

const entrySchema = z.strictObject({
  md5: z.string(),
  bytes: z.number(),
  rows: z.number(),
  columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
  version: z.string().optional(),
  companion: z.string().optional(),
});

const savedSchema = z.strictObject({ format: z.literal(1), files: z.array(entrySchema).min(1) });

/** Reading and writing what is known of data files. */
export interface ColumnFiles {
  readonly service: FileService;
  /** Of this machine, for copies. */
  readonly folder: string;
}

/** The newest first; nothing when there is no such file. @throws MillraceError `TARGET_UNREADABLE` for one that is not ours */
export async function loadKnown({ service, folder }: ColumnFiles, path: string): Promise<readonly KnownData[]> {
  const file = await service.find(columnFileOf(path), {});
  if (file === undefined) return [];
  const copy = join(folder, `${randomUUID()}.json`);
  await makeFolder(folder);
  await service.download(file, copy, {});
  const parsed = savedSchema.safeParse(parseJson(await readFile(copy, "utf8")));
  await rm(copy);
  if (parsed.success) return parsed.data.files;
  throw new MillraceError("TARGET_UNREADABLE", `\`${service.place(file.path)}\` is no file of columns of Millrace`, {
    hint: "move it away or name another path; it is not overwritten",
  });
}

/** @param owner see `Upload` */
export async function saveKnown(
  { service, folder }: ColumnFiles,
  path: string,
  known: readonly KnownData[],
  owner: string,
): Promise<void> {
  const copy = join(folder, `${randomUUID()}.json`);
  await makeFolder(folder);
  await writeFile(copy, `${JSON.stringify({ format: 1, files: known }, null, 2)}\n`);
  await service.upload(copy, columnFileOf(path), { owner });
  await rm(copy);
}

/** What is known of the file that is there: by what the service calls it, or, of one that was just put there, by its length. */
export function matchKnown(known: readonly KnownData[], file: RemoteFile): KnownData | undefined {
  return (
    known.find(({ version }) => version === file.version) ??
    known.find(({ version, bytes }) => version === undefined && bytes === file.size)
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
