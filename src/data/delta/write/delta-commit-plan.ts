// Decides what one try to commit does on top of one snapshot: which files enter, which leave, and what the log will say.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { WrittenFile } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { Action, AddFile, CommitInfo, Metadata } from "../log/delta-actions.ts";
import { isPublicationDone } from "../../publication-order.ts";
import { changesRows, needsKey } from "../../modes/row-rule.ts";
import { currentFiles, type DeltaCommitInput, stagedFiles, stagedRelation } from "./delta-commit-input.ts";
import { assertRequiredValues, type CommitTarget, planTarget } from "./delta-commit-target.ts";
import { syncFile } from "../../files/file-system.ts";
import { findLastChange } from "../log/delta-maintenance.ts";
import { assertMergeKeys, type ChangeInput, type ChangeResult } from "./delta-change.ts";
import { keepHistory } from "./delta-history.ts";
import { insertNewRows } from "./delta-insert-only.ts";
import { mergeRows } from "./delta-merge.ts";
import { replaceCovered } from "./delta-replace-covered.ts";
import { type FileShape, fileShapeOf, writeTableFiles } from "./delta-file-shape.ts";
import { asAddFile, nameFiles, type PlacedFile, toAddFiles, toTombstone } from "./delta-placement.ts";
import { readCommitInfo } from "../log/delta-log.ts";
import { ownProtocol } from "../log/delta-protocol.ts";
import type { DeltaSnapshot } from "../log/action-reconciliation.ts";
import { ownApplication } from "../log/delta-retention.ts";
import { findField } from "../schema/delta-schema-contract.ts";
import { isSameType, toDeltaSchema } from "../schema/delta-schema.ts";

export interface CommitPlan {
  readonly files: readonly PlacedFile[];
  /** Made once the files are in place. */
  toActions(): Promise<Action[]>;
}

/**
 * Plans a commit on `snapshot`; `placed` are the files that an earlier try has put into the table folder.
 * @returns `unchanged` when the table has these rows already, `committed` when this run has committed before
 */
export async function planCommit(
  input: DeltaCommitInput,
  snapshot: DeltaSnapshot | undefined,
  placed: readonly PlacedFile[],
): Promise<CommitPlan | "unchanged" | "committed"> {
  const target = planTarget(input, snapshot);
  const done = await whyDone(input, snapshot, target);
  if (done !== undefined) return done;
  assertBase(input, snapshot);
  await assertRequiredValues(input, target, placed);
  if (changesRows(input.mode)) return await planChange(input, snapshot, target, placed);
  const files = await conform(input, target, placed);
  const removed = input.mode === "replace" ? (snapshot?.files ?? []) : [];
  return toPlan(input, snapshot, target, { groups: [files], removed });
}

function assertBase({ basedOn, tablePath }: DeltaCommitInput, snapshot: DeltaSnapshot | undefined): void {
  const version = snapshot?.version ?? -1;
  if (basedOn === undefined || basedOn === version) return;
  throw new MillraceError(
    "TARGET_CONFLICT",
    `\`${tablePath}\` is at version ${version}, the rows were made from version \`${basedOn}\``,
    { hint: "another writer was there meanwhile; the run is tried again later" },
  );
}

interface PlannedFiles {
  readonly groups: readonly FileGroup[];
  readonly removed: readonly AddFile[];
}

interface FileGroup {
  readonly files: readonly PlacedFile[];
  /** What the files hold. */
  readonly shape: FileShape;
}

/** Tells whether the log has a commit of this run, whatever came after it. */
export function hasRunCommit({ transactions }: DeltaSnapshot, runKey: string): boolean {
  return transactions.some((transaction) => transaction.appId === appIdOf(runKey));
}

