// The short way of rows that nothing looks at one by one: from the source into the target's transaction, where the checks ask for
// them, and only then published. Whatever it cannot do, and whatever a check says of the rows, is left to the long way, which stages
// them where a person can look.
import { type Column, quoteIdentifier } from "../../compute/engine.ts";
import type { Check, CheckKind, CheckResult } from "../../core/dataset/check.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { PublishResult } from "../../core/job/job-context.ts";
import { nameChecks } from "../checks/check-definition.ts";
import { type CompiledCheck, compileChecks } from "../checks/checks.ts";
import { freshnessColumn } from "../checks/newest-time.ts";
import { judgeCount, judgeGroups, judgeRows, repeatedKeys } from "../checks/verdicts.ts";
import type { PassingRows } from "../passing-rows.ts";
import { takesVariables, passSource } from "../sources/source-registry.ts";
import { plainLayout, type StagedRows } from "../staged-rows.ts";
import type { ReceivedRows, Receiver, Target } from "../target.ts";
import { openTargets } from "../targets/target-registry.ts";
import { removeFailedRows } from "./failed-checks.ts";
import { planShape, type PublishShape } from "./publish-shape.ts";
import { publishStaged } from "./publish-staged.ts";
import type { StageContext } from "./with-publication.ts";

/** @returns what was published; `undefined` when the rows have to be staged, and nothing is changed */
export async function passThrough(context: StageContext): Promise<PublishResult | undefined> {
  const { request, output, scope } = context;
  const { source } = request;
  if (source === undefined || !isAsItComes(context)) return undefined;
  const [target, ...others] = openTargets(output, scope.paths);
  const receiver = target?.receiver;
  if (target === undefined || receiver === undefined || others.length > 0) return undefined;
  if (!(await isFirst(context))) return undefined;
  scope.operation(`reading for ${output.dataset}`);
  const passing = { format: receiver.format, signal: scope.signal };
  return await passSource(source, passing, async (rows) => {
    const passage = await plan(context, target, rows.columns);
    return passage === undefined ? undefined : await pass({ ...context, ...passage, target, receiver, rows });
  });
}

/** Whether no step, no contract and no check wants a row before it is in the target. */
function isAsItComes({ request, output, rule, checks, scope }: StageContext): boolean {
  const { source = {}, sql, convert = [], inputs = [], reading = {} } = request;
  const { mode = "replace", schema = "evolve", sealed = false } = output;
  const isAllRows = scope.sampleRows === undefined && reading.watch === undefined && (reading.units?.length ?? 1) === 1;
  const isPlain = sql === undefined && convert.length === 0 && inputs.length === 0 && !takesVariables(source);
  const isReplaced = mode === "replace" && (schema === "evolve" || schema === "freeze") && !sealed;
  const isBlind = freshnessColumn(output) === undefined;
  return isAllRows && isPlain && isReplaced && isBlind && rule.stamps.length === 0 && checks.every(canAsk);
}

/** Rules that all databases have words for. */
const askable: readonly CheckKind[] = ["notNull", "unique", "rowCount"];

function canAsk(check: Check): boolean {
  return check.severity !== "quarantine" && nameChecks([check]).every(({ kind }) => askable.includes(kind));
}

/** Whether no attempt of the run, and no later run, has published; what follows from that is found on the long way. */
async function isFirst({ output, scope }: StageContext): Promise<boolean> {
  const { own, newest } = await scope.catalog.publications(output.dataset);
  return own === undefined && (newest === undefined || newest.runId <= scope.run.id);
}

interface Passage {
  readonly shape: PublishShape;
  readonly compiled: readonly CompiledCheck[];
}

