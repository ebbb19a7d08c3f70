// A run on the terminal: what it is, what went wrong, then its jobs and what they made, most important first.
import { formatRunId } from "../../core/run-id.ts";
import type { ErrorRecord } from "../../core/errors/errors.ts";
import type { Json, RunSummary } from "../../store/rows/run-records.ts";
import { formatRows, formatRunNote, formatRunTime, formatState, paintState } from "../print/format-run.ts";
import { formatInstant, formatLogTime, formatWhen } from "../print/format-time.ts";
import { formatCount, formatCountOf, formatElapsed } from "../print/format-value.ts";
import type { EvaluatedCheck, LocationView, RunDetails } from "./run-details.ts";
import { masked } from "../print/masked.ts";
import { cut, formatTable, oneLine, type TableColumn } from "../print/table.ts";
import type { Terminal } from "../print/terminal.ts";

/** Sections without content are left out. */
export function printRunDetails(terminal: Terminal, details: RunDetails, nowMs: number): void {
  printHeader(terminal, details, nowMs);
  printErrors(terminal, details);
  if (details.run.kind === "pipeline") printJobs(terminal, details.jobs, nowMs);
  printDatasets(terminal, details);
  printChecks(terminal, details.checks);
  printNotices(terminal, details);
  printAttempts(terminal, details, nowMs);
  printEvents(terminal, details, nowMs);
}

function printHeader(terminal: Terminal, { run, jobs }: RunDetails, nowMs: number): void {
  const time = formatRunTime(run, nowMs);
  const took = time === "" ? "" : run.finishedAtMs === undefined ? ` for ${time}` : ` in ${time}`;
  const state = formatState(run);
  terminal.out(`run ${formatRunId(run.id)}  ${run.job}  ${paintState(terminal)(state, state)}${took}`);
  const fact = (name: string, text: string): void =>
    terminal.out(cut(`  ${name.padEnd(9)}${oneLine(text)}`, terminal.width));
  fact("created", `${formatWhen(run.createdAtMs, nowMs)} by ${run.createdBy}`);
  if (run.startedAtMs !== undefined) fact("started", formatWhen(run.startedAtMs, nowMs));
  if (run.finishedAtMs !== undefined) fact("ended", formatWhen(run.finishedAtMs, nowMs));
  if (run.runAtMs !== undefined) fact("due", formatWhen(run.runAtMs, nowMs));
  if (run.parentRunId !== undefined) fact("part of", formatRunId(run.parentRunId));
  if (run.attempt > 1) fact("attempt", String(run.attempt));
  if (run.window !== undefined)
    fact("window", `${shortenInstant(run.window.from)} to ${shortenInstant(run.window.to)}`);
  if (JSON.stringify(run.params) !== "{}") fact("params", formatFields(run.params, nowMs));
  if (run.tenant !== "default") fact("tenant", run.tenant);
  const note = run.state === "RUNNING" ? formatRunNote(run) : "";
  if (note !== "") fact("progress", note);
  if (run.kind === "pipeline") fact("jobs", countStates(jobs));
  const result = run.kind === "job" ? formatFields(run.result ?? null, nowMs) : "";
  if (result !== "") fact("result", result);
}

function countStates(jobs: readonly RunSummary[]): string {
  const counts = new Map<string, number>();
  for (const { state } of jobs) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${formatCount(count)} ${state}`).join(", ");
}

// Most windows are whole days.
function shortenInstant(instant: string): string {
  return instant.replace("T00:00:00.000Z", "");
}

const maxErrors = 5;

function printErrors(terminal: Terminal, { run, jobs }: RunDetails): void {
  // The pipeline's own error only repeats which jobs failed.
  const failed = jobs.filter((job) => job.error !== undefined && job.reason !== "upstream_failed");
  const shown = failed.length > 0 ? failed : [run];
  if (shown.some(({ error }) => error !== undefined)) terminal.out();
  for (const { job, error } of shown.slice(0, maxErrors)) {
    if (error === undefined) continue;
    printError(terminal, run.kind === "pipeline" && job !== run.job ? `${job}: ` : "", error);
  }
  if (failed.length > maxErrors)
    terminal.out(`  and ${formatCountOf(failed.length - maxErrors, "more job")} with an error`);
}

// Never cut: this is what the person came for.
function printError(terminal: Terminal, job: string, { code, message, hint, causes = [] }: ErrorRecord): void {
  terminal.out(`${terminal.styleOut("red", `error ${code}:`)} ${job}${oneLine(message)}`);
  for (const cause of causes.filter((each) => each !== message)) terminal.out(`  cause: ${oneLine(cause)}`);
  if (hint !== undefined) terminal.out(`  hint: ${oneLine(hint)}`);
}

const maxJobs = 100;

function printJobs(terminal: Terminal, jobs: readonly RunSummary[], nowMs: number): void {
  const columns = [
    { title: "JOB", shrink: true },
    { title: "RUN" },
    { title: "STATE", paint: paintState(terminal) },
    { title: "TIME", align: "right" },
    { title: "ROWS", align: "right" },
    { title: "NOTE" },
  ] as const;
  const rows = chooseJobs(jobs).map((job) => [
    job.job,
    formatRunId(job.id),
    formatState(job),
    formatRunTime(job, nowMs),
    formatRows(job),
    formatRunNote(job),
  ]);
  printSection(terminal, columns, rows);
  const left = jobs.length - rows.length;
  if (left > 0) terminal.note(`${formatCountOf(left, "more job")}; \`--json\` has all of them`);
}

