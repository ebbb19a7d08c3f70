// What formats of text say of themselves, so that one target serves them all.
import type { Column } from "../../compute/engine.ts";
import type { HeldColumn } from "../schema-contract.ts";
import type { ValueLimit } from "../target.ts";
import type { KnownFile } from "./column-file.ts";
import type { FileKind } from "./run-files.ts";

/** A format of text files. */
export interface TextFormat extends FileKind {
  /** What files of the format are called, such as `CSV`. */
  readonly title: string;
  /** The character around fields that hold line ends, of formats in which fields may hold them. */
  readonly quote?: string;
  hold(column: Column): HeldColumn;
  limits(column: Column): ValueLimit[];
  /** One statement that writes rows to a file. */
  write(rows: { readonly sql: string; readonly columns: readonly Column[] }, path: string): string;
  /** One `select` over files that runs have written with these columns, which gives exactly them. */
  read(files: readonly KnownFile[], columns: readonly Column[]): string;
}
