// The jobs that a server knows, for `millrace jobs --server`.
import type { JobOverview } from "../../api/job.ts";
import type { CommandContext } from "../command-context.ts";
import { openControlPlane } from "./open-control-plane.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { formatWhen } from "../print/format-time.ts";
import { formatElapsed } from "../print/format-value.ts";
import { paintState } from "../print/format-run.ts";
import { formatTable } from "../print/table.ts";

export interface RemoteJobsOptions {
  /** Only names, one a line. */
  readonly names?: true;
  readonly json?: true;
}

/** Prints all of them with their last run. @throws MillraceError `SERVER_UNREACHABLE` */
export async function listRemoteJobs(context: CommandContext, { names, json }: RemoteJobsOptions): Promise<ExitCode> {
  const { terminal } = context;
  const jobs = await loadJobs(context);
  if (names) for (const { job_name: name } of jobs) terminal.out(name);
  else if (json) terminal.json({ schema: "millrace.server-jobs/1", jobs });
  else printTable(context, jobs);
  return exitCodes.ok;
}

async function loadJobs(context: CommandContext): Promise<readonly JobOverview[]> {
  await using plane = await openControlPlane(context);
  const jobs: JobOverview[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const query = { limit: 500, ...(cursor === undefined ? {} : { cursor }) };
    const page = await plane.call("listJobs", { query });
    jobs.push(...page.items);
    cursor = page.next_cursor;
  }
  return jobs;
}

function printTable({ terminal }: CommandContext, jobs: readonly JobOverview[]): void {
  const nowMs = Date.now();
  const columns = [
    { title: "JOB", shrink: true },
    { title: "STATE", paint: paintState(terminal) },
    { title: "P50", align: "right" },
    { title: "NEXT" },
  ] as const;
  const rows = jobs.map(({ job_name, state, paused, p50_ms, schedule }) => [
    job_name,
    paused === null ? state : "PAUSED",
    p50_ms === null ? "" : formatElapsed(p50_ms),
    typeof schedule?.next_fire_at === "string" ? formatWhen(Date.parse(schedule.next_fire_at), nowMs) : "",
  ]);
  for (const line of formatTable(columns, rows, terminal.width)) terminal.out(line);
}
