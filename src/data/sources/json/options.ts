// Defines the options of a source of JSON files.
import { optional } from "../../../core/spec/option-notes.ts";
import { text } from "../../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";

export interface JsonOptions {
  /** Name of the top-level field that holds the array of rows, for `{"rows": [...]}`. Default: the document is the rows. */
  readonly rows?: string;
}

export const jsonSpec: Spec<JsonOptions> = defineSpec<JsonOptions>()(() => ({
  rows: optional(text(), "the document is the rows").describe(
    'the top-level field that holds the array of rows, for `{ "rows": [...] }`',
  ),
}));
