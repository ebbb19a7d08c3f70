// Answers of S3 in XML: small documents whose elements are told apart by their names.
import { SaxesParser } from "saxes";
import { MillraceError } from "../../core/errors/errors.ts";

/** An element with the texts of its leaves by name, and the elements below it that have some themselves. */
export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** @throws MillraceError `FORMAT_INVALID` for what is no XML */
export function parseXml(text: string, what: string): XmlElement {
  // keys may have characters that XML has only since 1.1
  const parser = new SaxesParser({ defaultXMLVersion: "1.1", forceXMLVersion: true });
  const root: OpenElement = { name: "", text: "", children: [] };
  const open = [root];
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name }) => {
    const element: OpenElement = { name, text: "", children: [] };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on("text", (part) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += part;
  });
  parser.on("closetag", () => void open.pop());
  try {
    parser.write(text).close();
  } catch (cause) {
    throw new MillraceError("FORMAT_INVALID", `${what}: the answer is no XML`, {
      cause,
      hint: "compare `endpoint` of the connection with the service's documentation",
    });
  }
  return root.children[0] ?? root;
}

/** The text of the first child of that name. */
export function textOf(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text;
}

interface OpenElement extends XmlElement {
  text: string;
  readonly children: OpenElement[];
}
