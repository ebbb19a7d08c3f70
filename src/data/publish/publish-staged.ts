// From audited rows to a recorded version: each target once, then the catalog. Nothing happens when nothing changed.
import { createHash } from "node:crypto";
import type { EngineSession } from "../../compute/engine.ts";
import type {
  DatasetLocation,
  DatasetOutput,
  DatasetVersion,
  QuarantineOrigin,
  WriteMode,
} from "../../core/dataset/dataset.ts";
import { formatRunId } from "../../core/run-id.ts";
import type { Audit } from "../checks/audit.ts";
import { type Lineage, withOrigins } from "../convert/lineage.ts";
import { readNewestTime } from "../checks/newest-time.ts";
import { assertMergeKeys } from "../modes/merge-keys.ts";
import { superseded } from "../publication-order.ts";
import type { PublishJournal } from "./publish-journal.ts";
import type { PublishScope } from "./publish-scope.ts";
import type { PublishShape } from "./publish-shape.ts";
import { needsKey, type RowRule } from "../modes/row-rule.ts";
import { toTargetContract } from "../schema-contract.ts";
import type { StagedRows } from "../staged-rows.ts";
import type { Target, TargetResult } from "../target.ts";

export interface PublishStagedInput {
  readonly session: EngineSession;
  readonly scope: PublishScope;
  readonly output: DatasetOutput;
  /** What the output means for this run. */
  readonly rule: RowRule;
  readonly targets: readonly Target[];
  readonly shape: PublishShape;
  readonly staged: StagedRows;
  readonly audit: Audit;
  readonly folder: string;
  readonly journal: PublishJournal;
  /** Where the columns of the rows come from; absent where nobody knows. */
  readonly lineage?: Lineage;
  /** For a quarantine: what its rows would have been. */
  readonly quarantineOf?: QuarantineOrigin;
  /** The version of the table that the rows were made from; without it they go on top of any. */
  readonly basedOn?: number;
}

export interface StagedResult {
  readonly version: DatasetVersion;
  /** False when every target had these rows before this run came. */
  readonly changed: boolean;
  /** One line for each thing that a person should know. */
  readonly warnings: readonly string[];
}

/**
 * Publishes and records, once in the life of a run: what an earlier attempt has recorded stays as it is.
 * @throws MillraceError `RUN_SUPERSEDED` for a replace when a run that was submitted later has published
 */
export async function publishStaged(input: PublishStagedInput): Promise<StagedResult> {
  const { scope, output } = input;
  const fingerprint = fingerprintOf(input);
  const { own, newest } = await scope.catalog.publications(output.dataset);
  // the publication of its dataset says whether a quarantine is done; until then an earlier attempt may have set other rows aside
  if (own !== undefined && input.quarantineOf === undefined) return { version: own, changed: true, warnings: [] };
  const latest = await scope.catalog.find(output.dataset);
  if (latest !== undefined && (await isPublished(input, latest, fingerprint)))
    return { version: latest, changed: false, warnings: [] };
  // rows that were computed from the current rows of the target undo nothing, whichever run published those
  const isOlder = input.basedOn === undefined && newest !== undefined && newest.runId > scope.run.id;
  const later = isOlder ? newest : undefined;
  if (later !== undefined && latest !== undefined && (await isOvertaken(input, later)))
    return { version: latest, changed: false, warnings: [describeOvertaken(later)] };
  const { mode = "replace" } = output;
  if (needsKey(mode)) await assertMergeKeys(input.session, input.staged.relation, output, scope.signal);
  const newestAtMs = await newestTimeOf(input, latest);
  const results = await publishTargets(input, fingerprint, latest);
  await scope.failpoint("published");
  const warnings = later === undefined ? [] : describeLate(mode, later);
  return { ...(await record(input, { results, latest, fingerprint, newestAtMs })), warnings };
}

/**
 * Tells whether rows of an earlier attempt are those of the run for ever: it has recorded them, appended them, or a later run has
 * replaced them since. Then the rows that were set aside beside them stay as well.
 * @throws MillraceError `RUN_SUPERSEDED` for a replace when a run that was submitted later has published
 */
