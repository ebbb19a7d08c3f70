// Datasets of credentials: encrypted, outside of the lake, and read by `inputs` with the role `authentication` alone. Everything
// else that asks for their rows is refused here, so that nothing that shows rows has to know of them.
import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { type EngineSession, quoteIdentifier, quoteLiteral } from "../../compute/engine.ts";
import type { SecretSeal } from "../../connections/auth/seal.ts";
import type { DatasetLocation } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { defineSpec } from "../../core/spec/spec.ts";
import type { Target, TargetFormat, TargetInput, TargetPlace, TargetResult } from "../target.ts";
import { readSealedHeader, readSealedRows, type SealedRows, writeSealedFile } from "./sealed-file.ts";

/** What locations call it. */
const formatName = "sealed";
/** Credentials are few; a table of them is a mistake. */
const maxRows = 1_000;

/** The format of datasets that outputs with `sealed: true` go to. No output names it otherwise. */
export const sealedTable: TargetFormat = {
  name: formatName,
  summary: "an encrypted file",
  abilities: { merges: false, keepsHistory: false, partitions: false, changesMode: false, keepsVersions: false },
  options: defineSpec<object>()(() => ({})),
  open: (_options, place) => openSealed(sealedPath(place)),
  async read({ path }, { seal }) {
    if (seal === undefined) throw refusal(basename(path));
    return { sql: selectSealed(await readSealedRows(path, await seal())) };
  },
  async findDamage(_session, { path }) {
    const header = await readSealedHeader(path).catch((error: unknown) => error);
    if (header === undefined) return [`\`${path}\` is gone`];
    return header instanceof MillraceError ? [header.message] : [];
  },
  deleteTable: (_engine, { path }) => rm(path, { force: true }),
};

/** Whether a dataset is one of credentials. */
export function isSealedLocation({ format }: Pick<DatasetLocation, "format">): boolean {
  return format === formatName;
}

/** Seals the rows anew, with the newest key. @param beforeSwap called right before that becomes visible */
export async function renewSealedTable(
  { path }: Pick<DatasetLocation, "path">,
  seal: SecretSeal,
  beforeSwap: () => Promise<void>,
): Promise<void> {
  const [header, rows] = [await readSealedHeader(path), await readSealedRows(path, seal)];
  if (header !== undefined) await writeSealedFile(path, { header, rows, seal }, beforeSwap);
}

/** Where the rows of a dataset are. */
export function sealedPath({ home, dataset }: Pick<TargetPlace, "home" | "dataset">): string {
  return join(home, "sealed", dataset);
}

function openSealed(path: string): Target {
  return {
    format: formatName,
    path,
    // each publication is a table of its own, whose columns are those of its rows
    currentColumns: () => Promise.resolve(undefined),
    hold: (columns) => columns.map((column) => ({ ...column, expression: quoteIdentifier(column.name) })),
    limits: () => [],
    isCurrent: async (_session, { fingerprint }) => (await readSealedHeader(path))?.fingerprint === fingerprint,
    hasPublished: async (_session, { runKey }) => (await readSealedHeader(path))?.runKey === runKey,
    publish: (input) => publish(path, input),
  };
}

async function publish(path: string, input: TargetInput): Promise<TargetResult> {
  const { session, rows, writer, seal } = input;
  const sealed = await readAsTexts(session, rows);
  const header = { runKey: writer.runKey, fingerprint: writer.fingerprint, rows: sealed.rows.length };
  await writeSealedFile(path, { header, rows: sealed, seal: await requireSeal(seal) }, () => input.assertHeld());
  return { location: { format: formatName, path }, changed: true, rowCount: sealed.rows.length, warnings: [] };
}

async function readAsTexts(session: EngineSession, { sql, columns }: TargetInput["rows"]): Promise<SealedRows> {
  const texts = columns.map(({ name }, index) => `CAST(${quoteIdentifier(name)} AS VARCHAR) AS c${index}`);
  const rows = await session.query(`SELECT ${texts.join(", ")} FROM (${sql}) LIMIT ${maxRows + 1}`);
  if (rows.length > maxRows) {
    throw new MillraceError("TARGET_UNSUPPORTED", `a sealed dataset has at most ${maxRows} rows`, {
      hint: "seal credentials only; other rows belong into a dataset that is not sealed",
    });
  }
  return {
    columns: columns.map(({ name, type }) => ({ name, type })),
    // every column was cast to text
    rows: rows.map((row) => columns.map((_column, index) => row[`c${index}`] as string | null)),
  };
}

/** The rows are in the text of the query, and on no disk. */
function selectSealed({ columns, rows }: SealedRows): string {
  const names = columns.map((_column, index) => `c${index}`).join(", ");
  const list = columns.map(({ name, type }, index) => `CAST(c${index} AS ${type}) AS ${quoteIdentifier(name)}`);
  const values = rows.map((row) => `(${row.map((text) => (text === null ? "NULL" : quoteLiteral(text))).join(", ")})`);
  const nothing = `SELECT ${columns.map(() => "NULL").join(", ")} WHERE false`;
  const from = values.length === 0 ? `(${nothing})` : `(VALUES ${values.join(", ")})`;
  return `SELECT ${list.join(", ")} FROM ${from} AS sealed(${names})`;
}

async function requireSeal(seal: TargetInput["seal"]): Promise<SecretSeal> {
  if (seal !== undefined) return await seal();
  throw new MillraceError("INTERNAL", "there is no key to seal a dataset with");
}

function refusal(dataset: string): MillraceError {
  return new MillraceError("DATASET_SEALED", `rows of dataset \`${dataset}\` are sealed`, {
    hint: "only `inputs` with the role `authentication` read them",
  });
}
