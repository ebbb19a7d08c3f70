// Pages of the grid of past runs as one grid: members that only older runs have get rows of their own at the end.
import { type Grid } from "../../api/job.ts";

export type GridColumn = Grid["columns"][number];

export interface MergedGrid {
  readonly jobNames: readonly string[];
  /** The newest run first; cells in the order of `jobNames`. */
  readonly columns: readonly GridColumn[];
}

/** Keeps the order of members of the newest page. */
export function mergeGrid(pages: readonly Grid[]): MergedGrid {
  const jobNames = [...new Set(pages.flatMap((page) => page.job_names))];
  const columns = pages.flatMap((page) => {
    const indexByName = new Map(page.job_names.map((name, index) => [name, index]));
    const order = jobNames.map((name) => indexByName.get(name));
    return page.columns.map((column) => ({
      ...column,
      cells: order.map((index) => (index === undefined ? null : (column.cells[index] ?? null))),
    }));
  });
  return { jobNames, columns };
}

/** Where an arrow key leads from a cell; null for other keys. Row -1 is the head with the runs themselves. */
export function moveInGrid(
  key: string,
  at: { readonly row: number; readonly column: number },
  size: { readonly rows: number; readonly columns: number },
): { readonly row: number; readonly column: number } | null {
  const steps: Readonly<Record<string, readonly [row: number, column: number]>> = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
    Home: [0, -size.columns],
    End: [0, size.columns],
  };
  const step = steps[key];
  if (step === undefined) return null;
  const clamp = (value: number, min: number, max: number): number => Math.min(Math.max(value, min), Math.max(max, min));
  return { row: clamp(at.row + step[0], -1, size.rows - 1), column: clamp(at.column + step[1], 0, size.columns - 1) };
}
