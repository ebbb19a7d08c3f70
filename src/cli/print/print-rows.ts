// Rows of datasets as a table.
import type { RowsView } from "../../api/datasets/dataset.ts";
import { formatCountOf } from "./format-value.ts";
import { formatTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/** Rows on stdout, how many they are on stderr. */
export function printRows(terminal: Terminal, { columns, items, has_more: hasMore }: RowsView): void {
  const titles = columns.map(({ name }) => ({ title: name, shrink: true }) as const);
  const rows = items.map((item) => columns.map(({ name }) => toCell(item[name] ?? null)));
  for (const line of formatTable(titles, rows, terminal.width)) terminal.out(line);
  terminal.note(`${hasMore ? "the first " : ""}${formatCountOf(items.length, "row")}`);
}

function toCell(value: RowsView["items"][number][string]): string {
  if (value === null) return "NULL";
  return typeof value === "string" ? value : JSON.stringify(value);
}
