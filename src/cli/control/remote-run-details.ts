// What a server tells about one run, in the shape that `millrace show` prints.
import type { Attempt, DatasetUse, RunDetail, RunEventRecord } from "../../api/run.ts";
import { parseRunId } from "../../core/run-id.ts";
import type { AttemptRecord, RunSummary } from "../../store/rows/run-records.ts";
import type { ControlPlane } from "./control-plane.ts";
import type { PublishedDataset, RunDetails } from "./run-details.ts";
import { toRunSummary } from "./to-run-summary.ts";

const pageSize = 500;
const maxJobs = 5_000;
const maxEvents = 10;
const maxUnitFailures = 10;

/** At most 5,000 of its jobs. Where rows lie on disks is the server's business and left out. @throws MillraceError `RUN_UNKNOWN` */
export async function loadRemoteRunDetails(plane: ControlPlane, runId: string): Promise<RunDetails> {
  const params = { run_id: runId };
  const detail = await plane.call("showRun", { params });
  const run: RunSummary = { ...toRunSummary(detail), result: detail.result };
  return {
    run,
    jobs: run.kind === "job" ? [run] : await listChildren(plane, runId),
    datasets: detail.outputs.flatMap(toDataset),
    checks: detail.checks.map(({ job_name: job, failing_rows: failingRows, ...check }) => ({
      ...check,
      job,
      failingRows,
    })),
    quarantined: [],
    warnings: detail.warnings.map(({ job_name: job, message }) => ({ job, message })),
    attempts: detail.attempts.flatMap(toAttempt),
    units: { ...detail.units, failures: await listUnitFailures(plane, detail) },
    events: (await listLastEvents(plane, detail)).map(toEvent),
  };
}

async function listChildren(plane: ControlPlane, runId: string): Promise<readonly RunSummary[]> {
  const jobs: RunSummary[] = [];
  for (let cursor: string | null | undefined; cursor !== null && jobs.length < maxJobs;) {
    const query = { limit: pageSize, ...(cursor === undefined ? {} : { cursor }) };
    const page = await plane.call("listChildren", { params: { run_id: runId }, query });
    jobs.push(...page.items.map(toRunSummary));
    cursor = page.next_cursor;
  }
  return jobs.toSorted((left, right) => left.id - right.id);
}

async function listUnitFailures(
  plane: ControlPlane,
  { run_id, job_name, units }: RunDetail,
): Promise<RunDetails["units"]["failures"]> {
  if (units.failed === 0) return [];
  const query = { state: "failed", limit: maxUnitFailures } as const;
  const { items } = await plane.call("listUnits", { params: { run_id }, query });
  return items.map(({ key, error }) => ({ job: job_name, key, error }));
}

async function listLastEvents(
  plane: ControlPlane,
  { run_id, last_seq }: RunDetail,
): Promise<readonly RunEventRecord[]> {
  const query = { after: Math.max(0, last_seq - maxEvents), limit: maxEvents };
  return (await plane.call("listRunEvents", { params: { run_id }, query })).items;
}

function toDataset({ dataset, job_name, version, rows, row_count, changed }: DatasetUse): PublishedDataset[] {
  if (version === null) return [];
  return [
    {
      dataset,
      job: job_name,
      version,
      rows: rows ?? 0,
      rowCount: row_count ?? 0,
      changed: changed ?? true,
      locations: [],
    },
  ];
}

// One that executes is told by the state of the run.
function toAttempt({ epoch, attempt, worker, started_at, ended_at, end }: Attempt): AttemptRecord[] {
  if (ended_at === null || end === null) return [];
  return [
    {
      epoch,
      attempt,
      worker,
      startedAtMs: Date.parse(started_at),
      endedAtMs: Date.parse(ended_at),
      end: end as AttemptRecord["end"],
      error: undefined,
      metrics: undefined,
      code: undefined,
    },
  ];
}

function toEvent({ run_id, job_name, seq, type, data, at }: RunEventRecord): RunDetails["events"][number] {
  return {
    runId: parseRunId(run_id),
    job: job_name,
    seq,
    type,
    atMs: Date.parse(at),
    ...(data === null ? {} : { data }),
  };
}
