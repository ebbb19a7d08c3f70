// What a workbook has beside its sheets: their names, the texts that cells share, and the formats of numbers.
// @see ECMA-376 part 1, sections 18.2, 18.4 and 18.8
import { posix } from "node:path";
import type { NumberForm } from "./cell.ts";
import { formOfBuiltIn, formOfFormat } from "./serial-dates.ts";
import { readXml } from "./xml-parts.ts";

/** Reads one part of the archive; `undefined` when it is not there. */
export type ReadPart = (name: string) => AsyncIterable<Uint8Array> | undefined;

export interface WorkbookSheet {
  readonly name: string;
  readonly isHidden: boolean;
  /** Of the part in the archive. */
  readonly part: string;
}

export interface Workbook {
  readonly sheets: readonly WorkbookSheet[];
  readonly is1904: boolean;
  readonly sharedTexts: string | undefined;
  readonly styles: string | undefined;
}

/** @throws Error for an archive that is no workbook */
export async function readWorkbook(part: ReadPart): Promise<Workbook> {
  const roots = await readRelations(part, "_rels/.rels", "");
  const workbook = roots.find(({ type }) => type.endsWith("/officeDocument"))?.target ?? "xl/workbook.xml";
  const bytes = part(workbook);
  if (bytes === undefined) throw new Error("it is no workbook: it has no part with the names of sheets");
  const folder = posix.dirname(workbook);
  const relations = await readRelations(part, `${folder}/_rels/${posix.basename(workbook)}.rels`, folder);
  const found: { name: string; isHidden: boolean; id: string }[] = [];
  let is1904 = false;
  await readXml(bytes, {
    open: (name, attribute) => {
      if (name === "workbookPr") is1904 = /^(?:1|true|on)$/.test(attribute("date1904") ?? "");
      if (name !== "sheet") return;
      const state = attribute("state") ?? "visible";
      found.push({ name: attribute("name") ?? "", isHidden: state !== "visible", id: attribute("id") ?? "" });
    },
    text: () => undefined,
    close: () => undefined,
  });
  const targetOf = (type: string): string | undefined => relations.find((one) => one.type.endsWith(type))?.target;
  return {
    is1904,
    sheets: found.map(({ id, ...sheet }) => ({ ...sheet, part: relations.find((one) => one.id === id)?.target ?? "" })),
    sharedTexts: targetOf("/sharedStrings"),
    styles: targetOf("/styles"),
  };
}

interface Relation {
  readonly id: string;
  readonly type: string;
  readonly target: string;
}

async function readRelations(part: ReadPart, name: string, folder: string): Promise<Relation[]> {
  const relations: Relation[] = [];
  const bytes = part(name);
  if (bytes === undefined) return relations;
  await readXml(bytes, {
    open: (element, attribute) => {
      if (element !== "Relationship") return;
      const target = attribute("Target") ?? "";
      const path = target.startsWith("/") ? target.slice(1) : posix.join(folder, target);
      relations.push({ id: attribute("Id") ?? "", type: attribute("Type") ?? "", target: path });
    },
    text: () => undefined,
    close: () => undefined,
  });
  return relations;
}

/** The texts that cells name by number. */
export async function readSharedTexts(bytes: AsyncIterable<Uint8Array> | undefined): Promise<string[]> {
  const texts: string[] = [];
  if (bytes === undefined) return texts;
  const item = new RichText();
  await readXml(bytes, {
    open: (name) => item.open(name),
    text: (text) => item.text(text),
    close: (name) => {
      item.close(name);
      if (name === "si") texts.push(item.take());
    },
  });
  return texts;
}

/** A text in parts of which each has a look of its own; what says how it is spoken is no part of it. */
export class RichText {
  #text = "";
  #isText = false;
  #isSpoken = false;

  open(name: string): void {
    if (name === "rPh") this.#isSpoken = true;
    if (name === "t") this.#isText = !this.#isSpoken;
  }

  text(text: string): void {
    if (this.#isText) this.#text += text;
  }

  close(name: string): void {
    if (name === "rPh") this.#isSpoken = false;
    if (name === "t") this.#isText = false;
  }

  take(): string {
    const text = unescapeText(this.#text);
    this.#text = "";
    return text;
  }
}

/** Characters that XML cannot hold are written as `_x000D_`. */
export function unescapeText(text: string): string {
  if (!text.includes("_x")) return text;
  return text.replaceAll(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)));
}

/** What cells of each style show numbers as, by the number of the style. */
export async function readStyles(bytes: AsyncIterable<Uint8Array> | undefined): Promise<NumberForm[]> {
  const forms: NumberForm[] = [];
  if (bytes === undefined) return forms;
  const own = new Map<number, NumberForm>();
  let isStyle = false;
  await readXml(bytes, {
    open: (name, attribute) => {
      if (name === "numFmt") own.set(Number(attribute("numFmtId")), formOfFormat(attribute("formatCode") ?? ""));
      if (name === "cellXfs") isStyle = true;
      if (name !== "xf" || !isStyle) return;
      const id = Number(attribute("numFmtId") ?? 0);
      forms.push(own.get(id) ?? formOfBuiltIn(id));
    },
    text: () => undefined,
    close: (name) => {
      if (name === "cellXfs") isStyle = false;
    },
  });
  return forms;
}
