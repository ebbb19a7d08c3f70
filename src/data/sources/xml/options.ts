// Defines the options of a source of XML.
import { z } from "zod";
import { expecting, optional } from "../../../core/spec/option-notes.ts";
import { text, texts } from "../../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";

export interface XmlOptions {
  /** Path of the elements that are rows, from the root: `feed.entry`, where `*` is any element. Default: all below the root. */
  readonly rows?: string;
  /** Paths below the row of elements that are lists, also where one comes alone: `tags.tag`. */
  readonly lists?: readonly string[];
  /** Prefix → the name of a namespace. Elements of it have this prefix in all names, whichever one the file has. */
  readonly namespaces?: Readonly<Record<string, string>>;
}

export const xmlSpec: Spec<XmlOptions> = defineSpec<XmlOptions>()(() => ({
  rows: optional(text("a path"), "all elements below the root").describe(
    "path of the elements that are rows, from the root: `feed.entry`, where `*` is any element",
  ),
  lists: optional(texts("paths")).describe(
    "paths below the row of elements that are lists, also where one comes alone: `tags.tag`",
  ),
  namespaces: optional(expecting("an object of texts", z.record(z.string(), z.string()))).describe(
    "namespaces by the prefix that names of columns and paths have for them, whichever prefix a file has; others are named as they are written",
  ),
}));
