// Defines the options of a source that is a Delta Lake table which no job of the project publishes.
import { optional } from "../../../core/spec/option-notes.ts";
import { integer, text } from "../../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";

/** A Delta Lake table by its place. */
export interface DeltaTableSource {
  /** Folder of the table, or its address in a bucket: `s3://bucket/key`. A relative one belongs to the project and may not lead out of it. */
  readonly path: string;
  /** Where `path` is a key: a connection of the kind `s3`. Default: this machine. */
  readonly connection?: string;
  /** A version of the table's log, from 0. Default: the latest. */
  readonly version?: number;
}

export const deltaTableSpec: Spec<DeltaTableSource> = defineSpec<DeltaTableSource>()(() => ({
  path: text("a path").describe(
    "folder of the table, or its address in a bucket: `s3://bucket/key`; a relative one belongs to the project and may not lead out of it",
  ),
  connection: optional(text("the name of a connection"), "this machine").describe(
    "where `path` is a key: a connection of the kind `s3`",
  ),
  version: optional(integer(0), "the latest").describe("a version of the table's log"),
}));
