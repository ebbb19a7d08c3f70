// Writes the rows of a table again into fewer, larger or sorted files: one commit that says that no row has changed. Whoever changes
// the table meanwhile goes first: what they changed is left as they made it, and the rest is committed on top.
import type { EngineSession } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { toTargetError } from "../../files/file-system.ts";
import { type DeltaSnapshot, nextSnapshot } from "../log/action-reconciliation.ts";
import type { Action, AddFile } from "../log/delta-actions.ts";
import { writeDueCheckpoint } from "../log/delta-checkpoint.ts";
import { putCommit } from "../log/delta-log.ts";
import { decodePath } from "../log/delta-path.ts";
import { assertWritable, refuseFeatures } from "../log/delta-protocol.ts";
import { advanceSnapshot, readSnapshot } from "../log/delta-snapshot.ts";
import { findField } from "../schema/delta-schema-contract.ts";
import { tableFilesOf } from "../store/table-files-of.ts";
import { type PlacedFile, toAddFiles } from "../write/delta-placement.ts";
import { type OptimizeWish, planRewrites, sortedTag } from "./optimize-plan.ts";
import { type Rewrite, rewriteGroup } from "./optimize-write.ts";

export interface DeltaOptimizeInput extends OptimizeWish {
  readonly tablePath: string;
  readonly session: EngineSession;
  /** A folder on the table's file system; the caller removes it afterwards. */
  readonly stagingDir: string;
  /** Tells what would be written, and changes nothing. */
  readonly dryRun: boolean;
  /** As of a commit of rows, see `DeltaCommitInput`. */
  onIntent(names: readonly string[], baseVersion: number): Promise<void>;
  assertHeld(): Promise<void>;
  readonly signal: AbortSignal;
}

export interface DeltaOptimizeResult {
  /** The version that the table has now. */
  readonly version: number;
  readonly removedFiles: number;
  readonly removedBytes: number;
  /** Zero for a dry run: how many there will be is known when they are written. */
  readonly addedFiles: number;
  readonly addedBytes: number;
  /** Files that somebody changed while they were written again, and which stay as they are. */
  readonly skippedFiles: number;
}

/**
 * @throws MillraceError `SOURCE_MISSING`, `DELTA_UNSUPPORTED`, `DELTA_CORRUPT`, `VALUE_INVALID` for a column that cannot be sorted by,
 * `TARGET_CONFLICT` after ten lost races or when somebody has changed the table's columns, `DISK_FULL`, `RUN_STOPPED`
 */
export async function optimizeDelta(input: DeltaOptimizeInput): Promise<DeltaOptimizeResult> {
  const { tablePath, session } = input;
  const snapshot = await readSnapshot(tablePath, { session });
  if (snapshot === undefined) throw new MillraceError("SOURCE_MISSING", `there is no Delta table at \`${tablePath}\``);
  assertOptimizable(snapshot);
  const wish = { ...input, sort: input.sort.map((name) => sortColumn(snapshot, name)) };
  const groups = planRewrites(snapshot.files, wish);
  const planned = groups.flatMap(({ files }) => files);
  if (input.dryRun || groups.length === 0) return { ...nothing(snapshot), ...countRemoved(planned) };
  const rewrites: Rewrite[] = [];
  for (const group of groups) rewrites.push(await rewriteGroup({ ...wish, snapshot }, group));
  const placed = rewrites.flatMap(({ files }) => files);
  await input.onIntent(
    placed.map(({ name }) => name),
    snapshot.version,
  );
  const commit = new OptimizeCommit(wish, placed);
  try {
    await tableFilesOf(tablePath).add(placed, { signal: input.signal });
    return await commit.run(snapshot, rewrites);
  } catch (error) {
    await commit.withdraw(placed);
    throw toTargetError(error, tablePath);
  }
}

const maxTries = 10;

class OptimizeCommit {
  readonly #input: DeltaOptimizeInput;
  /** Files in the table folder that no commit names yet. */
  #unnamed: readonly PlacedFile[];

  constructor(input: DeltaOptimizeInput, placed: readonly PlacedFile[]) {
    this.#input = input;
    this.#unnamed = placed;
  }

