// Which files of a project a bundle has: its configurations and its jobs. A job of one environment alone is among them.
import { readFile } from "node:fs/promises";
import { relative, sep } from "node:path";
import { findEnvironment, listEnvironments } from "../../project/environments/environments.ts";
import { findProject } from "../../project/find-project.ts";
import { listModules } from "../../project/load-definitions.ts";
import { loadSettings } from "../../project/load-settings.ts";

export interface ProjectFiles {
  readonly root: string;
  /** Paths in the project, in order. */
  readonly modules: readonly string[];
  /** Path in the project → text of the files that are no code, in order of the path. */
  readonly texts: Readonly<Record<string, string>>;
  /** What is run from the bundle: no bundle may be written there. Relative to the root. */
  readonly entries: readonly string[];
}

/** @param cwd a folder in the project @throws MillraceError as loading a project does */
export async function listProjectFiles(cwd: string): Promise<ProjectFiles> {
  const { root, configFile } = findProject(cwd);
  const files = new Set(configFile === undefined ? [] : [configFile]);
  const entries = new Set<string>();
  for (const name of [undefined, ...listEnvironments(root).keys()]) {
    const environment = name === undefined ? undefined : { name, file: findEnvironment(root, name) };
    if (environment !== undefined) files.add(environment.file);
    const { settings } = await loadSettings({ root, configFile, environment });
    for (const entry of [...settings.jobs, ...settings.modules.roots]) entries.add(entry);
  }
  for (const file of await listModules(root, [...entries])) files.add(file);
  const paths = [...files].map((file) => relative(root, file).split(sep).join("/")).toSorted();
  const texts = paths.filter(isText).map(async (path) => [path, await readFile(`${root}/${path}`, "utf8")] as const);
  return {
    root,
    modules: paths.filter((path) => !isText(path)),
    texts: Object.fromEntries(await Promise.all(texts)),
    entries: [...entries],
  };
}

function isText(path: string): boolean {
  return /\.(?:ya?ml|job\.json)$/.test(path);
}
