// A run on the terminal: what it is, what went wrong, then its jobs and what they made, most important first.
import type { DatasetLocationView } from "../../api/datasets/dataset.ts";
import type { JsonValue } from "../../api/page.ts";
import type { RequestTotals } from "../../api/request.ts";
import type { Run, RunCheck, RunDetail, RunError } from "../../api/run.ts";
import { parseRunId } from "../../core/run-id.ts";
import { formatRows, formatRunNote, formatRunTime, formatState, paintState } from "../print/format-run.ts";
import { formatInstant, formatLogTime, formatWhen } from "../print/format-time.ts";
import { formatBytes, formatCount, formatCountOf, formatElapsed } from "../print/format-value.ts";
import type { RunView } from "./load-run-view.ts";
import { printRunMetrics } from "../print/print-metrics.ts";
import { masked } from "../print/masked.ts";
import { cut, formatTable, oneLine, type TableColumn } from "../print/table.ts";
import { printable, type Terminal } from "../print/terminal.ts";

/** Sections without content are left out. */
export function printRunDetails(terminal: Terminal, view: RunView, nowMs: number): void {
  const { run } = view;
  printHeader(terminal, view, nowMs);
  printErrors(terminal, view);
  if (run.kind === "pipeline") printJobs(terminal, view.jobs, nowMs);
  printDatasets(terminal, run);
  printChecks(terminal, run.checks);
  printRunMetrics(terminal, run.metrics);
  printNotices(terminal, run);
  printAttempts(terminal, run, nowMs);
  printEvents(terminal, view, nowMs);
}

function printHeader(terminal: Terminal, { run, jobs, wait }: RunView, nowMs: number): void {
  const time = formatRunTime(run, nowMs);
  const took = time === "" ? "" : run.finished_at === null ? ` for ${time}` : ` in ${time}`;
  const state = formatState(run);
  terminal.out(`run ${run.run_id}  ${printable(run.job_name)}  ${paintState(terminal)(state, state)}${took}`);
  const fact = (name: string, text: string): void =>
    terminal.out(cut(`  ${name.padEnd(9)}${oneLine(text)}`, terminal.width));
  const instant = (name: string, at: string | null): void => {
    if (at !== null) fact(name, formatWhen(Date.parse(at), nowMs));
  };
  fact("created", `${formatWhen(Date.parse(run.created_at), nowMs)} by ${run.created_by}`);
  instant("started", run.started_at);
  instant("ended", run.finished_at);
  instant("due", run.due_at);
  instant("late", run.late_since);
  if (wait !== undefined) fact("why", wait);
  if (run.parent_run_id !== null) fact("part of", run.parent_run_id);
  if (run.attempt > 1) fact("attempt", String(run.attempt));
  if (run.window !== null) fact("window", `${shortenInstant(run.window.from)} to ${shortenInstant(run.window.to)}`);
  if (JSON.stringify(run.params) !== "{}") fact("params", formatFields(run.params, nowMs));
  if (run.tenant !== "default") fact("tenant", run.tenant);
  if (run.environment !== null) fact("in", run.environment);
  const note = run.state === "RUNNING" ? formatRunNote(run) : "";
  if (note !== "") fact("progress", note);
  if (run.kind === "pipeline") fact("jobs", countStates(jobs));
  const result = run.kind === "job" ? formatFields(run.result, nowMs) : "";
  if (result !== "") fact("result", result);
  if (run.requests.requests > 0) fact("requests", formatRequests(run.requests));
}

function formatRequests({ requests, failed, received_bytes: bytes }: RequestTotals): string {
  return `${formatCount(requests)}, ${formatCount(failed)} failed, ${formatBytes(bytes)} received`;
}

