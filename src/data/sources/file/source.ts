// Files as a source: those that a path or pattern names when the job runs.
import { optional } from "../../../core/spec/option-notes.ts";
import { type OptionPath, refusal } from "../../../core/spec/parse-options.ts";
import { parseTemplate } from "../../requests/template.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { SourcePlan } from "../../../core/dataset/source-plan.ts";
import type { OpenSource, SourceKind, SourceOpening, SourcePlanning } from "../../source.ts";
import { assertFileReading, takesWhole } from "../file-reading-options.ts";
import { listFiles } from "./choose-files.ts";
import { hasAddress, locateSource } from "./locate-source.ts";
import type { FoundFile } from "../../files/find-files.ts";
import { type FileSource, fileSpec } from "./options.ts";
import { placeInProject } from "../../files/place-in-project.ts";
import { findUnitFiles, openFileSource } from "./relation.ts";
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
  takesVariables: ({ file: { connection, ...said } }) =>
    connection !== undefined || hasAddress(said) || JSON.stringify(said).includes("{{"),
  deliversFiles: ({ file: { format } }) => takesWhole(format),
  connections: ({ file: { connection } }) => (connection === undefined ? [] : [connection]),
  assertOptions,
  plan: planFiles,
  open,
};

function assertOptions(where: string, path: OptionPath, source: FileDeclaration): void {
  const below = [...path, "file"];
  const { path: paths, pattern, list, format } = source.file;
  assertFileReading(where, below, source.file);
  for (const text of [paths].flat()) parseTemplate(text, `\`path\` of \`file\` of ${where}`);
  if (pattern !== undefined && !isExpression(pattern)) {
    throw refusal(where, [...below, "pattern"], "a regular expression", pattern);
  }
  if (list === true && format !== undefined) {
    throw refusal(where, [...below, "format"], "left out beside `list`, which reads no file", format);
  }
}

async function planFiles({ file }: FileDeclaration, planning: SourcePlanning): Promise<SourcePlan> {
  const units = await findUnitFiles(locateSource(file), planning, () => Date.now());
  const problems = units.flatMap(({ unit, error }) =>
    error === undefined ? [] : [{ unit: unit.key, problem: error.message }],
  );
  const files = listFiles(units).map((found) => ({ file: placeOf(planning.root, found), bytes: found.size }));
  return { kind: "file", reads: [...files, ...problems] };
}

function isExpression(text: string): boolean {
  try {
    return new RegExp(text, "u") instanceof RegExp;
  } catch {
    return false;
  }
}

function placeOf(root: string, { name, remote }: FoundFile): string {
  return remote === undefined ? placeInProject(root, name) : name;
}

async function open({ file: source }: FileDeclaration, opening: SourceOpening): Promise<OpenSource> {
  const { session, root } = opening;
  const relation = await openFileSource(locateSource(source), opening);
  const { sql, files, untyped, warnings, failures, rowCount, deliver } = relation;
  const [first, ...others] = files;
  return {
    ...(sql === undefined ? {} : { rows: { sql } }),
    isRepeatable: true,
    untyped,
    warnings: [...failures, ...warnings],
    ...(rowCount === undefined ? {} : { rowCount }),
    ...(deliver === undefined ? {} : { deliver }),
    ...(others.length > 0 || first === undefined ? {} : { place: placeOf(root, first) }),
    telling: (column) => withFileColumn(session, relation, column, root),
    explain: async (error) => (relation.explain === undefined ? error : await relation.explain(error)),
    assertUnchanged: () => relation.assertUnchanged(),
  };
}
