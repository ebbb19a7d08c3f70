// The first module of a bundle: it names what is in it, and hands it to `openBundle`. Its text depends on the project alone, in order
// of path, so that the same project gives the same bytes.
import { join, sep } from "node:path";
import { type ThreadName, threadNames } from "../../core/thread-entry.ts";
import type { ProjectFiles } from "./project-files.ts";

export interface BundleEntry {
  readonly files: ProjectFiles;
  /** Name of the project. */
  readonly name: string;
  readonly version: string;
}

/** A file of this package, by its path below `src/`, without an extension. */
export function packageModule(path: string): string {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return join(import.meta.dirname, "../..", `${path}.${extension}`);
}

/** Whether a module is one of this package. */
export function isInPackage(id: string): boolean {
  return id.startsWith(join(import.meta.dirname, "../..") + sep);
}

/** The text of the module. */
export function writeBundleEntry({ files, name, version }: BundleEntry): string {
  const { root, modules, texts } = files;
  const threads = threadNames.map((thread: ThreadName) => `${quote(thread)}: () => ${load(packageModule(thread))}`);
  return [
    `import { openBundle } from ${quote(packageModule("cli/open-bundle"))};`,
    "const bundle = openBundle(import.meta.url, {",
    `  name: ${quote(name)},`,
    `  version: ${quote(version)},`,
    `  modules: {${modules.map((path) => `${quote(path)}: () => ${load(join(root, path))}`).join(", ")}},`,
    `  texts: ${JSON.stringify(texts)},`,
    `  millrace: () => ${load(packageModule("index"))},`,
    `  threads: {${threads.join(", ")}},`,
    "});",
    "export const { modules, loadJobs, startThread } = bundle;",
    "await bundle.runIfMain();",
    "",
  ].join("\n");
}

function load(path: string): string {
  return `import(${quote(path)})`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
