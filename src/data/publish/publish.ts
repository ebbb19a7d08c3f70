// Write – audit – publish: rows are staged, looked at, and only then published, each target in one atomic step.
import { dirname, join } from "node:path";
import type { Check } from "../../core/dataset/check.ts";
import type { DatasetOutput, QuarantineOrigin } from "../../core/dataset/dataset.ts";
import { keptAnswersUsed } from "../../core/dataset/freshness.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { PublishResult } from "../../core/job/job-context.ts";
import { type Audit, type AuditInput, auditRows } from "../checks/audit.ts";
import { nameChecks } from "../checks/check-definition.ts";
import { compileChecks } from "../checks/checks.ts";
import { assertGivenOutput, assertSealable } from "../dataset-output.ts";
import { openVanishingFolder, type VanishingFolder } from "../sealed/vanishing-folder.ts";
import { dropWhenRefused, tellRows } from "../sealed/seal-output.ts";
import { outsideFolderName } from "../files/staging-folders.ts";
import { outsideFolder } from "./outside-folder.ts";
import { assertGivenSource } from "../sources/source-options.ts";
import { deliversFiles } from "../sources/source-registry.ts";
import { assertChecks, removeFailedRows } from "./failed-checks.ts";
import { assertCovered } from "../modes/assert-covered.ts";
import { assertWholeRefresh } from "../modes/assert-refresh.ts";
import { describeUnknownIgnored } from "../modes/describe-row-rule.ts";
import { assertModeRows } from "../modes/assert-mode-rows.ts";
import { assertMergeKeys } from "../modes/merge-keys.ts";
import { fitRowRule, needsKey, planRowRule } from "../modes/row-rule.ts";
import { publishAside } from "./publish-aside.ts";
import { assertConvert } from "../convert/convert-options.ts";
import type { Lineage } from "../convert/lineage.ts";
import { conformRows, describeDiscarded, type Discarded } from "./conform-rows.ts";
import { type NamedRequest, toReplayRequest, toSampleRequest } from "./named-request.ts";
import { passThrough } from "./pass-through.ts";
import { chooseCluster, openClusterQuery } from "./query/cluster-query.ts";
import { openQuery, type PublishQuery } from "./query/publish-query.ts";
import type { PublishScope } from "./publish-scope.ts";
import { spanOf } from "../modes/run-span.ts";
import { stampRows } from "../modes/stamp-rows.ts";
import { currentColumns, planShape, type PublishShape } from "./publish-shape.ts";
import { isHistory, publishStaged } from "./publish-staged.ts";
import { assertWithinLimits, listLimits } from "../target-limits.ts";
import { toRefreshOutput } from "./refresh-output.ts";
import { chooseStagingPlace } from "./staging-place.ts";
import {
  type RowOrigin,
  stagePublication,
  type StagedPublication,
  type StagePublicationInput,
} from "./stage-publication.ts";
import type { Target } from "../target.ts";
import { locateOutput, openTargets } from "../targets/target-registry.ts";
import { type PublicationPlace, type StageContext, withPublication } from "./with-publication.ts";

/**
 * Publishes the rows of a request. A blocking check that fails, and any failure before a target's own atomic step,
 * leaves that target as it was; a later attempt of the same run publishes what is missing and nothing twice.
 * @throws MillraceError `CHECKS_FAILED`, `SCHEMA_MISMATCH`, `TARGET_VALUE_UNSUPPORTED`, `SOURCE_EMPTY`, `RUN_LOST`, `DISK_FULL`, and what reading fails with
 */
export async function publishDataset(asked: NamedRequest, scope: PublishScope): Promise<PublishResult> {
  const isSealed = scope.isSealing || asked.output.sealed === true;
  if (isSealed && scope.sampleRows !== undefined) throw sealedSample(asked.output.dataset);
  if (isSealed && scope.replay !== undefined) throw sealedReplay(asked.output.dataset);
  const request = await toOwnRequest(asked, scope);
  const { output: declared, checks = [] } = request;
  const where = `dataset \`${declared.dataset}\``;
  assertGivenOutput(where, declared);
  assertWholeRefresh({ isFullRefresh: scope.isFullRefresh, window: scope.run.window }, declared.mode ?? "replace");
  if (request.source !== undefined) assertGivenSource(where, request.source);
  const secrets = request.reading?.secretScopes?.filter((scope) => scope !== "config") ?? [];
  assertConvert(where, ["convert"], request.convert, { secrets });
  const areFiles = request.source !== undefined && deliversFiles(request.source);
  assertModeRows(where, { output: declared, outputPath: [], checks, convert: request.convert, areFiles });
  const output = await locateOutput(scope.isFullRefresh ? toRefreshOutput(declared) : declared, scope.paths);
  const rule = planRowRule(declared, scope.isFullRefresh, spanOf(request, scope.run));
  if (!isSealed) return await publishStages({ request, checks, output, rule, scope });
  assertSealable(where, declared, checks);
  const { home } = scope.paths;
  return await dropWhenRefused({ home, dataset: output.dataset }, () =>
    publishStages({ request, checks, output: { ...output, sealed: true }, rule, scope }),
  );
}

