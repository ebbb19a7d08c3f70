// The XML in spreadsheets, read while it is unpacked.
import { type SaxesAttributePlain, SaxesParser, type SaxesTagPlain } from "saxes";

/** Told what a document holds. Names have no prefix, since programs choose different ones. */
export interface XmlHandler {
  open(name: string, attribute: (name: string) => string | undefined): void;
  text(text: string): void;
  close(name: string): void;
}

/** Reads a document; after each part of it, what `take` gives goes out. @throws Error for what is no XML */
export async function* parseXml<Item>(
  bytes: AsyncIterable<Uint8Array>,
  handler: XmlHandler,
  take: () => Item,
): AsyncGenerator<Item, void> {
  const parser = new SaxesParser();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("doctype", () => {
    throw new Error("a document declares entities, which are not read");
  });
  parser.on("opentag", (tag) => handler.open(localName(tag.name), (name) => attributeOf(tag, name)));
  parser.on("text", (text) => handler.text(text));
  parser.on("cdata", (text) => handler.text(text));
  parser.on("closetag", (tag) => handler.close(localName(tag.name)));
  for await (const chunk of bytes) {
    parser.write(decoder.decode(chunk, { stream: true }));
    yield take();
  }
  parser.write(decoder.decode());
  parser.close();
  yield take();
}

/** Reads all of a document. */
export async function readXml(bytes: AsyncIterable<Uint8Array>, handler: XmlHandler): Promise<void> {
  for await (const part of parseXml(bytes, handler, () => true)) void part;
}

function localName(name: string): string {
  const colon = name.indexOf(":");
  return colon === -1 ? name : name.slice(colon + 1);
}

function attributeOf({ attributes }: SaxesTagPlain, name: string): string | undefined {
  const plain: Readonly<Record<string, SaxesAttributePlain["value"]>> = attributes;
  const own = plain[name];
  if (own !== undefined) return own;
  for (const key in plain) if (key.endsWith(name) && localName(key) === name) return plain[key];
  return undefined;
}
