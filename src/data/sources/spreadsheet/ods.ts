// Sheets of OpenDocument files, cell by cell as they are in the file.
// @see OpenDocument 1.3 part 3, sections 9.1 and 19.385
import type { Cell, OpenSheet, SheetRow } from "./cell.ts";
import { chooseSheet, type SheetChoice } from "./choose-sheet.ts";
import { MergedCells } from "./merged-cells.ts";
import { parseXml, readXml } from "./xml-parts.ts";
import type { ReadPart } from "./xlsx-parts.ts";

type Attribute = (name: string) => string | undefined;

/** @throws Error for an archive that is no such document, and a sheet that is not there */
export async function openOds(part: ReadPart, choice: SheetChoice): Promise<OpenSheet> {
  const content = (): AsyncIterable<Uint8Array> => {
    const bytes = part("content.xml");
    if (bytes === undefined) throw new Error("it is no OpenDocument file: it has no content");
    return bytes;
  };
  await assertPlain(part("META-INF/manifest.xml"));
  const sheets = await readSheets(content());
  const { sheet, others } = chooseSheet(sheets, choice.sheet);
  return {
    name: sheet.name,
    is1904: false,
    others,
    async *rows() {
      const reader = new SheetReader(sheets.indexOf(sheet), choice.merged === "repeat");
      yield* parseXml(content(), reader, () => reader.takeRows());
    },
  };
}

async function assertPlain(manifest: AsyncIterable<Uint8Array> | undefined): Promise<void> {
  if (manifest === undefined) return;
  await readXml(manifest, {
    open: (name) => {
      if (name === "encryption-data") throw new Error("the file is encrypted with a password");
    },
    text: () => undefined,
    close: () => undefined,
  });
}

interface FoundSheet {
  readonly name: string;
  readonly isHidden: boolean;
}

async function readSheets(content: AsyncIterable<Uint8Array>): Promise<FoundSheet[]> {
  const hidden = new Set<string>();
  const sheets: FoundSheet[] = [];
  let style = "";
  let depth = 0;
  await readXml(content, {
    open: (name, attribute) => {
      if (name === "style") style = attribute("name") ?? "";
      if (name === "table-properties" && attribute("display") === "false") hidden.add(style);
      if (name !== "table") return;
      depth += 1;
      if (depth > 1) return;
      sheets.push({ name: attribute("name") ?? "", isHidden: hidden.has(attribute("style-name") ?? "") });
    },
    text: () => undefined,
    close: (name) => {
      if (name === "table") depth -= 1;
    },
  });
  return sheets;
}

/** A sheet has at most so many columns and rows, whatever an empty end of it says. */
const maxColumns = 16_384;
const maxRepeatedRows = 1_048_576;

class SheetReader {
  readonly #wanted: number;
  readonly #merged: MergedCells | undefined;
  #table = -1;
  #depth = 0;
  #rows: SheetRow[] = [];
  #number = 0;
  #rowRepeat = 1;
  #isHidden = false;
  #cells = new Map<number, Cell>();
  #column = 0;
  #cellRepeat = 1;
  #cell: Attribute | undefined;
  /** Paragraphs of the cell. */
  #texts: string[] = [];
  #isText = false;
  /** Notes that hang at a cell are no part of it. */
  #noteDepth = 0;

  constructor(wanted: number, repeatsMerged: boolean) {
    this.#wanted = wanted;
    this.#merged = repeatsMerged ? new MergedCells() : undefined;
  }

