// Datasets: those that were published, and those that jobs read or publish and nobody has published yet.
import type { DatasetDetail, DatasetView, SchemaChange } from "../../api/datasets/dataset.ts";
import type { Lateness } from "../../api/lateness.ts";
import type { DatasetColumn, DatasetVersion } from "../../core/dataset/dataset.ts";
import { describeFreshness } from "../../core/dataset/freshness.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { formatRunId } from "../../core/run-id.ts";
import { suggest } from "../../core/errors/suggest.ts";
import type { CallInput, Handlers } from "../handler.ts";
import { listSchemaChanges } from "../views/schema-changes.ts";
import { describeCatalogTable } from "../views/catalog-table.ts";
import { buildLineage, lineageId, traceLineage } from "../views/lineage.ts";
import { requestInvalid } from "../request-invalid.ts";
import type { ServerServices } from "../server-services.ts";
import { toInstant } from "../views/to-instant.ts";
import { loadLateness } from "../views/to-lateness.ts";
import { toLocation } from "../views/to-location.ts";
import { originOf } from "./quarantine.ts";

const maxDatasets = 5_000;
const defaultVersions = 50;
/** Versions whose columns are compared. */
const maxChangedVersions = 200;

export function createDatasetHandlers(
  services: ServerServices,
): Handlers<"listDatasets" | "showDataset" | "showLineage"> {
  const { store, definitions } = services;
  return {
    async listDatasets({ query: { q } }) {
      const views = await loadViews(services);
      const wanted = q?.toLowerCase() ?? "";
      return { items: views.filter(({ dataset }) => dataset.toLowerCase().includes(wanted)).slice(0, maxDatasets) };
    },
    showDataset: (input) => showDataset(services, input),
    showLineage: async () => buildLineage(definitions(), await store.listDatasets()),
  };
}

/** @throws MillraceError `DATASET_UNKNOWN` when nobody published it and no job names it */
export async function requireDataset(
  services: Pick<ServerServices, "store" | "definitions">,
  dataset: string,
): Promise<DatasetVersion | undefined> {
  const latest = await services.store.findDataset(dataset);
  if (latest !== undefined) return latest;
  const declared = listDeclared(services);
  if (declared.has(dataset)) return undefined;
  const known = [...declared, ...(await services.store.listDatasets()).map((version) => version.dataset)];
  throw new MillraceError("DATASET_UNKNOWN", `unknown dataset \`${dataset}\`${suggest(dataset, known)}`, {
    hint: known.length === 0 ? "the project has none yet" : "the list of datasets shows what there is",
  });
}

async function loadViews(services: ServerServices): Promise<readonly DatasetView[]> {
  const versions = await services.store.listDatasets();
  const latest = new Map(versions.map((version) => [version.dataset, version]));
  const held = countHeld(versions);
  const names = new Set([...listDeclared(services), ...latest.keys()]);
  const stale = await loadLateness(services.store, "dataset", [...services.freshness().keys()]);
  return [...names].toSorted().map((name) => toView(services, name, latest.get(name), { held, stale }));
}

async function showDataset(
  services: ServerServices,
  { params: { dataset }, query: { cursor, limit = defaultVersions } }: CallInput<"showDataset">,
): Promise<DatasetDetail> {
  const { store, definitions } = services;
  const latest = await requireDataset(services, dataset);
  // One more tells what the last one added, and whether there are more.
  const versions = await store.listDatasetVersions(dataset, parseCursor(cursor), limit + 1);
  const shown = versions.slice(0, limit);
  const newest = await store.listDatasets();
  const lineage = buildLineage(definitions(), newest);
  const stale = await loadLateness(store, "dataset", [dataset]);
  return {
    ...toView(services, dataset, latest, { held: countHeld(newest), stale }),
    versions: shown.map((version, index) => toVersion(version, versions[index + 1])),
    next_cursor: versions.length > limit ? String(shown.at(-1)?.version) : null,
    schema_changes: await loadSchemaChanges(services, dataset),
    lineage: traceLineage(lineage, lineageId("dataset", dataset)),
    catalog: await describeCatalogTable(services, latest),
  };
}

async function loadSchemaChanges(
  { store, definitions }: ServerServices,
  dataset: string,
): Promise<readonly SchemaChange[]> {
  const versions = await store.listDatasetVersions(dataset, undefined, maxChangedVersions);
  const jobs = [...definitions().jobs.values()].filter(({ outputs }) => outputs.includes(dataset));
  const names = [...jobs.map(({ name }) => name), ...versions.slice(0, 1).map(({ job }) => job)];
  return listSchemaChanges(versions, await store.listDiscarded(dataset, names));
}

/** Rows that wait for a decision, by the dataset that they are missing from. */
function countHeld(versions: readonly DatasetVersion[]): ReadonlyMap<string, number> {
  return new Map(
    versions.flatMap((version): [string, number][] => {
      const dataset = originOf(version);
      return dataset === undefined ? [] : [[dataset, version.rowCount]];
    }),
  );
}

interface DatasetFacts {
  readonly held: ReadonlyMap<string, number>;
  readonly stale: ReadonlyMap<string, Lateness>;
}

function toView(
  { project, definitions, freshness }: Pick<ServerServices, "project" | "definitions" | "freshness">,
  dataset: string,
  latest: DatasetVersion | undefined,
  { held, stale }: DatasetFacts,
): DatasetView {
  const rule = freshness().get(dataset);
  const producer = [...definitions().jobs.values()].find(({ outputs }) => outputs.includes(dataset));
  return {
    dataset,
    version: latest?.version ?? 0,
    job_name: latest?.job ?? producer?.name ?? null,
    run_id: latest === undefined ? null : formatRunId(latest.runId),
    row_count: latest?.rowCount ?? null,
    created_at: latest === undefined ? null : toInstant(latest.createdAtMs),
    quarantined: held.get(dataset) ?? null,
    freshness: rule === undefined ? null : describeFreshness(rule),
    stale: rule === undefined ? null : (stale.get(dataset) ?? null),
    columns: latest?.schema.map(({ name, type, from = null }) => ({ name, type, from })) ?? [],
    locations: latest?.locations.map((location) => toLocation(project.root, location)) ?? [],
  };
}

function toVersion(version: DatasetVersion, before: DatasetVersion | undefined): DatasetDetail["versions"][number] {
  return {
    version: version.version,
    run_id: formatRunId(version.runId),
    job_name: version.job,
    row_count: version.rowCount,
    created_at: toInstant(version.createdAtMs),
    columns_added: before === undefined ? [] : listNew(version.schema, before.schema),
    columns_removed: before === undefined ? [] : listNew(before.schema, version.schema),
  };
}

function listNew(columns: readonly DatasetColumn[], others: readonly DatasetColumn[]): readonly string[] {
  const known = new Set(others.map(({ name }) => name));
  return columns.flatMap(({ name }) => (known.has(name) ? [] : [name]));
}

function listDeclared({ definitions }: Pick<ServerServices, "definitions">): ReadonlySet<string> {
  return new Set([...definitions().jobs.values()].flatMap(({ inputs, outputs }) => [...inputs, ...outputs]));
}

function parseCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  if (/^[1-9]\d{0,14}$/.test(cursor)) return Number(cursor);
  throw requestInvalid({ path: "query.cursor", message: "expected `next_cursor` of another page of this list" });
}
