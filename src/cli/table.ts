// Aligned columns for a terminal.

export interface TableColumn {
  readonly title: string;
  /** Numbers are easier to compare when they end in line. */
  readonly align?: "left" | "right";
}

/** Lines of a table; the last column is cut where the terminal ends. Cells hold plain text. */
export function formatTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const format = (cells: readonly string[]): string => {
    const line = columns.map(({ align }, index) => pad(cells[index] ?? "", widths[index] ?? 0, align)).join("  ");
    return cut(line.trimEnd(), width);
  };
  return [format(columns.map(({ title }) => title)), ...rows.map(format)];
}

/** At most `width` characters, the last one an ellipsis when something is missing. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

function pad(text: string, width: number, align: TableColumn["align"]): string {
  return align === "right" ? text.padStart(width) : text.padEnd(width);
}
