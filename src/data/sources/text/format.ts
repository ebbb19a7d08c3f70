// Plain text: a row is a line, or a file.
import type { FileFormat } from "../file-format.ts";
import { type TextOptions, textSpec } from "./options.ts";

export const text: FileFormat<TextOptions, "text"> = {
  name: "text",
  summary: "how plain text is read",
  options: textSpec,
  variants: ["text"],
  extensions: { txt: "text", log: "text" },
  contentTypes: { text: /^text\/[\w.+-]+$/ },
  endsWithLine: true,
  archives: "none",
  isText: true,
  read: async (session, files, { options = {}, spool }) =>
    await (await import("./relation.ts")).textRows(session, files, options, spool),
};