/** A sample lies open, so that people can look at it. */
/** What a sample and a replay publish goes beside the datasets. */
async function toOwnRequest(asked: NamedRequest, { sampleRows, replay }: PublishScope): Promise<NamedRequest> {
  if (sampleRows !== undefined) return toSampleRequest(asked);
  if (replay === undefined) return asked;
  await replay.note({ ...asked.output });
  return toReplayRequest(asked, replay.id);
}

function sealedReplay(dataset: string): MillraceError {
  const message = `dataset \`${dataset}\` has credentials, of which there is no replay`;
  return new MillraceError("REPLAY_UNSUPPORTED", message, { hint: "run the job that gets them again" });
}

function sealedSample(dataset: string): MillraceError {
  return new MillraceError("PARAMS_INVALID", `dataset \`${dataset}\` is sealed, and no sample of it is shown`, {
    hint: "run it without a limit",
  });
}

async function publishStages(input: Omit<StageContext, keyof PublicationPlace>): Promise<PublishResult> {
  const { output, scope } = input;
  return await withPublication(scope, output.dataset, async (given) => {
    const passed = await passThrough({ ...input, ...given });
    if (passed !== undefined) return passed;
    await using vanishing = output.sealed === true ? await vanishingFolder(input, given) : undefined;
    const place = vanishing === undefined ? given : { ...given, folder: vanishing.path };
    const publication = await stage({ ...input, ...place });
    const { results } = publication.audit;
    await scope.emit({
      type: "checks_evaluated",
      data: { dataset: output.dataset, results: results.map((result) => ({ ...result })) },
    });
    assertNotEmpty(publication);
    await assertChecks({ ...publication, dataset: output.dataset, isSealed: output.sealed === true });
    assertWithinLimits(output.dataset, publication.auditInput.limits, publication.audit.beyondLimits);
    await assertFitsMode(publication);
    await deliverFiles(publication);
    const result = await publish(publication);
    await removeFailedRows(scope.paths, output.dataset);
    return result;
  });
}

/** Rows of credentials do not wait in the staging folder, where they would outlive a process that is killed. */
async function vanishingFolder(
  { output, scope }: Omit<StageContext, keyof PublicationPlace>,
  { folder, journal }: PublicationPlace,
): Promise<VanishingFolder> {
  const name = outsideFolderName(`${scope.runKey}-${scope.run.epoch}.${output.dataset}`);
  return await openVanishingFolder(dirname(folder), name, (path) => journal.intend({ format: outsideFolder, path }));
}

/** Rows that are staged and audited. */
interface Publication extends StageContext {
  /** Where the staged rows are. */
  readonly place: string;
  readonly shape: PublishShape;
  /** What the contract has taken out of the rows. */
  readonly discarded: readonly Discarded[];
  readonly lineage?: Lineage;
  readonly targets: readonly Target[];
  readonly staged: StagedPublication;
  readonly audit: Audit;
  readonly auditInput: AuditInput;
  readonly origin: RowOrigin;
  readonly knownRows: number;
  readonly deliver?: PublishQuery["deliver"];
  readonly warnings: string[];
  readonly staleSinceMs?: number;
}