function countStates(jobs: readonly Run[]): string {
  const counts = new Map<string, number>();
  for (const { state } of jobs) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${formatCount(count)} ${state}`).join(", ");
}

// Most windows are whole days.
function shortenInstant(instant: string): string {
  return instant.replace("T00:00:00.000Z", "");
}

const maxErrors = 5;

function printErrors(terminal: Terminal, { run, jobs }: RunView): void {
  // The pipeline's own error only repeats which jobs failed.
  const failed = jobs.filter((job) => job.error !== null && job.reason !== "upstream_failed");
  const shown: readonly Run[] = failed.length > 0 ? failed : [run];
  if (shown.some(({ error }) => error !== null)) terminal.out();
  for (const { job_name: job, error } of shown.slice(0, maxErrors)) {
    if (error !== null) printError(terminal, job === run.job_name ? "" : `${job}: `, error);
  }
  if (failed.length > maxErrors)
    terminal.out(`  and ${formatCountOf(failed.length - maxErrors, "more job")} with an error`);
}

// Never cut: this is what the person came for.
function printError(terminal: Terminal, job: string, { code, message, hint, causes }: RunError): void {
  terminal.out(`${terminal.styleOut("red", `error ${code}:`)} ${job}${oneLine(message)}`);
  for (const cause of causes.filter((each) => each !== message)) terminal.out(`  cause: ${oneLine(cause)}`);
  if (hint !== null) terminal.out(`  hint: ${oneLine(hint)}`);
}

const maxJobs = 100;

function printJobs(terminal: Terminal, jobs: readonly Run[], nowMs: number): void {
  const columns = [
    { title: "JOB", shrink: true },
    { title: "RUN" },
    { title: "STATE", paint: paintState(terminal) },
    { title: "TIME", align: "right" },
    { title: "ROWS", align: "right" },
    { title: "NOTE" },
  ] as const;
  const rows = chooseJobs(jobs).map((job) => [
    job.job_name,
    job.run_id,
    formatState(job),
    formatRunTime(job, nowMs),
    formatRows(job),
    formatRunNote(job),
  ]);
  printSection(terminal, columns, rows);
  const left = jobs.length - rows.length;
  if (left > 0) terminal.note(`${formatCountOf(left, "more job")}; \`--json\` has all of them`);
}

// When there are too many jobs, those that did not finish are shown first.
function chooseJobs(jobs: readonly Run[]): readonly Run[] {
  if (jobs.length <= maxJobs) return jobs;
  const finished = jobs.filter(({ state }) => state === "FINISHED");
  const others = jobs.filter(({ state }) => state !== "FINISHED");
  return [...others, ...finished].slice(0, maxJobs).toSorted((a, b) => parseRunId(a.run_id) - parseRunId(b.run_id));
}

function printDatasets(terminal: Terminal, { outputs }: RunDetail): void {
  const columns = [
    { title: "DATASET", shrink: true },
    { title: "VERSION", align: "right" },
    { title: "ROWS", align: "right" },
    { title: "CHANGE" },
    { title: "LOCATION" },
  ] as const;
  const count = (value: number | null): string => (value === null ? "" : formatCount(value));
  const rows = outputs.flatMap(({ dataset, version, rows: written, row_count: rowCount, changed, locations }) => {
    const isWhole = written === null || written === rowCount;
    const change = changed ? (isWhole ? "new" : `${formatCount(written)} written`) : "unchanged";
    const [first, ...others] = locations.map(formatLocation);
    const cells = [dataset, count(version), count(rowCount), change, first ?? ""];
    return [cells, ...others.map((location) => ["", "", "", "", location])];
  });
  printSection(terminal, columns, rows);
}

function formatLocation({ path, version, table }: DatasetLocationView): string {
  if (table !== null) return `${path}#${table}`;
  return version === null ? path : `${path}@${version}`;
}

function printChecks(terminal: Terminal, checks: readonly RunCheck[]): void {
  const columns = [
    { title: "DATASET", shrink: true },
    { title: "CHECK", shrink: true },
    { title: "SEVERITY" },
    { title: "VERDICT", paint: paintVerdict(terminal) },
    { title: "ROWS", align: "right" },
    { title: "DETAIL" },
  ] as const;
  const rows = checks.map(({ name, dataset, severity, passed, failing_rows: failingRows, detail }) => [
    dataset,
    name,
    severity,
    passed ? "passed" : "failed",
    failingRows === 0 ? "" : formatCount(failingRows),
    passed && failingRows === 0 ? "" : detail,
  ]);
  printSection(terminal, columns, rows);
}

