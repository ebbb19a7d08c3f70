// What a run did, after its end: each job with its time and rows, what was published where, and the first failure.
import { relative } from "node:path";
import type { App } from "../app.ts";
import type { DatasetVersion } from "../core/dataset.ts";
import { formatRunId } from "../core/run-id.ts";
import type { RunSummary } from "../store/run-records.ts";
import { formatCount, formatElapsed } from "./format-value.ts";
import { formatTable } from "./table.ts";
import { printable, type Terminal } from "./terminal.ts";

const maxJobs = 500;

/** Prints the report. @returns how many warning events the run and its jobs have */
export async function printRunReport(
  terminal: Terminal,
  app: App,
  run: RunSummary,
  json: boolean,
): Promise<{ warnings: number }> {
  const jobs =
    run.kind === "job"
      ? [run]
      : (await app.store.listRuns({ parentRunId: run.id, limit: maxJobs })).toSorted((a, b) => a.id - b.id);
  const warnings = await listWarnings(app, jobs);
  const ids = new Set(jobs.map((job) => job.id));
  const published = (await app.store.listDatasets()).filter((dataset) => ids.has(dataset.runId));
  if (json) printJson(terminal, { run, jobs, warnings, published });
  else printText(terminal, app, { run, jobs, warnings, published });
  return { warnings: warnings.length };
}

interface RunReportParts {
  readonly run: RunSummary;
  readonly jobs: readonly RunSummary[];
  readonly warnings: readonly { readonly job: string; readonly message: string }[];
  /** Datasets whose newest version is by this run; one that did not change keeps the version of an earlier run. */
  readonly published: readonly DatasetVersion[];
}

function printText(terminal: Terminal, app: App, { run, jobs, warnings, published }: RunReportParts): void {
  const columns = [
    { title: "JOB" },
    { title: "STATE" },
    { title: "TIME", align: "right" },
    { title: "ROWS", align: "right" },
    { title: "NOTE" },
  ] as const;
  const rows = jobs.map((job) => [job.job, job.state, elapsedOf(job), rowsOf(job), noteOf(job)]);
  for (const line of formatTable(columns, rows, terminal.width)) terminal.out(line);
  for (const dataset of published) {
    const places = dataset.locations.map((location) => relative(app.project.root, location.path)).join(", ");
    terminal.out(
      `published ${dataset.dataset} version ${dataset.version}: ${formatCount(dataset.rowCount)} rows in ${places}`,
    );
  }
  for (const { job, message } of warnings)
    terminal.note(`${terminal.style("yellow", "warning:")} ${job}: ${printable(message)}`);
  terminal.out(
    `run ${formatRunId(run.id)} ${run.job}: ${run.state}${run.reason === undefined ? "" : ` (${run.reason})`} in ${elapsedOf(run)}`,
  );
  const failed = jobs.find((job) => job.error !== undefined);
  if (failed?.error === undefined) return;
  terminal.note(
    `${terminal.style("red", `error ${failed.error.code}:`)} ${failed.job}: ${printable(failed.error.message)}`,
  );
  if (failed.error.hint !== undefined) terminal.note(`  hint: ${printable(failed.error.hint)}`);
  terminal.note(`  \`millrace show ${formatRunId(failed.id)}\` tells more`);
}

function printJson(terminal: Terminal, { run, jobs, warnings, published }: RunReportParts): void {
  const describe = (summary: RunSummary): object => ({
    run: formatRunId(summary.id),
    job: summary.job,
    state: summary.state,
    reason: summary.reason ?? null,
    attempt: summary.attempt,
    durationMs:
      summary.startedAtMs === undefined || summary.finishedAtMs === undefined
        ? null
        : summary.finishedAtMs - summary.startedAtMs,
    result: summary.result ?? null,
    error: summary.error ?? null,
  });
  const datasets = published.map(({ runId, ...dataset }) => ({ ...dataset, run: formatRunId(runId) }));
  const children = run.kind === "pipeline" ? jobs.map(describe) : [];
  terminal.out(JSON.stringify({ schema: "millrace.run/1", ...describe(run), jobs: children, warnings, datasets }));
}

async function listWarnings(app: App, jobs: readonly RunSummary[]): Promise<{ job: string; message: string }[]> {
  const warnings: { job: string; message: string }[] = [];
  for (const job of jobs) {
    for (const event of await app.store.listEvents(job.id, 0, 1_000)) {
      const data = event.data;
      if (event.type !== "warning" || typeof data !== "object" || data === null || Array.isArray(data)) continue;
      const { message } = data as { readonly message?: unknown };
      warnings.push({ job: job.job, message: String(message) });
    }
  }
  return warnings;
}

function elapsedOf(run: RunSummary): string {
  return run.startedAtMs === undefined || run.finishedAtMs === undefined
    ? ""
    : formatElapsed(run.finishedAtMs - run.startedAtMs);
}

// Jobs that publish return what they did; others may return anything.
function rowsOf({ result }: RunSummary): string {
  const rows = typeof result === "object" && result !== null && "rows" in result ? result.rows : undefined;
  return typeof rows === "number" ? formatCount(rows) : "";
}

function noteOf(run: RunSummary): string {
  const notes: string[] = run.reason === undefined ? [] : [run.reason];
  const { result } = run;
  if (typeof result === "object" && result !== null && !Array.isArray(result)) {
    if ("changed" in result && result.changed === false) notes.push("unchanged");
    if ("quarantined" in result && typeof result.quarantined === "number" && result.quarantined > 0)
      notes.push(`${formatCount(result.quarantined)} quarantined`);
  }
  return notes.join(", ");
}
