// Rows that broke the checks of a run, for those who may see rows.
import type { FailedRowsView } from "../../../api/datasets/dataset.ts";
import { formatRunId } from "../../../core/run-id.ts";
import { toJson } from "../../../orchestrator/attempt/to-json.ts";
import type { Json } from "../../../store/rows/run-records.ts";
import type { CallInput, Handlers } from "../../handler.ts";
import { requireRun } from "../../require-run.ts";
import type { ServerServices } from "../../server-services.ts";
import { loadRunDetail } from "../../views/runs/to-run-detail.ts";
import { assertOpen } from "./sealed-datasets.ts";

export function createFailedRowsHandlers(services: ServerServices): Handlers<"listFailedRows"> {
  return { listFailedRows: async (input) => ({ items: await listFailedRows(services, input) }) };
}

async function listFailedRows(
  services: ServerServices,
  { params }: CallInput<"listFailedRows">,
): Promise<readonly FailedRowsView[]> {
  const { store, rows } = services;
  const run = await requireRun(store, params.run_id);
  const [{ checks }, { events }] = await Promise.all([loadRunDetail(services, run), store.readRunFindings(run.id)]);
  const runs = new Set(events.map(({ runId }) => formatRunId(runId)));
  const failed = Map.groupBy(
    checks.filter(({ passed }) => !passed),
    ({ dataset }) => dataset,
  );
  assertOpen(services, [...failed.keys()]);
  const found: FailedRowsView[] = [];
  for (const [dataset, broken] of failed) {
    const names = broken.map(({ name }) => name);
    const kept = await rows.failed(dataset, names);
    // Those of a later run are kept in their place.
    if (kept === undefined || !runs.has(kept.run)) continue;
    for (const { check, rows: items } of kept.samples) {
      found.push({ dataset, check, items: items.map((row) => toJson(row) as Readonly<Record<string, Json>>) });
    }
  }
  return found;
}
