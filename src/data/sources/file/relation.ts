// Files as one relation: all of them are found before anything is read, and their columns are known before the first row.
import { join } from "node:path";
import { findFileService } from "../../../connections/files/find-file-service.ts";
import type { MillraceError } from "../../../core/errors/errors.ts";
import { FileSpool, type NamedFile } from "../file-spool.ts";
import { readFiles } from "../read-files.ts";
import { withNamedUnits } from "../unit-files.ts";
import type { SourceRows } from "../source-rows.ts";
import type { SourceOpening, SourcePlanning } from "../../source.ts";
import { chooseFiles, listFiles, toOutcomes, type UnitFiles } from "./choose-files.ts";
import { fetchFiles } from "./fetch-files.ts";
import { findElsewhere, findLocally, type FoundFile } from "./find-files.ts";
import { listingRows } from "./listing.ts";
import type { FileSource } from "./options.ts";
import { assertUnchanged } from "./unchanged-files.ts";

/** Files that were found, and how to read their rows in the order of their paths. */
export interface FileRelation extends SourceRows {
  readonly files: readonly FoundFile[];
  /** What a unit could not be read for, for people. */
  readonly failures: readonly string[];
  /** @throws MillraceError `SOURCE_UNREADABLE`, to be tried again, when a file is not the one that was found */
  assertUnchanged(): Promise<void>;
}

/**
 * Finds the files and their columns. Types that the files do not tell are inferred from all rows, once.
 * @throws MillraceError `SOURCE_MISSING` naming pattern and place, `SOURCE_UNREADABLE` naming file and, where it has lines, line,
 *   `SOURCE_EMPTY`, `VALUE_INVALID` for a path that leads out of the project, and what a service refuses
 */
export async function openFileSource(source: FileSource, opening: SourceOpening): Promise<FileRelation> {
  const units = await findUnitFiles(source, opening, () => opening.now());
  const found = listFiles(units);
  const fetched = source.list === true ? kept(found, opening.spool) : await fetchRemote(source, found, opening);
  const outcomes = toOutcomes(units, fetched.failures);
  const rows = await readRows(source, found, fetched, opening);
  await opening.reading.onRead?.(outcomes);
  const { unitColumn, session } = opening;
  const told = unitColumn === undefined ? rows.sql : await withNamedUnits(session, rows, unitColumn, placesOf(units));
  return {
    ...rows,
    ...(told === undefined ? {} : { sql: told }),
    files: found,
    failures: outcomes.flatMap(({ key, error }) =>
      error === undefined ? [] : [`unit \`${key}\` failed: ${error.message}`],
    ),
    assertUnchanged: () => assertUnchanged(found),
  };
}

/** Of each file the place of its unit. */
function placesOf(units: readonly UnitFiles[]): ReadonlyMap<string, number> {
  const places = units.flatMap(({ files }, unit) =>
    files.flatMap(
      ({ name, path }) =>
        [
          [name, unit],
          [path, unit],
        ] as const,
    ),
  );
  // a file of several units is read once, for the first of them
  return new Map(places.toReversed());
}

/** The files of each unit, as they are now. @throws MillraceError as `openFileSource` */
export async function findUnitFiles(
  source: FileSource,
  { session, root, reading, signal }: SourcePlanning,
  now: () => number,
): Promise<readonly UnitFiles[]> {
  const { connection } = source;
  const find =
    connection === undefined ? findLocally(session, root) : findElsewhere(await findFileService(connection), signal);
  return await chooseFiles(source, { find, reading, signal, now });
}

interface ReadableFiles {
  readonly files: readonly NamedFile[];
  readonly names: FileSpool;
  readonly failures: ReadonlyMap<string, MillraceError>;
}

function kept(found: readonly FoundFile[], spool: string): ReadableFiles {
  const files = found.map(({ path, name }) => ({ path, name }));
  return { files, names: new FileSpool(spool), failures: new Map() };
}

async function fetchRemote(
  { connection }: FileSource,
  found: readonly FoundFile[],
  opening: SourceOpening,
): Promise<ReadableFiles> {
  const { spool, signal, reading } = opening;
  if (connection === undefined) return kept(found, spool);
  return await fetchFiles(found, {
    service: await findFileService(connection),
    spool: join(spool, "fetched"),
    signal,
    now: () => opening.now(),
    operation: (text) => opening.operation(text),
    leavesOthers: (reading.units?.length ?? 1) > 1 && reading.isWhole !== true,
  });
}

async function readRows(
  source: FileSource,
  found: readonly FoundFile[],
  { files, names }: ReadableFiles,
  { session, table, spool, root, onSecret }: SourceOpening,
): Promise<SourceRows> {
  if (source.list === true) return await listingRows(found, { spool, root });
  if (files.length === 0) return { untyped: [], warnings: [] };
  const rows = await names.naming(
    async () => await readFiles(session, files, { options: source, table, spool, root, onSecret }),
  );
  return names.rename(rows);
}
