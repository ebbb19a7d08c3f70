// Cells that are shown as one: the value of the first is given to all.
import type { Cell } from "./cell.ts";

interface Corner {
  readonly column: number;
  readonly row: number;
}

interface MergedRange {
  readonly from: Corner;
  readonly to: Corner;
  value?: Cell | undefined;
}

export class MergedCells {
  /** By their first row; those that rows below need, too, are in `open`. */
  readonly #byRow = new Map<number, MergedRange[]>();
  #open: MergedRange[] = [];

  add(from: Corner, to: Corner): void {
    const known = this.#byRow.get(from.row);
    if (known === undefined) this.#byRow.set(from.row, [{ from, to }]);
    else known.push({ from, to });
  }

  /** Rows come in their order. */
  fill(row: number, cells: Map<number, Cell>): void {
    const starting = this.#byRow.get(row) ?? [];
    for (const range of starting) range.value = cells.get(range.from.column);
    this.#open = [...this.#open.filter(({ to }) => to.row >= row), ...starting];
    for (const { from, to, value } of this.#open) {
      if (value === undefined) continue;
      for (let column = from.column; column <= to.column; column += 1) cells.set(column, value);
    }
  }
}
