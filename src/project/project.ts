// A project: its folder, configuration, jobs and pipelines.
import { isAbsolute, relative, resolve, sep } from "node:path";
import { MillraceError } from "../core/errors.ts";
import type { Definitions } from "./definitions.ts";
import { findProject } from "./find-project.ts";
import { loadConfig, type ProjectConfig } from "./load-config.ts";
import { loadDefinitions } from "./load-definitions.ts";

export interface Project {
  readonly root: string;
  readonly configFile: string | undefined;
  readonly config: ProjectConfig;
  readonly definitions: Definitions;
  /** Absolute paths. */
  readonly paths: { readonly store: string; readonly lake: string; readonly staging: string };
}

export interface LoadProjectOptions {
  readonly cwd: string;
  /** Where the environment says that the store is. */
  readonly environment: { readonly store: string | undefined };
  /** False for commands that need no job code: they work although a job file is broken. */
  readonly definitions?: boolean;
}

/** @throws MillraceError `CONFIG_INVALID` | `MODULE_UNREADABLE` | `JOB_INVALID` | `JOB_DUPLICATE` */
export async function loadProject({ cwd, environment, definitions = true }: LoadProjectOptions): Promise<Project> {
  const { root, configFile } = findProject(cwd);
  const config = await loadConfig(configFile, root);
  return {
    root,
    configFile,
    config,
    definitions: await loadDefinitions(root, definitions ? config.jobs : []),
    paths: {
      store: resolve(root, environment.store ?? config.store),
      lake: resolve(root, config.lake),
      staging: resolve(root, ".millrace/staging"),
    },
  };
}

/** Absolute path of a file of the project. @throws MillraceError `MODULE_OUTSIDE_PROJECT` for a path that leads out of it */
export function resolveInProject(root: string, path: string): string {
  const absolute = resolve(root, path);
  const inside = relative(root, absolute);
  if (inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    throw new MillraceError("MODULE_OUTSIDE_PROJECT", `expected a path inside the project, got: \`${path}\``);
  }
  return absolute;
}
