// The settings of a project, from its `millrace.config.ts` and that of the environment: read, checked, completed with defaults. Errors
// name file, line and column.
import { existsSync } from "node:fs";
import { relative, resolve } from "node:path";
import { assertConnections } from "../core/connection/assert-connections.ts";
import { assertCompute } from "./assert-compute.ts";
import { assertChannels, assertRules } from "../core/notification/assert-rules.ts";
import { parseDuration } from "../core/duration.ts";
import { MillraceError } from "../core/errors/errors.ts";
import { parseOptions } from "../core/spec/parse-options.ts";
import { type FilledProjectOptions, type ProjectOptions, projectSpec } from "./project-options.ts";
import { bundledProject } from "./bundled/bundled-project.ts";
import { type ConfigLayer, loadLayer, mergeGiven, placeOfSetting } from "./environments/config-layers.ts";
import { defaultsOf, isProductionName } from "./environments/environments.ts";

/** The settings with their defaults, as the project uses them. */
export interface ProjectSettings extends Omit<FilledProjectOptions, "name" | "retention" | "notify" | "production"> {
  readonly name: string | undefined;
  /** Whether mistakes hurt here: people are shown it. */
  readonly production: boolean;
  /** `undefined`: for ever. */
  readonly retentionMs: number | undefined;
  readonly notify: ProjectOptions["notify"];
}

/** What `--env` or `MILLRACE_ENV` has chosen. */
export interface ChosenEnvironment {
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
}

/** A configuration as it was read. */
export interface LoadedSettings {
  readonly settings: ProjectSettings;
  /** Its files, the one that wins last. */
  readonly layers: readonly ConfigLayer[];
}

export interface SettingsFiles {
  readonly root: string;
  /** Absolute path; a project may do without. */
  readonly configFile: string | undefined;
  readonly environment?: ChosenEnvironment | undefined;
}

/** @throws MillraceError `CONFIG_INVALID` | `MODULE_UNREADABLE` */
export async function loadSettings({ root, configFile, environment }: SettingsFiles): Promise<LoadedSettings> {
  const files = [configFile, environment?.file].filter((file) => file !== undefined);
  const layers: ConfigLayer[] = [];
  for (const file of files) layers.push(await loadLayer(file, root));
  const parsed = await parseSettings(layers, root, environment?.name);
  const { name, notify, retention, production, $schema: _, ...options } = parsed;
  if (layers.some(({ given }) => isObject(given) && "jobs" in given))
    await assertEntries(layers, root, ["jobs"], options.jobs);
  await assertEntries(layers, root, ["modules", "roots"], options.modules.roots);
  const settings: ProjectSettings = {
    ...options,
    name,
    notify,
    production: production ?? isProductionName(environment?.name),
    retentionMs: retention === "off" ? undefined : parseDuration(retention),
  };
  return { settings, layers };
}

/** The same error with the place of the option that it is about; `undefined` when it is about none. */
export async function locateSetting(
  error: unknown,
  layers: readonly ConfigLayer[],
  root: string,
): Promise<MillraceError | undefined> {
  if (!(error instanceof MillraceError) || error.code !== "CONFIG_INVALID" || layers.length === 0) return undefined;
  const path = error.details?.["option"];
  if (!Array.isArray(path) || path.length === 0) return undefined;
  const place = await placeOfSetting(layers, root, path as PropertyKey[]);
  return new MillraceError("CONFIG_INVALID", `${place}: ${error.message}`, {
    hint: error.hint ?? "docs/reference/configuration.md lists the options",
    cause: error,
  });
}

async function parseSettings(
  layers: readonly ConfigLayer[],
  root: string,
  environment: string | undefined,
): Promise<ProjectOptions & FilledProjectOptions> {
  try {
    const options = parseOptions(projectSpec, mergeAll(layers, environment), "the configuration", "CONFIG_INVALID");
    assertConnections("the configuration", options.connections);
    assertChannels("the configuration", options.channels);
    assertRules("the configuration", options);
    assertCompute("the configuration", options.compute);
    return options;
  } catch (error) {
    const last = layers.findLast(({ given }) => !isObject(given)) ?? layers.at(-1);
    if (last === undefined || !(error instanceof MillraceError)) throw error;
    const located = await locateSetting(error, layers, root);
    if (located !== undefined) throw located;
    throw new MillraceError("CONFIG_INVALID", `${relative(root, last.file)}: ${error.message}`, {
      hint: "write `export default defineProject({ … })`",
      cause: error,
    });
  }
}

// What is no object at all is refused as it is.
function mergeAll(layers: readonly ConfigLayer[], environment: string | undefined): unknown {
  const broken = layers.find(({ given }) => !isObject(given));
  if (broken !== undefined) return broken.given;
  const [first, ...others] = [
    ...(environment === undefined ? [] : [defaultsOf(environment)]),
    ...layers.map(({ given }) => given),
  ];
  return others.reduce(mergeGiven, first ?? {});
}

// The defaults may be missing; what somebody wrote down may not, or its jobs would be gone without a word.
async function assertEntries(
  layers: readonly ConfigLayer[],
  root: string,
  path: readonly string[],
  entries: readonly string[],
): Promise<void> {
  // A bundle has the files that these entries had when it was made.
  if (bundledProject() !== undefined) return;
  const missing = entries.find((entry) => !existsSync(resolve(root, entry)));
  if (missing === undefined) return;
  const place = await placeOfSetting(layers, root, path);
  throw new MillraceError(
    "CONFIG_INVALID",
    `${place}: \`${path.join(".")}\` names what is not there, got: \`${missing}\``,
    {
      hint: "its entries are files and folders, relative to the configuration",
    },
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