async function stage(context: StageContext): Promise<Publication> {
  const { output, session, scope } = context;
  const targets = openTargets(output, scope.paths);
  const query = stampRows(await openRows(context, targets), output.dataset, context.rule.stamps);
  const shape = await planShape(session, output, query, targets, context.checks);
  const rule = fitRowRule(context.rule, output.dataset, shape.columns, spanOf(context.request, scope.run));
  for (const notice of shape.notices) scope.log.info(notice);
  const checks = await compileChecks(session, nameChecks(context.checks), shape.columns);
  const { signal } = scope;
  await scope.failpoint("reading");
  scope.operation(`staging ${output.dataset}`);
  const place = await chooseStagingPlace({ ...context, dataset: output.dataset, targets });
  const { isVerbatim, origin, knownRows, aside: early } = query;
  const nowMs = scope.now();
  const about = { isVerbatim, origin, ...(early === undefined ? {} : { early }) };
  const staging = { session, shape, checks, ...about, run: scope.run, nowMs, folder: place, signal };
  const staged = await stageQuery(query, staging);
  const { rows, aside } = staged;
  await scope.failpoint("staged");
  await session.defineView("rows", rows.relation);
  const auditInput: AuditInput = {
    session,
    relation: rows.relation,
    columns: rows.columns,
    checks,
    limits: listLimits(targets, rows.columns),
    quarantinedBy: aside?.byCheck ?? new Map<string, number>(),
    nowMs,
    signal,
  };
  scope.operation(`checking ${output.dataset}`);
  // The disk flushes while the engine reads: neither waits for the other.
  const [audit] = await Promise.all([auditRows(auditInput), rows.flush()]);
  const { rowCount } = audit;
  const files = rows.files.length;
  await scope.emit({ type: "staged", data: { dataset: output.dataset, rows: rowCount, bytes: rows.bytes, files } });
  await scope.failpoint("audited");
  const { discarded, lineage, deliver, staleSinceMs } = query;
  const told = describeDiscarded(output.dataset, discarded);
  const inVain = describeUnknownIgnored(output.dataset, rule, shape.tableColumns);
  const warnings = [...query.warnings, ...told, ...describeMissing(output.dataset, shape), ...inVain];
  return {
    ...context,
    place,
    rule,
    shape,
    discarded,
    targets,
    staged,
    audit,
    auditInput,
    origin,
    knownRows,
    warnings,
    ...(staleSinceMs === undefined ? {} : { staleSinceMs }),
    ...(lineage === undefined ? {} : { lineage }),
    ...(deliver === undefined ? {} : { deliver }),
  };
}

/** The rows of the request, as far as the contract of the output lets them in. */
async function openRows(
  { request, output, session, scope, folder, onEnd }: StageContext,
  targets: ReturnType<typeof openTargets>,
): ReturnType<typeof conformRows> {
  const spool = join(folder, "spool");
  const cluster = chooseCluster(request, scope);
  const opened =
    cluster === undefined
      ? await openQuery(session, request, scope, spool, () => currentColumns(session, output, targets))
      : await openClusterQuery(session, request, scope, {
          cluster,
          spool,
          name: clusterName(scope, output),
          epoch: scope.run.epoch,
          onSent: async (where, operation) => {
            const data = { dataset: output.dataset, where, operation };
            await scope.emit({ type: "computed_elsewhere", data });
          },
          onEnd,
        });
  if (output.sealed === true && request.source !== undefined) {
    await tellRows(session, "SELECT * FROM source", (secret) => scope.onSecret?.(secret));
  }
  return await conformRows(session, output, opened, targets, scope.signal).catch(async (error: unknown) => {
    throw await opened.explain(error);
  });
}

function clusterName({ runKey }: PublishScope, { dataset }: DatasetOutput): string {
  return `${runKey} ${dataset}`;
}

/** Stages all rows of the query, or none. */
async function stageQuery(query: PublishQuery, input: StagePublicationInput): Promise<StagedPublication> {
  const staged = await stagePublication(input).catch(async (error: unknown) => {
    throw await query.explain(error);
  });
  await query.assertUnchanged();
  const read = staged.rows.files.reduce((sum, file) => sum + file.rows, staged.aside?.rowCount ?? 0);
  if (query.rowCount === undefined || query.rowCount === read) return staged;
  throw new MillraceError("INTERNAL", `the files have ${query.rowCount} rows, and the engine has read ${read}`);
}

function assertNotEmpty({ request, output, audit, staged, knownRows, warnings }: Publication): void {
  const came = audit.rowCount + (staged.aside?.rowCount ?? 0) + knownRows;
  if (came > 0 || request.onEmpty === undefined || request.onEmpty === "ok") return;
  const message = `no row came for dataset \`${output.dataset}\``;
  if (request.onEmpty === "fail") {
    const hint = 'set `onEmpty: "ok"` if an empty delivery is normal';
    throw new MillraceError("SOURCE_EMPTY", message, { hint });
  }
  warnings.push(message);
}

