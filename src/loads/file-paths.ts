// Paths of configurations: other engines write and read folders of files where a source names files.
import { refusal } from "../core/spec/parse-options.ts";
import type { StrategyPlace } from "./strategy.ts";

/** Where rows are, under the name that configurations have always given it, or under its own. */
export interface PathChoice {
  readonly path?: string;
  readonly source_table?: string;
}

/** The path. @throws MillraceError `JOB_INVALID` for neither and for both */
export function choosePath({ path, source_table: table }: PathChoice, place: StrategyPlace): string {
  const chosen = path ?? table;
  if (chosen !== undefined && (path === undefined || table === undefined)) return chosen;
  const got = chosen === undefined ? "neither" : "both";
  throw refusal(place.where, place.path, "given either a `source_table` or a `path`", got);
}

/** The files below a folder; a path that has an extension, a pattern or a variable is that of files already. */
export function toFiles(path: string, ending: string): string {
  return namesFile(path) ? path : `${path.replace(/\/+$/, "")}/**/*.${ending}`;
}

/** The one file that a folder gets; a path with an extension is that of the file already. */
export function toFile(path: string, dataset: string, ending: string): string {
  return namesFile(path) ? path : `${path.replace(/\/+$/, "")}/${dataset}.${ending}`;
}

function namesFile(path: string): boolean {
  const last = path.slice(path.lastIndexOf("/") + 1);
  return /[.*?{[]/.test(last);
}
