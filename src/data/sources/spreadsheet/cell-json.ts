// A cell as the JSON of a row. A column whose kind is declared has texts that the engine makes values of; what the cells of others
// are follows from them.
import type { Cell } from "./cell.ts";
import type { SheetColumnKind } from "./options.ts";
import { toDay, toMilliseconds, toTime, toTimestamp } from "./serial-dates.ts";

/** Before each text of a declared column, so that nobody takes it for a date. */
export const declaredMark = "\u{E000}";

/** What is wrong with a cell, without what it holds. */
export interface CellProblem {
  readonly problem: string;
}

/** @returns JSON, or what is wrong */
export function toJson(cell: Cell, kind: SheetColumnKind | undefined, is1904: boolean): string | CellProblem {
  if (cell.kind === "number" && Number.isInteger(cell.value) && Math.abs(cell.value) > Number.MAX_SAFE_INTEGER) {
    return { problem: "holds a whole number beyond 2^53, whose last digits the file does not have" };
  }
  if (kind === undefined || kind === "number" || kind === "boolean") return toFoundJson(cell, kind, is1904);
  const text = toText(cell, kind, is1904);
  return text === undefined ? { problem: `holds no ${kind}` } : JSON.stringify(`${declaredMark}${text}`);
}

/** SQL of the value of a declared column, over SQL of its text. */
export function fromDeclared(kind: SheetColumnKind, text: string): string | undefined {
  const type = { date: "DATE", timestamp: "TIMESTAMP", time: "TIME", duration: "INTERVAL", text: "VARCHAR" };
  if (kind === "number" || kind === "boolean") return undefined;
  return `CAST(substr(CAST(${text} AS VARCHAR), 2) AS ${type[kind]})`;
}

function toFoundJson(cell: Cell, kind: "number" | "boolean" | undefined, is1904: boolean): string | CellProblem {
  if (kind !== undefined && cell.kind !== kind) return { problem: `holds no ${kind}` };
  switch (cell.kind) {
    case "number": {
      const text = kind === undefined ? showNumber(cell, is1904) : undefined;
      return text === undefined ? String(cell.value) : JSON.stringify(text);
    }
    case "boolean":
      return String(cell.value);
    case "text":
    case "moment":
      return JSON.stringify(cell.text);
    case "duration":
      return JSON.stringify(printDuration(cell.milliseconds));
    default:
      return { problem: "holds no value" };
  }
}

/** A number that its format shows as something else; a number when it cannot be that. */
function showNumber({ value, form }: Extract<Cell, { kind: "number" }>, is1904: boolean): string | undefined {
  switch (form) {
    case "date":
    case "timestamp":
      return Number.isInteger(value) && form === "date" ? toDay(value, is1904) : toTimestamp(value, is1904);
    case "time":
      return toTime(value) ?? toTimestamp(value, is1904);
    case "duration":
      return printDuration(toMilliseconds(value));
    case "number":
      return undefined;
  }
}

function toText(cell: Cell, kind: Exclude<SheetColumnKind, "number" | "boolean">, is1904: boolean): string | undefined {
  if (kind === "text") return showText(cell);
  if (cell.kind === "number") return numberAs(cell.value, kind, is1904);
  if (cell.kind === "duration") {
    if (kind === "time") return toTime(cell.milliseconds / 86_400_000);
    return kind === "duration" ? `${cell.milliseconds} milliseconds` : undefined;
  }
  if (cell.kind !== "moment" && cell.kind !== "text") return undefined;
  const text = kind === "date" ? cell.text.replace(/T00:00:00(?:\.0+)?$/, "") : cell.text;
  return forms[kind]?.test(text) === true ? text : undefined;
}

const forms: Readonly<Record<string, RegExp>> = {
  date: /^\d{4}-\d\d-\d\d$/,
  timestamp: /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?)?$/,
  time: /^\d\d:\d\d:\d\d(?:\.\d{1,6})?$/,
};

function numberAs(
  value: number,
  kind: "date" | "timestamp" | "time" | "duration",
  is1904: boolean,
): string | undefined {
  switch (kind) {
    case "date":
      return toDay(value, is1904);
    case "timestamp":
      return toTimestamp(value, is1904);
    case "time":
      return toTime(value);
    case "duration":
      return `${toMilliseconds(value)} milliseconds`;
  }
}

function showText(cell: Cell): string | undefined {
  switch (cell.kind) {
    case "text":
    case "moment":
      return cell.text;
    case "number":
    case "boolean":
      return String(cell.value);
    case "duration":
      return printDuration(cell.milliseconds);
    default:
      return undefined;
  }
}

/** `PT36H0M0S`. */
function printDuration(milliseconds: number): string {
  const all = Math.abs(milliseconds);
  const seconds = (all % 60_000) / 1000;
  return `${milliseconds < 0 ? "-" : ""}PT${Math.trunc(all / 3_600_000)}H${Math.trunc(all / 60_000) % 60}M${seconds}S`;
}
