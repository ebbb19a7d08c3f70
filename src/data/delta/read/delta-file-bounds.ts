// Reads from the log what is known of the values in each file, as one list of texts per question with one text for each
// file. Texts keep every digit; an absent text means that nothing is known.
import { type AddFile, ownTag } from "../log/delta-actions.ts";

/** Path of a value in a file: the names of a column and of the fields in it. */
export type FieldPath = readonly string[];

/** `own`: whether Millrace wrote the file; its bounds then hold every value, NaN as well. */
export type StatisticName = "min" | "max" | "nullCount" | "rowCount" | "own";

/** Statistics of files, read once for all columns. */
export class FileStatistics {
  readonly #files: readonly AddFile[];
  #parsed: readonly unknown[] | undefined;

  constructor(files: readonly AddFile[]) {
    this.#files = files;
  }

  /** One text for each file; null where the log says nothing. */
  list(name: StatisticName, path: FieldPath): (string | null)[] {
    if (name === "own") return this.#files.map((file) => (file.tags?.[ownTag] === undefined ? "false" : "true"));
    this.#parsed ??= this.#files.map((file) => parseStatistics(file.stats));
    const at = name === "rowCount" ? ["numRecords"] : [keys[name], ...path];
    return this.#parsed.map((stats) => textAt(stats, at));
  }
}

const keys = { min: "minValues", max: "maxValues", nullCount: "nullCount" } as const;

/** Numbers become texts first, because a double would round some of them. */
function parseStatistics(stats: string | null | undefined): unknown {
  if (stats === null || stats === undefined || stats === "") return undefined;
  try {
    return JSON.parse(stats.replaceAll(stringOrNumber, (token) => (token.startsWith('"') ? token : `"${token}"`)));
  } catch {
    return undefined; // statistics are a help and no duty
  }
}

const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

function textAt(value: unknown, path: readonly string[]): string | null {
  let found = value;
  for (const name of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return null;
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  return typeof found === "string" || typeof found === "boolean" ? String(found) : null;
}
