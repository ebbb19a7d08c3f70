// What a run would do now, job by job.
import type { PlannedWork } from "../../app/plan-work.ts";
import type { PlannedRead, SourcePlan } from "../../core/dataset/source-plan.ts";
import type { JobPlan, PlannedUnit } from "../../core/job/job-plan.ts";
import { formatBytes, formatCount, formatCountOf } from "./format-value.ts";
import { printable, type Terminal } from "./terminal.ts";
import { toWorkJson } from "./work-json.ts";

/** Units that are shown of each job. */
const maxShown = 20;

/** Data on stdout, notices on stderr. */
export function printWork(
  terminal: Terminal,
  { name, work }: { readonly name: string; readonly work: readonly PlannedWork[] },
  json: boolean,
): void {
  if (json) {
    terminal.json(toWorkJson(name, work));
    return;
  }
  for (const job of work) for (const line of describeJob(job)) terminal.out(printable(line));
  terminal.note("nothing was sent, written or locked");
}

function describeJob({ job, plan, problem, renewed, nextFireAt }: PlannedWork): string[] {
  const later = renewed.map((dataset) => `  a job before it publishes ${dataset} anew; this is the plan as of now`);
  const fires = nextFireAt === undefined ? [] : [`  a schedule starts it next at ${nextFireAt}`];
  if (problem !== undefined) return [`${job} would fail: ${problem.code}: ${problem.message}`, ...later, ...fires];
  if (plan === undefined) return [`${job}: what it does is in its code`, ...later, ...fires];
  return [job, ...describePlan(plan), ...later, ...fires];
}

function describePlan({ units, deferred, source, sql, inputs, output, notes }: JobPlan): string[] {
  return [
    ...inputs.map(({ dataset, version, rows = 0 }) =>
      version === undefined
        ? `  reads ${dataset}, which no run has published`
        : `  reads ${dataset} version ${version}: ${formatCountOf(rows, "row")}`,
    ),
    ...describeUnits(units, deferred),
    ...(source === undefined ? [] : describeSource(source)),
    ...sql.map((select) => `  then ${oneLine(select)}`),
    ...describeOutput(output),
    ...notes.map((note) => `  ${note}`),
  ];
}

function describeUnits(units: readonly PlannedUnit[], deferred: number): string[] {
  const isAlone = units.length === 1 && units[0]?.key === "";
  const lines = units.slice(0, maxShown).map(({ key, window, watermark }) => {
    const part = window === undefined ? "" : ` ${window.from} to ${window.to}`;
    return `  unit ${key === "" ? "of all rows" : key}${part}${watermark === undefined ? "" : ` from ${watermark} on`}`;
  });
  const left = deferred === 0 ? [] : [`  ${formatCountOf(deferred, "unit")} left for the runs after it`];
  if (isAlone && lines[0] === "  unit of all rows") return left;
  return [`  ${formatCountOf(units.length, "unit")}`, ...lines, ...more(units.length), ...left];
}

function describeSource({ reads, then }: SourcePlan): string[] {
  const lines = reads.slice(0, maxShown).flatMap(describeRead);
  return [...lines, ...more(reads.length), ...(then === undefined ? [] : [`  ${then}`])];
}

function describeRead(read: PlannedRead): string[] {
  if ("file" in read) return [`  file ${read.file} (${formatBytes(read.bytes)})`];
  if ("statement" in read) return [`  from ${read.database}: ${oneLine(read.statement)}`];
  if ("dataset" in read) return [`  dataset ${read.dataset} version ${String(read.version)}`];
  const unit = read.unit === "" ? "" : `unit ${read.unit}: `;
  if ("problem" in read) return [`  ${unit}cannot be read: ${read.problem}`];
  const { method, address, headers, body, connection } = read.request;
  return [
    `  ${unit}${method} ${address}${connection === undefined ? "" : ` (connection ${connection})`}`,
    ...Object.entries(headers).map(([name, value]) => `    ${name}: ${value}`),
    ...(body === undefined ? [] : [`    ${oneLine(body)}`]),
  ];
}

function describeOutput({ dataset, mode, targets, version, columns }: JobPlan["output"]): string[] {
  const places = targets.map(({ format, path }) => `${format} ${path}`).join(", ");
  const before = version === undefined ? "for the first time" : `on version ${formatCount(version)}`;
  const added = columns?.added.map(({ name, type }) => `${name} ${type}`) ?? [];
  const changes = version === undefined || columns === undefined ? [] : added;
  return [
    `  publishes ${dataset} (${mode}) ${before}: ${places}`,
    ...(changes.length === 0 ? [] : [`  adds columns ${changes.join(", ")}`]),
    ...(columns === undefined || columns.missing.length === 0 ? [] : [`  lacks columns ${columns.missing.join(", ")}`]),
  ];
}

function more(count: number): string[] {
  return count > maxShown ? [`  and ${formatCount(count - maxShown)} more; --json has all`] : [];
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
