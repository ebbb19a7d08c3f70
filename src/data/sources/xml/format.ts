// XML: a row is an element, and its columns are the elements and attributes in it.
import type { FileFormat } from "../file-format.ts";
import { type XmlOptions, xmlSpec } from "./options.ts";

export const xml: FileFormat<XmlOptions, "xml"> = {
  name: "xml",
  summary: "how XML is read",
  options: xmlSpec,
  variants: ["xml"],
  extensions: { xml: "xml" },
  contentTypes: { xml: /^(?:application|text)\/(?:[\w.-]+\+)?xml$/ },
  endsWithLine: false,
  archives: "none",
  // a document says its encoding itself
  isText: false,
  read: async (session, files, { options = {}, ...reading }) =>
    await (await import("./relation.ts")).xmlRows(files, options, { session, ...reading }),
};
