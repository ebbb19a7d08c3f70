// Finds the project: the nearest folder upwards that looks like one.
import { existsSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { MillraceError } from "../core/errors/errors.ts";
import { type BundledProject, bundledProject, listBundledFiles } from "./bundled/bundled-project.ts";
import { configExtensions } from "./environments/environments.ts";

const configNames = configExtensions.map((extension) => `millrace.config.${extension}`);
const otherMarks = ["pipeline.ts", "pipelines", "jobs"];

export interface FoundProject {
  readonly root: string;
  /** Absolute path; a project may do without. */
  readonly configFile: string | undefined;
}

/** Looks in `cwd` and above; the root is a real path. @throws MillraceError `CONFIG_INVALID` */
export function findProject(cwd: string): FoundProject {
  const start = realFolder(cwd);
  const bundle = bundledProject();
  if (bundle !== undefined) return { root: start, configFile: configFileOf(bundle, start) };
  const configFile = findConfigFile(start);
  if (configFile !== undefined) return { root: dirname(configFile), configFile };
  // Without a configuration only the folder itself counts: `jobs/` is too common a name to look for further up.
  if (otherMarks.some((name) => existsSync(join(start, name)))) return { root: start, configFile: undefined };
  throw new MillraceError("CONFIG_INVALID", `no project in \`${start}\` or above`, {
    hint: "go to a folder with millrace.config.ts, or make one with `millrace init`",
  });
}

// A bundle is at home wherever it is started.
function configFileOf(bundle: BundledProject, root: string): string | undefined {
  const files = listBundledFiles(bundle);
  const name = configNames.find((candidate) => files.includes(candidate));
  return name === undefined ? undefined : join(root, name);
}

/** The configuration of the project that a folder lies in, be the folder there or not. @param folder absolute */
export function findConfigFile(folder: string): string | undefined {
  for (let root = folder; ; root = dirname(root)) {
    const name = configNames.find((candidate) => existsSync(join(root, candidate)));
    if (name !== undefined) return join(root, name);
    if (dirname(root) === root) return undefined;
  }
}

// Node names modules by their real path; the project's own must be of the same kind to be compared with it.
function realFolder(cwd: string): string {
  try {
    return realpathSync(cwd);
  } catch (cause) {
    throw new MillraceError("CONFIG_INVALID", `no folder \`${resolve(cwd)}\``, { cause });
  }
}
