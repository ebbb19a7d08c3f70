// Tables that are files: one that is swapped (`replace`), or a folder that gets one file a run (`append`). A file is made complete
// under a hidden name on the same disk and then renamed.
import { readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { WriteMode } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { makeFolder, syncFolder } from "../files/file-system.ts";
import { removeIfEmpty } from "../files/staging-folders.ts";
import { temporaryFile } from "../files/temporary-file.ts";
import type { TargetInput } from "../target.ts";
import type { TemporaryIntent } from "./temporary-leftovers.ts";

export interface FileKind {
  /** Name of the format. */
  readonly format: string;
  /** Of its files in a folder, without the dot. */
  readonly extension: string;
}

/** Makes the file whole under the name `temporary`, flushed. */
export type FillFile = (temporary: string, file: string) => Promise<void>;

/** The data files of a location: the file itself, or those of the folder. Hidden ones are somebody's work in progress. */
export async function listDataFiles(path: string, { extension }: FileKind): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return [];
  if (!found.isDirectory()) return [path];
  const names = await readdir(path);
  return names
    .filter((name) => name.endsWith(`.${extension}`) && !name.startsWith("."))
    .toSorted()
    .map((name) => join(path, name));
}

/** As `listDataFiles`. @throws MillraceError `TARGET_UNREADABLE` for a file where the mode wants a folder, and the reverse */
export async function listFilesOfMode(path: string, mode: WriteMode, kind: FileKind): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.isDirectory() === (mode === "append")) return await listDataFiles(path, kind);
  const [wanted, got] = mode === "append" ? ["a folder", "a file"] : ["a file", "a folder"];
  throw new MillraceError("TARGET_UNREADABLE", `expected \`${path}\` to be ${wanted}, got: ${got}`, {
    hint: "mode `replace` writes one file, `append` a folder with one file a run; move the old one away or name another path",
  });
}

/** Whether the folder at `path` has the file of a run. */
export async function hasFileOfRun(path: string, runKey: string, kind: FileKind): Promise<boolean> {
  return await exists(fileOfRun(path, runKey, kind));
}

/** Puts the rows in place: into the one file, or as a file of the run, which is there at most once. */
export async function publishFile(path: string, kind: FileKind, input: TargetInput, fill: FillFile): Promise<void> {
  const isFolder = input.mode === "append";
  const file = isFolder ? fileOfRun(path, input.writer.runKey, kind) : path;
  await makeFolder(dirname(file));
  if (!isFolder || !(await exists(file))) await place(file, kind, input, fill);
}

/** The file itself, or the files of runs in the folder, and the folder if it is empty then. */
export async function deleteFilesOfRuns(
  path: string,
  kind: FileKind,
  remove: (file: string) => Promise<void> = (file) => rm(file),
): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isDirectory()) return await remove(path);
  for (const name of await readdir(path)) {
    if (isFileOfRun(name, kind)) await remove(join(path, name));
  }
  await removeIfEmpty(path);
}

/** What is said of something at the path that is not of the kind. */
export function notOfKind(path: string, what: string, cause: MillraceError): MillraceError {
  return new MillraceError("TARGET_UNREADABLE", `\`${path}\` is there but is not ${what}: ${cause.message}`, {
    cause,
    hint: "move it away or name another path; it is not overwritten",
  });
}

async function place(file: string, { format }: FileKind, input: TargetInput, fill: FillFile): Promise<void> {
  const temporary = temporaryFile(file, input.writer.runKey);
  const intent: TemporaryIntent = { format, path: file, temporary };
  await input.intend(intent);
  try {
    await rm(temporary, { force: true });
    await fill(temporary, file);
    await input.failpoint(`${format}:intended`);
    await rename(temporary, file);
    await syncFolder(dirname(file));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await input.failpoint(`${format}:renamed`);
}

/** The one file that a run adds to a folder. */
function fileOfRun(folder: string, runKey: string, { extension }: FileKind): string {
  return join(folder, `part-${runKey}.${extension}`);
}

function isFileOfRun(name: string, { extension }: FileKind): boolean {
  return name.endsWith(`.${extension}`) && /^part-r\d+-[0-9a-z]+$/.test(name.slice(0, -extension.length - 1));
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
