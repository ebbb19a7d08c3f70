// Aligned columns for a terminal. Cells are made safe to print here, so that no caller forgets it.
import { printable } from "./terminal.ts";

export interface TableColumn {
  readonly title: string;
  /** Numbers are easier to compare when they end in line. */
  readonly align?: "left" | "right";
  /** May be cut, down to 12 characters, when the terminal is narrow. */
  readonly shrink?: true;
  /** Colours a cell that is already padded; left out where lines are cut. */
  readonly paint?: (padded: string, cell: string) => string;
}

/** Lines of a table. On a narrow terminal the last column is cut, then `shrink` columns, then the end of the lines. */
export function formatTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => row.map(oneLine))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  shrink(columns, widths, width);
  // Escape sequences have no width, so a painted line cannot be cut.
  const isPainted = totalOf(widths) <= width;
  return lines.map((cells, line) => {
    const padded = columns.map(({ align, paint }, index) => {
      const size = widths[index] ?? 0;
      const cell = cells[index] ?? "";
      const text = pad(cut(cell, size), size, align);
      return isPainted && line > 0 && paint !== undefined ? paint(text, cell) : text;
    });
    return cut(padded.join(gap).trimEnd(), isPainted ? Infinity : width);
  });
}

/** At most `width` characters, the last one an ellipsis when something is missing. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** Printable text without line breaks. */
export function oneLine(text: string): string {
  return printable(text.replaceAll(/\s*[\n\r\t]\s*/g, " "));
}

const gap = "  ";
const minLast = 20;
const minShrunk = 12;

// The last column holds the running text, so it gives way first; then the widest of those that may, character by character.
function shrink(columns: readonly TableColumn[], widths: number[], width: number): void {
  const excess = (): number => totalOf(widths) - width;
  const last = widths.length - 1;
  const lastWidth = widths[last] ?? 0;
  if (columns[last]?.align !== "right")
    widths[last] = Math.max(Math.min(lastWidth, minLast), lastWidth - Math.max(0, excess()));
  for (let left = excess(); left > 0; left -= 1) {
    let widest = -1;
    for (const [index, column] of columns.entries()) {
      const size = widths[index] ?? 0;
      if (column.shrink === true && size > minShrunk && size > (widths[widest] ?? 0)) widest = index;
    }
    if (widest === -1) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}

function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, size) => sum + size + gap.length, -gap.length);
}

function pad(text: string, width: number, align: TableColumn["align"]): string {
  return align === "right" ? text.padStart(width) : text.padEnd(width);
}