/** What the mode refuses of the rows themselves, found out before files are moved, and before rows that wait for a key count as resolved. */
async function assertFitsMode({ request, rule, staged, deliver, scope, session }: Publication): Promise<void> {
  const { relation: sql, columns } = staged.rows;
  const { output: declared } = request;
  // a refresh replaces what is merged into later; all others look when they publish
  const isEarly = staged.aside !== undefined || deliver !== undefined || scope.isFullRefresh;
  if (isEarly && needsKey(declared.mode ?? "replace")) await assertMergeKeys(session, sql, declared, scope.signal);
  if (rule.covered !== undefined) await assertCovered(session, { sql, columns }, rule.covered, scope.signal);
}

/** Files go before the rows that name them. Those of a run that has published, or that a later one has overtaken, stay as they are. */
async function deliverFiles({ deliver, scope, output, journal, folder }: Publication): Promise<void> {
  if (deliver === undefined) return;
  const { own, newest } = await scope.catalog.publications(output.dataset);
  const { mode = "replace" } = output;
  const isOvertaken = mode === "replace" && newest !== undefined && newest.runId > scope.run.id;
  if (own !== undefined || isOvertaken) return;
  scope.operation(`putting files of ${output.dataset} in their places`);
  await deliver({
    paths: scope.paths,
    folder: join(folder, "delivery"),
    owner: scope.runKey,
    intend: (intent) => journal.intend(intent),
    assertHeld: () => scope.catalog.assertHeld(),
    operation: (text) => scope.operation(text),
    signal: scope.signal,
    failpoint: scope.failpoint,
  });
}

/** Sets aside first, so that no row is missing from both tables at any time. */
async function publish(publication: Publication): Promise<PublishResult> {
  const { output, scope, session, shape, staged, audit, place, journal, rule } = publication;
  scope.operation(`publishing ${output.dataset}`);
  const { output: declared } = publication.request;
  const passing = { sql: staged.rows.relation, columns: staged.rows.columns };
  const quarantineOf = toQuarantineOrigin(scope.run.job, declared, publication.checks);
  await tellStale(publication);
  const isToSetAside = staged.aside !== undefined && !(await isHistory(publication));
  const { covered } = rule;
  const given = { ...publication, passing, quarantineOf, ...(covered === undefined ? {} : { covered }) };
  if (isToSetAside) await publishAside(given, staged.aside);
  const { lineage } = publication;
  const { version, changed, warnings } = await publishStaged({
    rule,
    ...(lineage === undefined ? {} : { lineage }),
    session,
    scope,
    output,
    targets: publication.targets,
    shape,
    staged: staged.rows,
    audit,
    folder: place,
    journal,
  });
  const { added, missing } = shape;
  const discarded = publication.discarded.filter(({ count }) => count > 0).map((one) => ({ ...one }));
  if (discarded.length > 0 || (changed && (added.length > 0 || missing.length > 0))) {
    const change = { added: added.map((column) => ({ ...column })), missing: [...missing] };
    const data = { dataset: output.dataset, ...change, ...(discarded.length === 0 ? {} : { discarded }) };
    await scope.emit({ type: "schema_changed", data });
  }
  publication.warnings.push(...warnings);
  for (const message of publication.warnings) await scope.emit({ type: "warning", data: { message } });
  return {
    dataset: version,
    changed,
    rows: audit.rowCount,
    quarantined: staged.aside?.rowCount ?? 0,
    warnings: publication.warnings,
  };
}

/** The history of the run has it as a fact, for screens that say how far rows can be trusted. */
async function tellStale({ output: { dataset }, scope, staleSinceMs }: Publication): Promise<void> {
  if (staleSinceMs === undefined) return;
  await scope.emit({ type: keptAnswersUsed, data: { dataset, since: new Date(staleSinceMs).toISOString() } });
}

/** What is needed to publish rows later that are set aside now. */
function toQuarantineOrigin(job: string, output: DatasetOutput, checks: readonly Check[]): QuarantineOrigin {
  return { job, output, checks: checks.filter(({ severity = "block" }) => severity === "block") };
}

function describeMissing(dataset: string, { missing }: PublishShape): string[] {
  if (missing.length === 0) return [];
  const list = missing.map((name) => `\`${name}\``).join(", ");
  return [`rows of dataset \`${dataset}\` lack columns that its table has; they stay, empty in these rows: ${list}`];
}
