// Where the state of a store begins when its worker starts, or when the log has passed it: its own file, the newest snapshot that is
// whole, or the beginning of the topic. Only what the log can still continue is taken; without any the store says so and stops.
import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { MillraceError } from "../../core/errors/errors.ts";
import type { PartitionBounds, TopicState } from "../../core/stream/stream-log.ts";
import { isDamaged } from "./local-store-error.ts";
import { listSnapshots, restoreSnapshot, type SnapshotsOptions } from "./snapshots.ts";
import { type AppliedPosition, StateFile, type StateIdentity } from "./state-file.ts";

export interface RecoverOptions extends SnapshotsOptions {
  /** The folder of the copy, which the caller owns. */
  readonly folder: string;
  readonly topic: TopicState;
}

export interface RecoveredState {
  readonly file: StateFile;
  readonly from: "own file" | "snapshot" | "beginning";
  /** Of the newest snapshot that others can begin with; undefined: there is none. */
  readonly snapshotAtMs: number | undefined;
}

/** The name of the file of a version of the code. */
export function stateFileName({ code }: StateIdentity): string {
  return `${code.slice(0, 16)}.sqlite`;
}

/** @throws MillraceError `STORE_STALE` when records are gone that neither file nor snapshot has · `LOCAL_STORE_FAILED` | `DISK_FULL` */
export async function recoverState(options: RecoverOptions): Promise<RecoveredState> {
  const { topic, folder, identity } = options;
  const path = join(folder, stateFileName(identity));
  const snapshots = await listSnapshots(options, `${path}.manifest`);
  const snapshotAtMs = snapshots[0]?.takenAtMs;
  const own = await openOwn(options, path);
  const gap = own === undefined ? undefined : findGap(topic, positionsOf(own));
  if (own !== undefined && gap === undefined) return { file: own, from: "own file", snapshotAtMs };
  own?.[Symbol.dispose]();
  if (gap !== undefined)
    options.logger.warn("the state of a store cannot be continued", { store: identity.store, gap });
  for (const snapshot of snapshots) {
    const missing = findGap(topic, snapshot.positions);
    if (missing !== undefined) {
      options.logger.warn(`passed a snapshot by: ${missing}`, { store: identity.store, takenAtMs: snapshot.takenAtMs });
      continue;
    }
    const file = await openRestored(options, snapshot, path);
    if (file !== undefined) return { file, from: "snapshot", snapshotAtMs };
  }
  const lost = findGap(topic, []);
  if (lost !== undefined) throw stale(identity.store, topic, gap ?? lost);
  await removeState(path);
  return { file: openFresh(path, identity), from: "beginning", snapshotAtMs: undefined };
}

/** Removes a file with what SQLite keeps beside it. */
export async function removeState(path: string): Promise<void> {
  for (const end of ["", "-wal", "-shm", "-journal"]) await rm(`${path}${end}`, { force: true });
}

async function openOwn({ identity, logger }: RecoverOptions, path: string): Promise<StateFile | undefined> {
  try {
    if (!existsSync(path)) return undefined;
    const file = StateFile.open(path, identity);
    if (file !== undefined && file.positions.size > 0) return file;
    file?.[Symbol.dispose]();
    await removeState(path);
    return undefined;
  } catch (error) {
    if (!(error instanceof MillraceError) || !isDamaged(error.cause)) throw error;
    // kept beside, so that somebody can look at it
    await rename(path, `${path}.damaged`);
    await removeState(path);
    logger.warn("the file of a store is damaged and was put aside", { store: identity.store, file: `${path}.damaged` });
    return undefined;
  }
}

async function openRestored(
  options: RecoverOptions,
  snapshot: Parameters<typeof restoreSnapshot>[1],
  path: string,
): Promise<StateFile | undefined> {
  const arriving = `${path}.arriving`;
  await removeState(arriving);
  if (!(await restoreSnapshot(options, snapshot, arriving))) return undefined;
  await removeState(path);
  await rename(arriving, path);
  return StateFile.open(path, options.identity);
}

function openFresh(path: string, identity: StateIdentity): StateFile {
  const file = StateFile.open(path, identity);
  if (file === undefined) throw new MillraceError("INTERNAL", `a new file is of another store: \`${path}\``);
  return file;
}

function positionsOf(file: StateFile): readonly Pick<AppliedPosition, "partition" | "offset">[] {
  return [...file.positions.values()];
}

/** Records that lie between the state and the log; undefined where the log continues the state. */
function findGap(
  { bounds }: TopicState,
  positions: readonly Pick<AppliedPosition, "partition" | "offset">[],
): string | undefined {
  const applied = new Map(positions.map(({ partition, offset }) => [partition, offset]));
  for (const { partition, start, end } of bounds) {
    const offset = applied.get(partition) ?? 0;
    if (offset < start) return `partition ${partition} is applied up to ${offset}, and the topic begins at ${start}`;
    if (offset > end) return `partition ${partition} is applied up to ${offset}, and the topic ends at ${end}`;
  }
  return undefined;
}

function stale(store: string, topic: TopicState, gap: string): MillraceError {
  const starts = topic.bounds.filter(({ start }: PartitionBounds) => start > 0);
  return new MillraceError("STORE_STALE", `store \`${store}\` cannot be made from topic \`${topic.name}\`: ${gap}`, {
    hint: "bring a snapshot back that is young enough, or give the store another topic; keep records longer than snapshots are apart",
    details: { store, topic: topic.name, starts: starts.map(({ partition, start }) => ({ partition, start })) },
  });
}
