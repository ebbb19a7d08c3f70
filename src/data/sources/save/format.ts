// Files as they are: each is put elsewhere byte by byte, and is a row that says what it is and where it lies.
import type { OptionPath } from "../../../core/spec/parse-options.ts";
import { parseTemplate } from "../../requests/template.ts";
import type { FileFormat } from "../file-format.ts";
import { type SaveOptions, saveSpec } from "./options.ts";

export const save: FileFormat<SaveOptions, "file"> = {
  name: "save",
  summary: "where files of the format `file` are put, which are not read",
  options: saveSpec,
  variants: ["file"],
  extensions: {},
  // a page of HTML with status 200 is mostly no file
  contentTypes: { file: /^(?!text\/html$|application\/xhtml\+xml$)/ },
  endsWithLine: false,
  archives: "none",
  isText: false,
  takesWhole: true,
  assertOptions,
  read: async (session, files, reading) => await (await import("./relation.ts")).savedRows(session, files, reading),
};

function assertOptions(
  where: string,
  path: OptionPath,
  { path: folder, name, md5, sha256 }: Partial<SaveOptions>,
): void {
  for (const [option, text] of Object.entries({ path: folder, name, md5, sha256 })) {
    if (text !== undefined) parseTemplate(text, `\`${[...path, option].join(".")}\` of ${where}`);
  }
}
