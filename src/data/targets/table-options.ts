// Defines the options that all targets share whose table is in a database file.
import type { z } from "zod";
import type { DatasetLocation } from "../../core/dataset/dataset.ts";
import { optional } from "../../core/spec/option-notes.ts";
import { text } from "../../core/spec/option-values.ts";
import { type OptionPath, refusal } from "../../core/spec/parse-options.ts";

/** A table of a database file; both are made when they are missing. */
export interface TableOptions {
  readonly path: string;
  /** Default: the name of the dataset. */
  readonly table?: string;
}

/** A table of a database file, as it is recorded. */
export interface TableLocation extends DatasetLocation {
  readonly table: string;
}

/** The shape of a spec of `TableOptions`. */
export function tableShape(): { readonly path: z.ZodString; readonly table: z.ZodOptional<z.ZodString> } {
  return {
    path: text("a path").describe("file of the database, which is made when there is none"),
    table: optional(text("the name of a table"), "the name of the dataset").describe("table in the database"),
  };
}

/**
 * @param reserved beginnings of names that the database or our own bookkeeping in it has taken, whatever their case
 * @throws MillraceError `JOB_INVALID` for a table with such a name
 */
export function assertFreeName(where: string, path: OptionPath, table: string, reserved: readonly string[]): void {
  const taken = reserved.find((start) => table.toLowerCase().startsWith(start));
  if (taken === undefined) return;
  throw refusal(where, [...path, "table"], `a name that does not start with \`${taken}\``, table, {
    hint: "such names are taken; name another `table`",
  });
}