  takeRows(): readonly SheetRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  open(name: string, attribute: Attribute): void {
    if (name === "table") {
      this.#depth += 1;
      if (this.#depth === 1) this.#table += 1;
    }
    if (this.#table !== this.#wanted || this.#depth !== 1) return;
    if (name === "annotation" || this.#noteDepth > 0) this.#noteDepth += 1;
    if (this.#noteDepth > 0) return;
    switch (name) {
      case "table-row":
        this.#rowRepeat = Math.min(Number(attribute("number-rows-repeated") ?? 1), maxRepeatedRows);
        this.#isHidden = (attribute("visibility") ?? "visible") !== "visible";
        this.#cells = new Map();
        this.#column = 0;
        return;
      case "table-cell":
      case "covered-table-cell":
        this.#openCell(name, attribute);
        return;
      case "p":
        this.#texts.push("");
        this.#isText = true;
        return;
      case "s":
        this.text(" ".repeat(Math.min(Number(attribute("c") ?? 1), 10_000)));
        return;
      case "tab":
        this.text("\t");
        return;
      case "line-break":
        this.text("\n");
    }
  }

  text(text: string): void {
    if (!this.#isText || this.#noteDepth > 0 || this.#texts.length === 0) return;
    this.#texts.push(`${this.#texts.pop() ?? ""}${text}`);
  }

  close(name: string): void {
    if (name === "table") this.#depth -= 1;
    if (this.#table !== this.#wanted) return;
    if (this.#noteDepth > 0) {
      this.#noteDepth -= 1;
      return;
    }
    if (name === "p") this.#isText = false;
    if (name === "table-cell" || name === "covered-table-cell") this.#endCell();
    if (name === "table-row") this.#endRow();
  }

  #openCell(name: string, attribute: Attribute): void {
    this.#cell = attribute;
    this.#texts = [];
    this.#cellRepeat = Math.min(Number(attribute("number-columns-repeated") ?? 1), maxColumns - this.#column);
    const columns = Number(attribute("number-columns-spanned") ?? 1);
    const rows = Number(attribute("number-rows-spanned") ?? 1);
    if (name === "covered-table-cell" || (columns === 1 && rows === 1)) return;
    const from = { column: this.#column, row: this.#number + 1 };
    this.#merged?.add(from, { column: from.column + columns - 1, row: from.row + rows - 1 });
  }

  #endCell(): void {
    const cell = this.#cell === undefined ? undefined : toCell(this.#cell, this.#texts.join("\n"));
    this.#cell = undefined;
    if (cell !== undefined) {
      for (let index = 0; index < this.#cellRepeat; index += 1) this.#cells.set(this.#column + index, cell);
    }
    this.#column += this.#cellRepeat;
  }

  #endRow(): void {
    const count = this.#cells.size === 0 && this.#merged === undefined ? 0 : this.#rowRepeat;
    for (let index = 1; index <= count; index += 1) {
      const cells = new Map(this.#cells);
      this.#merged?.fill(this.#number + index, cells);
      if (cells.size === 0) break;
      this.#rows.push({ number: this.#number + index, isHidden: this.#isHidden, cells });
    }
    this.#number += this.#rowRepeat;
  }
}

function toCell(attribute: Attribute, text: string): Cell | undefined {
  const type = attribute("value-type");
  // programs of the LibreOffice family say of an error that it is one beside what they show
  if (/^(?:#[A-Z0-9/!?]+|Err:\d+)$/.test(text) && attribute("formula") !== undefined && type !== "float") {
    return { kind: "error", text };
  }
  switch (type) {
    case "float":
    case "percentage":
    case "currency":
      return { kind: "number", value: Number(attribute("value")), form: "number" };
    case "date":
      return { kind: "moment", text: attribute("date-value") ?? "" };
    case "time":
      return { kind: "duration", milliseconds: parseDuration(attribute("time-value") ?? "") };
    case "boolean":
      return { kind: "boolean", value: attribute("boolean-value") === "true" };
    case "string": {
      const own = attribute("string-value") ?? text;
      return own === "" ? undefined : { kind: "text", text: own };
    }
    default:
      if (attribute("formula") !== undefined) return { kind: "uncomputed" };
      return text === "" ? undefined : { kind: "text", text };
  }
}

/** `PT36H00M00.5S`. */
function parseDuration(text: string): number {
  const [, sign, days, hours, minutes, seconds] =
    /^(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?$/.exec(text) ?? [];
  if (sign === undefined) throw new Error("a cell has a time that is none");
  const [d, h, m, s] = [days, hours, minutes, seconds?.replace(",", ".")].map((part) => Number(part ?? 0));
  const milliseconds = Math.round((((d ?? 0) * 24 + (h ?? 0)) * 60 + (m ?? 0)) * 60_000 + (s ?? 0) * 1000);
  return sign === "-" ? -milliseconds : milliseconds;
}
