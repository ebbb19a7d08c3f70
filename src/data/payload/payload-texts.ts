// The rows of a batch as texts, for services that take files and not JSON.
import { ExactNumber, type VariableValue } from "../../core/dataset/variables.ts";
import { printJson } from "../requests/value-path.ts";
import type { PayloadRow } from "./payload-values.ts";

/** One JSON document a line. */
export function printNdjson(rows: readonly PayloadRow[]): string {
  return rows.map((row) => `${printJson(row)}\n`).join("");
}

/** CSV by RFC 4180 with a header; null is an empty field, and a list or an object its JSON text. */
export function printCsv(columns: readonly string[], rows: readonly PayloadRow[]): string {
  const lines = rows.map((row) => columns.map((name) => printField(row[name] ?? null)));
  return [columns.map(quoteField), ...lines].map((fields) => `${fields.join(",")}\r\n`).join("");
}

function printField(value: VariableValue): string {
  if (value === null) return "";
  // an empty text is not null
  if (value === "") return '""';
  const isPlain = typeof value !== "object" || value instanceof ExactNumber;
  return quoteField(isPlain ? String(value) : printJson(value));
}

function quoteField(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
