// Write – audit – publish: rows are staged, looked at, and only then published, each target in one atomic step.
import { rename, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { EngineSession } from "../compute/engine.ts";
import type { Check, CheckResult } from "../core/check.ts";
import type { DatasetOutput } from "../core/dataset.ts";
import { classifyError } from "../core/classify-error.ts";
import { MillraceError } from "../core/errors.ts";
import type { PublishRequest, PublishResult } from "../core/job-context.ts";
import { type Audit, type AuditInput, auditRows, saveSamples } from "./audit.ts";
import { nameChecks } from "./check-definition.ts";
import { compileChecks } from "./checks.ts";
import { assertDatasetOutput, quarantineDataset } from "./dataset-output.ts";
import { makeFolder } from "./delta/delta-file-system.ts";
import { createPublishJournal, loadIntents, type PublishJournal, settleIntents } from "./publish-journal.ts";
import { openQuery, type PublishQuery } from "./publish-query.ts";
import type { PublishScope } from "./publish-scope.ts";
import { planShape, type PublishShape } from "./publish-shape.ts";
import { publishStaged } from "./publish-staged.ts";
import { type SetAside, stagePublication, type StagedPublication } from "./stage-publication.ts";
import { failedFolder, removeIfEmpty } from "./staging-folders.ts";
import { openTargets } from "./targets/open-targets.ts";

/**
 * Publishes the rows of a request. A blocking check that fails, and any failure before a target's own atomic step,
 * leaves that target as it was; a later attempt of the same run publishes what is missing and nothing twice.
 * @throws MillraceError `CHECKS_FAILED`, `SCHEMA_MISMATCH`, `SOURCE_EMPTY`, `RUN_LOST`, `DISK_FULL`, and what reading fails with
 */
export async function publishDataset(request: PublishRequest, scope: PublishScope): Promise<PublishResult> {
  const { output, checks = [] } = request;
  assertDatasetOutput(`dataset \`${output.dataset}\``, output);
  await scope.settleEarlier();
  const folder = join(scope.folder, output.dataset);
  const journal = createPublishJournal(folder);
  await using session = await scope.engine.open();
  try {
    const publication = await stage({ request, checks, output, session, scope, folder, journal });
    const { results } = publication.audit;
    await scope.emit({
      type: "checks_evaluated",
      data: { dataset: output.dataset, results: results.map((result) => ({ ...result })) },
    });
    assertNotEmpty(publication);
    await assertChecks(publication);
    const result = await publish(publication);
    await removeFailed(scope.paths.staging, output.dataset);
    return result;
  } catch (error) {
    throw classifyError(error);
  } finally {
    await settleIntents(await loadIntents(folder));
    await rm(folder, { recursive: true, force: true });
    await removeIfEmpty(scope.folder);
  }
}

interface StageContext {
  readonly request: PublishRequest;
  readonly output: DatasetOutput;
  readonly checks: readonly Check[];
  readonly session: EngineSession;
  readonly scope: PublishScope;
  /** Staging folder of this dataset in this attempt. */
  readonly folder: string;
  readonly journal: PublishJournal;
}

/** Rows that are staged and audited. */
interface Publication extends StageContext {
  readonly shape: PublishShape;
  readonly targets: ReturnType<typeof openTargets>;
  readonly staged: StagedPublication;
  readonly audit: Audit;
  readonly auditInput: AuditInput;
  readonly warnings: string[];
}

async function stage(context: StageContext): Promise<Publication> {
  const { request, output, session, scope, folder } = context;
  const targets = openTargets(output, scope.paths);
  const query: PublishQuery = await openQuery(session, request, scope, join(folder, "spool"));
  const shape = await planShape(session, output, query, targets);
  for (const notice of shape.notices) scope.log.info(notice);
  const checks = await compileChecks(session, nameChecks(context.checks), shape.columns);
  const { signal } = scope;
  await scope.failpoint("reading");
  const staged = await stagePublication({ session, shape, checks, isVerbatim: query.isVerbatim, folder, signal });
  await query.assertUnchanged();
  const { rows, aside } = staged;
  await scope.failpoint("staged");
  await session.defineView("rows", rows.relation);
  const auditInput: AuditInput = {
    session,
    relation: rows.relation,
    columns: rows.columns,
    checks,
    quarantinedBy: aside?.byCheck ?? new Map<string, number>(),
    nowMs: scope.now(),
    signal,
  };
  const audit = await auditRows(auditInput);
  const { rowCount } = audit;
  const files = rows.files.length;
  await scope.emit({ type: "staged", data: { dataset: output.dataset, rows: rowCount, bytes: rows.bytes, files } });
  await scope.failpoint("audited");
  const warnings = [...query.warnings, ...describeMissing(output.dataset, shape)];
  return { ...context, shape, targets, staged, audit, auditInput, warnings };
}

function assertNotEmpty({ request, output, audit, staged, warnings }: Publication): void {
  if (audit.rowCount + (staged.aside?.rowCount ?? 0) > 0 || request.onEmpty === undefined || request.onEmpty === "ok")
    return;
  const message = `no row came for dataset \`${output.dataset}\``;
  if (request.onEmpty === "fail") {
    const hint = 'set `onEmpty: "ok"` if an empty delivery is normal';
    throw new MillraceError("SOURCE_EMPTY", message, { hint });
  }
  warnings.push(message);
}

/** A failed blocking check ends the run; the rows stay where a person can look at them. */
async function assertChecks(publication: Publication): Promise<void> {
  const { output, scope, audit, folder, warnings } = publication;
  const failed = audit.results.filter(({ passed }) => !passed);
  for (const { name, severity, detail } of failed) {
    if (severity === "warn") warnings.push(`check \`${name}\` of dataset \`${output.dataset}\`: ${detail}`);
  }
  const blocking = failed.filter(({ severity }) => severity === "block");
  if (blocking.length === 0) return;
  await rm(join(folder, "spool"), { recursive: true, force: true });
  await saveSamples(publication.auditInput, failed, join(folder, "samples"));
  const kept = failedFolder(scope.paths.staging, output.dataset);
  await makeFolder(dirname(kept));
  await rm(kept, { recursive: true, force: true });
  await rename(folder, kept);
  throw checksFailed(output.dataset, blocking, relative(scope.paths.root, kept));
}

async function removeFailed(staging: string, dataset: string): Promise<void> {
  const kept = failedFolder(staging, dataset);
  await rm(kept, { recursive: true, force: true });
  await removeIfEmpty(dirname(kept));
}

function checksFailed(dataset: string, failed: readonly CheckResult[], kept: string): MillraceError {
  const list = failed.map(({ name, failingRows }) => `\`${name}\` (${failingRows} rows)`).join(", ");
  return new MillraceError("CHECKS_FAILED", `checks of dataset \`${dataset}\` failed: ${list}`, {
    hint: `nothing was published; the staged rows and samples of the failing ones are in \`${kept}\``,
    details: { dataset, checks: failed.map((result) => ({ ...result })), staging: kept },
  });
}

/** Sets aside first, so that no row is missing from both tables at any time. */
async function publish(publication: Publication): Promise<PublishResult> {
  const { output, scope, session, shape, staged, audit, folder, journal } = publication;
  const quarantined = staged.aside === undefined ? 0 : await quarantine(publication, staged.aside);
  const { version, changed } = await publishStaged({
    session,
    scope,
    output,
    targets: publication.targets,
    shape,
    staged: staged.rows,
    audit,
    folder,
    journal,
  });
  if (changed && (shape.added.length > 0 || shape.missing.length > 0)) {
    const added = shape.added.map((column) => ({ ...column }));
    await scope.emit({ type: "schema_changed", data: { dataset: output.dataset, added, missing: [...shape.missing] } });
  }
  return { dataset: version, changed, rows: audit.rowCount, quarantined, warnings: publication.warnings };
}

/** Publishes the rows that were set aside, also when there are none, so that those of an earlier run are not taken for today's. */
async function quarantine({ output, scope, session, folder, journal }: Publication, aside: SetAside): Promise<number> {
  const asideOutput: DatasetOutput = { dataset: quarantineDataset(output.dataset) };
  const targets = openTargets(asideOutput, scope.paths);
  const shape = await planShape(session, asideOutput, { sql: aside.relation, columns: aside.columns }, targets);
  const asideFolder = join(folder, "quarantine");
  const { signal } = scope;
  const { rows } = await stagePublication({
    session,
    shape,
    checks: [],
    isVerbatim: true,
    folder: asideFolder,
    signal,
  });
  const audit = await auditRows({
    session,
    relation: rows.relation,
    columns: rows.columns,
    checks: [],
    quarantinedBy: aside.byCheck,
    nowMs: scope.now(),
    signal,
  });
  const input = {
    session,
    scope,
    output: asideOutput,
    targets,
    shape,
    staged: rows,
    audit,
    folder: asideFolder,
    journal,
  };
  const { version } = await publishStaged(input);
  const checks = Object.fromEntries(aside.byCheck);
  const data = { dataset: output.dataset, into: version.dataset, rows: aside.rowCount, checks };
  await scope.emit({ type: "quarantined", data });
  return aside.rowCount;
}

function describeMissing(dataset: string, { missing }: PublishShape): string[] {
  if (missing.length === 0) return [];
  const list = missing.map((name) => `\`${name}\``).join(", ");
  return [`rows of dataset \`${dataset}\` lack columns that its table has; they stay, empty in these rows: ${list}`];
}
