// Changes and deployments that figures of delivery are made of, the newest first, and the same rows as a file.
import { z } from "zod";
import type {
  DeliveryChange,
  DeliveryChangePage,
  DeliveryDeployment,
  DeliveryDeploymentPage,
  DeliveryDeploymentsQuery,
  DeliveryRowsQuery,
} from "../../../api/delivery/delivery.ts";
import type { QueryRowsOptions, ShownRow } from "../../../core/dataset/dataset-reader.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { FileStream } from "../../file-stream.ts";
import type { CallContext, CallInput } from "../../handler.ts";
import { parseJsonCursor, toJsonCursor } from "../../json-cursor.ts";
import {
  countOf,
  exportFigures,
  type FigureDataset,
  type FigureServices,
  figureDatasets,
  findPublished,
  instantOf,
  instantOfRow,
  numberOf,
  readFigures,
  textOf,
} from "./figure-rows.ts";

const defaultLimit = 50;

type Signal = Pick<CallContext, "signal">;

export async function listDeliveryChanges(
  services: FigureServices,
  { query }: CallInput<"listDeliveryChanges">,
  { signal }: Signal,
): Promise<DeliveryChangePage> {
  const published = await findPublished(services, ["changes", "repositories"]);
  if (!published.has("changes")) return { items: [], next_cursor: null };
  const { limit = defaultLimit, cursor } = query;
  const after = cursor === undefined ? undefined : parseJsonCursor(changePlace, cursor);
  const behind = `epoch_us(x.deployed_at) < {{at}} or (epoch_us(x.deployed_at) = {{at}}
    and (x.repository_id, x.number) > ({{repository}}, {{number}}))`;
  const sql = `select x.*, epoch_us(x.deployed_at) as at_us, epoch_ms(x.deployed_at) as deployed_ms, epoch_ms(x.merged_at) as merged_ms,
      ${repositoryName(published)} as repository
    from ${figureDatasets.changes} x ${repositoryJoin(published)}
    where ${spanCondition("x")} ${after === undefined ? "" : `and (${behind})`}
    order by x.deployed_at desc, x.repository_id, x.number`;
  const values = {
    ...spanValues(query),
    ...(after === undefined ? {} : { at: after[0], repository: after[1], number: after[2] }),
  };
  const rows = await readFigures(services, { sql, values, signal }, limit + 1);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const place = last === undefined ? undefined : [last["at_us"], last["repository_id"], last["number"]].map(countOf);
  return {
    items: page.map(toChange),
    next_cursor: rows.length > limit && place !== undefined ? toJsonCursor(place) : null,
  };
}

export async function listDeliveryDeployments(
  services: FigureServices,
  { query }: CallInput<"listDeliveryDeployments">,
  { signal }: Signal,
): Promise<DeliveryDeploymentPage> {
  const published = await findPublished(services, ["deployments", "repositories"]);
  if (!published.has("deployments")) return { items: [], next_cursor: null };
  const { limit = defaultLimit, cursor, only } = query;
  const after = cursor === undefined ? undefined : parseJsonCursor(deploymentPlace, cursor);
  const behind = `epoch_us(x.deployed_at) < {{at}} or (epoch_us(x.deployed_at) = {{at}} and x.deployment_id < {{id}})`;
  const sql = `select x.*, epoch_us(x.deployed_at) as at_us, epoch_ms(x.deployed_at) as deployed_ms, epoch_ms(x.restored_at) as restored_ms,
      ${repositoryName(published)} as repository
    from ${figureDatasets.deployments} x ${repositoryJoin(published)}
    where ${spanCondition("x")} ${onlyCondition(only)} ${after === undefined ? "" : `and (${behind})`}
    order by x.deployed_at desc, x.deployment_id desc`;
  const values = { ...spanValues(query), ...(after === undefined ? {} : { at: after[0], id: after[1] }) };
  const rows = await readFigures(services, { sql, values, signal }, limit + 1);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const place = last === undefined ? undefined : [last["at_us"], last["deployment_id"]].map(countOf);
  return {
    items: page.map(toDeployment),
    next_cursor: rows.length > limit && place !== undefined ? toJsonCursor(place) : null,
  };
}

