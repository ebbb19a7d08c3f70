// Quarantines and resets. What changes data is a run of the project's `dataset_job`: it goes on when its worker dies, and its
// history says who asked for it.
import type {
  DatasetReset,
  QuarantineFilter,
  QuarantineView,
  ResolvedQuarantine,
  ResolveQuarantine,
} from "../../api/datasets/quarantine.ts";
import type { DatasetVersion } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { QuarantineSelection, QuarantineSummary } from "../../core/dataset/quarantine.ts";
import { planReset } from "../../orchestrator/submission/plan-reset.ts";
import { toJson } from "../../orchestrator/attempt/to-json.ts";
import type { Json } from "../../store/rows/run-records.ts";
import type { Caller, CallInput, Handlers } from "../handler.ts";
import { requestInvalid } from "../request-invalid.ts";
import { assertPublished, submitDatasetRun } from "./rows/dataset-runs.ts";
import { assertOpen } from "./rows/sealed-datasets.ts";
import type { ServerServices } from "../server-services.ts";
import { toInstant } from "../views/to-instant.ts";
import { toExactLocation } from "../views/to-location.ts";

const defaultRows = 50;

export function createQuarantineHandlers(
  services: ServerServices,
): Handlers<
  "listQuarantine" | "showQuarantine" | "releaseQuarantine" | "discardQuarantine" | "resetDataset" | "rekeyDataset"
> {
  return {
    async listQuarantine() {
      const held = (await services.store.listDatasets()).flatMap((version) => {
        const dataset = originOf(version);
        return dataset === undefined || version.rowCount === 0 ? [] : [{ dataset, version }];
      });
      const items: QuarantineView[] = [];
      for (const { dataset, version } of held) {
        items.push(toView(version, await services.quarantine.summarize(dataset)));
      }
      return { items };
    },
    showQuarantine: (input) => showQuarantine(services, input),
    releaseQuarantine: ({ params, body }, { caller }) => resolve(services, "release", params.dataset, body, caller),
    discardQuarantine: ({ params, body }, { caller }) => resolve(services, "discard", params.dataset, body, caller),
    resetDataset: ({ params, body }, { caller }) => resetDataset(services, params.dataset, body, caller),
    rekeyDataset: async ({ params: { dataset }, body: { reason } }, { caller }) => {
      await assertPublished(services, dataset);
      return { run_id: await submitDatasetRun(services, { action: "rekey", dataset }, reason, caller) };
    },
  };
}

/** The dataset whose rows a version holds, when it is a quarantine. */
export function originOf({ dataset, quarantineOf, schema }: DatasetVersion): string | undefined {
  if (quarantineOf !== undefined) return quarantineOf.output.dataset;
  // a quarantine of an earlier release did not record its dataset: its name tells
  const name = /^(.+)_quarantine$/.exec(dataset)?.[1];
  return schema.some((column) => column.name === "_reasons") ? name : undefined;
}

async function showQuarantine(
  services: ServerServices,
  { params: { dataset }, query: { where, limit = defaultRows, ...filter } }: CallInput<"showQuarantine">,
): ReturnType<Handlers<"showQuarantine">["showQuarantine"]> {
  assertOpen(services, [dataset]);
  const selection = { ...toSelection(filter), ...(where === undefined ? {} : { where: parseWhere(where) }) };
  const summary = await services.quarantine.summarize(dataset, selection);
  const version = await requireVersion(services, dataset);
  const rows = await services.quarantine.read(dataset, selection, limit);
  const items = rows.map((row) => toJson(row) as Readonly<Record<string, Json>>);
  return { ...toView(version, summary), items };
}

async function resolve(
  services: ServerServices,
  action: "release" | "discard",
  dataset: string,
  { version, preview = false, reason, where, ...filter }: ResolveQuarantine,
  caller: Caller,
): Promise<ResolvedQuarantine> {
  const selection = { ...toSelection(filter), ...(where === undefined ? {} : { where }) };
  const summary = await services.quarantine.summarize(dataset, selection);
  if (version !== undefined && version > summary.version) throw noVersion(dataset, version, summary.version);
  const chosen = { dataset, version: version ?? summary.version, rows: summary.rows, checks: summary.checks };
  if (preview || summary.rows === 0) return { ...chosen, run_id: null };
  const params = { action, ...selection, dataset, version: chosen.version };
  return { ...chosen, run_id: await submitDatasetRun(services, params, reason, caller) };
}

async function resetDataset(
  services: ServerServices,
  dataset: string,
  { preview = false, reason }: { readonly preview?: boolean; readonly reason?: string },
  caller: Caller,
): Promise<DatasetReset> {
  const plan = await planReset(services.store, dataset);
  const { root } = services.project;
  return {
    datasets: plan.datasets,
    job_names: plan.jobs,
    versions: plan.versions,
    tables: plan.tables.map((location) => toExactLocation(root, location)),
    shared: plan.shared.map((location) => toExactLocation(root, location)),
    watermarks: plan.watermarks.map(({ job, name, value }) => ({ job_name: job, name, value })),
    run_id: preview ? null : await submitDatasetRun(services, { action: "reset", dataset }, reason, caller),
  };
}

async function requireVersion(services: ServerServices, dataset: string): Promise<DatasetVersion> {
  const found = (await services.store.listDatasets()).find((version) => originOf(version) === dataset);
  if (found !== undefined) return found;
  throw new MillraceError("QUARANTINE_UNKNOWN", `dataset \`${dataset}\` has no quarantine`);
}

function toSelection({ run, check }: QuarantineFilter): QuarantineSelection {
  return { ...(run === undefined ? {} : { run }), ...(check === undefined ? {} : { check }) };
}

function parseWhere(text: string): Readonly<Record<string, string | null>> {
  const where = tryParse(text);
  const isFine = (value: unknown): value is string | null => value === null || typeof value === "string";
  if (typeof where === "object" && where !== null && !Array.isArray(where) && Object.values(where).every(isFine)) {
    return where as Readonly<Record<string, string | null>>;
  }
  throw requestInvalid({ path: "query.where", message: 'expected a JSON object such as `{"country":"DE"}`' });
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toView(version: DatasetVersion, summary: QuarantineSummary): QuarantineView {
  return {
    dataset: summary.dataset,
    quarantine: version.dataset,
    version: summary.version,
    job_name: version.job,
    rows: summary.rows,
    oldest_at: summary.oldestAtMs === null ? null : toInstant(summary.oldestAtMs),
    checks: summary.checks,
    runs: summary.runs.map(({ run, rows, atMs }) => ({
      run_id: run,
      rows,
      at: atMs === null ? null : toInstant(atMs),
    })),
  };
}

function noVersion(dataset: string, version: number, newest: number): MillraceError {
  const message = `the quarantine of \`${dataset}\` has no version \`${version}\``;
  return new MillraceError("VALUE_INVALID", message, { hint: `the newest is ${newest}` });
}
