// Defines how a job declares what becomes of the rows of its source.
import type { OneOf } from "../one-of.ts";

/** Kind of step → what a job says of such a step; the kinds themselves add to this interface (`data/convert`). */
export interface ConvertSteps {}

/**
 * One row after the other. Values are those of `ctx.sql`: bigint for 64-bit integers, text for decimals, dates and timestamps.
 * @returns the row, several rows, or nothing for a row that is left out
 */
export type RowFunction = (row: ConvertRow) => ConvertResult | Promise<ConvertResult>;

/** What a function gets, or gives, as a row. */
export type ConvertRow = Readonly<Record<string, unknown>>;

export type ConvertResult = ConvertRow | readonly ConvertRow[] | undefined | void;

/** Exactly one kind of step; a function alone is a step `map`. */
export type ConvertStep = OneOf<ConvertSteps> | RowFunction;
