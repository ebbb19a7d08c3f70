// Rows that `quarantine` checks set aside, as a dataset of their own beside the one they are missing from. It follows that
// one's mode: replaced with a table that is replaced, else it keeps every row until somebody or a later delivery resolves it.
import { join } from "node:path";
import type { EngineSession } from "../../compute/engine.ts";
import type { DatasetOutput, DatasetVersion, QuarantineOrigin } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { auditRows } from "../checks/audit.ts";
import { quarantineDataset } from "../dataset-output.ts";
import type { PublishJournal } from "./publish-journal.ts";
import type { PublishScope } from "./publish-scope.ts";
import { planShape, type PublishShape } from "./publish-shape.ts";
import { chooseStagingPlace } from "./staging-place.ts";
import { publishStaged } from "./publish-staged.ts";
import { isOwnColumn, reasonsColumn } from "../datasets/quarantine/aside-columns.ts";
import { addRows, dropCovered, dropRepeated, mergeRows, type Rows } from "../datasets/quarantine/aside-rows.ts";
import { type CoveredRows, needsKey, type RowRule } from "../modes/row-rule.ts";
import { type SetAside, stageShaped } from "./stage-publication.ts";
import type { Target } from "../target.ts";
import { findPathOf, openTargets, withPath } from "../targets/target-registry.ts";

export interface PublishAsideInput {
  readonly session: EngineSession;
  readonly scope: PublishScope;
  /** Output of the dataset to which the rows would have gone. */
  readonly output: DatasetOutput;
  /** What the rows would have been, as the job says it. */
  readonly quarantineOf: QuarantineOrigin;
  /** The rows that are published there. */
  readonly passing: Rows;
  /** Rows that give way to those of the run. */
  readonly covered?: CoveredRows;
  readonly folder: string;
  readonly journal: PublishJournal;
}

/**
 * Publishes the rows that were set aside. Where the dataset is replaced that is done also without any, so that those of an
 * earlier run are not taken for today's.
 * @throws MillraceError `TARGET_CONFLICT` when others change the quarantine all the time, and what publishing fails with
 */
export async function publishAside(input: PublishAsideInput, aside: SetAside): Promise<void> {
  const { output, scope } = input;
  const rows: Rows = { sql: aside.relation, columns: aside.columns };
  const version = await rewriteAside(input, (attempt) => planRows(input, rows, attempt));
  const data = {
    dataset: output.dataset,
    into: version.dataset,
    rows: aside.rowCount,
    unresolved: version.rowCount,
    checks: Object.fromEntries(aside.byCheck),
  };
  await scope.emit({ type: "quarantined", data });
}

/** What a quarantine is to hold, made from what it holds at one version of its table. */
export interface AsideChange extends Rows {
  readonly mode: "append" | "replace";
  /** The version it was made from, -1 for none; another one makes it void. */
  readonly basedOn?: number;
}

/** A quarantine as it is at one moment. */
export interface AsideTable {
  readonly target: Target;
  /** Absent before its first version. */
  readonly before?: Rows & {
    readonly version: number;
    /** Whether an attempt of this run has set rows aside before. */
    readonly hasOwn: boolean;
  };
}

/** Publishes a change of a quarantine, made anew when somebody else was there meanwhile. */
export async function rewriteAside(
  input: Omit<PublishAsideInput, "passing">,
  change: (table: AsideTable) => Promise<AsideChange>,
): Promise<DatasetVersion> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await publishChange(input, change, join(input.folder, `quarantine-${tries}`));
    } catch (error) {
      const isConflict = error instanceof MillraceError && error.code === "TARGET_CONFLICT";
      if (!isConflict || tries === maxTries) throw error;
    }
  }
}

const maxTries = 5;

