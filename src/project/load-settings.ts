// The settings of a project, from its `millrace.config.ts`: read, checked, completed with defaults. Errors name file, line and column.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { assertConnections } from "../core/connection/assert-connections.ts";
import { assertChannels, assertRules } from "../core/notification/assert-rules.ts";
import { parseDuration } from "../core/duration.ts";
import { MillraceError } from "../core/errors/errors.ts";
import { parseOptions } from "../core/spec/parse-options.ts";
import { type FilledProjectOptions, type ProjectOptions, projectSpec } from "./project-options.ts";
import { importModule } from "./import-module.ts";
import { locateProperty } from "./locate-property.ts";

/** The settings with their defaults, as the project uses them. */
export interface ProjectSettings extends Omit<FilledProjectOptions, "name" | "retention" | "notify"> {
  readonly name: string | undefined;
  /** `undefined`: for ever. */
  readonly retentionMs: number | undefined;
  readonly notify: ProjectOptions["notify"];
}

/** @param file absolute path, or `undefined` for the defaults alone @throws MillraceError `CONFIG_INVALID` | `MODULE_UNREADABLE` */
export async function loadSettings(file: string | undefined, root: string): Promise<ProjectSettings> {
  const given = file === undefined ? {} : (await importModule(file, root))["default"];
  const { name, notify, retention, $schema: _, ...options } = await parseSettings(given, file, root);
  if (file !== undefined && isObject(given) && "jobs" in given) await assertEntries(file, root, options.jobs);
  return { ...options, name, notify, retentionMs: retention === "off" ? undefined : parseDuration(retention) };
}

/** `millrace.config.ts:3:5`: where the file says what is at `path`, or the deepest part of it that is there. */
export async function placeOfSetting(file: string, root: string, path: readonly PropertyKey[]): Promise<string> {
  const position = locateProperty(await readFile(file, "utf8"), path);
  return `${relative(root, file)}${position === undefined ? "" : `:${position.line}:${position.column}`}`;
}

/** The same error with the place of the option that it is about; `undefined` when it is about none. */
export async function locateSetting(error: unknown, file: string, root: string): Promise<MillraceError | undefined> {
  if (!(error instanceof MillraceError) || error.code !== "CONFIG_INVALID") return undefined;
  const path = error.details?.["option"];
  if (!Array.isArray(path) || path.length === 0) return undefined;
  const place = await placeOfSetting(file, root, path as PropertyKey[]);
  return new MillraceError("CONFIG_INVALID", `${place}: ${error.message}`, {
    hint: error.hint ?? "docs/reference/configuration.md lists the options",
    cause: error,
  });
}

async function parseSettings(
  given: unknown,
  file: string | undefined,
  root: string,
): Promise<ProjectOptions & FilledProjectOptions> {
  try {
    const options = parseOptions(projectSpec, given, "the configuration", "CONFIG_INVALID");
    assertConnections("the configuration", options.connections);
    assertChannels("the configuration", options.channels);
    assertRules("the configuration", options);
    return options;
  } catch (error) {
    if (file === undefined || !(error instanceof MillraceError)) throw error;
    const located = await locateSetting(error, file, root);
    if (located !== undefined) throw located;
    throw new MillraceError("CONFIG_INVALID", `${relative(root, file)}: ${error.message}`, {
      hint: "write `export default defineProject({ … })`",
      cause: error,
    });
  }
}

// The defaults may be missing; what somebody wrote down may not, or its jobs would be gone without a word.
async function assertEntries(file: string, root: string, entries: readonly string[]): Promise<void> {
  const missing = entries.find((entry) => !existsSync(resolve(root, entry)));
  if (missing === undefined) return;
  const place = await placeOfSetting(file, root, ["jobs"]);
  throw new MillraceError("CONFIG_INVALID", `${place}: \`jobs\` names what is not there, got: \`${missing}\``, {
    hint: "its entries are files and folders, relative to the configuration",
  });
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