/** All columns of the datasets, so that nothing that a figure is made of is missing. */
export async function exportDelivery(
  services: FigureServices,
  { query }: CallInput<"exportDelivery">,
  { signal }: Signal,
): Promise<FileStream> {
  const { of, format, service, period, only } = query;
  const dataset: FigureDataset = of === "figures" ? "dora" : of;
  await assertComputed(services, dataset);
  const about = `x.service = {{service}}`;
  const statements = {
    figures: `select * from ${figureDatasets.dora} x where ${about} ${period === undefined ? "" : "and x.period = {{period}}"}
      and ({{from}} is null or epoch_ms(x.start_at) >= {{from}}) and ({{to}} is null or epoch_ms(x.start_at) < {{to}})
      order by x.period, x.start_at, x.metric`,
    changes: `select * from ${figureDatasets.changes} x where ${spanCondition("x")} order by x.deployed_at desc, x.repository_id, x.number`,
    deployments: `select * from ${figureDatasets.deployments} x where ${spanCondition("x")} ${onlyCondition(only)}
      order by x.deployed_at desc, x.deployment_id desc`,
  } as const;
  const values = { ...spanValues(query), ...(period === undefined ? {} : { period }) };
  return await exportFigures(
    services,
    { sql: statements[of], values, signal },
    { format, name: `delivery-${of}-${service}` },
  );
}

/** @throws MillraceError `DATASET_UNKNOWN` */
export async function assertComputed(services: FigureServices, name: FigureDataset): Promise<void> {
  if ((await findPublished(services, [name])).has(name)) return;
  throw new MillraceError("DATASET_UNKNOWN", `no run has published dataset \`${figureDatasets[name]}\``, {
    hint: "the jobs of delivery figures publish it",
  });
}

const changePlace = z.tuple([z.number(), z.number(), z.number()]);
const deploymentPlace = z.tuple([z.number(), z.number()]);

function spanCondition(table: string): string {
  return `${table}.service = {{service}} and ${table}.deployed_at is not null
    and ({{from}} is null or epoch_ms(${table}.deployed_at) >= {{from}}) and ({{to}} is null or epoch_ms(${table}.deployed_at) < {{to}})`;
}

function spanValues({
  service,
  since,
  until,
}: Pick<DeliveryRowsQuery, "service" | "since" | "until">): NonNullable<QueryRowsOptions["values"]> {
  return {
    service,
    from: since === undefined ? null : Date.parse(since),
    to: until === undefined ? null : Date.parse(until),
  };
}

function onlyCondition(only: DeliveryDeploymentsQuery["only"]): string {
  if (only === undefined) return "";
  return only === "failed" ? "and x.is_failed" : "and x.is_unplanned";
}

function repositoryName(published: ReadonlySet<FigureDataset>): string {
  return published.has("repositories") ? "r.full_name" : "null";
}

function repositoryJoin(published: ReadonlySet<FigureDataset>): string {
  return published.has("repositories") ? `left join ${figureDatasets.repositories} r on r.id = x.repository_id` : "";
}

function toChange(row: ShownRow): DeliveryChange {
  return {
    repository: textOf(row["repository"]),
    repository_id: countOf(row["repository_id"]),
    number: countOf(row["number"]),
    title: textOf(row["title"]),
    author: textOf(row["author"]),
    is_bot: row["is_bot"] === true,
    is_hotfix: row["is_hotfix"] === true,
    is_revert: row["is_revert"] === true,
    is_unreviewed: row["is_unreviewed"] === true,
    is_clock_skewed: row["is_clock_skewed"] === true,
    merged_at: instantOf(row["merged_ms"]),
    deployed_at: instantOfRow(row["deployed_ms"]),
    deployment_id: numberOf(row["deployment_id"]),
    coding_seconds: numberOf(row["coding_seconds"]),
    pickup_seconds: numberOf(row["pickup_seconds"]),
    review_seconds: numberOf(row["review_seconds"]),
    merge_wait_seconds: numberOf(row["merge_wait_seconds"]),
    deploy_seconds: numberOf(row["deploy_seconds"]),
    lead_seconds: numberOf(row["lead_seconds"]),
  };
}

function toDeployment(row: ShownRow): DeliveryDeployment {
  const { failed_by: failedBy } = row;
  return {
    repository: textOf(row["repository"]),
    repository_id: countOf(row["repository_id"]),
    environment: textOf(row["environment"]),
    deployment_id: countOf(row["deployment_id"]),
    deployed_at: instantOfRow(row["deployed_ms"]),
    sha: textOf(row["sha"]),
    comparison: textOf(row["comparison"]),
    is_failed: row["is_failed"] === true,
    failure_reason: textOf(row["failure_reason"]),
    failed_by: Array.isArray(failedBy) ? failedBy.flatMap((id) => textOf(id) ?? []) : [],
    restored_at: instantOf(row["restored_ms"]),
    recovery_seconds: numberOf(row["recovery_seconds"]),
    is_unplanned: row["is_unplanned"] === true,
  };
}
