// Types of csv columns from their values, which were all looked at when the files were scanned.
import type { Column } from "../../../compute/engine.ts";
import type { FileColumns } from "../source-differences.ts";
import type { CsvLayout } from "./csv-columns.ts";
import type { CsvFile } from "./csv-file.ts";
import { joinProfiles, type TextProfile } from "./csv-profile.ts";
import { typeOfTexts } from "./csv-types.ts";

export interface InferenceInput {
  readonly layout: CsvLayout;
  readonly files: readonly CsvFile[];
  /** Columns whose types are not declared. */
  readonly names: readonly string[];
  /** Types of the table's columns, by name in lower case. */
  readonly tableTypes: ReadonlyMap<string, string>;
  /** Whether the rows go into the table as they are; then its types are taken where every value fits. */
  readonly isVerbatim: boolean;
}

export interface Inference {
  readonly types: ReadonlyMap<string, string>;
  /** The types that single files would have given where they differ from each other. */
  readonly perFile: readonly FileColumns[];
}

/** Infers one type for each column from all files. */
export function inferTypes({ layout, files, names, tableTypes, isVerbatim }: InferenceInput): Inference {
  const types = new Map<string, string>();
  const differing = new Set<string>();
  for (const name of names) {
    const profile = joinColumn(files, name);
    const tableType = tableTypes.get(name.toLowerCase());
    types.set(name, typeOfTexts(profile, isVerbatim || profile.kind === undefined ? tableType : undefined));
    if (new Set(files.flatMap((file) => ownType(file, name) ?? [])).size > 1) differing.add(name);
  }
  const perFile = files.map((file): FileColumns => {
    const columns = (layout.fields.get(file.file) ?? []).map((name): Column => {
      const alone = differing.has(name) ? ownType(file, name) : undefined;
      return { name, type: alone ?? types.get(name) ?? "VARCHAR" };
    });
    return { file: file.file, columns };
  });
  return { types, perFile };
}

/** What all files have in common in one column. */
export function joinColumn(files: readonly CsvFile[], name: string): TextProfile {
  return joinProfiles(files.flatMap(({ profiles }) => profiles.get(name) ?? []));
}

function ownType({ profiles }: CsvFile, name: string): string | undefined {
  const profile = profiles.get(name);
  return profile?.kind === undefined ? undefined : typeOfTexts(profile);
}
