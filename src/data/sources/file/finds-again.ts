// Whether a source would find what is put somewhere, so that each of its runs moved the files of the run before once more.
import { resolve } from "node:path";
import { parsePattern } from "../../../connections/files/path-pattern.ts";
import { pathsOf, type UnitFiles } from "./choose-files.ts";
import type { FileSource } from "./options.ts";

/** @returns whether the source finds a path of the same place; always false where files go to another one */
export function findsAgain(source: FileSource, units: readonly UnitFiles[], root: string): (path: string) => boolean {
  const { connection, save, pattern = ".*" } = source;
  if (save === undefined || save.connection !== connection) return () => false;
  const toAbsolute = (path: string): string => (connection === undefined ? resolve(root, path) : path);
  const named = units.flatMap(({ unit }) => pathsOf(source, unit.variables)).map(toAbsolute);
  const names = new Set(named);
  const patterns = [...names].map(parsePattern).filter(({ isPattern }) => isPattern);
  const expression = new RegExp(`^(?:${pattern})$`, "u");
  return (given) => {
    const path = toAbsolute(given);
    const isNamed = names.has(path) || patterns.some((one) => one.matches(path));
    return isNamed && expression.test(path);
  };
}
