// Which sheet of a file is read.
import type { SpreadsheetOptions } from "./options.ts";

export type SheetChoice = Pick<SpreadsheetOptions, "sheet" | "merged">;

interface NamedSheet {
  readonly name: string;
  readonly isHidden: boolean;
}

/** @throws Error naming the sheets that are there */
export function chooseSheet<Sheet extends NamedSheet>(
  sheets: readonly Sheet[],
  wanted: string | number | undefined,
): { readonly sheet: Sheet; readonly others: readonly string[] } {
  const sheet =
    wanted === undefined
      ? sheets.find(({ isHidden }) => !isHidden)
      : typeof wanted === "number"
        ? sheets[wanted - 1]
        : sheets.find(({ name }) => name === wanted);
  if (sheet === undefined) {
    const names = sheets.map(({ name }) => `\`${name}\``).join(", ");
    const what = wanted === undefined ? "a sheet that is not hidden" : `the sheet \`${wanted}\``;
    throw new Error(`expected ${what} to be there, and the file has ${names === "" ? "none" : names}`);
  }
  const others = wanted === undefined ? sheets.filter((one) => one !== sheet && !one.isHidden) : [];
  return { sheet, others: others.map(({ name }) => name) };
}
