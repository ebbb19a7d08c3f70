// Snapshots of a store: whole copies of its file with a manifest that says what they are. The manifest is written last and carries
// the checksum, so that one which is there and fits names a snapshot that is whole; any other one is passed by, and said.
import { readFile, rm, writeFile } from "node:fs/promises";
import { backup, DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { StreamLogger } from "../../core/stream/job-streams.ts";
import { hashFile } from "../../data/delivery/hash-file.ts";
import { toLocalStoreError } from "./local-store-error.ts";
import type { SnapshotPlace } from "./snapshot-place.ts";
import { type StateFile, type StateIdentity } from "./state-file.ts";

/** What a snapshot is. */
export interface Snapshot {
  readonly store: string;
  readonly topicId: string;
  readonly code: string;
  readonly takenAtMs: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly positions: readonly { readonly partition: number; readonly offset: number }[];
}

const manifestSchema: z.ZodType<Snapshot> = z.strictObject({
  store: z.string(),
  topicId: z.string(),
  code: z.string(),
  takenAtMs: z.number(),
  bytes: z.number(),
  sha256: z.string(),
  positions: z.array(z.strictObject({ partition: z.number(), offset: z.number() })),
});

export interface SnapshotsOptions {
  readonly place: SnapshotPlace;
  readonly identity: StateIdentity;
  readonly logger: StreamLogger;
}

/** Copies the state while it is in use. @returns the snapshot once it is where others find it */
export async function takeSnapshot(
  { place, identity }: SnapshotsOptions,
  state: StateFile,
  takenAtMs: number,
): Promise<Snapshot> {
  const copy = `${state.path}.snapshot`;
  const name = nameOf(identity, takenAtMs);
  const manifestFile = `${copy}.json`;
  try {
    await removeFile(copy);
    await backup(state.database, copy);
    const positions = closeCopy(copy);
    const { size, sha256 } = await hashFile(copy);
    const snapshot: Snapshot = { ...identity, takenAtMs, bytes: size, sha256, positions };
    await place.put(`${name}.sqlite`, copy);
    await writeFile(manifestFile, JSON.stringify(snapshot));
    await place.put(`${name}.json`, manifestFile);
    await removeOld({ place, identity }, takenAtMs);
    return snapshot;
  } catch (thrown) {
    throw toLocalStoreError(thrown, copy);
  } finally {
    await removeFile(copy);
    await rm(manifestFile, { force: true });
  }
}

/** Newest first; those of the store and its code whose manifests can be read. What is damaged is said. */
export async function listSnapshots(
  { place, identity, logger }: SnapshotsOptions,
  scratch: string,
): Promise<Snapshot[]> {
  const found: Snapshot[] = [];
  for (const name of await place.list()) {
    if (!name.endsWith(".json") || codeMarkOf(name) !== codeMark(identity)) continue;
    const manifest = await readManifest(place, name, scratch);
    if (manifest === undefined)
      logger.warn("passed a snapshot by: its manifest cannot be read", { snapshot: place.print(name) });
    else if (manifest.topicId === identity.topicId && manifest.code === identity.code) found.push(manifest);
  }
  return found.toSorted((a, b) => b.takenAtMs - a.takenAtMs);
}

/**
 * Brings the bytes of a snapshot to `path`, where nothing may be.
 * @returns false, with the reason said and nothing at `path`, where they are not what the manifest says
 */
export async function restoreSnapshot(
  { place, identity, logger }: SnapshotsOptions,
  snapshot: Snapshot,
  path: string,
): Promise<boolean> {
  const name = `${nameOf(identity, snapshot.takenAtMs)}.sqlite`;
  const reason = await fetchChecked(place, name, snapshot, path);
  if (reason === undefined) return true;
  await rm(path, { force: true });
  logger.warn(`passed a snapshot by: ${reason}`, { snapshot: place.print(name) });
  return false;
}

async function fetchChecked(
  place: SnapshotPlace,
  name: string,
  { bytes, sha256 }: Snapshot,
  path: string,
): Promise<string | undefined> {
  if (!(await place.fetch(name, path))) return "its file is gone";
  const found = await hashFile(path);
  if (found.size !== bytes) return `it has ${found.size} bytes in the place of ${bytes}`;
  return found.sha256 === sha256 ? undefined : "its bytes are others than were written";
}

async function readManifest(place: SnapshotPlace, name: string, scratch: string): Promise<Snapshot | undefined> {
  try {
    if (!(await place.fetch(name, scratch))) return undefined;
    return manifestSchema.parse(JSON.parse(await readFile(scratch, "utf8")));
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError) return undefined;
    throw error;
  } finally {
    await rm(scratch, { force: true });
  }
}

/** The positions of a copy, which is one file alone from then on. */
function closeCopy(path: string): { partition: number; offset: number }[] {
  const database = new DatabaseSync(path);
  try {
    database.exec("pragma locking_mode = exclusive; pragma journal_mode = delete");
    const rows = database.prepare("select partition, next_offset as position from position order by partition").all();
    return rows.map((row) => ({ partition: Number(row["partition"]), offset: Number(row["position"]) }));
  } finally {
    database.close();
  }
}

/** Two of the code are kept, as the newest one may be damaged; those of other code for a day, as its workers may go on meanwhile. */
async function removeOld(
  { place, identity }: Pick<SnapshotsOptions, "place" | "identity">,
  nowMs: number,
): Promise<void> {
  const names = (await place.list()).filter((name) => name.startsWith(`${identity.store}-`));
  const manifests = names.filter((name) => name.endsWith(".json")).toSorted((a, b) => takenAtOf(b) - takenAtOf(a));
  const own = manifests.filter((name) => codeMarkOf(name) === codeMark(identity));
  const others = manifests.filter(
    (name) => codeMarkOf(name) !== codeMark(identity) && takenAtOf(name) < nowMs - othersKeptMs,
  );
  for (const manifest of [...own.slice(kept), ...others]) {
    // without its manifest a snapshot is nothing to anybody
    await place.remove(manifest);
    await place.remove(manifest.replace(/\.json$/, ".sqlite"));
  }
}

const kept = 2;
const othersKeptMs = 86_400_000;

function nameOf(identity: StateIdentity, takenAtMs: number): string {
  return `${identity.store}-${codeMark(identity)}-${takenAtMs}`;
}

function codeMark({ code, topicId }: StateIdentity): string {
  return `${code.slice(0, 12)}.${topicId.slice(0, 8)}`;
}

function codeMarkOf(name: string): string | undefined {
  return namePattern.exec(name)?.[1];
}

function takenAtOf(name: string): number {
  return Number(namePattern.exec(name)?.[2] ?? 0);
}

const namePattern = /^[a-z0-9_]+-([^-]+)-(\d+)\.json$/;

async function removeFile(path: string): Promise<void> {
  for (const end of ["", "-journal", "-wal", "-shm"]) await rm(`${path}${end}`, { force: true });
}
