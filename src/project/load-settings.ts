// The settings of a project, from its `millrace.config.ts`: read, checked, completed with defaults. Errors name file, line and column.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { assertConnections } from "../core/connection/assert-connections.ts";
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

async function parseSettings(
  given: unknown,
  file: string | undefined,
  root: string,
): Promise<ProjectOptions & FilledProjectOptions> {
  try {
    const options = parseOptions(projectSpec, given, "the configuration", "CONFIG_INVALID");
    assertConnections("the configuration", options.connections);
    return options;
  } catch (error) {
    if (file === undefined || !(error instanceof MillraceError)) throw error;
    const path = error.details?.["option"];
    const option = Array.isArray(path) ? (path as PropertyKey[]) : [];
    const place = placeOf(file, root, await readFile(file, "utf8"), option);
    const listed = error.hint ?? "docs/reference/configuration.md lists the options";
    throw new MillraceError("CONFIG_INVALID", `${place}: ${error.message}`, {
      hint: option.length === 0 ? "write `export default defineProject({ … })`" : listed,
      cause: error,
    });
  }
}

// The defaults may be missing; what somebody wrote down may not, or its jobs would be gone without a word.
async function assertEntries(file: string, root: string, entries: readonly string[]): Promise<void> {
  const missing = entries.find((entry) => !existsSync(resolve(root, entry)));
  if (missing === undefined) return;
  const place = placeOf(file, root, await readFile(file, "utf8"), ["jobs"]);
  throw new MillraceError("CONFIG_INVALID", `${place}: \`jobs\` names what is not there, got: \`${missing}\``, {
    hint: "its entries are files and folders, relative to the configuration",
  });
}

function placeOf(file: string, root: string, source: string, path: readonly PropertyKey[]): string {
  const position = locateProperty(source, path);
  return `${relative(root, file)}${position === undefined ? "" : `:${position.line}:${position.column}`}`;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
