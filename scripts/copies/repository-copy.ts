// A copy of the repository in which faults are planted, one after the other, to see that something refuses them.
import { execFile, spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { CopyTests } from "./copy-tests.ts";

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

export interface RepositoryCopyOptions {
  /** Whether all runs of tests have one test runner, which ends with the copy. Default: each has its own. */
  readonly keepsRunner?: boolean;
}

/** Copies what git knows or would add, with the installed packages as a link. */
export async function copyRepository({ keepsRunner = false }: RepositoryCopyOptions = {}): Promise<RepositoryCopy> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-copy-"));
  await copyFiles(folder);
  const env = environmentOf(folder);
  const tests = new CopyTests(folder, env);
  return {
    folder,
    run: async (command) => (keepsRunner ? await tests.run(command) : undefined) ?? (await runIn(folder, env, command)),
    async withFault({ remove = [], write = {} }, work) {
      const undo: (() => Promise<void>)[] = [];
      const noteChanges = (): void => {
        for (const path of Object.keys(write)) tests.noteChange(join(folder, path));
      };
      try {
        for (const path of remove) undo.push(await removePath(folder, path));
        for (const [path, text] of Object.entries(write)) undo.push(await writePath(folder, path, text));
        noteChanges();
        return await work();
      } finally {
        for (const step of undo.toReversed()) await step();
        noteChanges();
      }
    },
    [Symbol.asyncDispose]: async () => {
      await tests[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
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

function environmentOf(folder: string): NodeJS.ProcessEnv {
  const { MILLRACE_PHASE_REPORT: _report, ...env } = process.env; // a planted failure must not count as a failure
  const path = `${join(folder, "node_modules", ".bin")}${delimiter}${env["PATH"] ?? ""}`;
  return { NODE_COMPILE_CACHE: compileCache, ...env, PATH: path, NO_COLOR: "1" };
}

function runIn(
  folder: string,
  env: NodeJS.ProcessEnv,
  [program = "", ...parameters]: readonly string[],
): Promise<{ code: number; output: string }> {
  const options = { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 };
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