function paintVerdict(terminal: Terminal): (text: string, cell: string) => string {
  return (text, cell) => terminal.styleOut(cell === "passed" ? "green" : "red", text);
}

function printNotices(terminal: Terminal, { computed, quarantined, warnings, units }: RunDetail): void {
  const lines = computed.map(({ dataset, where, operation }) => {
    return `${dataset} was computed on ${where}${operation === null ? "" : `, operation \`${operation}\``}`;
  });
  const aside = quarantined.map(({ dataset, quarantine, rows, checks }) => {
    const by = checks.map(({ name, rows: count }) => `${name} ${formatCount(count)}`);
    return `quarantined ${formatCountOf(rows, "row")} of ${dataset} into ${quarantine}: ${by.join(", ")}`;
  });
  lines.push(...aside, ...warnings.map(({ job_name: job, message }) => `warning: ${job}: ${message}`));
  if (units.done + units.failed > 0)
    lines.push(`units: ${formatCount(units.done)} done, ${formatCount(units.failed)} failed`);
  for (const { job_name: job, key, error } of units.failures) lines.push(`  ${job} ${key}: ${error ?? "failed"}`);
  if (lines.length > 0) terminal.out();
  for (const line of lines) terminal.out(oneLine(line));
}

function printAttempts(terminal: Terminal, run: RunDetail, nowMs: number): void {
  const { attempts } = run;
  const isWorthwhile = attempts.length > 1 || (attempts.length === 1 && run.finished_at === null);
  if (run.kind !== "job" || !isWorthwhile) return;
  const columns = [
    { title: "ATTEMPT", align: "right" },
    { title: "END" },
    { title: "STARTED" },
    { title: "TIME", align: "right" },
    { title: "WORKER", shrink: true },
    { title: "ERROR" },
  ] as const;
  const rows = attempts.map(({ attempt, end, started_at: startedAt, ended_at: endedAt, worker, error }) => [
    String(attempt),
    end ?? "executing",
    formatWhen(Date.parse(startedAt), nowMs),
    formatElapsed(Math.max(0, (endedAt === null ? nowMs : Date.parse(endedAt)) - Date.parse(startedAt))),
    worker,
    error === null ? "" : `${error.code}: ${error.message}`,
  ]);
  printSection(terminal, columns, rows);
}

function printEvents(terminal: Terminal, { run, events }: RunView, nowMs: number): void {
  const isPipeline = run.kind === "pipeline";
  const columns = [
    { title: "LAST EVENTS" },
    ...(isPipeline ? [{ title: "JOB", shrink: true as const }] : []),
    { title: "EVENT" },
    { title: "" },
  ];
  const rows = events.map(({ at, job_name: job, type, data }) => [
    formatLogTime(Date.parse(at), nowMs),
    ...(isPipeline ? [job] : []),
    type,
    formatFields(data, nowMs),
  ]);
  printSection(terminal, columns, rows);
}

function printSection(terminal: Terminal, columns: readonly TableColumn[], rows: readonly (readonly string[])[]): void {
  if (rows.length === 0) return;
  terminal.out();
  for (const line of formatTable(columns, rows, terminal.width)) terminal.out(line);
}

// `{ dataset: "flights", rows: 3, parts: […] }` → `dataset=flights rows=3 parts=2 items`.
function formatFields(fields: JsonValue, nowMs: number): string {
  const value = masked(fields);
  if (value === null) return "";
  if (typeof value !== "object" || Array.isArray(value)) return JSON.stringify(value);
  return Object.entries(value as Readonly<Record<string, JsonValue>>)
    .filter(([, field]) => field !== null)
    .map(([name, field]) =>
      name.endsWith("AtMs") && typeof field === "number"
        ? `${name.slice(0, -"AtMs".length)}At=${formatInstant(field, nowMs)}`
        : `${name}=${formatField(field)}`,
    )
    .join(" ");
}

function formatField(field: JsonValue): string {
  if (Array.isArray(field)) return `${field.length} ${field.length === 1 ? "item" : "items"}`;
  return typeof field === "string" ? field : JSON.stringify(field);
}
