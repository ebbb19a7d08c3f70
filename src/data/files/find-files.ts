// The files that a path or pattern names, on this machine or behind a connection, as they are when somebody looks.
import { realpath, stat } from "node:fs/promises";
import { basename, isAbsolute, relative, sep } from "node:path";
import { type EngineSession, quoteLiteral } from "../../compute/engine.ts";
import type { FileService, RemoteFile } from "../../connections/files/file-service.ts";
import { parsePattern } from "../../connections/files/path-pattern.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { assertInside, resolveProjectPath } from "./project-path.ts";

/** A file as it was found. */
export interface FoundFile {
  /** What people call it: its path, absolute on this machine. */
  readonly name: string;
  /** What a job names it by. */
  readonly path: string;
  readonly size: number;
  readonly modifiedAtMs: number;
  /** Another text when the content is another one. */
  readonly version: string;
  /** Its name, with the folders below the one that the pattern begins in. */
  readonly below: string;
  /** What has to be fetched before it can be read. */
  readonly remote?: RemoteFile;
}

/** Finds files. @throws MillraceError `SOURCE_MISSING`, `VALUE_INVALID`, and what a service refuses */
export type FindFiles = (path: WantedPath) => Promise<readonly FoundFile[]>;

export interface WantedPath {
  readonly text: string;
  /** Whether it names one file, whatever characters it has; else it may be a pattern. */
  readonly isName: boolean;
}

/** Files of this machine. @param root folder of the project, absolute: relative paths belong to it */
export function findLocally(session: EngineSession, root: string): FindFiles {
  return async ({ text: pattern, isName }) => {
    const absolute = resolveProjectPath(root, pattern);
    const exact = await lookAt(absolute);
    // a name with brackets may be just that name
    const matching = exact === undefined && !isName ? await expandGlob(session, absolute) : [];
    const paths = exact === undefined ? matching : [absolute];
    if (paths.length === 0) throw missing(pattern, isName, isAbsolute(pattern) ? undefined : `folder \`${root}\``);
    if (!isAbsolute(pattern)) await assertLinksInside(root, paths, pattern);
    const found = await Promise.all(paths.map(lookAt));
    const folder = exact === undefined ? folderOf(absolute) : undefined;
    return found.flatMap((file) => {
      if (file === undefined) return [];
      const below = folder === undefined ? file.below : relative(folder, file.path).split(sep).join("/");
      return [{ ...file, below }];
    });
  };
}

/** Files behind a connection. */
export function findElsewhere(service: FileService, signal: AbortSignal): FindFiles {
  return async ({ text, isName }) => {
    const exact = isName ? await service.find(text, { signal }) : await findExact(service, text, signal);
    const matching = exact === undefined && !isName ? await listAll(service, text, signal) : [];
    const found = exact === undefined ? matching : [exact];
    if (found.length === 0) throw missing(text, isName, `\`${service.place("")}\``);
    const folder = exact === undefined ? folderOf(text) : undefined;
    return found.map((remote) => {
      const below = remote.path.slice(folder?.length ?? remote.path.lastIndexOf("/") + 1);
      return { ...remote, name: service.place(remote.path), remote, below };
    });
  };
}

/** A file of this machine; `undefined` for nothing, and for what is no file. */
export async function lookAt(path: string): Promise<FoundFile | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) return undefined;
  const { size, mtimeMs: modifiedAtMs, ino } = found;
  return { name: path, path, size, modifiedAtMs, version: `${ino}:${size}:${modifiedAtMs}`, below: basename(path) };
}

/** The folder that a pattern begins in, with a slash at its end. */
function folderOf(pattern: string): string {
  const { prefix } = parsePattern(pattern);
  return prefix.slice(0, prefix.lastIndexOf("/") + 1);
}

/** A pattern that is no name costs no question. */
async function findExact(service: FileService, text: string, signal: AbortSignal): Promise<RemoteFile | undefined> {
  return /[*?]/.test(text) ? undefined : await service.find(text, { signal });
}

async function listAll(service: FileService, text: string, signal: AbortSignal): Promise<readonly RemoteFile[]> {
  const pattern = parsePattern(text);
  return pattern.isPattern ? await Array.fromAsync(service.list(pattern, { signal })) : [];
}

async function expandGlob(session: EngineSession, pattern: string): Promise<string[]> {
  if (!/[*?[]/.test(pattern)) return [];
  const rows = await session.query(`SELECT file FROM glob(${quoteLiteral(pattern)}) ORDER BY file`);
  // the engine takes hidden files, which are work in progress of whoever writes them
  const parsed = parsePattern(pattern);
  return rows.map((row) => String(row["file"])).filter((file) => parsed.matches(file));
}

function missing(pattern: string, isName: boolean, place: string | undefined): MillraceError {
  const isGlob = !isName && /[*?[]/.test(pattern);
  const what = isGlob ? `no file matches \`${pattern}\`` : `there is no file \`${pattern}\``;
  return new MillraceError("SOURCE_MISSING", place === undefined ? what : `${what} in ${place}`, {
    hint: "correct `path` of the source, or wait for the delivery",
  });
}

async function assertLinksInside(root: string, files: readonly string[], pattern: string): Promise<void> {
  const realRoot = await realpath(root);
  for (const file of files) assertInside(realRoot, await realpath(file), pattern);
}
