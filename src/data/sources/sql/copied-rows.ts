// What a reader of a database gives: copies of rows, and how the engine makes values of their texts.
import type { SpoolColumn, TextSpool } from "../../files/text-spool.ts";

/** Rows that were copied. */
export interface CopiedRows {
  readonly columns: readonly SpoolColumn[];
  /** Not empty. */
  readonly spools: readonly TextSpool[];
  /** As in `OpenSource`. */
  readonly untyped?: readonly string[];
  readonly warnings?: readonly string[];
}
