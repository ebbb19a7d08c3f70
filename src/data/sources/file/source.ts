// Files as a source: those that a path or pattern names when the job runs.
import { stat } from "node:fs/promises";
import { relative } from "node:path";
import { optional } from "../../../core/spec/option-notes.ts";
import type { OptionPath } from "../../../core/spec/parse-options.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { SourcePlan } from "../../../core/dataset/source-plan.ts";
import type { OpenSource, SourceKind, SourceOpening, SourcePlanning } from "../../source.ts";
import { assertFileReading } from "../file-reading-options.ts";
import { type FileSource, fileSpec } from "./options.ts";
import { findSourceFiles, openFileSource } from "./relation.ts";
import { withFileColumn } from "./row-files.ts";

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
  plan: planFiles,
  open,
};

function assertOptions(where: string, path: OptionPath, source: FileDeclaration): void {
  assertFileReading(where, [...path, "file"], source.file);
}

async function planFiles({ file }: FileDeclaration, { session, root }: SourcePlanning): Promise<SourcePlan> {
  const files = await findSourceFiles(session, file, root);
  const reads = files.map(async (path) => ({ file: placeOf(root, path), bytes: (await stat(path)).size }));
  return { kind: "file", reads: await Promise.all(reads) };
}

/** Relative to the project where it lies inside. */
function placeOf(root: string, path: string): string {
  const inside = relative(root, path);
  return inside.startsWith("..") ? path : inside;
}

async function open(
  source: FileDeclaration,
  { session, root, table, spool, onSecret }: SourceOpening,
): Promise<OpenSource> {
  const relation = await openFileSource(session, source.file, { root, table, spool, onSecret });
  const { sql, files, untyped, warnings, rowCount } = relation;
  const [first, ...others] = files;
  return {
    ...(sql === undefined ? {} : { rows: { sql } }),
    isRepeatable: true,
    untyped,
    warnings,
    ...(rowCount === undefined ? {} : { rowCount }),
    ...(others.length > 0 || first === undefined ? {} : { place: placeOf(root, first) }),
    telling: (column) => withFileColumn(session, relation, column, root),
    explain: async (error) => (relation.explain === undefined ? error : await relation.explain(error)),
    assertUnchanged: () => relation.assertUnchanged(),
  };
}
