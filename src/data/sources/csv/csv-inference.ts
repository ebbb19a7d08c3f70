// Types of csv columns from their values: a few rows of each file tell what a column may be, and then every row of all files is asked.
// A column that the first rows show to be text is not looked at again.
import type { Column, EngineSession } from "../../../compute/engine.ts";
import type { FileColumns } from "../source-differences.ts";
import type { CsvFile } from "./csv-file.ts";
import { profileTexts, type Suspects, type TextKind, textKinds, type TextProfile } from "./csv-profile.ts";
import { asText, type CsvReader, selectCsv } from "./csv-reader.ts";
import { typeOfTexts } from "./csv-types.ts";

export interface InferenceInput {
  readonly session: EngineSession;
  readonly reader: CsvReader;
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
  /** The types that single files would have given where they differ from each other, as far as files were looked at alone. */
  readonly perFile: readonly FileColumns[];
}

/** Infers one type for each column from all files. */
export async function inferTypes(input: InferenceInput): Promise<Inference> {
  const { session, reader, files, names } = input;
  const samples = await profileSamples(input);
  const all = files.reduce((sum, { rows }) => sum + rows, 0);
  const isWhole = samples.length === files.length && files.every(({ rows }) => rows <= sampleRows);
  const suspects = isWhole || all === 0 ? new Map<string, TextKind[]>() : stillSuspected(input, samples);
  const profiles = await profileTexts(session, readAsText(reader, files), suspects);
  const types = new Map(
    names.map((name) => [name, typeOf(input, name, profiles.get(name) ?? join(name, samples))] as const),
  );
  return { types, perFile: files.map((file) => toFileColumns(reader, file, samples, types)) };
}

interface Sample {
  readonly file: CsvFile;
  readonly profiles: ReadonlyMap<string, TextProfile>;
}

const sampleRows = 2048;
/** Files times columns that are looked at one by one. */
const maxSampledFields = 2000;

async function profileSamples({ session, reader, files, names }: InferenceInput): Promise<Sample[]> {
  const samples: Sample[] = [];
  const atMost = Math.max(1, Math.floor(maxSampledFields / Math.max(1, names.length)));
  for (const file of files.slice(0, Math.min(atMost, 20))) {
    const own = reader.layout.fields.get(file) ?? [];
    const suspects = new Map(names.filter((name) => own.includes(name)).map((name) => [name, textKinds] as const));
    const rows = `SELECT * FROM (${readAsText(reader, [file])}) LIMIT ${sampleRows}`;
    samples.push({ file, profiles: file.rows === 0 ? new Map() : await profileTexts(session, rows, suspects) });
  }
  return samples;
}

/** Columns that may be something else than text, and what. */
function stillSuspected({ names, tableTypes, isVerbatim }: InferenceInput, samples: readonly Sample[]): Suspects {
  const suspects = new Map<string, readonly TextKind[]>();
  for (const name of names) {
    const { kinds } = join(name, samples);
    const staysText = isVerbatim && tableTypes.get(name.toLowerCase()) === "VARCHAR";
    if (kinds.length > 0 && !staysText) suspects.set(name, kinds);
  }
  return suspects;
}

/** What the samples of a column have in common. */
function join(name: string, samples: readonly Sample[]): TextProfile {
  const found = samples.flatMap(({ profiles }) => profiles.get(name) ?? []).filter(({ hasValues }) => hasValues);
  const [form, ...otherForms] = new Set(found.map((profile) => profile.form));
  return {
    hasValues: found.length > 0,
    kinds: textKinds.filter(
      (kind) => found.every(({ kinds }) => kinds.includes(kind)) && (kind !== "timestamp" || otherForms.length === 0),
    ),
    wholeDigits: Math.max(0, ...found.map(({ wholeDigits }) => wholeDigits)),
    scale: Math.max(0, ...found.map(({ scale }) => scale)),
    isBigint: found.every(({ isBigint }) => isBigint),
    isDouble: found.every(({ isDouble }) => isDouble),
    ...(form === undefined || otherForms.length > 0 ? {} : { form }),
  };
}

function typeOf({ tableTypes, isVerbatim }: InferenceInput, name: string, profile: TextProfile): string {
  const tableType = tableTypes.get(name.toLowerCase());
  return typeOfTexts(profile, isVerbatim || !profile.hasValues ? tableType : undefined);
}

function toFileColumns(
  { layout }: CsvReader,
  file: CsvFile,
  samples: readonly Sample[],
  types: Inference["types"],
): FileColumns {
  const columns = (layout.fields.get(file) ?? []).map((name): Column => {
    const own = samples.flatMap((sample) => ownType(sample, name) ?? []);
    const sample = samples.find((known) => known.file === file);
    const alone = new Set(own).size > 1 && sample !== undefined ? ownType(sample, name) : undefined;
    return { name, type: alone ?? types.get(name) ?? "VARCHAR" };
  });
  return { file: file.file, columns };
}

function ownType({ profiles }: Sample, name: string): string | undefined {
  const profile = profiles.get(name);
  return profile?.hasValues === true ? typeOfTexts(profile) : undefined;
}

function readAsText(reader: CsvReader, files: readonly CsvFile[]): string {
  return files.length === 0 ? "SELECT 1 WHERE false" : selectCsv(reader, files, () => asText);
}
