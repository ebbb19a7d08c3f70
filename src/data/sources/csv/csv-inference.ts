// Types of csv columns from their values: a few rows of each file tell what a column may be, and then every row of all files is asked.
// A column that the first rows show to be text is not looked at again.
import type { Column, EngineSession } from "../../../compute/engine.ts";
import type { FileColumns } from "../source-differences.ts";
import type { CsvFile } from "./csv-file.ts";
import { claimOf } from "./csv-claim.ts";
import { profileTexts, type Suspicion, type TextKind, textKinds, type TextProfile } from "./csv-profile.ts";
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
  const { reader, files, names } = input;
  const samples = await profileSamples(input);
  const isWhole = samples.length === files.length && files.every(({ rows }) => rows <= sampleRows);
  const promised = new Map(names.map((name) => [name, join(name, samples)] as const));
  const asked = isWhole ? new Map<string, string>() : await askAllRows(input, promised);
  const types = new Map(
    names.map((name) => [name, asked.get(name) ?? typeOf(input, name, promised.get(name) ?? join(name, []))] as const),
  );
  return { types, perFile: files.map((file) => toFileColumns(reader, file, samples, types)) };
}

/** Types by all rows, of the columns that may be something else than text. */
async function askAllRows(
  input: InferenceInput,
  promised: ReadonlyMap<string, TextProfile>,
): Promise<Map<string, string>> {
  const { session, reader, files } = input;
  const rows = readAsText(reader, files);
  const claimed = new Map<string, string>();
  const suspects = new Map<string, Suspicion>();
  for (const [name, profile] of promised) {
    if (profile.kinds.length === 0 || isTextInTable(input, name)) continue;
    const type = typeOf(input, name, profile);
    const claim = profile.hasValues ? claimOf(type, profile) : undefined;
    if (claim !== undefined) claimed.set(name, type);
    suspects.set(name, claim === undefined ? openQuestion(input, name, profile.kinds) : { claim });
  }
  const found = await profileTexts(session, rows, suspects);
  const refuted = [...claimed.keys()].filter((name) => found.get(name)?.holdsClaim === false);
  const again = new Map(refuted.map((name) => [name, openQuestion(input, name, textKinds)] as const));
  const second = await profileTexts(session, rows, again);
  return new Map(
    Array.from(found, ([name, profile]) => {
      const type = profile.holdsClaim ? claimed.get(name) : undefined;
      return [name, type ?? typeOf(input, name, second.get(name) ?? profile)];
    }),
  );
}

function openQuestion({ tableTypes, isVerbatim }: InferenceInput, name: string, kinds: readonly TextKind[]): Suspicion {
  return { kinds, asDouble: isVerbatim && tableTypes.get(name.toLowerCase()) === "DOUBLE" };
}

function isTextInTable({ tableTypes, isVerbatim }: InferenceInput, name: string): boolean {
  return isVerbatim && tableTypes.get(name.toLowerCase()) === "VARCHAR";
}

interface Sample {
  readonly file: CsvFile;
  readonly profiles: ReadonlyMap<string, TextProfile>;
}

const sampleRows = 2048;
/** Files times columns that are looked at one by one. */
const maxSampledFields = 2000;

async function profileSamples(input: InferenceInput): Promise<Sample[]> {
  const { session, reader, files, names } = input;
  const samples: Sample[] = [];
  const atMost = Math.max(1, Math.floor(maxSampledFields / Math.max(1, names.length)));
  for (const file of files.slice(0, Math.min(atMost, 20))) {
    const own = reader.layout.fields.get(file) ?? [];
    const suspects = new Map(
      names.filter((name) => own.includes(name)).map((name) => [name, openQuestion(input, name, textKinds)] as const),
    );
    const rows = `SELECT * FROM (${readAsText(reader, [file])}) LIMIT ${sampleRows}`;
    samples.push({ file, profiles: file.rows === 0 ? new Map() : await profileTexts(session, rows, suspects) });
  }
  return samples;
}

/** What the samples of a column have in common. */
function join(name: string, samples: readonly Sample[]): TextProfile {
  const found = samples.flatMap(({ profiles }) => profiles.get(name) ?? []).filter(({ hasValues }) => hasValues);
  const form = only(found.map((profile) => profile.form));
  const length = only(found.map((profile) => profile.length));
  return {
    hasValues: found.length > 0,
    kinds: textKinds.filter(
      (kind) =>
        found.every(({ kinds }) => kinds.includes(kind)) &&
        (kind !== "timestamp" || !(found.length > 0) || form !== undefined),
    ),
    wholeDigits: Math.max(0, ...found.map(({ wholeDigits }) => wholeDigits)),
    scale: Math.max(0, ...found.map(({ scale }) => scale)),
    leastScale: Math.min(...found.map(({ leastScale }) => leastScale)),
    isBigint: found.every(({ isBigint }) => isBigint),
    isDouble: found.every(({ isDouble }) => isDouble),
    holdsClaim: false,
    ...(form === undefined ? {} : { form }),
    ...(length === undefined ? {} : { length }),
  };
}

/** What all have, if they have the same. */
function only<T>(values: readonly T[]): T | undefined {
  const [first, ...others] = new Set(values);
  return others.length === 0 ? first : undefined;
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