// Of too many, those that did not finish are the ones to look at.
function chooseJobs(jobs: readonly RunSummary[]): readonly RunSummary[] {
  if (jobs.length <= maxJobs) return jobs;
  const finished = jobs.filter(({ state }) => state === "FINISHED");
  const others = jobs.filter(({ state }) => state !== "FINISHED");
  return [...others, ...finished].slice(0, maxJobs).toSorted((a, b) => a.id - b.id);
}

function printDatasets(terminal: Terminal, { datasets }: RunDetails): void {
  const columns = [
    { title: "DATASET", shrink: true },
    { title: "VERSION", align: "right" },
    { title: "ROWS", align: "right" },
    { title: "CHANGE" },
    { title: "LOCATION" },
  ] as const;
  const rows = datasets.flatMap(({ dataset, version, rows: written, rowCount, changed, locations }) => {
    const change = changed ? (written === rowCount ? "new" : `${formatCount(written)} written`) : "unchanged";
    const [first, ...others] = locations.map(formatLocation);
    const cells = [dataset, String(version), formatCount(rowCount), change, first ?? ""];
    return [cells, ...others.map((location) => ["", "", "", "", location])];
  });
  printSection(terminal, columns, rows);
}

function formatLocation({ path, version, table }: LocationView): string {
  if (table !== null) return `${path}#${table}`;
  return version === null ? path : `${path}@${version}`;
}

function printChecks(terminal: Terminal, checks: readonly EvaluatedCheck[]): void {
  const columns = [
    { title: "DATASET", shrink: true },
    { title: "CHECK", shrink: true },
    { title: "SEVERITY" },
    { title: "VERDICT", paint: paintVerdict(terminal) },
    { title: "ROWS", align: "right" },
    { title: "DETAIL" },
  ] as const;
  const rows = checks.map(({ name, dataset, severity, passed, failingRows, detail }) => [
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

function printNotices(terminal: Terminal, { quarantined, warnings, units }: RunDetails): void {
  const lines = quarantined.map(({ dataset, into, rows, checks }) => {
    const by = Object.entries(checks).map(([check, count]) => `${check} ${formatCount(count)}`);
    return `quarantined ${formatCountOf(rows, "row")} of ${dataset} into ${into}: ${by.join(", ")}`;
  });
  lines.push(...warnings.map(({ job, message }) => `warning: ${job}: ${message}`));
  if (units.done + units.failed > 0)
    lines.push(`units: ${formatCount(units.done)} done, ${formatCount(units.failed)} failed`);
  for (const { job, key, error } of units.failures) lines.push(`  ${job} ${key}: ${error ?? "failed"}`);
  if (lines.length > 0) terminal.out();
  for (const line of lines) terminal.out(oneLine(line));
}

function printAttempts(terminal: Terminal, { run, attempts }: RunDetails, nowMs: number): void {
  const isWorthwhile = attempts.length > 1 || (attempts.length === 1 && run.finishedAtMs === undefined);
  if (run.kind !== "job" || !isWorthwhile) return;
  const columns = [
    { title: "ATTEMPT", align: "right" },
    { title: "END" },
    { title: "STARTED" },
    { title: "TIME", align: "right" },
    { title: "WORKER", shrink: true },
    { title: "ERROR" },
  ] as const;
  const rows = attempts.map(({ attempt, end, startedAtMs, endedAtMs, worker, error }) => [
    String(attempt),
    end,
    formatWhen(startedAtMs, nowMs),
    formatElapsed(endedAtMs - startedAtMs),
    worker,
    error === undefined ? "" : `${error.code}: ${error.message}`,
  ]);
  printSection(terminal, columns, rows);
}

function printEvents(terminal: Terminal, { run, events }: RunDetails, nowMs: number): void {
  const isPipeline = run.kind === "pipeline";
  const columns = [
    { title: "LAST EVENTS" },
    ...(isPipeline ? [{ title: "JOB", shrink: true as const }] : []),
    { title: "EVENT" },
    { title: "" },
  ];
  const rows = events.map(({ atMs, job, type, data }) => [
    formatLogTime(atMs, nowMs),
    ...(isPipeline ? [job] : []),
    type,
    formatFields(data ?? null, nowMs),
  ]);
  printSection(terminal, columns, rows);
}

function printSection(terminal: Terminal, columns: readonly TableColumn[], rows: readonly (readonly string[])[]): void {
  if (rows.length === 0) return;
  terminal.out();
  for (const line of formatTable(columns, rows, terminal.width)) terminal.out(line);
}

// `{ dataset: "flights", rows: 3, parts: […] }` → `dataset=flights rows=3 parts=2 items`.
function formatFields(fields: Json, nowMs: number): string {
  const value = masked(fields);
  if (value === null) return "";
  if (typeof value !== "object" || Array.isArray(value)) return JSON.stringify(value);
  return Object.entries(value)
    .filter(([, field]) => field !== null)
    .map(([name, field]) =>
      name.endsWith("AtMs") && typeof field === "number"
        ? `${name.slice(0, -"AtMs".length)}At=${formatInstant(field, nowMs)}`
        : `${name}=${formatField(field)}`,
    )
    .join(" ");
}

function formatField(field: Json): string {
  if (Array.isArray(field)) return `${field.length} ${field.length === 1 ? "item" : "items"}`;
  return typeof field === "string" ? field : JSON.stringify(field);
}
