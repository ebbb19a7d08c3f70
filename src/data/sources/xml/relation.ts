// XML documents as rows, read while they come.
import { createReadStream } from "node:fs";
import { SaxesParser } from "saxes";
import type { MillraceError } from "../../../core/errors/errors.ts";
import type { SourceRows } from "../source-rows.ts";
import { type ObjectReading, objectRows } from "../typed/object-rows.ts";
import { unreadableLine } from "../unreadable-line.ts";
import type { XmlOptions } from "./options.ts";
import { RowBuilder } from "./row-builder.ts";
import { decodeXml } from "./xml-text.ts";

/** @throws MillraceError `SOURCE_UNREADABLE` naming file and line */
export async function xmlRows(
  files: readonly string[],
  options: XmlOptions,
  reading: Omit<ObjectReading, "lines">,
): Promise<SourceRows> {
  return await objectRows(files, { ...reading, lines: (file) => readRows(file, options) });
}

async function* readRows(file: string, options: XmlOptions): AsyncGenerator<readonly string[], void> {
  const parser = new SaxesParser({ xmlns: true });
  const fail = (problem: string, hint?: string): MillraceError => unreadableLine(file, parser.line, problem, hint);
  const builder = new RowBuilder(options, fail);
  parser.on("error", (error) => {
    // the library puts line and column before what is wrong
    throw fail(error.message.replace(/^\d+:\d+: /, ""));
  });
  parser.on("doctype", (doctype) => assertNoEntities(doctype, fail));
  parser.on("opentag", (tag) => builder.open(tag));
  parser.on("text", (text) => builder.text(text));
  parser.on("cdata", (text) => builder.text(text));
  parser.on("closetag", () => builder.close());
  let isEmpty = true;
  for await (const text of decodeXml(createReadStream(file, { highWaterMark: 256 * 1024 }), fail)) {
    isEmpty &&= text.trim() === "";
    parser.write(text);
    yield builder.takeRows();
  }
  if (isEmpty) return;
  parser.close();
  builder.end();
  yield builder.takeRows();
}

/** Entities may stand for endless text, or for files of this machine. */
function assertNoEntities(doctype: string, fail: (problem: string, hint?: string) => MillraceError): void {
  if (!/<!ENTITY/i.test(doctype)) return;
  throw fail("the document declares entities, which are not read", "have it written without a DTD");
}
