// Finds the place in a user's file that an error of loading it is about, as `jobs/a.ts:3:14`.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { MillraceError } from "../core/errors/errors.ts";
import { locateArgument } from "./locate-property.ts";

/** `undefined` when the error does not tell. @param file the module that was to be loaded @param root of the project */
export async function locateError(error: unknown, file: string, root: string): Promise<string | undefined> {
  if (!(error instanceof Error)) return undefined;
  const json = /\(line (\d+) column (\d+)\)/.exec(error.message);
  if (json !== null && file.endsWith(".json")) return `${relative(root, file)}:${json[1]}:${json[2]}`;
  const place = findPlace(error.stack ?? "", file, root);
  if (place !== undefined) return await locateOption(error, place, root);
  if (!(error instanceof SyntaxError) || !/\.m?js$/.test(file)) return undefined;
  return findPlace(await checkSyntax(file), file, root);
}

/** The place of the option that is wrong, where the call that was given it says it itself; else that of the call. */
async function locateOption(error: Error, place: string, root: string): Promise<string> {
  const path = error instanceof MillraceError ? error.details?.["option"] : undefined;
  const [, file, line, column] = /^(.+):(\d+):(\d+)$/.exec(place) ?? [];
  if (!Array.isArray(path) || file === undefined) return place;
  const source = await readFile(join(root, file), "utf8").catch(() => "");
  const found = locateArgument(source, { line: Number(line), column: Number(column) }, path as PropertyKey[]);
  return found === undefined ? place : `${file}:${found.line}:${found.column}`;
}

// `at file:///a/b.ts:3:14` in a stack frame, or `/a/b.ts:3` above the line that a syntax error points into.
function findPlace(text: string, file: string, root: string): string | undefined {
  for (const match of text.matchAll(
    /((?:file:\/\/)?\/(?:[^:\n]|:(?!\d))*?\.(?:[cm]?[jt]s|json))(?:\?generation=\d+)?:(\d+)(?::(\d+))?/g,
  )) {
    const [whole, location = "", line = ""] = match;
    const found = location.startsWith("file:") ? fileURLToPath(location) : location;
    if (found !== file && !found.startsWith(`${root}/`)) continue;
    if (found.includes("/node_modules/")) continue;
    const column = match[3] ?? caretColumn(text.slice(match.index + whole.length));
    return `${relative(root, found)}:${line}${column === undefined ? "" : `:${column}`}`;
  }
  return undefined;
}

// Node shows a few lines and underlines what it does not understand.
function caretColumn(text: string): string | undefined {
  const carets = text
    .split("\n", 8)
    .map((line) => /^ *\^/.exec(line))
    .find((match) => match !== null);
  return carets === undefined ? undefined : String(carets[0].length);
}

// Node hides the place of a syntax error in plain JavaScript that is imported while the program runs; `node --check`
// tells it.
function checkSyntax(file: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  execFile(process.execPath, ["--check", file], (_error, _stdout, stderr) => resolve(stderr));
  return promise;
}
