// What a cell holds, as the file has it: nothing is a date yet that is a number in the file.

/** What the format of a number shows it as. */
export type NumberForm = "number" | "date" | "timestamp" | "time" | "duration";

export type Cell =
  | { readonly kind: "number"; readonly value: number; readonly form: NumberForm }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  /** `2026-01-31`, or with `T10:00:00.5` behind it. */
  | { readonly kind: "moment"; readonly text: string }
  | { readonly kind: "duration"; readonly milliseconds: number }
  /** Such as `#N/A`. */
  | { readonly kind: "error"; readonly text: string }
  /** A formula whose result nobody has computed. */
  | { readonly kind: "uncomputed" };

/** A row with something in it. */
export interface SheetRow {
  /** From 1, as a person sees it. */
  readonly number: number;
  readonly isHidden: boolean;
  /** Column, from 0 → its cell; empty ones are absent. */
  readonly cells: ReadonlyMap<number, Cell>;
}

/** A sheet that was found. */
export interface OpenSheet {
  readonly name: string;
  /** Whether days are counted from 1904. */
  readonly is1904: boolean;
  /** Sheets that nothing is read of, and that are not hidden. */
  readonly others: readonly string[];
  rows(): AsyncIterable<readonly SheetRow[]>;
}

/** `A` for 0, `AA` for 26. */
export function columnLetters(column: number): string {
  const rest = Math.floor(column / 26);
  return `${rest === 0 ? "" : columnLetters(rest - 1)}${String.fromCodePoint(65 + (column % 26))}`;
}

/** The column, from 0, and the row, from 1, of a reference such as `AB12`. */
export function parseReference(reference: string): { readonly column: number; readonly row: number } | undefined {
  const [, letters, digits] = /^\$?([A-Z]{1,3})\$?(\d{1,7})$/.exec(reference) ?? [];
  if (letters === undefined) return undefined;
  let column = 0;
  for (const letter of letters) column = column * 26 + (letter.codePointAt(0) ?? 0) - 64;
  return { column: column - 1, row: Number(digits) };
}