export async function isHistory(input: OvertakenInput): Promise<boolean> {
  const { scope, output } = input;
  const { own, newest } = await scope.catalog.publications(output.dataset);
  if (own !== undefined) return true;
  if (output.mode === "append") return await hasPublished(input);
  return newest !== undefined && newest.runId > scope.run.id && (await isOvertaken(input, newest));
}

type OvertakenInput = Pick<PublishStagedInput, "session" | "scope" | "output" | "targets">;

/**
 * Tells whether a replace of this run that was never recorded is history, because a later run has replaced its rows.
 * @throws MillraceError `RUN_SUPERSEDED` when its rows were in no target at any time, as far as the targets remember
 */
async function isOvertaken(input: OvertakenInput, later: DatasetVersion): Promise<boolean> {
  const { mode = "replace", dataset } = input.output;
  if (mode !== "replace") return false;
  if (await hasPublished(input)) return true;
  throw superseded(dataset, formatRunId(later.runId));
}

async function hasPublished({ session, scope, output, targets }: OvertakenInput): Promise<boolean> {
  for (const target of targets) {
    if (await target.hasPublished(session, { runKey: scope.runKey, dataset: output.dataset })) return true;
  }
  return false;
}

function describeOvertaken({ dataset, version, runId }: DatasetVersion): string {
  const run = formatRunId(runId);
  return `an earlier attempt of this run replaced the rows of dataset \`${dataset}\`, and run \`${run}\`, submitted later, has replaced them since; its version ${version} stays`;
}

function describeLate(mode: WriteMode, { dataset, runId }: DatasetVersion): string[] {
  const run = formatRunId(runId);
  const what = overwritten[mode];
  if (what === undefined) return [];
  return [`run \`${run}\`, submitted later, published to dataset \`${dataset}\` before this run did: ${what}`];
}

/** What a run may have done to the rows of one that was submitted later. */
const overwritten: Partial<Record<WriteMode, string>> = {
  merge: "rows whose key both have hold the values of this run now",
  delete_insert: "where both cover the same rows, those of this run are there now",
  snapshot: "if both are of the same moment, the rows of this run are there now",
};

interface Outcome {
  readonly results: ReadonlyMap<Target, TargetResult>;
  readonly latest: DatasetVersion | undefined;
  readonly fingerprint: string;
  readonly newestAtMs: number | undefined;
}

/** Rows of before stay, unless the mode swaps the whole table. */
async function newestTimeOf(
  { session, output, staged, rule, scope }: PublishStagedInput,
  latest: DatasetVersion | undefined,
): Promise<number | undefined> {
  const newestAtMs = await readNewestTime(session, output, staged, scope.signal);
  const before = rule.mode === "replace" ? undefined : latest?.newestAtMs;
  return before === undefined ? newestAtMs : Math.max(before, newestAtMs ?? before);
}

/** Records what the targets did, unless no table changed. */
async function record(
  input: PublishStagedInput,
  { results, latest, fingerprint, newestAtMs }: Outcome,
): Promise<Omit<StagedResult, "warnings">> {
  const { scope, output, shape, audit } = input;
  const locations = input.targets.flatMap((target) => results.get(target)?.location ?? []);
  const changed =
    [...results.values()].some((result) => result.changed) ||
    !isSame(latest?.locations, locations) ||
    !isSameOrigin(latest, input);
  if (latest !== undefined && !changed) return { version: latest, changed: false };
  const [first] = input.targets;
  const version = await scope.catalog.record({
    dataset: output.dataset,
    runId: scope.run.id,
    job: scope.run.job,
    locations,
    schema: withOrigins(shape.tableColumns, input.lineage, latest?.schema ?? []),
    rowCount: (first === undefined ? undefined : results.get(first)?.rowCount) ?? audit.rowCount,
    fingerprint,
    ...(newestAtMs === undefined ? {} : { newestAtMs }),
    ...(input.quarantineOf === undefined ? {} : { quarantineOf: input.quarantineOf }),
  });
  await scope.failpoint("recorded");
  const data = { dataset: output.dataset, version: version.version, rows: audit.rowCount, rowCount: version.rowCount };
  await scope.emit({ type: "dataset_published", data: { ...data, locations: locations.map(describe) } });
  return { version, changed: true };
}