/** Nothing when the table would not have the rows as they are. */
async function plan(
  { session, output, checks }: StageContext,
  target: Target,
  columns: readonly Column[],
): Promise<Passage | undefined> {
  const list = columns.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${quoteIdentifier(name)}`);
  const sql = `SELECT ${list.join(", ")}`;
  const shape = await planShape(session, output, { sql, columns }, [target], checks);
  const isSame = shape.sql === sql && shape.added.length === 0 && shape.missing.length === 0;
  if (!isSame) return undefined;
  return { shape, compiled: await compileChecks(session, nameChecks(checks), shape.columns) };
}

interface Passing extends StageContext, Passage {
  readonly target: Target;
  readonly receiver: Receiver;
  readonly rows: PassingRows;
}

async function pass(passing: Passing): Promise<PublishResult | undefined> {
  const { output, scope, receiver, rows } = passing;
  const { dataset } = output;
  await scope.failpoint("reading");
  scope.operation(`copying ${dataset}`);
  const writer = { runKey: scope.runKey, dataset };
  let isChecked = false;
  try {
    return await receiver.receive({ rows, writer, signal: scope.signal }, async (received) => {
      await scope.failpoint("staged");
      scope.operation(`checking ${dataset}`);
      const results = await judge(passing.compiled, received);
      const isEmpty = received.rowCount === 0 && passing.request.onEmpty !== undefined;
      if (isEmpty || results.some(({ passed }) => !passed)) return undefined;
      isChecked = true;
      return await publish(passing, received, results);
    });
  } catch (error) {
    if (isChecked || !isRefusal(error)) throw error;
    return undefined;
  }
}

/** Of rows that a constraint of the table refuses, or of a check that its types do not allow; the long way tells more of either. */
function isRefusal(error: unknown): boolean {
  return error instanceof MillraceError && ["REQUEST_REJECTED", "SQL_INVALID"].includes(error.code);
}

async function judge(compiled: readonly CompiledCheck[], received: ReceivedRows): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of compiled) {
    if (check.ask === "count") results.push(judgeCount(check, received.rowCount));
    if (check.ask === "rows") {
      const [broken] = await received.ask(`SELECT count(*) FROM ${received.relation} WHERE ${check.breaks}`);
      results.push(judgeRows(check, Number(broken)));
    }
    if (check.ask === "groups") {
      const repeated = repeatedKeys(received.relation, check.key);
      const [rows, keys] = await received.ask(`SELECT coalesce(sum(n), 0), count(*) FROM (${repeated}) AS repeated`);
      results.push(judgeGroups(check, Number(rows), Number(keys)));
    }
  }
  return results;
}

async function publish(
  passing: Passing,
  received: ReceivedRows,
  results: readonly CheckResult[],
): Promise<PublishResult> {
  const { request, output, rule, scope, session, shape, target, journal, folder } = passing;
  const { dataset } = output;
  const { rowCount, bytes } = received;
  await scope.emit({ type: "staged", data: { dataset, rows: rowCount, bytes, files: 0 } });
  await scope.failpoint("audited");
  const data = { dataset, results: results.map((result) => ({ ...result })) };
  await scope.emit({ type: "checks_evaluated", data });
  const [unit = { key: "" }] = request.reading?.units ?? [];
  await request.reading?.onRead?.([{ key: unit.key, status: "read", rows: rowCount }]);
  scope.operation(`publishing ${dataset}`);
  const { version, changed, warnings } = await publishStaged({
    session,
    scope,
    output,
    rule,
    targets: [{ ...target, publish: (input) => received.publish(input) }],
    shape,
    staged: toStaged(shape.columns, received, folder),
    audit: { rowCount, content: `copied:${received.digest}`, results, beyondLimits: [] },
    folder,
    journal,
  });
  for (const message of warnings) await scope.emit({ type: "warning", data: { message } });
  await removeFailedRows(scope.paths, dataset);
  return { dataset: version, changed, rows: rowCount, quarantined: 0, warnings };
}

/** Rows that wait in no file. */
function toStaged(columns: readonly Column[], { bytes, relation }: ReceivedRows, folder: string): StagedRows {
  const { columns: storedColumns } = plainLayout(columns);
  return {
    folder,
    files: [],
    columns,
    storedColumns,
    relation: `SELECT * FROM ${relation}`,
    isPlainFile: false,
    bytes,
    flush: () => Promise.resolve(),
  };
}
