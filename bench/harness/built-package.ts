// The package as npm would install it, built from the present source into a folder of its own: `dist/` may be old,
// or somebody may be building it while the bench runs.
import { spawnSync } from "node:child_process";
import { cp, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder, repositoryRoot } from "./bench-folder.ts";

/** Folder of the package. */
const packageFolder = join(cacheFolder, "package");

/** The built entry of the command line. */
export const cliEntry: string = join(packageFolder, "dist/cli/main.js");

/** The program that runs one job or pipeline of a project: `node <jobProcess> <project folder> <job>`. */
export const jobProcess: string = join(import.meta.dirname, "job-process.ts");

let built: Promise<void> | undefined;

/** Builds once a process. Types are not checked here; `npm run check` does that. */
export function buildPackage(): Promise<void> {
  built ??= build();
  return built;
}

/** A built module, e.g. `app.js`, with the type of its source. */
export async function importBuilt<Module>(module: string): Promise<Module> {
  // what is imported is made from the source that `Module` is the type of
  return (await import(join(packageFolder, "dist", module))) as Module;
}

/** Makes `folder` a project in which `import "millrace"` finds the built package. */
export async function makeProject(folder: string, files: Readonly<Record<string, string>> = {}): Promise<void> {
  await mkdir(join(folder, "node_modules"), { recursive: true });
  await symlink(packageFolder, join(folder, "node_modules/millrace"), "dir");
  await writeFile(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

async function build(): Promise<void> {
  await rm(packageFolder, { recursive: true, force: true });
  await mkdir(packageFolder, { recursive: true });
  await cp(join(repositoryRoot, "package.json"), join(packageFolder, "package.json"));
  const args = ["-p", "tsconfig.build.json", "--noCheck", "--outDir", join(packageFolder, "dist")];
  const { status, stdout } = spawnSync(join(repositoryRoot, "node_modules/.bin/tsc"), args, {
    cwd: repositoryRoot,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`building the package failed:\n${stdout}`);
}