/** Why there may be nothing to commit. @throws MillraceError `RUN_SUPERSEDED` */
async function whyDone(
  input: DeltaCommitInput,
  snapshot: DeltaSnapshot | undefined,
  target: CommitTarget,
): Promise<"unchanged" | "committed" | undefined> {
  if (snapshot === undefined) return undefined;
  const { mode, writer } = input;
  const runKey = writer.runId;
  const latest = (await findLastChange(snapshot.tablePath, snapshot.version))?.info.millrace;
  const last = latest === undefined ? {} : { last: { runKey: latest.runId, fingerprint: latest.fingerprint } };
  const memory = { hasOwn: hasRunCommit(snapshot, runKey), ...last };
  // rows that were made from the ones that are there go over nobody's, and hold those of an earlier attempt once
  const isMadeOver = input.basedOn !== undefined;
  if (!isMadeOver && isPublicationDone(mode, { ...writer, runKey }, memory)) return "committed";
  if (target.changed) return undefined;
  if (mode === "append") return stagedFiles(input).length === 0 ? "unchanged" : undefined;
  const isSame = latest?.mode === "replace" && latest.fingerprint === writer.fingerprint;
  return mode === "replace" && isSame ? "unchanged" : undefined;
}

async function planChange(
  input: DeltaCommitInput,
  snapshot: DeltaSnapshot | undefined,
  target: CommitTarget,
  placed: readonly PlacedFile[],
): Promise<CommitPlan | "unchanged"> {
  const { mode, key = [], signal } = input;
  if (needsKey(mode) && key.length === 0) {
    throw new MillraceError("VALUE_INVALID", "expected `key` to name the columns that identify a row, got: none", {
      hint: 'give the output a key, e.g. `key: ["id"]`, or use another mode',
    });
  }
  const fileSchema = toDeltaSchema(input.schema);
  const change: ChangeInput = {
    session: input.session,
    mode,
    tablePath: input.tablePath,
    stagingDir: input.stagingDir,
    key,
    snapshot,
    ...target,
    staged: currentFiles(input, placed).map((file) => asAddFile(file, fileSchema, input.partitionBy)),
    stagedColumns: input.schema.map((column) => column.name),
    ...(signal === undefined ? {} : { signal }),
  };
  if (needsKey(mode)) await assertMergeKeys(change);
  const isEmpty = snapshot === undefined || snapshot.files.length === 0;
  const { written, removed, takesStaged } = isEmpty ? untouched : await changeRows(input, change);
  const staged = takesStaged ? [await conform(input, target, placed)] : [];
  const isNothing = removed.length === 0 && [written, ...staged.map(({ files }) => files)].flat().length === 0;
  if (isNothing && !target.changed) return "unchanged";
  await Promise.all(written.map((file) => syncFile(file.path)));
  const others = shapedGroup(written, target);
  return toPlan(input, snapshot, target, { groups: [...staged, others], removed });
}

/** Files that were written for the table as it will be. */
function shapedGroup(written: readonly WrittenFile[], target: CommitTarget): FileGroup {
  const shape = fileShapeOf(target);
  return { shape, files: nameFiles(written, shape.partitionBy) };
}

/** A table without a row takes the staged files as they are. */
const untouched: ChangeResult = { written: [], removed: [], takesStaged: true };

async function changeRows({ history, covered }: DeltaCommitInput, change: ChangeInput): Promise<ChangeResult> {
  if (history !== undefined) return await keepHistory(change, history);
  if (covered !== undefined) return await replaceCovered(change, covered);
  return change.mode === "insert_only" ? await insertNewRows(change) : await mergeRows(change);
}

