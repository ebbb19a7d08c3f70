// Defines the options of a source of plain text.
import { choice, text } from "../../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";

export interface TextOptions {
  /** Name of the one column. Default `text`. */
  readonly column?: string;
  /** What a row is: a line without its end, or all of a file. Default `line`. */
  readonly row?: "line" | "file";
}

export const textSpec: Spec<TextOptions> = defineSpec<TextOptions>()(() => ({
  column: text("a name").default("text").describe("the name of the one column"),
  row: choice(["line", "file"]).default("line").describe("what a row is: a line without its end, or all of a file"),
}));
