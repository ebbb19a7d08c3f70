// What a run did, after its end: each job with its time and rows, what was published where, and the first failure.
import { relative } from "node:path";
import type { App } from "../../app/app.ts";
import type { DatasetVersion } from "../../core/dataset/dataset.ts";
import { formatRunId } from "../../core/run-id.ts";
import type { RunSummary } from "../../store/rows/run-records.ts";
import { listJobsOf } from "./find-run.ts";
import { formatRows, formatRunNote, formatRunTime, formatState, resultFields } from "../print/format-run.ts";
import { formatCountOf } from "../print/format-value.ts";
import { toRunJson } from "../print/run-json.ts";
import { formatTable } from "../print/table.ts";
import { printable, type Terminal } from "../print/terminal.ts";

/** Prints the report. @returns how many warning events the run and its jobs have */
export async function printRunReport(
  terminal: Terminal,
  app: App,
  run: RunSummary,
  json: boolean,
): Promise<{ warnings: number }> {
  const jobs = await listJobsOf(app.store, run);
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
  const rows = jobs.map((job) => [job.job, formatState(job), timeOf(job), formatRows(job), formatRunNote(job)]);
  for (const line of formatTable(columns, rows, terminal.width)) terminal.out(line);
  for (const dataset of published) {
    const places = dataset.locations.map((location) => relative(app.project.root, location.path)).join(", ");
    terminal.out(
      `published ${dataset.dataset} version ${dataset.version}: ${formatCountOf(dataset.rowCount, "row")} in ${places}`,
    );
  }
  for (const { job, message } of warnings)
    terminal.note(`${terminal.style("yellow", "warning:")} ${job}: ${printable(message)}`);
  terminal.out(`run ${formatRunId(run.id)} ${run.job}: ${formatState(run)} in ${timeOf(run)}`);
  const failed = jobs.find((job) => job.error !== undefined);
  if (failed?.error === undefined) return;
  terminal.note(
    `${terminal.style("red", `error ${failed.error.code}:`)} ${failed.job}: ${printable(failed.error.message)}`,
  );
  if (failed.error.hint !== undefined) terminal.note(`  hint: ${printable(failed.error.hint)}`);
  terminal.note(`  \`millrace show ${formatRunId(failed.id)}\` tells more`);
}

function printJson(terminal: Terminal, { run, jobs, warnings, published }: RunReportParts): void {
  const datasets = published.map(({ runId, ...dataset }) => ({ ...dataset, run: formatRunId(runId) }));
  const children = run.kind === "pipeline" ? jobs.map(toRunJson) : [];
  terminal.json({ schema: "millrace.run/1", ...toRunJson(run), jobs: children, warnings, datasets });
}

async function listWarnings(app: App, jobs: readonly RunSummary[]): Promise<{ job: string; message: string }[]> {
  const warnings: { job: string; message: string }[] = [];
  for (const job of jobs) {
    for (const event of await app.store.listEvents(job.id, 0, 1_000)) {
      if (event.type === "warning")
        warnings.push({ job: job.job, message: String(resultFields(event.data)["message"]) });
    }
  }
  return warnings;
}

// The run has ended, so that the present does not matter.
function timeOf(run: RunSummary): string {
  return formatRunTime(run, run.finishedAtMs ?? run.createdAtMs);
}
