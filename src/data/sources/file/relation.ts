// Files as one relation: all of them are found before anything is read, and their columns are known before the first row.
import { join } from "node:path";
import type { EngineSession } from "../../../compute/engine.ts";
import { findFileService } from "../../../connections/files/find-file-service.ts";
import { describeFailedUnits } from "../../../core/dataset/failed-units.ts";
import type { UnitOutcome } from "../../../core/dataset/source.ts";
import type { MillraceError } from "../../../core/errors/errors.ts";
import { FileSpool } from "../file-spool.ts";
import { readFiles } from "../read-files.ts";
import { withUnitColumn } from "../unit-files.ts";
import type { SourceRows } from "../source-rows.ts";
import type { SourceOpening, SourcePlanning } from "../../source.ts";
import { chooseFiles, listFiles, toOutcomes, type UnitFiles } from "./choose-files.ts";
import { fetchFiles, type ReadableFile } from "./fetch-files.ts";
import { findsAgain } from "./finds-again.ts";
import { findElsewhere, findLocally, type FoundFile } from "../../files/find-files.ts";
import { listingRows } from "./listing.ts";
import { placeInProject } from "../../files/place-in-project.ts";
import type { FileSource } from "./options.ts";
import { assertUnchanged } from "../../files/unchanged-files.ts";

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
  const places = placesOf(units, outcomes);
  const files = fetched.files.filter((file) => places.has(file.found));
  const known = withFacts(withUnits(files, places), found, opening.root);
  const isFound = findsAgain(source, units, opening.root);
  const rows = await readRows(source, found, { ...fetched, files: known, isFound }, opening);
  await opening.reading.onRead?.(outcomes);
  const { unitColumn, session } = opening;
  const told = unitColumn === undefined ? rows.sql : await tellUnits(session, rows, unitColumn, places);
  return {
    ...rows,
    ...(told === undefined ? {} : { sql: told }),
    files: found,
    failures: describeFailedUnits(outcomes),
    assertUnchanged: () => assertUnchanged(found),
  };
}

/** With one more column: the place of each row's unit. */
async function tellUnits(
  session: EngineSession,
  rows: SourceRows,
  column: string,
  places: ReadonlyMap<string, number>,
): Promise<string | undefined> {
  // files that were unpacked have names of their own
  const units = new Map([...places, ...(rows.units ?? [])]);
  return await withUnitColumn(session, { ...rows, units }, column);
}

/**
 * Of each file that is read the place of its unit, by the name that it was found by. A unit is read as a whole or not at all, so that
 * the next run gets nothing of it twice.
 */
function placesOf(units: readonly UnitFiles[], outcomes: readonly UnitOutcome[]): ReadonlyMap<string, number> {
  const read = [...units.entries()].filter(([unit]) => outcomes[unit]?.status === "read");
  const places = read.flatMap(([unit, { files }]) => files.map(({ name }) => [name, unit] as const));
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

function withUnits(files: readonly ReadableFile[], places: ReadonlyMap<string, number>): readonly ReadableFile[] {
  return files.map((file) => {
    const unit = places.get(file.found);
    return unit === undefined ? file : { ...file, unit };
  });
}

function withFacts(files: readonly ReadableFile[], found: readonly FoundFile[], root: string): readonly ReadableFile[] {
  const facts = new Map(
    found.map(({ name, path, remote, below, modifiedAtMs, version }) => {
      const named = remote === undefined ? placeInProject(root, path) : path;
      return [name, { path: named, below, modifiedAtMs, version }] as const;
    }),
  );
  return files.map((file) => {
    const known = facts.get(file.found);
    return known === undefined ? file : { ...file, facts: known };
  });
}

/** Files that can be read, and whether the source finds a path. */
interface SettledFiles extends ReadableFiles {
  readonly isFound: (path: string, connection: string | undefined) => boolean;
}

interface ReadableFiles {
  readonly files: readonly ReadableFile[];
  readonly names: FileSpool;
  readonly failures: ReadonlyMap<string, MillraceError>;
}

function kept(found: readonly FoundFile[], spool: string): ReadableFiles {
  const files = found.map(({ path, name }) => ({ path, name, found: name }));
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
  { files, names, isFound }: SettledFiles,
  { session, table, spool, root, onSecret, reading: units }: SourceOpening,
): Promise<SourceRows> {
  if (source.list === true) return await listingRows(found, { spool, root });
  if (files.length === 0) return { untyped: [], warnings: [] };
  const rows = await names.naming(
    async () => await readFiles(session, files, { options: source, table, spool, root, onSecret, units, isFound }),
  );
  return names.rename(rows);
}
