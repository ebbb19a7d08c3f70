// Rows of a sheet as JSON objects: one row has the names of the columns, the rows behind it the values.
import { MillraceError } from "../../../core/errors/errors.ts";
import { type CellProblem, toJson } from "./cell-json.ts";
import { type Cell, columnLetters, type OpenSheet, type SheetRow } from "./cell.ts";
import type { SheetColumnKind, SpreadsheetOptions } from "./options.ts";

interface SheetColumn {
  readonly name: string;
  /** As JSON. */
  readonly key: string;
  readonly kind: SheetColumnKind | undefined;
}

export class SheetRows {
  readonly #file: string;
  readonly #sheet: OpenSheet;
  readonly #options: SpreadsheetOptions;
  readonly #columns = new Map<number, SheetColumn>();

  constructor(file: string, sheet: OpenSheet, options: SpreadsheetOptions) {
    this.#file = file;
    this.#sheet = sheet;
    this.#options = options;
  }

  /** Names of the columns, once all rows were read. */
  get columns(): readonly string[] {
    return Array.from(this.#columns.values(), ({ name }) => name);
  }

  /** @throws MillraceError `SOURCE_UNREADABLE` naming the cell */
  async *lines(): AsyncGenerator<readonly string[], void> {
    const { headerRow = 1 } = this.#options;
    let hasHeader = headerRow === 0;
    for await (const rows of this.#sheet.rows()) {
      const lines: string[] = [];
      for (const row of rows) {
        if (row.number === headerRow) {
          this.#readHeader(row);
          hasHeader = true;
        } else if (row.number > headerRow) {
          if (!hasHeader) throw this.#refused(`row ${headerRow} is empty, and not the names of columns`);
          this.#addLine(row, lines);
        }
      }
      yield lines;
    }
    if (hasHeader) this.#assertDeclared();
  }

  #readHeader({ cells, number }: SheetRow): void {
    const seen = new Map<string, string>();
    for (const [index, cell] of cells) {
      const name = toName(cell);
      const place = `${columnLetters(index)}${number}`;
      if (name === undefined) throw this.#refused(`cell ${place} is no name of a column`);
      const before = seen.get(name.toLowerCase());
      if (before !== undefined) throw this.#refused(`the columns ${before} and ${place} are both called \`${name}\``);
      seen.set(name.toLowerCase(), place);
      this.#columns.set(index, this.#toColumn(name));
    }
  }

  #addLine({ cells, number, isHidden }: SheetRow, lines: string[]): void {
    if (isHidden && this.#options.hiddenRows === "skip") return;
    const fields: string[] = [];
    for (const [index, cell] of cells) {
      const column = this.#columnAt(index, number);
      const json = this.#valueOf(cell, column.kind);
      if (typeof json !== "string") throw this.#refused(`cell ${columnLetters(index)}${number} ${json.problem}`);
      fields.push(`${column.key}:${json}`);
    }
    lines.push(`{${fields.join(",")}}`);
  }

  #valueOf(cell: Cell, kind: SheetColumnKind | undefined): string | CellProblem {
    if (cell.kind === "error") {
      if (this.#options.errors === "null") return "null";
      return { problem: `holds the error \`${cell.text.slice(0, 20)}\`; \`spreadsheet.errors\` says what that is` };
    }
    if (cell.kind === "uncomputed") return { problem: "holds a formula without a result" };
    return toJson(cell, kind, this.#sheet.is1904);
  }

  #columnAt(index: number, row: number): SheetColumn {
    const known = this.#columns.get(index);
    if (known !== undefined) return known;
    const letters = columnLetters(index);
    if (this.#options.headerRow !== 0) throw this.#refused(`cell ${letters}${row} is in a column without a name`);
    const column = this.#toColumn(letters);
    this.#columns.set(index, column);
    return column;
  }

  #toColumn(name: string): SheetColumn {
    return { name, key: JSON.stringify(name), kind: new Map(Object.entries(this.#options.columns ?? {})).get(name) };
  }

  #assertDeclared(): void {
    const names = new Set(this.columns);
    const missing = Object.keys(this.#options.columns ?? {}).find((name) => !names.has(name));
    if (missing === undefined || (this.#options.headerRow === 0 && names.size === 0)) return;
    throw this.#refused(`it has no column \`${missing}\`, which the source declares`);
  }

  #refused(problem: string): MillraceError {
    const where = `reading \`${this.#file}\`, sheet \`${this.#sheet.name}\``;
    return new MillraceError("SOURCE_UNREADABLE", `${where}: ${problem}`, {
      hint: "correct the sheet, or the options `spreadsheet` of the source",
    });
  }
}

function toName(cell: Cell): string | undefined {
  if (cell.kind === "text") return cell.text;
  return cell.kind === "number" && cell.form === "number" ? String(cell.value) : undefined;
}
