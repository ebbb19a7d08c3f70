// A copy of the repository in which faults are planted, one after the other, to see that something refuses them.
import { execFile, spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";

const repositoryRoot = resolve(import.meta.dirname, "..", "..");
/** Hundreds of processes load the same tools. */
const compileCache = join(repositoryRoot, ".cache", "compiled");

/** What is changed in the copy while a fault is planted. */
export interface Fault {
  /** Files to write: their whole text, or a change of the text they have. */
  readonly write?: Readonly<Record<string, string | ((text: string) => string)>>;
  /** Files or folders to take away. */
  readonly remove?: readonly string[];
}

export interface RepositoryCopy extends AsyncDisposable {
  /** Absolute. */
  readonly folder: string;
  /** Runs a command in the copy; what it prints comes back without colours. */
  run(command: readonly string[]): Promise<{ readonly code: number; readonly output: string }>;
  /** The result of `work` while the fault is planted. */
  withFault<T>(fault: Fault, work: () => Promise<T>): Promise<T>;
}

/** Copies what git knows or would add, with the installed packages as a link. */
export async function copyRepository(): Promise<RepositoryCopy> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-copy-"));
  await copyFiles(folder);
  return {
    folder,
    run: (command) => runIn(folder, command),
    async withFault({ remove = [], write = {} }, work) {
      const undo: (() => Promise<void>)[] = [];
      try {
        for (const path of remove) undo.push(await removePath(folder, path));
        for (const [path, text] of Object.entries(write)) undo.push(await writePath(folder, path, text));
        return await work();
      } finally {
        for (const step of undo.toReversed()) await step();
      }
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

async function removePath(folder: string, path: string): Promise<() => Promise<void>> {
  const place = join(folder, path);
  const aside = join(folder, ".removed");
  try {
    await rename(place, aside);
  } catch {
    return async () => {}; // not there: nothing to bring back
  }
  return async () => {
    await rm(place, { recursive: true, force: true });
    await rename(aside, place);
  };
}

async function writePath(
  folder: string,
  path: string,
  text: string | ((text: string) => string),
): Promise<() => Promise<void>> {
  const place = join(folder, path);
  const before = await readFile(place, "utf8").catch(() => undefined);
  await mkdir(dirname(place), { recursive: true });
  await writeFile(place, typeof text === "string" ? text : text(before ?? ""));
  return () => (before === undefined ? rm(place) : writeFile(place, before));
}

function runIn(
  folder: string,
  [program = "", ...parameters]: readonly string[],
): Promise<{ code: number; output: string }> {
  const { MILLRACE_PHASE_REPORT: _report, ...env } = process.env; // a planted failure must not count as a failure
  const path = `${join(folder, "node_modules", ".bin")}${delimiter}${env["PATH"] ?? ""}`;
  const options = {
    cwd: folder,
    env: { NODE_COMPILE_CACHE: compileCache, ...env, PATH: path, NO_COLOR: "1" },
    maxBuffer: 64 * 1024 * 1024,
  };
  return new Promise((settle) => {
    execFile(program, parameters, options, (error, stdout, stderr) => {
      settle({ code: error === null ? 0 : 1, output: `${stdout}${stderr}` });
    });
  });
}

async function copyFiles(target: string): Promise<void> {
  const listed = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
    cwd: repositoryRoot,
    encoding: "utf8",
  });
  const paths = listed.stdout.split("\0").filter((path) => path !== "");
  if (paths.length === 0) throw new Error(`git listed no file to copy: ${listed.stderr}`);
  for (const path of paths) {
    // A file that git still lists may be gone from the working copy.
    await cp(join(repositoryRoot, path), join(target, path)).catch(() => {});
  }
  await symlink(join(repositoryRoot, "node_modules"), join(target, "node_modules"));
}