/** Says which rows these are and how they got in; an appended set belongs to its run. */
function fingerprintOf({ scope, output, rule, shape, audit }: PublishStagedInput): string {
  const { mode = "replace", key = [] } = output;
  const who = mode === "append" ? scope.runKey : "";
  // no row of one window is something else than no row of another one
  const { covered, history } = rule;
  const which = covered === undefined && history === undefined ? [] : [covered, history];
  const what = JSON.stringify([mode, key, who, shape.columns, audit.rowCount, audit.content, ...which]);
  return createHash("sha256").update(what).digest("hex").slice(0, 32);
}

async function isPublished(input: PublishStagedInput, latest: DatasetVersion, fingerprint: string): Promise<boolean> {
  const { session, targets } = input;
  if (!isSameOrigin(latest, input)) return false;
  if (latest.fingerprint !== fingerprint || latest.locations.length !== targets.length) return false;
  if (latest.locations[0]?.path !== targets[0]?.path) return false;
  if (input.shape.added.length > 0 || hasOthers(latest, input)) return false;
  for (const target of targets) {
    if (!(await target.isCurrent(session, latest))) return false;
  }
  return true;
}

/** Whether the table has columns that are to go: the rows alone do not tell, since those that lack a column leave it there. */
function hasOthers({ schema }: DatasetVersion, { output, shape }: PublishStagedInput): boolean {
  return output.schema === "replace" && schema.length !== shape.tableColumns.length;
}

/** A target that takes the staged files away comes last. */
async function publishTargets(
  input: PublishStagedInput,
  fingerprint: string,
  published: DatasetVersion | undefined,
): Promise<Map<Target, TargetResult>> {
  const { session, scope, output, rule, shape, staged, folder, journal } = input;
  const { key = [], schema, dataset } = output;
  const { mode, covered, history } = rule;
  const results = new Map<Target, TargetResult>();
  const ordered = input.targets.toSorted((a, b) => Number(a.filing !== undefined) - Number(b.filing !== undefined));
  for (const target of ordered) {
    const { added, ...rows } = shape.fit(target, staged);
    await scope.catalog.assertHeld();
    await scope.failpoint(`${target.format}:publishing`);
    const result = await target.publish({
      session,
      mode,
      key,
      ...(covered === undefined ? {} : { covered }),
      ...(history === undefined ? {} : { history }),
      contract: toTargetContract(schema),
      staged,
      rows,
      added,
      writer: { runKey: scope.runKey, job: scope.run.job, dataset, fingerprint },
      ...(published === undefined ? {} : { published }),
      stagingFolder: folder,
      ...(scope.seal === undefined ? {} : { seal: scope.seal }),
      ...(input.basedOn === undefined ? {} : { basedOn: input.basedOn }),
      intend: async (intent) => {
        await journal.intend(intent);
        // staging may have taken long; a newer attempt must not meet files of this one, nor a later run have its rows replaced
        await scope.catalog.assertHeld();
        if (mode === "replace" && input.basedOn === undefined) await assertNotSuperseded(scope, dataset);
      },
      assertHeld: () => scope.catalog.assertHeld(),
      signal: scope.signal,
      failpoint: scope.failpoint,
    });
    for (const warning of result.warnings) scope.log.warn(warning);
    results.set(target, result);
  }
  return results;
}

function isSameOrigin(latest: DatasetVersion | undefined, { quarantineOf }: PublishStagedInput): boolean {
  return JSON.stringify(latest?.quarantineOf) === JSON.stringify(quarantineOf);
}

async function assertNotSuperseded({ catalog, run }: PublishScope, dataset: string): Promise<void> {
  const { newest } = await catalog.publications(dataset);
  if (newest !== undefined && newest.runId > run.id) throw superseded(dataset, formatRunId(newest.runId));
}

function isSame(before: readonly DatasetLocation[] | undefined, after: readonly DatasetLocation[]): boolean {
  return JSON.stringify(before?.map(describe)) === JSON.stringify(after.map(describe));
}

function describe(location: DatasetLocation): {
  format: string;
  path: string;
  version: number | null;
  table: string | null;
} {
  const { format, path, version = null, table = null } = location;
  return { format, path, version, table };
}