async function publishChange(
  input: Omit<PublishAsideInput, "passing">,
  change: (table: AsideTable) => Promise<AsideChange>,
  ownFolder: string,
): Promise<DatasetVersion> {
  const { scope, session, journal } = input;
  const output = toAsideOutput(input.output);
  const targets = openTargets(output, scope.paths);
  const [target] = targets;
  if (target === undefined) throw new MillraceError("INTERNAL", `dataset \`${output.dataset}\` has no target`);
  const { mode, basedOn, ...rows } = await change(await openAside(input, target, ownFolder));
  const asideOutput: DatasetOutput = { ...output, mode, ...(mode === "replace" ? { schema: "replace" } : {}) };
  const rule: RowRule = { mode, stamps: [] };
  const shape = await planShape(session, asideOutput, rows, targets);
  const folder = await chooseStagingPlace({ scope, dataset: output.dataset, targets, folder: ownFolder, journal });
  const staged = await stageShaped({ session, shape, folder, signal: scope.signal }, shape.sql);
  const [audit] = await Promise.all([auditAside(input, shape, staged.relation), staged.flush()]);
  const { version } = await publishStaged({
    session,
    scope,
    output: asideOutput,
    rule,
    targets,
    shape,
    staged,
    audit,
    folder,
    journal,
    quarantineOf: input.quarantineOf,
    ...(basedOn === undefined ? {} : { basedOn }),
  });
  return version;
}

/** Run and time do not make other rows: the same ones again leave the quarantine as it is. */
async function auditAside(
  { session, scope }: Pick<PublishAsideInput, "session" | "scope">,
  shape: PublishShape,
  relation: string,
) {
  const columns = shape.columns.filter((column) => isOwnColumn(column) || column.name === reasonsColumn);
  return await auditRows({
    session,
    relation,
    columns,
    checks: [],
    limits: [],
    quarantinedBy: new Map(),
    nowMs: scope.now(),
    signal: scope.signal,
  });
}

async function openAside(
  { session, scope }: Pick<PublishAsideInput, "session" | "scope">,
  target: Target,
  folder: string,
): Promise<AsideTable> {
  const snapshot = await target.snapshot?.(session, join(folder, "before"));
  if (snapshot === undefined) return { target };
  const { sql, version } = snapshot;
  const hasOwn = snapshot.hasPublished(scope.runKey);
  return { target, before: { sql, columns: await session.describe(sql), version, hasOwn } };
}

async function planRows(input: PublishAsideInput, aside: Rows, { target, before }: AsideTable): Promise<AsideChange> {
  const { session, output, passing, scope } = input;
  const { mode = "replace", key = [] } = output;
  if (mode === "replace") return { mode, ...aside };
  // two first runs at once must not replace each other's rows
  if (before === undefined) return mode === "append" ? { mode, ...aside } : { mode: "replace", ...aside, basedOn: -1 };
  if (mode === "append" && !before.hasOwn && (await canAppend(input, aside, target))) return { mode, ...aside };
  const { covered } = input;
  const left = covered === undefined ? before : dropRepeated(dropCovered(before, covered, [passing, aside]), aside);
  const delivery = { before: left, aside, passing, key, run: scope.run };
  const sql = needsKey(mode) ? mergeRows(delivery) : addRows(delivery);
  return { mode: "replace", sql, columns: await session.describe(sql), basedOn: before.version };
}

/** A table that was made anew with other types must not keep rows from being set aside. */
async function canAppend({ session, output }: PublishAsideInput, aside: Rows, target: Target): Promise<boolean> {
  try {
    await planShape(session, { ...toAsideOutput(output), mode: "append" }, aside, [target]);
    return true;
  } catch (error) {
    if (error instanceof MillraceError && error.code === "SCHEMA_MISMATCH") return false;
    throw error;
  }
}

/** A table of the default format, which keeps versions: beside the one the rows are missing from, or in the lake if that is of another format. */
function toAsideOutput(output: DatasetOutput): DatasetOutput {
  const path = findPathOf(output);
  const aside: DatasetOutput = { dataset: quarantineDataset(output.dataset) };
  return path === undefined ? aside : withPath(aside, quarantineDataset(path.replace(/\/+$/, "")));
}
