// Sheets of Excel workbooks, cell by cell as they are in the file.
// @see ECMA-376 part 1, section 18.3.1
import { type Cell, type NumberForm, type OpenSheet, parseReference, type SheetRow } from "./cell.ts";
import { chooseSheet, type SheetChoice } from "./choose-sheet.ts";
import { MergedCells } from "./merged-cells.ts";
import { parseXml, readXml } from "./xml-parts.ts";
import { type ReadPart, readSharedTexts, readStyles, readWorkbook, RichText, unescapeText } from "./xlsx-parts.ts";

/** @throws Error for an archive that is no workbook, and a sheet that is not there */
export async function openXlsx(part: ReadPart, choice: SheetChoice): Promise<OpenSheet> {
  const workbook = await readWorkbook(part);
  const { sheet, others } = chooseSheet(workbook.sheets, choice.sheet);
  const need = (name: string): AsyncIterable<Uint8Array> => {
    const bytes = part(name);
    if (bytes === undefined) throw new Error(`the sheet \`${sheet.name}\` is not in the file`);
    return bytes;
  };
  return {
    name: sheet.name,
    is1904: workbook.is1904,
    others,
    async *rows() {
      const texts = await readSharedTexts(partOf(part, workbook.sharedTexts));
      const forms = await readStyles(partOf(part, workbook.styles));
      const merged = choice.merged === "repeat" ? await readMerged(need(sheet.part)) : undefined;
      const reader = new SheetReader(texts, forms, merged);
      yield* parseXml(need(sheet.part), reader, () => reader.takeRows());
    },
  };
}

function partOf(part: ReadPart, name: string | undefined): AsyncIterable<Uint8Array> | undefined {
  return name === undefined ? undefined : part(name);
}

/** Which cells are merged stands behind all cells. */
async function readMerged(bytes: AsyncIterable<Uint8Array>): Promise<MergedCells> {
  const merged = new MergedCells();
  await readXml(bytes, {
    open: (name, attribute) => {
      const [from, to] = (name === "mergeCell" ? (attribute("ref") ?? "") : "").split(":").map(parseReference);
      if (from !== undefined && to !== undefined) merged.add(from, to);
    },
    text: () => undefined,
    close: () => undefined,
  });
  return merged;
}

class SheetReader {
  readonly #texts: readonly string[];
  readonly #forms: readonly NumberForm[];
  readonly #merged: MergedCells | undefined;
  readonly #inline = new RichText();
  #rows: SheetRow[] = [];
  #row = { number: 0, isHidden: false, cells: new Map<number, Cell>() };
  #column = -1;
  #type = "n";
  #form: NumberForm = "number";
  #value: string | undefined;
  #isValue = false;
  #hasFormula = false;

  constructor(texts: readonly string[], forms: readonly NumberForm[], merged: MergedCells | undefined) {
    this.#texts = texts;
    this.#forms = forms;
    this.#merged = merged;
  }

  takeRows(): readonly SheetRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  open(name: string, attribute: (name: string) => string | undefined): void {
    this.#inline.open(name);
    switch (name) {
      case "row": {
        const number = Number(attribute("r") ?? this.#row.number + 1);
        const isHidden = /^(?:1|true)$/.test(attribute("hidden") ?? "");
        this.#row = { number, isHidden, cells: new Map() };
        this.#column = -1;
        return;
      }
      case "c":
        this.#column = parseReference(attribute("r") ?? "")?.column ?? this.#column + 1;
        this.#type = attribute("t") ?? "n";
        this.#form = this.#forms[Number(attribute("s") ?? 0)] ?? "number";
        this.#value = undefined;
        this.#hasFormula = false;
        return;
      case "v":
        this.#isValue = true;
        this.#value = "";
        return;
      case "f":
        this.#hasFormula = true;
    }
  }

  text(text: string): void {
    this.#inline.text(text);
    if (this.#isValue) this.#value = `${this.#value ?? ""}${text}`;
  }

  close(name: string): void {
    this.#inline.close(name);
    if (name === "v") this.#isValue = false;
    if (name === "c") this.#endCell();
    if (name !== "row") return;
    this.#merged?.fill(this.#row.number, this.#row.cells);
    if (this.#row.cells.size > 0) this.#rows.push(this.#row);
  }

  #endCell(): void {
    const inline = this.#inline.take();
    const cell =
      this.#type === "inlineStr"
        ? textCell(inline)
        : this.#value === undefined
          ? this.#hasFormula
            ? ({ kind: "uncomputed" } as const)
            : undefined
          : this.#toCell(this.#value);
    if (cell !== undefined) this.#row.cells.set(this.#column, cell);
  }

  #toCell(value: string): Cell | undefined {
    switch (this.#type) {
      case "s": {
        const text = this.#texts[Number(value)];
        if (text === undefined) throw new Error("a cell names a shared text that is not there");
        return textCell(text);
      }
      case "str":
        return textCell(unescapeText(value));
      case "b":
        return { kind: "boolean", value: value === "1" || value === "true" };
      case "e":
        return { kind: "error", text: value };
      case "d":
        return { kind: "moment", text: value };
      default: {
        if (value === "") return this.#hasFormula ? { kind: "uncomputed" } : undefined;
        const number = Number(value);
        if (Number.isNaN(number)) throw new Error(`row ${this.#row.number} has a number that is none`);
        return { kind: "number", value: number, form: this.#form };
      }
    }
  }
}

/** An empty text is an empty cell. */
function textCell(text: string): Cell | undefined {
  return text === "" ? undefined : { kind: "text", text };
}
