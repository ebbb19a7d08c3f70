// Verdicts of checks, from the histories of the runs that evaluated them.
import type { JobEventRow } from "../rows/job-event-row.ts";
import type { RunId } from "../../core/run-id.ts";
import type { CheckResult } from "../../core/dataset/check.ts";
import type { BrowseStore, CheckRecord } from "./browse-store.ts";
import type { Json, RunEvent } from "../rows/run-records.ts";
import { all, idList, type Script } from "../rows/script.ts";
import { findIdAt, idSlackMs } from "../rows/ids-by-time.ts";
import { listNewestOfJobs } from "../rows/recent-runs.ts";

/** Runs whose histories are read, and of one job. */
const maxRuns = 1_000;
const maxRunsOfJob = 50;

/** Newest run first; of a run that evaluated the checks of a dataset several times the last verdict counts. */
export function* listCheckResults(
  request: Parameters<BrowseStore["listCheckResults"]>[0],
): Script<readonly CheckRecord[]> {
  const jobs = [...new Set(request.jobs)];
  if (jobs.length === 0) return [];
  const perJob = Math.max(1, Math.min(maxRunsOfJob, Math.floor(maxRuns / jobs.length)));
  const from = yield* findIdAt(request.sinceMs - idSlackMs);
  const ids = (yield* listNewestOfJobs(jobs, perJob)).filter((id) => id >= from);
  if (ids.length === 0) return [];
  return (yield* listVerdicts(ids, request.sinceMs)).slice(0, Math.max(0, request.limit));
}

/** The last verdicts of each of these runs, by dataset; the newest run first. */
export function* listVerdicts(ids: readonly RunId[], sinceMs = 0): Script<readonly CheckRecord[]> {
  const events = yield* all<JobEventRow>(
    `select e.run_id as "runId", r.job, e.seq, e.type, e.data, e.at as "atMs"
    from event e ordered join run r on r.id = e.run_id
    where e.run_id in (ids ?) and e.type in ('checks_evaluated', 'quarantined') and e.at >= ?
    order by e.run_id desc, e.seq`,
    idList(ids),
    sinceMs,
  );
  const byRun = Map.groupBy(events, ({ runId }) => runId);
  return [...byRun.values()].flatMap((own) => toRecords(own));
}

function toRecords(events: readonly JobEventRow[]): readonly CheckRecord[] {
  const records = new Map<string, CheckRecord>();
  const setAside: RunEvent[] = [];
  for (const { job, data: json, ...event } of events) {
    const data = json === null ? null : (JSON.parse(json) as Json);
    const { dataset, results } = toFields(data);
    if (event.type === "quarantined") setAside.push({ ...event, data });
    else if (dataset !== undefined && results !== undefined) {
      records.set(dataset, { runId: event.runId, job, atMs: event.atMs, dataset, results, setAside: [] });
    }
  }
  return [...records.values()].map((record) => ({
    ...record,
    setAside: setAside.filter(({ data }) => toFields(data ?? null).dataset === record.dataset),
  }));
}

// As `publishDataset` writes it; jobs may write events of that name, too.
function toFields(data: Json): { dataset?: string; results?: readonly CheckResult[] } {
  if (data === null || typeof data !== "object" || !("dataset" in data) || typeof data.dataset !== "string") return {};
  const { dataset } = data;
  const results = "results" in data ? data.results : undefined;
  return Array.isArray(results) && results.every(isCheckResult) ? { dataset, results } : { dataset };
}

function isCheckResult(value: Json): value is Json & CheckResult {
  return (
    value !== null &&
    typeof value === "object" &&
    "name" in value &&
    typeof value.name === "string" &&
    "passed" in value &&
    typeof value.passed === "boolean" &&
    "severity" in value &&
    typeof value.severity === "string"
  );
}
