// The files that make up a configuration: one, or that of an environment over it. An error names the file that a value came from.
import { relative } from "node:path";
import { isSecretReference } from "../../core/connection/secret.ts";
import { readProjectText } from "../bundled/bundled-project.ts";
import { importModule } from "../import-module.ts";
import { locateProperty, type SourcePosition } from "../locate-property.ts";

/** A file and what it says. */
export interface ConfigLayer {
  /** Absolute path. */
  readonly file: string;
  readonly given: unknown;
}

/** @throws MillraceError `MODULE_UNREADABLE` with line and column */
export async function loadLayer(file: string, root: string): Promise<ConfigLayer> {
  if (!isYaml(file)) return { file, given: (await importModule(file, root))["default"] };
  const { parseText, unreadable } = await import("../declared/yaml-text.ts");
  const name = relative(root, file);
  const [document, second] = parseText(await readProjectText(file, root), name);
  if (second !== undefined) throw unreadable(name, second.placeOf([]), "expected one document");
  return { file, given: document?.value ?? {} };
}

/**
 * What `over` says wins: objects are united, lists and all other values replaced, and `null` takes away what `base` says.
 * @see https://www.rfc-editor.org/rfc/rfc7396
 */
export function mergeGiven(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isPlain(over) || (isSecretReference(over) && isSecretReference(base))) return over;
  const merged = new Map(isPlain(base) ? Object.entries(base) : []);
  for (const [name, value] of Object.entries(over)) {
    if (value === null) merged.delete(name);
    else merged.set(name, mergeGiven(merged.get(name), value));
  }
  // own properties, whatever their names
  return Object.fromEntries(merged);
}

/**
 * `millrace.config.prod.ts:3:5`: where the value at `path` comes from, or the deepest part of it that a file says.
 * @param layers the one that wins last; at least one
 */
export async function placeOfSetting(
  layers: readonly ConfigLayer[],
  root: string,
  path: readonly PropertyKey[],
): Promise<string> {
  const file = fileOfSetting(layers, path);
  const position = await locate(file, root, path);
  return `${relative(root, file)}${position === undefined ? "" : `:${position.line}:${position.column}`}`;
}

async function locate(file: string, root: string, path: readonly PropertyKey[]): Promise<SourcePosition | undefined> {
  // A bundle has the module of a configuration, and not its text.
  const source = await readProjectText(file, root).catch(() => undefined);
  if (source === undefined) return undefined;
  if (!isYaml(file)) return locateProperty(source, path);
  const { parseText } = await import("../declared/yaml-text.ts");
  return parseText(source, file)[0]?.placeOf(path);
}

function fileOfSetting(layers: readonly ConfigLayer[], path: readonly PropertyKey[]): string {
  const depths = layers.map(({ file, given }) => ({ file, depth: depthOf(given, path) }));
  const deepest = Math.max(...depths.map(({ depth }) => depth));
  return depths.findLast(({ depth }) => depth === deepest)?.file ?? "";
}

/** How much of a path a value has. */
function depthOf(given: unknown, path: readonly PropertyKey[]): number {
  let value = given;
  for (const [depth, key] of path.entries()) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return depth;
    value = (value as Readonly<Record<PropertyKey, unknown>>)[key];
  }
  return path.length;
}

// What code makes, such as a date or a schema, is a value as it is.
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isYaml(file: string): boolean {
  return /\.ya?ml$/.test(file);
}
