// Rows of an engine as `mapBatch` sees them.
import type { ColumnChunk } from "../engine.ts";
import { suggest } from "../../core/errors/suggest.ts";
import type { MapBatch, MapRow } from "../../core/mapreduce/map-reduce.ts";

/** Some rows: one by one for `map`, by their columns for `mapBatch`. */
export type RowChunk = readonly MapRow[] | ColumnChunk;

export class ColumnBatch implements MapBatch {
  readonly #chunk: ColumnChunk;

  constructor(chunk: ColumnChunk) {
    this.#chunk = chunk;
  }

  get length(): number {
    return this.#chunk.length;
  }

  get columns(): readonly string[] {
    return [...this.#chunk.columns.keys()];
  }

  column(name: string): readonly unknown[] {
    const values = this.#chunk.columns.get(name);
    if (values !== undefined) return values;
    throw new TypeError(`the rows have no column \`${name}\`${suggest(name, this.columns)}`);
  }
}
