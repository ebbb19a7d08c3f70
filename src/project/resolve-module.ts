// Finds the module that `exec` was asked for. Only files inside the project's job folders and module roots are run, whatever links say.
import { realpath, stat } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { MillraceError } from "../core/errors/errors.ts";
import { suggest } from "../core/errors/suggest.ts";
import { bundledProject } from "./bundled/bundled-project.ts";
import { findAlike } from "./find-alike.ts";
import { listModules } from "./load-definitions.ts";

export interface ResolveModuleOptions {
  /** The project's folder. */
  readonly root: string;
  /** Files and folders, relative to `root`, in which modules may lie: the configured `jobs`. */
  readonly entries: readonly string[];
  /** More such folders, which dotted names may also begin in. Default: none. */
  readonly roots?: readonly string[];
  /** `jobs/load-promos.ts`, `jobs/load-promos`, or dotted: `jobs.load_promos`. */
  readonly name: string;
}

const extensions = [".ts", ".mts", ".js", ".mjs", ".job.yaml", ".job.yml", ".job.json"];

/** The real path of the module. @throws MillraceError `MODULE_OUTSIDE_PROJECT` | `MODULE_UNREADABLE` with the closest name */
export async function resolveModule({ root, entries: jobs, roots = [], name }: ResolveModuleOptions): Promise<string> {
  const entries = [...jobs, ...roots];
  if (bundledProject() !== undefined) return await resolveBundled({ root, entries, name });
  const candidates = [
    ...listCandidates(name).map((path) => resolve(root, path)),
    ...(await listAlike(name, [root, ...roots.map((entry) => resolve(root, entry))])),
  ];
  const allowed = await Promise.all(entries.map(async (entry) => realPathOf(resolve(root, entry))));
  const isAllowed = (path: string): boolean => allowed.some((folder) => folder !== undefined && isInside(folder, path));
  for (const candidate of candidates) {
    const real = await realPathOf(candidate);
    if (real === undefined || !(await stat(real)).isFile()) continue;
    if (!isAllowed(real)) throw outside(name, entries);
    return real;
  }
  // Whether something lies outside the project is nobody's business.
  if (candidates.every((candidate) => !isInside(root, candidate) && !isAllowed(candidate)))
    throw outside(name, entries);
  throw await missing({ root, entries, name });
}

// No links, and nothing outside of the project, are in a bundle.
async function resolveBundled(options: Omit<ResolveModuleOptions, "roots">): Promise<string> {
  const { root, entries, name } = options;
  const files = await listModules(root, entries);
  const wanted = new Set(listCandidates(name).map(toAlike));
  const found = files.filter((file) => wanted.has(toAlike(relative(root, file))));
  const exact = found.find((file) => listCandidates(name).includes(relative(root, file)));
  const [first, second] = found;
  if (first === undefined) throw await missing(options);
  if (exact === undefined && second !== undefined)
    throw ambiguous(
      name,
      found.map((file) => stripExtension(relative(root, file))),
    );
  return exact ?? first;
}

function toAlike(file: string): string {
  return file.replaceAll("-", "_");
}

/** For dotted names: the first of the folders that has such a file. @throws MillraceError `MODULE_UNREADABLE` for two that are alike */
async function listAlike(name: string, folders: readonly string[]): Promise<readonly string[]> {
  if (name.includes("/") || extensions.some((end) => name.endsWith(end))) return [];
  for (const folder of folders) {
    const found = await findAlike(folder, name.split("."), extensions);
    const stems = new Set(found.map((file) => stripExtension(relative(folder, file))));
    if (stems.size > 1) throw ambiguous(name, [...stems]);
    if (found.length > 0) return found;
  }
  return [];
}

function stripExtension(file: string): string {
  const extension = extensions.find((end) => file.endsWith(end)) ?? "";
  return file.slice(0, file.length - extension.length);
}

function ambiguous(name: string, stems: readonly string[]): MillraceError {
  const files = stems.map((stem) => `\`${stem}\``).join(" or ");
  return new MillraceError("MODULE_UNREADABLE", `\`${name}\` may be ${files}`, {
    hint: "dashes and underscores are alike in dotted names; name the file by its path",
  });
}

// The name as a path first, then with its dots as slashes; an extension may be left out.
function listCandidates(name: string): string[] {
  const extension = extensions.find((end) => name.endsWith(end));
  const stem = extension === undefined ? name : name.slice(0, -extension.length);
  const stems = stem.includes("/") ? [stem] : [stem, stem.replaceAll(".", "/")];
  const ends = extension === undefined ? extensions : [extension];
  return [...new Set(stems)].flatMap((path) => ends.map((end) => `${path}${end}`));
}

async function realPathOf(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch {
    // Not there, a link to nowhere, or no path at all: there is nothing to run.
    return undefined;
  }
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function outside(name: string, entries: readonly string[]): MillraceError {
  const places = entries.map((entry) => `\`${entry}\``).join(", ");
  return new MillraceError("MODULE_OUTSIDE_PROJECT", `expected a module inside ${places}, got: \`${name}\``, {
    hint: "only modules of `jobs` and `modules.roots` of the configuration are run; links are followed before this is decided",
  });
}

async function missing({ root, entries, name }: Omit<ResolveModuleOptions, "roots">): Promise<MillraceError> {
  const known = (await listModules(root, entries)).map((file) => relative(root, file));
  const dotted = !name.includes("/") && !extensions.some((end) => name.endsWith(end));
  const names = dotted
    ? known.map((file) => file.replace(/\.(?:m?[jt]s|job\.ya?ml|job\.json)$/, "").replaceAll("/", "."))
    : known;
  return new MillraceError("MODULE_UNREADABLE", `no module \`${name}\` in the project${suggest(name, names)}`, {
    hint: "name a file of the project, `jobs/load.ts`, or write it with dots, `jobs.load`",
  });
}