  async run(planned: DeltaSnapshot, all: readonly Rewrite[]): Promise<DeltaOptimizeResult> {
    let snapshot = planned;
    for (let attempt = 1; attempt <= maxTries; attempt += 1) {
      assertSameTable(planned, snapshot);
      const there = new Set(snapshot.files.map(fileIdentity));
      const kept = all.filter(({ removed }) => removed.every((file) => there.has(fileIdentity(file))));
      const stale = all.filter((rewrite) => !kept.includes(rewrite));
      await this.withdraw(stale.flatMap(({ files }) => files));
      const skippedFiles = stale.reduce((sum, { removed }) => sum + removed.length, 0);
      if (kept.length === 0) return { ...nothing(snapshot), skippedFiles };
      const added = await this.#toAdded(snapshot, kept);
      const removed = kept.flatMap((rewrite) => rewrite.removed);
      const actions = toActions(this.#input, removed, added);
      if (await this.#put(snapshot.version + 1, actions)) {
        await this.#checkpoint(nextSnapshot(snapshot.tablePath, snapshot, actions));
        return { version: snapshot.version + 1, ...countRemoved(removed), ...countAdded(added), skippedFiles };
      }
      snapshot = await advanceSnapshot(snapshot);
    }
    throw new MillraceError(
      "TARGET_CONFLICT",
      `\`${planned.tablePath}\` changed under every one of ${maxTries} tries to commit`,
      { hint: "other writers commit to this table all the time; the run is tried again later" },
    );
  }

  /** Takes files out of the table folder again, unless a commit may name them. */
  async withdraw(files: readonly PlacedFile[]): Promise<void> {
    const unnamed = files.filter((file) => this.#unnamed.includes(file));
    this.#unnamed = this.#unnamed.filter((file) => !unnamed.includes(file));
    await tableFilesOf(this.#input.tablePath).takeBack(unnamed);
  }

  async #toAdded(snapshot: DeltaSnapshot, kept: readonly Rewrite[]): Promise<AddFile[]> {
    const { tablePath, schema, metadata } = snapshot;
    const added: AddFile[] = [];
    for (const { files, removed } of kept) {
      const tags = this.#input.sort.length === 0 ? {} : { [sortedTag]: JSON.stringify(this.#input.sort) };
      const partitionValues = removed[0]?.partitionValues ?? {};
      for (const file of await toAddFiles(tablePath, files, schema, metadata.partitionColumns)) {
        added.push({ ...file, partitionValues, dataChange: false, tags: { ...file.tags, ...tags } });
      }
    }
    return added;
  }

  async #put(version: number, actions: readonly Action[]): Promise<boolean> {
    const unnamed = this.#unnamed;
    const { tablePath, stagingDir } = this.#input;
    const beforePut = async (): Promise<void> => {
      await this.#input.assertHeld();
      this.#input.signal.throwIfAborted();
      this.#unnamed = []; // if the rest fails half-way the commit may stand, and its files must too
    };
    const won = await putCommit(tablePath, version, actions, { stagingDir, beforePut });
    if (!won) this.#unnamed = unnamed;
    return won;
  }

  /** The commit stands whatever happens here; the next one to divide writes a checkpoint of its own. */
  async #checkpoint(snapshot: DeltaSnapshot): Promise<void> {
    const { session, stagingDir } = this.#input;
    await writeDueCheckpoint(session, snapshot, stagingDir).catch(() => undefined);
  }
}

/** A file is another one when somebody has marked rows of it as deleted. */
function fileIdentity({ path, deletionVector }: AddFile): string {
  return JSON.stringify([decodePath(path), deletionVector ?? null]);
}

function assertOptimizable({ tablePath, protocol, metadata }: DeltaSnapshot): void {
  assertWritable(tablePath, protocol, metadata, "append");
  const { configuration = {} } = metadata;
  const features = [
    ...((configuration?.["delta.columnMapping.mode"] ?? "none") === "none" ? [] : ["columnMapping"]),
    ...(configuration?.["delta.enableInCommitTimestamps"] === "true" ? ["inCommitTimestamp"] : []),
    ...(configuration?.["delta.enableRowTracking"] === "true" ? ["rowTracking"] : []),
  ];
  if (features.length > 0) refuseFeatures(tablePath, "write", features);
}

function sortColumn({ tablePath, schema, metadata }: DeltaSnapshot, name: string): string {
  const field = findField(schema, name);
  if (field === undefined) {
    throw new MillraceError("VALUE_INVALID", `\`${tablePath}\` has no column to sort by, got: \`${name}\``, {
      hint: `its columns are ${schema.fields.map((known) => known.name).join(", ")}`,
    });
  }
  if (metadata.partitionColumns.includes(field.name) || typeof field.type !== "string") {
    throw new MillraceError("VALUE_INVALID", `\`${tablePath}\` cannot be sorted by this column, got: \`${name}\``, {
      hint: "all rows of a partition have one value of a partition column, and nested values have no bounds that a query could use",
    });
  }
  return field.name;
}

function assertSameTable(before: DeltaSnapshot, after: DeltaSnapshot): void {
  const same =
    before.metadata.schemaString === after.metadata.schemaString &&
    JSON.stringify(before.protocol) === JSON.stringify(after.protocol) &&
    JSON.stringify(before.metadata.partitionColumns) === JSON.stringify(after.metadata.partitionColumns);
  if (same) return;
  throw new MillraceError("TARGET_CONFLICT", `somebody has changed the columns of \`${before.tablePath}\` meanwhile`, {
    hint: "the table is as they left it; the run is tried again later",
  });
}

function toActions(input: DeltaOptimizeInput, removed: readonly AddFile[], added: readonly AddFile[]): Action[] {
  const now = Date.now();
  const commitInfo = {
    timestamp: now,
    operation: "OPTIMIZE",
    operationParameters: { predicate: "[]", sortBy: JSON.stringify(input.sort), targetSize: String(input.targetBytes) },
    operationMetrics: { numAddedFiles: String(added.length), numRemovedFiles: String(removed.length) },
    isBlindAppend: false,
    engineInfo: "millrace",
  };
  return [
    { commitInfo },
    ...removed.map((file) => ({
      remove: {
        path: file.path,
        deletionTimestamp: now,
        dataChange: false,
        extendedFileMetadata: true,
        partitionValues: file.partitionValues,
        size: file.size,
        ...(file.deletionVector ? { deletionVector: file.deletionVector } : {}),
      },
    })),
    ...added.map((add) => ({ add })),
  ];
}

function nothing({ version }: DeltaSnapshot): DeltaOptimizeResult {
  return { version, removedFiles: 0, removedBytes: 0, addedFiles: 0, addedBytes: 0, skippedFiles: 0 };
}

function countRemoved(files: readonly AddFile[]): { removedFiles: number; removedBytes: number } {
  return { removedFiles: files.length, removedBytes: files.reduce((sum, { size }) => sum + size, 0) };
}

function countAdded(files: readonly AddFile[]): { addedFiles: number; addedBytes: number } {
  return { addedFiles: files.length, addedBytes: files.reduce((sum, { size }) => sum + size, 0) };
}
