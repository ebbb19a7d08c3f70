// What publishing a request would do now: the first half of `publishDataset`, which only looks.
import { join } from "node:path";
import type { DatasetOutput } from "../../core/dataset/dataset.ts";
import type { PlannedInput, PlannedOutput, PublicationPlan } from "../../core/job/job-plan.ts";
import type { DatasetLookup } from "../datasets/dataset-catalog.ts";
import { planSource } from "../sources/source-registry.ts";
import { locateOutput, openTargets } from "../targets/target-registry.ts";
import type { NamedRequest } from "./named-request.ts";
import { chooseCluster, openClusterQuery } from "./query/cluster-query.ts";
import { openQuery, type QueryScope } from "./query/publish-query.ts";
import { planShape } from "./publish-shape.ts";
import type { DataPaths, PublishScope } from "./publish-scope.ts";
import type { Window } from "../../core/schedule/window.ts";
import { assertWholeRefresh } from "../modes/assert-refresh.ts";
import { planRowRule, type RowRule } from "../modes/row-rule.ts";
import { describeRowRule } from "../modes/describe-row-rule.ts";
import { spanOf } from "../modes/run-span.ts";
import { toRefreshOutput } from "./refresh-output.ts";
import { stampRows } from "../modes/stamp-rows.ts";

export interface PlanScope extends QueryScope {
  readonly engine: PublishScope["engine"];
  readonly paths: DataPaths;
  readonly isFullRefresh: boolean;
  /** Of the run. */
  readonly window?: Window | undefined;
  /** A folder that is gone afterwards. */
  readonly folder: string;
}

/** @throws MillraceError as `publishDataset` would before it reads a row */
export async function planPublication(request: NamedRequest, scope: PlanScope): Promise<PublicationPlan> {
  const { source, sql = [], reading = {} } = request;
  const { paths, catalog, signal, connect, onSecret } = scope;
  assertWholeRefresh(scope, request.output.mode ?? "replace");
  const output = await locateOutput(scope.isFullRefresh ? toRefreshOutput(request.output) : request.output, paths);
  const span = spanOf(request, {
    createdAtMs: scope.now(),
    ...(scope.window === undefined ? {} : { window: scope.window }),
  });
  const rule = planRowRule(request.output, scope.isFullRefresh, span);
  await using session = await scope.engine.open();
  const planning = {
    session,
    root: paths.root,
    catalog,
    reading,
    signal,
    spool: join(scope.folder, "spool"),
    warn: (message: string) => scope.log.warn(message),
    ...(connect === undefined ? {} : { connect }),
    ...(onSecret === undefined ? {} : { onSecret }),
  };
  const planned = source === undefined ? undefined : await planSource(source, planning);
  // other sources are not read before the run does
  const columns = source === undefined ? await planColumns(request, output, rule, scope) : undefined;
  return {
    ...(planned === undefined ? {} : { source: planned }),
    sql: typeof sql === "string" ? [sql] : sql,
    inputs: await Promise.all((request.inputs ?? scope.inputs).map((name) => describeInput(catalog, name))),
    output: { ...(await describeOutput(output, scope)), ...(columns === undefined ? {} : { columns }) },
    notes: [
      ...(source !== undefined && planned === undefined ? ["what the source reads is only known when it is read"] : []),
      ...describeRowRule(rule, span),
    ],
  };
}

async function planColumns(
  request: NamedRequest,
  output: DatasetOutput,
  { stamps }: RowRule,
  scope: PlanScope,
): Promise<PlannedOutput["columns"]> {
  await using session = await scope.engine.open();
  const targets = openTargets(output, scope.paths);
  const spool = join(scope.folder, "spool");
  const cluster = chooseCluster(request, scope);
  const opened =
    cluster === undefined
      ? await openQuery(session, request, scope, spool, () => Promise.resolve(undefined))
      : await openClusterQuery(session, request, scope, { cluster, spool, name: scope.folder });
  const query = stampRows(opened, output.dataset, stamps);
  const { added, missing } = await planShape(session, output, query, targets, request.checks);
  return { added: added.map(({ name, type }) => ({ name, type })), missing: [...missing] };
}

async function describeInput(catalog: DatasetLookup, dataset: string): Promise<PlannedInput> {
  const found = await catalog.find(dataset);
  return found === undefined ? { dataset } : { dataset, version: found.version, rows: found.rowCount };
}

async function describeOutput(output: DatasetOutput, { catalog, paths }: PlanScope): Promise<PlannedOutput> {
  const latest = await catalog.find(output.dataset);
  return {
    dataset: output.dataset,
    mode: output.mode ?? "replace",
    targets: openTargets(output, paths).map(({ format, path }) => ({ format, path })),
    ...(latest === undefined ? {} : { version: latest.version }),
  };
}
