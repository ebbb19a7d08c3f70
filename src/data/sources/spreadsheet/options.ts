// Defines the options of a source of spreadsheets.
import { z } from "zod";
import { expecting, optional } from "../../../core/spec/option-notes.ts";
import { choice, integer } from "../../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";

const columnKinds = ["date", "timestamp", "time", "duration", "number", "text", "boolean"] as const;

/** What the cells of a column are, whatever their format says. */
export type SheetColumnKind = (typeof columnKinds)[number];

export interface SpreadsheetOptions {
  /** Name of the sheet, or its place from 1. Default: the first one that is not hidden. */
  readonly sheet?: string | number;
  /** The row with the names of the columns, from 1; those before it are left aside. 0: columns are called `A`, `B`, … Default 1. */
  readonly headerRow?: number;
  /** Column → its kind. The kinds of others follow from the cells and their formats. */
  readonly columns?: Readonly<Record<string, SheetColumnKind>>;
  /** What an error such as `#N/A` is. Default `fail`. */
  readonly errors?: "fail" | "null";
  /** Which cells of merged ones have the value. Default `first`. */
  readonly merged?: "first" | "repeat";
  /** What becomes of hidden rows. Default `keep`. */
  readonly hiddenRows?: "keep" | "skip";
}

export const spreadsheetSpec: Spec<SpreadsheetOptions> = defineSpec<SpreadsheetOptions>()(() => ({
  sheet: optional(
    expecting("the name of a sheet, or a number from 1", z.union([z.string().min(1), z.int().min(1)])),
    "the first one that is not hidden",
  ).describe("the name of the sheet, or its place from 1"),
  headerRow: integer(0, 1_048_576)
    .default(1)
    .describe("the row with the names of the columns, from 1; 0 when there is none, and columns are `A`, `B`, …"),
  columns: optional(
    expecting(`an object of ${columnKinds.join(", ")}`, z.record(z.string(), choice(columnKinds))),
    "they follow from the cells and their formats",
  ).describe("what the cells of columns are, by name; a cell that is something else is refused"),
  errors: choice(["fail", "null"]).default("fail").describe("what an error such as `#N/A` is"),
  merged: choice(["first", "repeat"]).default("first").describe("which cells of merged ones have the value"),
  hiddenRows: choice(["keep", "skip"]).default("keep").describe("what becomes of hidden rows"),
}));
