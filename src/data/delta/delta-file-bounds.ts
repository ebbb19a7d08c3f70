// What the log says about the values in each file, one list of texts for each thing asked for: partition values, smallest and
// largest values, counts. Texts keep every digit; an absent one is not known.
import type { AddFile } from "./delta-actions.ts";
import { columnsTag } from "./delta-relation.ts";

/** Path of a value in a file: the names of a column and of the fields in it. */
export type FieldPath = readonly string[];

export interface FileBounds {
  readonly min: readonly (string | null)[];
  readonly max: readonly (string | null)[];
  readonly nullCount: readonly (string | null)[];
  readonly rowCount: readonly (string | null)[];
  /** Whether Millrace wrote the file: its bounds then count NaN, which others leave out. */
  readonly own: readonly (string | null)[];
}

/** Statistics of files, read once for all columns. */
export class FileStatistics {
  readonly #files: readonly AddFile[];
  readonly #parsed: readonly unknown[];

  constructor(files: readonly AddFile[]) {
    this.#files = files;
    this.#parsed = files.map((file) => parseStatistics(file.stats));
  }

  boundsOf(path: FieldPath): FileBounds {
    const list = (...at: readonly string[]): (string | null)[] => this.#parsed.map((stats) => textAt(stats, at));
    return {
      min: list("minValues", ...path),
      max: list("maxValues", ...path),
      nullCount: list("nullCount", ...path),
      rowCount: list("numRecords"),
      own: this.#files.map((file) => (file.tags?.[columnsTag] === undefined ? "false" : "true")),
    };
  }
}

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
