// Aligned columns for a terminal. Cells are made safe to print here, so that no caller forgets it.
import { printable } from "./terminal.ts";

export interface TableColumn {
  readonly title: string;
  /** Numbers are easier to compare when they end in line. */
  readonly align?: "left" | "right";
  /** Gives way before others when the terminal is narrow, down to 8 characters. */
  readonly shrink?: true;
}

/** Lines of a table; where the terminal is too narrow `shrink` columns are cut first, then the end of the lines. */
export function formatTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => row.map(oneLine))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  shrink(columns, widths, width);
  return lines.map((cells) => {
    const padded = columns.map(({ align }, index) => {
      const size = widths[index] ?? 0;
      return pad(cut(cells[index] ?? "", size), size, align);
    });
    return cut(padded.join(gap).trimEnd(), width);
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
const minShrunk = 8;

// Takes one character at a time from the widest column that may give way.
function shrink(columns: readonly TableColumn[], widths: number[], width: number): void {
  let excess = widths.reduce((sum, size) => sum + size + gap.length, -gap.length) - width;
  for (; excess > 0; excess -= 1) {
    let widest = -1;
    for (const [index, column] of columns.entries()) {
      const size = widths[index] ?? 0;
      if (column.shrink === true && size > minShrunk && size > (widths[widest] ?? 0)) widest = index;
    }
    if (widest === -1) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}

function pad(text: string, width: number, align: TableColumn["align"]): string {
  return align === "right" ? text.padStart(width) : text.padEnd(width);
}
