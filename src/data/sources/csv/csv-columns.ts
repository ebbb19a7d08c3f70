// Finds the columns of csv files and the position of each: by name where there is a header, in order where there is
// none.
import { MillraceError } from "../../../core/errors/errors.ts";
import type { CsvColumns, CsvOptions } from "./options.ts";
import { suggest } from "../../../core/errors/suggest.ts";
import { few } from "../source-differences.ts";
import { unreadableLine } from "../unreadable-line.ts";
import type { CsvFileHead } from "./csv-scan.ts";

/** Columns of all files, united by name. */
export interface CsvLayout {
  /** In order of appearance, or as declared. */
  readonly names: readonly string[];
  /** The names of the fields, among `names`, by the path of the file. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
  /** Names that are not read as they stand in the file: one sentence for each reason. */
  readonly warnings: readonly string[];
}

/**
 * Finds the columns. Names are the same in any case, as in SQL.
 * @throws MillraceError `SOURCE_UNREADABLE` for a file without a column that is declared, or with one more; `VALUE_INVALID` for a type
 *   of a column that no file has
 */
export function layOutColumns(files: readonly CsvFileHead[], options: CsvOptions): CsvLayout {
  const renamed: RenamedFields = { unnamed: [], repeated: [], otherCase: [] };
  const declared = options.columns === undefined ? undefined : Object.keys(options.columns);
  const united = new Map<string, string>(declared?.map((name) => [name.toLowerCase(), name]));
  const fields = new Map<string, readonly string[]>();
  for (const file of files) {
    const own = file.hasHeader ? nameFields(file, renamed) : numberFields(file, declared);
    if (declared !== undefined) assertDeclared(file, own, declared);
    for (const name of own) if (!united.has(name.toLowerCase())) united.set(name.toLowerCase(), name);
    const known = own.map((name) => united.get(name.toLowerCase()) ?? name);
    for (const [index, name] of known.entries())
      if (name !== own[index]) renamed.otherCase.push(`\`${own[index]}\` of \`${file.file}\` as \`${name}\``);
    fields.set(file.file, known);
  }
  const names = [...united.values()];
  if (files.length > 0) assertTyped(names, options.types ?? {});
  return { names, fields, warnings: describeRenamed(renamed) };
}

/** Fields whose names are others than those in the header of their file. */
interface RenamedFields {
  readonly unnamed: string[];
  readonly repeated: string[];
  readonly otherCase: string[];
}

/** However many fields and files there are, a person reads one sentence for each reason. */
function describeRenamed({ unnamed, repeated, otherCase }: RenamedFields): string[] {
  const reasons: [string, readonly string[]][] = [
    ["fields without a name in the header are read by their place", unnamed],
    ["names that come again in a header are read with a number", repeated],
    ["names that differ in case are one column", otherCase],
  ];
  return reasons.flatMap(([reason, found]) => (found.length === 0 ? [] : [`${reason}: ${few(found)}`]));
}

/** Every field keeps its column: an empty name becomes its place, and a name that is there already gets a number. */
function nameFields({ file, fields }: CsvFileHead, { unnamed, repeated }: RenamedFields): string[] {
  const taken = new Set(fields.map((name) => name.toLowerCase()));
  const seen = new Set<string>();
  return fields.map((field, index) => {
    const wanted = field === "" ? placeName(index, fields.length) : field;
    let name = wanted;
    for (let n = 1; seen.has(name.toLowerCase()) || (name !== field && taken.has(name.toLowerCase())); n += 1) {
      name = `${wanted}_${n}`;
    }
    seen.add(name.toLowerCase());
    if (field === "") unnamed.push(`field ${index + 1} of \`${file}\` as \`${name}\``);
    else if (name !== field) repeated.push(`\`${field}\` of \`${file}\` as \`${name}\``);
    return name;
  });
}

function numberFields({ file, fields, skip }: CsvFileHead, declared: readonly string[] | undefined): readonly string[] {
  if (declared === undefined) return fields.map((_, index) => placeName(index, fields.length));
  if (declared.length === fields.length) return declared;
  throw unreadableLine(
    file,
    skip + 1,
    `expected ${declared.length} fields, the columns that are declared, got: ${fields.length}`,
    "without a header `csv.columns` names all fields in their order",
  );
}

/** `column0`, with as many digits as the last one has. */
function placeName(index: number, width: number): string {
  return `column${String(index).padStart(String(width - 1).length, "0")}`;
}

function assertDeclared({ file, skip }: CsvFileHead, own: readonly string[], declared: readonly string[]): void {
  const [has, wants] = [own, declared].map((names) => new Set(names.map((name) => name.toLowerCase())));
  const lacking = declared.find((name) => has?.has(name.toLowerCase()) !== true);
  if (lacking !== undefined) {
    const problem = `the header lacks column \`${lacking}\`, which is declared${suggest(lacking, own)}`;
    throw unreadableLine(file, skip + 1, problem, `the header has: ${own.join(", ")}`);
  }
  const extra = own.find((name) => wants?.has(name.toLowerCase()) !== true);
  if (extra === undefined) return;
  const problem = `the header has column \`${extra}\`, which is not declared${suggest(extra, declared)}`;
  throw unreadableLine(file, skip + 1, problem, "`csv.columns` names all columns; `csv.types` names some of them");
}

function assertTyped(names: readonly string[], types: CsvColumns): void {
  const known = new Set(names.map((name) => name.toLowerCase()));
  const unknown = Object.keys(types).find((name) => !known.has(name.toLowerCase()));
  if (unknown === undefined) return;
  throw new MillraceError(
    "VALUE_INVALID",
    `no file has column \`${unknown}\` of \`csv.types\`${suggest(unknown, names)}`,
    {
      hint: `columns of the files: ${names.join(", ")}`,
    },
  );
}
