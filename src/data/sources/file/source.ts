// Files as a source: those that a path or pattern names when the job runs.
import { relative } from "node:path";
import { optional } from "../../../core/spec/option-notes.ts";
import type { OptionPath } from "../../../core/spec/parse-options.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { OpenSource, SourceKind, SourceOpening } from "../../source.ts";
import { fileFormats } from "../format-registry.ts";
import { type FileSource, fileSpec } from "./options.ts";
import { openFileSource } from "./relation.ts";
import { withFileColumn } from "../row-files.ts";

/** A source of files. */
export interface FileDeclaration {
  readonly file: FileSource;
}

export const file: SourceKind<FileDeclaration> = {
  name: "file",
  summary: "files of one format with the same kind of rows",
  detail: fileSpec,
  options: defineSpec<Partial<FileDeclaration>>()(() => ({
    file: optional(fileSpec.schema).describe("files of one format with the same kind of rows"),
  })),
  assertOptions,
  open,
};

function assertOptions(where: string, path: OptionPath, source: FileDeclaration): void {
  const said = new Map<string, object>(Object.entries(source.file));
  for (const format of fileFormats) {
    const options = said.get(format.name) ?? {};
    format.assertOptions?.(where, [...path, "file", format.name], options);
  }
}

async function open(source: FileDeclaration, { session, root, table }: SourceOpening): Promise<OpenSource> {
  const relation = await openFileSource(session, source.file, root, table);
  const { sql, files, untyped, warnings, rowCount } = relation;
  const [first, ...others] = files;
  const inside = relative(root, first ?? "");
  return {
    ...(sql === undefined ? {} : { rows: { sql } }),
    isRepeatable: true,
    untyped,
    warnings,
    ...(rowCount === undefined ? {} : { rowCount }),
    ...(others.length > 0 || first === undefined ? {} : { place: inside.startsWith("..") ? first : inside }),
    telling: (column) => withFileColumn(session, relation, column, root),
    explain: async (error) => (relation.explain === undefined ? error : await relation.explain(error)),
    assertUnchanged: () => relation.assertUnchanged(),
  };
}
