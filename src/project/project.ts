// A project: its folder, configuration, jobs and pipelines.
import { readFile } from "node:fs/promises";
import { basename, isAbsolute, join, relative, resolve, sep } from "node:path";
import { parseDataAddress } from "../core/dataset/data-address.ts";
import { MillraceError } from "../core/errors/errors.ts";
import { assertConfiguredJobs } from "./assert-configured-jobs.ts";
import { assertNotified } from "./assert-notified.ts";
import { assertReferences } from "./assert-references.ts";
import { assertSingleProducers } from "./assert-single-producers.ts";
import { bundledProject } from "./bundled/bundled-project.ts";
import type { ConfigLayer } from "./environments/config-layers.ts";
import { Definitions } from "./definitions.ts";
import { findEnvironment, homeOf } from "./environments/environments.ts";
import { findProject } from "./find-project.ts";
import { loadSettings, type ProjectSettings } from "./load-settings.ts";
import { loadDefinitions } from "./load-definitions.ts";

export interface Project {
  /** What the store knows it by: `name` of the configuration, else of package.json, else of the folder. */
  readonly name: string;
  readonly root: string;
  /** The files of the configuration, the one that wins last; none where the defaults hold. */
  readonly layers: readonly ConfigLayer[];
  /** The environment that was chosen; `undefined` for the configuration alone. */
  readonly environment: string | undefined;
  readonly settings: ProjectSettings;
  readonly definitions: Definitions;
  /** Absolute paths; the lake may be an address. `home` is the folder of what the project keeps for itself in this environment. */
  readonly paths: { readonly store: string; readonly lake: string; readonly home: string; readonly staging: string };
  /** Whether the store file lies inside the project, where no other project finds it. */
  readonly ownsStoreFile: boolean;
}

export interface LoadProjectOptions {
  readonly cwd: string;
  /** What the variables say: where the store is, and which environment is meant. */
  readonly environment: { readonly store: string | undefined; readonly name: string | undefined };
  /** False for commands that need no job code: they work although a job file is broken. */
  readonly definitions?: boolean;
}

/** @throws MillraceError `CONFIG_INVALID` | `MODULE_UNREADABLE` | `JOB_INVALID` | `JOB_DUPLICATE` | `DATASET_DUPLICATE` */
export async function loadProject({ cwd, environment, definitions = true }: LoadProjectOptions): Promise<Project> {
  const { root, configFile } = findProject(cwd);
  const { name } = environment;
  const chosen = name === undefined ? undefined : { name, file: findEnvironment(root, name) };
  const { settings, layers } = await loadSettings({ root, configFile, environment: chosen });
  const home = resolve(root, homeOf(name));
  const store = resolve(root, environment.store ?? settings.store);
  return {
    name: settings.name ?? bundledProject()?.name ?? (await readPackageName(root)) ?? basename(root),
    root,
    layers,
    environment: name,
    settings,
    definitions: definitions ? await loadProjectDefinitions({ root, layers, settings }) : new Definitions(),
    paths: { store, lake: resolveLake(root, settings.lake), home, staging: resolve(home, "staging") },
    ownsStoreFile: isInside(root, store),
  };
}

/** The jobs and pipelines, which fit to each other and to the configuration. @throws MillraceError as `loadProject` */
export async function loadProjectDefinitions(
  project: Pick<Project, "root" | "layers" | "settings">,
): Promise<Definitions> {
  const definitions = await loadDefinitions(project.root, project.settings.jobs);
  await assertReferences(definitions, project);
  await assertSingleProducers(definitions, project.root);
  await assertConfiguredJobs(definitions, project);
  await assertNotified(definitions, project);
  return definitions;
}

/** Absolute path of a file of the project. @throws MillraceError `MODULE_OUTSIDE_PROJECT` for a path that leads out of it */
export function resolveInProject(root: string, path: string): string {
  const absolute = resolve(root, path);
  if (!isInside(root, absolute)) {
    throw new MillraceError("MODULE_OUTSIDE_PROJECT", `expected a path inside the project, got: \`${path}\``);
  }
  return absolute;
}

function resolveLake(root: string, lake: string): string {
  const address = parseDataAddress(lake);
  if (address === undefined) return resolve(root, lake);
  return address.kind === "file" ? address.path : lake.replace(/\/+$/, "");
}

function isInside(root: string, absolute: string): boolean {
  const path = relative(root, absolute);
  return path !== ".." && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}

// A file that is missing or broken names nothing; npm tells about it where it matters.
async function readPackageName(root: string): Promise<string | undefined> {
  try {
    const found: unknown = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    const name = typeof found === "object" && found !== null && "name" in found ? found.name : undefined;
    return typeof name === "string" && name !== "" ? name : undefined;
  } catch {
    return undefined;
  }
}
