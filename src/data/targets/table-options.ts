// What an output says of a table in a database file, whichever database it is.
import { optional } from "../../core/spec/option-notes.ts";
import { text } from "../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";

/** File and table are made when they are missing. */
export interface TableOptions {
  readonly path: string;
  /** Default: the name of the dataset. */
  readonly table?: string;
}

export function defineTableSpec(): Spec<TableOptions> {
  return defineSpec<TableOptions>()(() => ({
    path: text("a path").describe("file of the database, which is made when there is none"),
    table: optional(text("the name of a table"), "the name of the dataset").describe("table in the database"),
  }));
}