/** The staged files as the table can take them: as they are when names and types fit, else written again with casts. */
async function conform(
  input: DeltaCommitInput,
  target: CommitTarget,
  placed: readonly PlacedFile[],
): Promise<FileGroup> {
  const { schema, partitionBy } = target;
  const shape: FileShape = { schema: toDeltaSchema(input.schema), partitionBy };
  const fits = shape.schema.fields.every((field) => {
    const have = findField(schema, field.name);
    return have !== undefined && have.name === field.name && isSameType(have.type, field.type);
  });
  if (fits && target.mapping === "none") {
    const reusable = placed.filter((file) => input.staged.includes(file.written));
    return { shape, files: reusable.length > 0 ? reusable : nameFiles(stagedFiles(input), partitionBy) };
  }
  const written = await writeTableFiles(input.session, stagedRelation(input, target, placed), target, {
    path: join(input.stagingDir, `cast-${randomUUID()}`),
    ...(input.signal && { signal: input.signal }),
  });
  await Promise.all(written.map((file) => syncFile(file.path)));
  return shapedGroup(written, target);
}

function toPlan(
  input: DeltaCommitInput,
  snapshot: DeltaSnapshot | undefined,
  target: CommitTarget,
  { groups, removed }: PlannedFiles,
): CommitPlan {
  return {
    files: groups.flatMap(({ files }) => files),
    async toActions() {
      const now = Date.now();
      const added: AddFile[] = [];
      for (const { files, shape } of groups) {
        added.push(...(await toAddFiles(input.tablePath, files, shape.schema, shape.partitionBy)));
      }
      const actions: Action[] = [
        ...(snapshot === undefined ? [{ protocol: ownProtocol }] : []),
        ...(target.changed ? [{ metaData: metadataOf(snapshot, target, now) }] : []),
        { txn: { appId: appIdOf(input.writer.runId), version: 1, lastUpdated: now } },
        ...removed.map((file) => ({ remove: toTombstone(file, now) })),
        ...added.map((add) => ({ add })),
      ];
      const lines = actions.length + 1; // with the line that says so
      const at = snapshot === undefined ? {} : await inCommitTimestamp(snapshot, now);
      return [{ commitInfo: { ...at, ...commitInfoOf(input, target, now, { added, removed, lines }) } }, ...actions];
    },
  };
}

/** In a table whose commits have times of their own, each is later than the one before. */
async function inCommitTimestamp(
  { tablePath, version, metadata }: DeltaSnapshot,
  now: number,
): Promise<Pick<CommitInfo, "inCommitTimestamp">> {
  if (metadata.configuration?.["delta.enableInCommitTimestamps"] !== "true") return {};
  const before = (await readCommitInfo(tablePath, version))?.inCommitTimestamp ?? 0;
  return { inCommitTimestamp: Math.max(now, before + 1) };
}

function commitInfoOf(
  input: DeltaCommitInput,
  target: CommitTarget,
  now: number,
  { added, removed, lines }: { added: readonly AddFile[]; removed: readonly AddFile[]; lines: number },
): CommitInfo {
  const { mode, writer } = input;
  return {
    timestamp: now,
    operation: needsKey(mode) ? "MERGE" : "WRITE",
    operationParameters: needsKey(mode)
      ? { key: JSON.stringify(input.key) }
      : { mode: mode === "append" ? "Append" : "Overwrite", partitionBy: JSON.stringify(target.partitionBy) },
    operationMetrics: { numFiles: String(added.length), numRemovedFiles: String(removed.length) },
    isBlindAppend: mode === "append",
    engineInfo: "millrace",
    millrace: { runId: writer.runId, job: writer.job, fingerprint: writer.fingerprint, mode, actions: lines },
  };
}

function metadataOf(snapshot: DeltaSnapshot | undefined, target: CommitTarget, now: number): Metadata {
  const schemaString = JSON.stringify(target.schema);
  if (snapshot !== undefined) {
    const configuration = { ...snapshot.metadata.configuration, ...target.settings };
    return { ...snapshot.metadata, schemaString, partitionColumns: target.partitionBy, configuration };
  }
  return {
    id: randomUUID(),
    format: { provider: "parquet", options: {} },
    schemaString,
    partitionColumns: target.partitionBy,
    configuration: {},
    createdTime: now,
  };
}

function appIdOf(runKey: string): string {
  return `${ownApplication}${runKey}`;
}
