// Publishes files behind a connection: each is made and looked at on this machine, uploaded, and put in its place in one step.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { Column } from "../../../compute/engine.ts";
import type { WriteMode } from "../../../core/dataset/dataset.ts";
import { makeFolder, toTargetError } from "../../files/file-system.ts";
import { inParallel } from "../../in-parallel.ts";
import type { Target, TargetInput, TargetResult } from "../../target.ts";
import type { FileTable } from "../file-table.ts";
import { holdStaged, listStagedLimits } from "../staged-types.ts";
import type { RemoteIntent } from "./leftovers.ts";
import { type ColumnFiles, type KnownData, loadKnown, matchKnown, saveKnown } from "./remote-columns.ts";
import { printPlace, type RemotePlace } from "../../files/recorded-place.ts";
import { listData, partPath, serviceOf } from "./remote-place.ts";
import { withScratch } from "../../files/scratch-folder.ts";

/** A file or, for `append`, a folder of them. Nothing is asked before the first call. */
export function createRemoteTarget(table: FileTable, place: RemotePlace, mode: WriteMode): Target {
  const { format, ending } = table;
  const path = printPlace(place);
  return {
    format,
    path,
    currentColumns: async () => unite((await knownFiles(table, place)).map(({ columns }) => columns)),
    hold: (columns) => columns.map((column) => table.hold?.(column) ?? holdStaged(column)),
    limits: (columns) => [...listStagedLimits(columns), ...columns.flatMap((column) => table.limits?.(column) ?? [])],
    isCurrent: async (_session, version) => {
      if (!version.locations.some((known) => known.format === format && known.path === path)) return false;
      const known = await knownFiles(table, place);
      return known.length > 0 && countRows(known) === version.rowCount;
    },
    hasPublished: async (_session, { runKey }) => {
      if (mode !== "append") return false;
      return (await (await serviceOf(place)).find(partPath(place.path, runKey, ending), {})) !== undefined;
    },
    publish: async (input) => await publish(table, place, input),
  };
}

/** What is known of the data files that are there. @throws MillraceError `TARGET_UNREADABLE` for a file that nobody here has made */
async function knownFiles(table: FileTable, place: RemotePlace): Promise<readonly KnownData[]> {
  const service = await serviceOf(place);
  const files = await listData(service, place.path, table.ending);
  return await withScratch(async (folder) =>
    inParallel(files, 8, async (file) => {
      const all = await loadKnown({ service, folder }, file.path);
      // a file that somebody has changed still says what columns it had, so that a run can replace it
      const known = matchKnown(all, file) ?? all[0];
      if (known !== undefined) return known;
      throw new MillraceError("TARGET_UNREADABLE", `\`${service.place(file.path)}\` is there and no run has made it`, {
        hint: "move it away or name another path; it is not overwritten",
      });
    }),
  );
}

async function publish(table: FileTable, place: RemotePlace, input: TargetInput): Promise<TargetResult> {
  const { format, ending } = table;
  try {
    const isAdded = input.mode === "append";
    const path = isAdded ? partPath(place.path, input.writer.runKey, ending) : place.path;
    const service = await serviceOf(place);
    const files = { service, folder: join(input.stagingFolder, "remote") };
    if (!isAdded || (await service.find(path, {})) === undefined) {
      await putInPlace(table, { connection: place.connection, path }, files, input);
    }
    const rowCount = countRows(await knownFiles(table, place));
    return { location: { format, path: printPlace(place) }, changed: true, rowCount, warnings: [] };
  } catch (error) {
    throw toTargetError(error, printPlace(place));
  }
}

/** What is known of the new file is there before it is, so that it is never there alone. */
async function putInPlace(table: FileTable, place: RemotePlace, files: ColumnFiles, input: TargetInput): Promise<void> {
  const { format, companion } = table;
  const { path } = place;
  const { runKey: owner } = input.writer;
  const local = join(files.folder, basename(path));
  const intent: RemoteIntent = { format, path: printPlace(place), owner };
  await input.intend(intent);
  await makeFolder(files.folder);
  await rm(local, { force: true });
  await table.write(local, input, local);
  const written = await describe(local, companion?.of(local), input);
  const [before] = await loadKnown(files, path);
  await saveKnown(files, path, [written, ...(before === undefined ? [] : [before])], owner);
  await input.failpoint(`${format}:intended`);
  const { signal } = input;
  const onReady = async (): Promise<void> => await input.assertHeld();
  const made = await files.service.upload(local, path, { owner, signal, onReady });
  await input.failpoint(`${format}:renamed`);
  await saveKnown(files, path, [{ ...written, version: made.version }], owner);
  await rm(local);
}

async function describe(file: string, companion: string | undefined, input: TargetInput): Promise<KnownData> {
  const hash = createHash("md5");
  await pipeline(createReadStream(file), hash);
  return {
    md5: hash.digest("hex"),
    bytes: (await stat(file)).size,
    rows: input.staged.files.reduce((sum, { rows }) => sum + rows, 0),
    columns: input.rows.columns.map(({ name, type }) => ({ name, type })),
    ...(companion === undefined ? {} : { companion: await readFile(companion, "utf8") }),
  };
}

/** Columns of all files by name, in the order in which they came; `undefined` without a file. */
function unite(files: readonly (readonly Column[])[]): readonly Column[] | undefined {
  if (files.length === 0) return undefined;
  const columns = new Map<string, Column>();
  for (const column of files.flat()) columns.set(column.name, columns.get(column.name) ?? column);
  return [...columns.values()];
}

function countRows(files: readonly KnownData[]): number {
  return files.reduce((sum, { rows }) => sum + rows, 0);
}
