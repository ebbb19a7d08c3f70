// The project of a bundle that `millrace build` made: its files are in the bundle, by their path in the project, and not on the disk
// that it runs on. What loads a project asks here first.
import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { relative, sep } from "node:path";

/** What a bundle has of a project. */
export interface BundledProject {
  /** The name that the project had where it was built. */
  readonly name: string;
  /** Path in the project → loads the module. Configurations are among them. */
  readonly modules: Readonly<Record<string, () => Promise<unknown>>>;
  /** Path in the project → text of the files that are no code. */
  readonly texts: Readonly<Record<string, string>>;
  /** What the modules import as `millrace`. */
  readonly millrace: () => Promise<unknown>;
}

/** A module's exports by name. */
export type ModuleExports = Readonly<Record<string, unknown>>;

let installed: BundledProject | undefined;

/** From now on there is no other project in this process or thread. */
export function installBundledProject(project: BundledProject): void {
  installed = project;
}

/** `undefined` where projects are folders. */
export function bundledProject(): BundledProject | undefined {
  return installed;
}

/** Paths in the project of all files that a bundle has, in order. */
export function listBundledFiles({ modules, texts }: BundledProject): readonly string[] {
  return [...Object.keys(modules), ...Object.keys(texts)].toSorted();
}

/** Whether the project has the file, in the bundle or on the disk. @param file absolute */
export function isProjectFile(file: string, root: string): boolean {
  if (installed !== undefined) return listBundledFiles(installed).includes(toPath(file, root));
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

/** The module of a bundle at `file`; `undefined` where the disk has the modules, or where the bundle has no such one. */
export async function loadBundledModule(file: string, root: string): Promise<ModuleExports | undefined> {
  const modules = installed?.modules ?? {};
  const path = toPath(file, root);
  return Object.hasOwn(modules, path) ? ((await modules[path]?.()) as ModuleExports) : undefined;
}

/** The text of a file of the project that is no code, from the bundle or from the disk. @param file absolute */
export async function readProjectText(file: string, root: string): Promise<string> {
  const texts = installed?.texts ?? {};
  const path = toPath(file, root);
  return Object.hasOwn(texts, path) ? (texts[path] ?? "") : await readFile(file, "utf8");
}

function toPath(file: string, root: string): string {
  return relative(root, file).split(sep).join("/");
}
