// Verdicts of checks as a matrix: a row for each check of a dataset and job, its newest results along it.
import type { CheckRow } from "../../api/datasets/dataset.ts";
import type { CheckResult } from "../../core/dataset/check.ts";
import { formatRunId, type RunId } from "../../core/run-id.ts";
import type { CheckRecord } from "../../store/browse/browse-store.ts";
import type { CallInput, Handlers } from "../handler.ts";
import { requireJobName } from "../require-job.ts";
import type { ServerServices } from "../server-services.ts";
import { toInstant, toMs } from "../views/to-instant.ts";
import { requireDataset } from "./datasets.ts";

const defaultSpanMs = 30 * 86_400_000;
const maxResults = 30;
const maxRecords = 3_000;
/** Rows whose newest failure is looked up for where its rows are. */
const maxLookUps = 100;

export function createCheckHandlers(services: ServerServices): Handlers<"listChecks"> {
  return {
    async listChecks({ query }) {
      const { store } = services;
      const jobs = await listJobs(services, query);
      const sinceMs = toMs(query.since) ?? (await store.readClockMs()) - defaultSpanMs;
      const records = await store.listCheckResults({ jobs, sinceMs, limit: maxRecords });
      const wanted = records.filter(({ dataset }) => query.dataset === undefined || dataset === query.dataset);
      return { items: await withKeptRows(services, toRows(wanted)) };
    },
  };
}

// Those that publish, or did so last; all of them unless the query names one.
async function listJobs(
  services: ServerServices,
  { dataset, job }: CallInput<"listChecks">["query"],
): Promise<string[]> {
  if (job !== undefined) await requireJobName(services, job);
  if (dataset !== undefined) await requireDataset(services, dataset);
  if (job !== undefined) return [job];
  const isWanted = (name: string): boolean => dataset === undefined || name === dataset;
  const declared = [...services.definitions().jobs.values()].filter(({ outputs }) => outputs.some(isWanted));
  const recorded = (await services.store.listDatasets()).filter((version) => isWanted(version.dataset));
  return [...new Set([...declared.map(({ name }) => name), ...recorded.map((version) => version.job)])];
}

interface Row extends Omit<CheckRow, "results"> {
  readonly results: (CheckRow["results"][number] & { readonly runId: RunId })[];
}

// Records come newest first.
function toRows(records: readonly CheckRecord[]): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const record of records) {
    for (const result of record.results) {
      const key = JSON.stringify([record.dataset, record.job, result.name]);
      const row = rows.get(key) ?? {
        dataset: record.dataset,
        job_name: record.job,
        name: result.name,
        severity: result.severity,
        results: [],
      };
      rows.set(key, row);
      if (row.results.length < maxResults) row.results.push(toResult(record, result));
    }
  }
  const nameOf = ({ dataset, job_name, name }: Row): string => JSON.stringify([dataset, job_name, name]);
  return [...rows.values()].toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

function toResult(record: CheckRecord, result: CheckResult): Row["results"][number] {
  const { runId, atMs } = record;
  return {
    runId,
    run_id: formatRunId(runId),
    at: toInstant(atMs),
    passed: result.passed,
    failing_rows: result.failingRows,
    detail: result.detail,
    rows_at: result.passed || result.severity !== "quarantine" ? null : findQuarantine(record),
  };
}

// The dataset that the failing rows went to.
function findQuarantine({ setAside }: CheckRecord): string | null {
  for (const { data } of setAside) {
    if (typeof data === "object" && data !== null && "into" in data && typeof data.into === "string") return data.into;
  }
  return null;
}

// A failure that blocks keeps its rows until the next one or until the dataset is published, so only the newest may have some.
async function withKeptRows({ store }: ServerServices, rows: readonly Row[]): Promise<readonly CheckRow[]> {
  const blocked = rows.filter(({ severity, results }) => severity === "block" && results[0]?.passed === false);
  const runIds = [...new Set(blocked.flatMap(({ results }) => results[0]?.runId ?? []))].slice(0, maxLookUps);
  const kept = new Map<RunId, string>();
  for (const runId of runIds) {
    const staging = (await store.findRun(runId))?.error?.details?.["staging"];
    if (typeof staging === "string") kept.set(runId, staging);
  }
  return rows.map(({ results, ...row }) => ({
    ...row,
    results: results.map(({ runId, ...result }, index) =>
      index === 0 && row.severity === "block" && !result.passed
        ? { ...result, rows_at: kept.get(runId) ?? null }
        : result,
    ),
  }));
}
