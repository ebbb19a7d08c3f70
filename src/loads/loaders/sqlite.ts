// A table in an SQLite file.
import { optional } from "../../core/spec/option-notes.ts";
import { text } from "../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import type { Described, LoaderStrategy } from "../strategy.ts";

export interface SqliteLoading {
  readonly path: string;
  readonly table?: string;
}

const options: Spec<SqliteLoading> = defineSpec<SqliteLoading>()(() => ({
  path: text("a path").describe("file of the database, which is made when there is none"),
  table: optional(text("the name of a table"), "the name of the dataset").describe("table in the database"),
}));

export const sqlite: Described<LoaderStrategy<SqliteLoading>, SqliteLoading> = {
  name: "SQLITE",
  summary: "a table in an SQLite file, which stands for the warehouse on a machine without one",
  options,
  toTarget: ({ path, table }) => ({ sqlite: { path, ...(table === undefined ? {} : { table }) } }),
};
