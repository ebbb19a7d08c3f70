// Finds the files of a project that define jobs and pipelines, and loads them.
import { readdir, stat } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { MillraceError } from "../core/errors/errors.ts";
import { isJob } from "../core/job/job.ts";
import { isPipeline } from "../core/job/pipeline.ts";
import { Definitions, duplicateName, type DuplicateName } from "./definitions.ts";
import { isDeclaredFile } from "./declared/is-declared-file.ts";
import { type BundledProject, bundledProject, listBundledFiles } from "./bundled/bundled-project.ts";
import { importModule } from "./import-module.ts";
import { placeOfDefinition } from "./place-of-definition.ts";

/**
 * Loads every `.ts`, `.mts`, `.js` and `.mjs` below `entries`, except tests, declarations and names that begin with `_` or `.`,
 * and every `.job.yaml`, `.job.yml` and `.job.json`.
 * @param entries files and folders relative to `root`; missing ones are passed over
 * @throws MillraceError `MODULE_UNREADABLE` | `JOB_INVALID` | `JOB_DUPLICATE`
 */
export async function loadDefinitions(root: string, entries: readonly string[]): Promise<Definitions> {
  const definitions = new Definitions();
  // One after the other in order of name, so that an error is the same at every start.
  for (const file of await listModules(root, entries)) await loadFile(definitions, file, root);
  return definitions;
}

/** The files that `loadDefinitions` loads, as absolute paths. */
export async function listModules(root: string, entries: readonly string[]): Promise<string[]> {
  const bundle = bundledProject();
  if (bundle !== undefined) return listBundledModules(bundle, root, entries);
  const files = await Promise.all(entries.map((entry) => listFiles(resolve(root, entry))));
  return [...new Set(files.flat())];
}

/** Adds what one module default-exports. @throws MillraceError `JOB_INVALID` when it is no job, pipeline or array of them */
export async function loadFile(definitions: Definitions, file: string, root: string): Promise<string[]> {
  const name = relative(root, file);
  // a module that is imported again is the same one; a file that is read again would make its jobs a second time
  const known = isDeclaredFile(file) ? definitions.namesIn(name) : [];
  if (known.length > 0) return known;
  const values = await loadValues(definitions, file, root);
  const names: string[] = [];
  for (const value of values) {
    if (!isJob(value) && !isPipeline(value)) {
      throw new MillraceError(
        "JOB_INVALID",
        `expected ${name} to default-export a job or a pipeline, got: \`${typeof value}\``,
        {
          hint: "`export default defineJob({ … })`; begin the name of a file that defines nothing with `_`",
        },
      );
    }
    await addLocated(definitions, value, name, root);
    names.push(value.name);
  }
  return names;
}

/** What a module exports, or the jobs of a file that is no code. */
async function loadValues(definitions: Definitions, file: string, root: string): Promise<readonly unknown[]> {
  if (isDeclaredFile(file)) {
    const { loadDeclared } = await import("./declared/load-declared.ts");
    const { jobs, warnings } = await loadDeclared(file, root);
    definitions.warn(warnings);
    return jobs;
  }
  const exported = (await importModule(file, root))["default"];
  return Array.isArray(exported) ? exported : [exported];
}

async function addLocated(
  definitions: Definitions,
  value: Parameters<Definitions["add"]>[0],
  file: string,
  root: string,
): Promise<void> {
  try {
    definitions.add(value, file);
  } catch (error) {
    const duplicate = error instanceof MillraceError ? error.details?.["duplicate"] : undefined;
    throw duplicate === undefined ? error : await locateDuplicate(duplicate as DuplicateName, root);
  }
}

async function locateDuplicate({ name, files: [first, second] }: DuplicateName, root: string): Promise<MillraceError> {
  const after = first === second ? 1 : 0;
  const [place = "another file", other = second] = await Promise.all([
    placeOfDefinition(root, { file: first, name }),
    placeOfDefinition(root, { file: second, name, after }),
  ]);
  return duplicateName(name, [place, other]);
}

function listBundledModules(bundle: BundledProject, root: string, entries: readonly string[]): string[] {
  const files = listBundledFiles(bundle).map((file) => join(root, file));
  const found = entries.flatMap((entry) => {
    const path = resolve(root, entry);
    return files.filter((file) => file === path || (file.startsWith(`${path}/`) && definesJobs(relative(path, file))));
  });
  return [...new Set(found)];
}

async function listFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return [];
  if (found.isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => definesJobs(relative(path, file)))
    .toSorted();
}

function definesJobs(file: string): boolean {
  const hidden = file
    .split("/")
    .some((part) => part.startsWith("_") || part.startsWith(".") || part === "node_modules");
  return !hidden && (isDeclaredFile(file) || isModule(file));
}

function isModule(file: string): boolean {
  return /\.(?:ts|mts|js|mjs)$/.test(file) && !/\.(?:d|test|spec)\.[a-z]+$/.test(basename(file));
}
