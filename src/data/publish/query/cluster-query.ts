// The rows of a request whose query a cluster computes. Its checks read them here, as they read all rows.
import type { Cluster } from "../../../compute/cluster.ts";
import type { EngineSession } from "../../../compute/engine.ts";
import { trimStatement } from "../../../compute/sql-text.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { listReferences, nameChecks } from "../../checks/check-definition.ts";
import { assertChecksReadable } from "../../checks/checks.ts";
import { planOnCluster, queryOnCluster } from "../../cluster/query-on-cluster.ts";
import { defineInputs } from "../../datasets/open-dataset.ts";
import { defineRecords } from "../../sources/records/define-records.ts";
import type { NamedRequest } from "../named-request.ts";
import { assertPublished, assertTables, type PublishQuery, type QueryScope } from "./publish-query.ts";
import type { EndOfPublication } from "../with-publication.ts";

export interface ClusterQueryOptions {
  readonly cluster: Cluster;
  /** Folder for copies of database tables; the caller deletes it. */
  readonly spool: string;
  /** Identifies what is published among all runs of all stores. */
  readonly name: string;
  /** Of the attempt, and absent for a plan. */
  readonly epoch?: number;
  /** Told where the query is computed, and by which id the cluster knows it. */
  readonly onSent?: (where: string, operation: string) => Promise<void>;
  /** Absent for a plan, which computes nothing. */
  readonly onEnd?: (end: EndOfPublication) => void;
}

/**
 * The cluster that is to compute the query of a request; nothing for one that is computed here.
 * @throws MillraceError `CONFIG_INVALID` when the project does not say where the cluster is
 */
export function chooseCluster(
  { compute, output }: NamedRequest,
  { cluster }: Pick<QueryScope, "cluster">,
): Cluster | undefined {
  const isForAny = compute?.dialect === "portable" && cluster?.isDefault === true;
  const wanted = compute?.engine ?? (isForAny ? "spark" : compute?.dialect);
  if (wanted !== "spark") return undefined;
  if (cluster !== undefined) return cluster;
  throw new MillraceError(
    "CONFIG_INVALID",
    `the query of dataset \`${output.dataset}\` is for Spark, which is not there`,
    {
      hint: 'say where it is in `compute` of the configuration: `{ connect: "sc://host:15002" }`',
    },
  );
}

/** @throws MillraceError as `openQuery`, and what the cluster says of the query */
export async function openClusterQuery(
  session: EngineSession,
  request: NamedRequest,
  scope: QueryScope,
  { cluster, spool, name, epoch = 1, onSent = () => Promise.resolve(), onEnd }: ClusterQueryOptions,
): Promise<PublishQuery> {
  const { checks = [], source, inputs = scope.inputs, compute } = request;
  await assertPublished(scope, inputs);
  const references = listReferences(checks);
  const reading = { spool, warn: (message: string) => scope.log.warn(message) };
  const datasets = await defineRecords(session, scope.topics, inputs, { spool, signal: scope.signal });
  await defineInputs(session, scope.catalog, [...datasets, ...references], reading);
  await assertChecksReadable(session, nameChecks(checks));
  const judged = checks.flatMap(({ sql }) => sql ?? []);
  await assertTables(session, judged, { inputs: [...inputs, ...references, "rows", "source"], source });
  const isPortable = compute?.dialect === "portable";
  const select = toQuery(request, scope.sampleRows);
  // other SQL is read by the cluster alone, which may know tables of its own
  const read = isPortable ? await assertTables(session, [select], { inputs, source: undefined }) : undefined;
  const given = { session, catalog: scope.catalog, datasets, reading, signal: scope.signal };
  const query = { sql: select, isPortable, inputs, name };
  const { dataset } = request.output;
  const told = {
    operation: (text: string) => scope.operation(text),
    onOpen: (where: string) => scope.log.info(`the rows of dataset \`${dataset}\` are computed on ${where}`),
  };
  const sql =
    onEnd === undefined
      ? await planOnCluster(cluster, query, given)
      : await queryOnCluster(cluster, { ...query, ...told, epoch, onSent, onEnd }, given);
  if (onEnd !== undefined) scope.log.info(`the rows of dataset \`${dataset}\` were computed on ${cluster.name}`);
  return {
    sql,
    columns: await session.describe(sql),
    // its files stay as they are until the rows are published
    isVerbatim: true,
    origin: {},
    warnings: inputs.flatMap((input) =>
      read === undefined || read.has(input.toLowerCase()) || references.includes(input)
        ? []
        : [`input \`${input}\` is not read by the query`],
    ),
    knownRows: 0,
    explain: (error) => Promise.resolve(error),
    assertUnchanged: () => Promise.resolve(),
  };
}

/** @throws MillraceError `VALUE_INVALID` for what only this machine does */
function toQuery({ sql, source, convert = [], output }: NamedRequest, sampleRows: number | undefined): string {
  const [select, ...others] = typeof sql === "string" ? [sql] : (sql ?? []);
  if (select === undefined || others.length > 0 || source !== undefined || convert.length > 0) {
    const message = `the query of dataset \`${output.dataset}\` is for Spark, and needs to be one \`select\` over datasets`;
    throw new MillraceError("VALUE_INVALID", message, { hint: "put steps and sources into a job of its own" });
  }
  const query = trimStatement(select);
  return sampleRows === undefined ? query : `SELECT * FROM (\n${query}\n) LIMIT ${sampleRows}`;
}
