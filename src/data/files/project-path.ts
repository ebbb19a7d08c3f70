// Paths that jobs write: relative ones belong to the project and stay in it, absolute ones name another place on purpose.
import { readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { isDataAddress, parseDataAddress } from "../../core/dataset/data-address.ts";
import { MillraceError } from "../../core/errors/errors.ts";

/** The absolute path. @throws MillraceError `VALUE_INVALID` for a relative path that leads out of `root`, or for no path at all */
export function resolveProjectPath(root: string, path: string): string {
  if (path.includes("\0")) {
    throw new MillraceError(
      "VALUE_INVALID",
      `a path cannot have a NUL character, got: \`${path.replaceAll("\0", "\\0")}\``,
    );
  }
  const local = toLocalPath(path);
  const absolute = resolve(root, local);
  if (!isAbsolute(local)) assertInside(root, absolute, path);
  return absolute;
}

/** A path, also of a `file:///` address. @throws MillraceError `VALUE_INVALID` for the address of a bucket */
function toLocalPath(path: string): string {
  const address = parseDataAddress(path);
  if (address === undefined) return path;
  if (address.kind === "file") return address.path;
  throw new MillraceError("VALUE_INVALID", `expected a path of this machine, got: \`${path}\``, {
    hint: "this can be no object of a bucket; Delta tables and Parquet, CSV and NDJSON files can",
  });
}

/**
 * The absolute path of something that is to be written, which need not be there yet. No link may lead a relative path out of
 * the project, except into the lake: that is where the configuration says that data goes.
 * @throws MillraceError `VALUE_INVALID`
 */
export function resolveTargetPath(
  { root, lake }: { readonly root: string; readonly lake: string },
  path: string,
): string {
  const absolute = resolveProjectPath(root, path);
  if (isAbsolute(toLocalPath(path))) return absolute;
  const real = followLinks(absolute, path);
  if (isDataAddress(lake) || !isInside(followLinks(lake, lake), real))
    assertInside(followLinks(root, root), real, path);
  return absolute;
}

/** Folders of a project that are written by what belongs to them alone. */
export interface OwnFolders {
  readonly root: string;
  /** Tables, each with a log of its own: a folder, or an address of a bucket. */
  readonly lake: string;
  /** Files and folders that define jobs, relative to the project or absolute. */
  readonly definitions?: readonly string[];
}

/**
 * The absolute path of a file that comes from elsewhere: among tables it would be taken for a part of one, among definitions it would
 * be executed.
 * @throws MillraceError `VALUE_INVALID` for a place in such a folder, and as `resolveTargetPath`
 */
export function resolveForeignPath(folders: OwnFolders, path: string): string {
  const absolute = resolveTargetPath(folders, path);
  const { root, lake, definitions = [] } = folders;
  const real = followLinks(absolute, path);
  for (const own of [
    ...(isDataAddress(lake) ? [] : [lake]),
    join(root, ".millrace"),
    ...definitions.map((place) => resolve(root, place)),
  ]) {
    // a project may be one such folder as a whole
    if (isInside(own, root) || !isInside(followLinks(own, own), real)) continue;
    throw new MillraceError("VALUE_INVALID", `\`${path}\` is in a folder that Millrace works with: \`${own}\``, {
      hint: "save files to a folder of their own, which is neither that of tables or jobs nor `.millrace`",
    });
  }
  return absolute;
}

/** @param written the path as the author wrote it, for the message */
export function assertInside(root: string, absolute: string, written: string): void {
  if (isInside(root, absolute)) return;
  throw new MillraceError("VALUE_INVALID", `a relative path must stay in the project, got: \`${written}\``, {
    hint: "write the absolute path if a place outside the project is meant",
  });
}

function isInside(root: string, absolute: string): boolean {
  const inside = relative(root, absolute);
  return inside !== ".." && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
}

/** Where a path leads when every link on it is followed, also one that leads to nothing yet. */
function followLinks(path: string, written: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ELOOP") {
      throw new MillraceError("VALUE_INVALID", `links lead in a circle, got: \`${written}\``, { cause: error });
    }
  }
  const link = readLink(path);
  if (link !== undefined) return followLinks(resolve(dirname(path), link), written);
  return dirname(path) === path ? path : join(followLinks(dirname(path), written), basename(path));
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // it is no link, or nothing at all
  }
}
