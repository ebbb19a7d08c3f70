// Whether a source would find what is put somewhere, so that each of its runs moved the files of the run before once more.
import { resolve } from "node:path";
import { parsePattern } from "../../../connections/files/path-pattern.ts";
import { pathsOf, type UnitFiles } from "./choose-files.ts";
import type { FileSource } from "./options.ts";

/** @returns whether the source finds a path behind a connection, or on this machine; looked for only when somebody asks */
export function findsAgain(
  source: FileSource,
  units: readonly UnitFiles[],
  root: string,
): (path: string, connection: string | undefined) => boolean {
  const { connection } = source;
  const toAbsolute = (path: string): string => (connection === undefined ? resolve(root, path) : path);
  let matches: ((path: string) => boolean) | undefined;
  return (path, place) => {
    if (place !== connection) return false;
    matches ??= createMatcher(source, units.flatMap(({ unit }) => pathsOf(source, unit.variables)).map(toAbsolute));
    return matches(toAbsolute(path));
  };
}

/** @param named paths and patterns as the place knows them */
function createMatcher({ pattern = ".*" }: FileSource, named: readonly string[]): (path: string) => boolean {
  const names = new Set(named);
  const patterns = [...names].map(parsePattern).filter(({ isPattern }) => isPattern);
  const expression = new RegExp(`^(?:${pattern})$`, "u");
  return (path) => (names.has(path) || patterns.some((one) => one.matches(path))) && expression.test(path);
}
