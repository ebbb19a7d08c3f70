// Prints what a run did, after its end: each job with its time and rows, what was published where, and the first
// failure.
import type { DatasetUse, Run, RunError } from "../../api/run.ts";
import { formatRows, formatRunNote, formatRunTime, formatState } from "../print/format-run.ts";
import { formatCountOf } from "../print/format-value.ts";
import { formatTable } from "../print/table.ts";
import { printable, type Terminal } from "../print/terminal.ts";
import type { ControlCalls } from "./control-plane.ts";
import type { RunView } from "./load-run-view.ts";
import { readPages } from "./read-pages.ts";

/** Data on stdout, what needs a person on stderr. */
export function printRunReport(terminal: Terminal, { run, jobs }: RunView): void {
  const members: readonly Run[] = run.kind === "job" ? [run] : jobs;
  printJobs(terminal, members);
  for (const output of run.outputs.toSorted(byDataset)) if (output.changed) printPublished(terminal, output);
  for (const { job_name: job, message } of run.warnings)
    terminal.note(`${terminal.style("yellow", "warning:")} ${job}: ${printable(message)}`);
  terminal.out(printable(`run ${run.run_id} ${run.job_name}: ${formatState(run)} in ${timeOf(run)}`));
  const failed = members.find(({ error }) => error !== null);
  if (failed !== undefined && failed.error !== null) printFailure(terminal, failed, failed.error);
}

/** Tells whether a job of the run warned of anything, however many jobs there are; a run's own view has the last warnings only. */
export async function hasWarning(plane: ControlCalls, { run, jobs }: RunView): Promise<boolean> {
  if (run.warnings.length > 0) return true;
  for (const { run_id: runId } of run.kind === "job" ? [run] : jobs) {
    const params = { run_id: runId };
    const { items } = await readPages(({ limit, cursor = "0" }) =>
      plane.call("listRunEvents", { params, query: { limit, after: Number(cursor) } }),
    );
    if (items.some(({ type }) => type === "warning")) return true;
  }
  return false;
}

function printJobs(terminal: Terminal, members: readonly Run[]): void {
  const columns = [
    { title: "JOB" },
    { title: "STATE" },
    { title: "TIME", align: "right" },
    { title: "ROWS", align: "right" },
    { title: "NOTE" },
  ] as const;
  const rows = members.map((job) => [job.job_name, formatState(job), timeOf(job), formatRows(job), formatRunNote(job)]);
  for (const line of formatTable(columns, rows, terminal.width)) terminal.out(line);
}

function printPublished(terminal: Terminal, { dataset, version, row_count: rowCount, locations }: DatasetUse): void {
  const places = locations.map(({ path }) => path).join(", ");
  const count = rowCount === null ? "rows" : formatCountOf(rowCount, "row");
  terminal.out(printable(`published ${dataset} version ${version ?? "?"}: ${count} in ${places}`));
}

function printFailure(
  terminal: Terminal,
  { run_id: runId, job_name: job }: Run,
  { code, message, hint }: RunError,
): void {
  terminal.note(`${terminal.style("red", `error ${code}:`)} ${job}: ${printable(message)}`);
  if (hint !== null) terminal.note(`  hint: ${printable(hint)}`);
  terminal.note(`  \`millrace show ${runId}\` tells more`);
}

function byDataset(a: DatasetUse, b: DatasetUse): number {
  return a.dataset < b.dataset ? -1 : a.dataset > b.dataset ? 1 : 0;
}

// The run has ended, so that the present does not matter.
function timeOf(run: Run): string {
  return formatRunTime(run, Date.parse(run.finished_at ?? run.created_at));
}
