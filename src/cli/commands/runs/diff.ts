// `millrace diff`: what differs between two runs, such as the one that failed and the last one that did not.
import type { Comparison, RunError } from "../../../api/run.ts";
import type { CommandContext } from "../../command-context.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { formatCount, formatElapsed } from "../../print/format-value.ts";
import { parseRun } from "../../control/run-target.ts";
import { formatTable } from "../../print/table.ts";
import { printable, type Terminal } from "../../print/terminal.ts";

export interface DiffOptions {
  readonly json?: true;
}

/** @throws MillraceError `RUN_UNKNOWN` */
export async function diff(
  context: CommandContext,
  options: DiffOptions,
  first: string,
  second: string,
): Promise<ExitCode> {
  const { terminal } = context;
  await using plane = await openControlPlane(context, { definitions: false });
  const params = { run_id: await parseRun(plane, first), other_run_id: await parseRun(plane, second) };
  const comparison = await plane.call("compareRuns", { params });
  if (options.json) terminal.json(comparison);
  else print(terminal, comparison);
  return exitCodes.ok;
}

function print(terminal: Terminal, comparison: Comparison): void {
  const [before, after] = comparison.runs;
  terminal.out(
    `${before.run_id} ${before.job_name} ${before.state}  →  ${after.run_id} ${after.job_name} ${after.state}`,
  );
  printParams(terminal, comparison);
  printJobs(terminal, comparison);
  printDatasets(terminal, comparison);
  comparison.errors.forEach((error, index) => printError(terminal, comparison.runs[index]?.run_id ?? "", error));
}

function printParams(terminal: Terminal, { params, code_changed: codeChanged }: Comparison): void {
  if (codeChanged === true) terminal.out("  the code is another");
  for (const { path, before, after } of params)
    terminal.out(printable(`  ${path}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`));
  if (params.length === 0) terminal.out("  the same params");
}

function printJobs(terminal: Terminal, { jobs }: Comparison): void {
  const columns = [
    { title: "JOB", shrink: true },
    { title: "STATE" },
    { title: "TIME", align: "right" },
    { title: "ROWS", align: "right" },
  ] as const;
  const rows = jobs.map(({ job_name, states, durations_ms, rows: counts }) => [
    job_name,
    join(states, (state) => state),
    join(durations_ms, formatElapsed),
    join(counts, formatCount),
  ]);
  for (const line of formatTable(columns, rows, terminal.width)) terminal.out(line);
}

function printDatasets(terminal: Terminal, { datasets }: Comparison): void {
  for (const { dataset, versions, row_counts, columns_added, columns_removed } of datasets) {
    const columns = [...columns_added.map((name) => `+${name}`), ...columns_removed.map((name) => `-${name}`)];
    const schema = columns.length === 0 ? "" : `  ${columns.join(" ")}`;
    terminal.out(
      printable(`  ${dataset}  version ${join(versions, String)}  rows ${join(row_counts, formatCount)}${schema}`),
    );
  }
}

function printError(terminal: Terminal, run: string, error: RunError | null): void {
  if (error !== null) terminal.out(printable(`  ${run}: ${error.code}: ${error.message}`));
}

// One value when both are the same.
function join<Value>(pair: readonly [Value | null, Value | null], format: (value: Value) => string): string {
  const [before, after] = pair.map((value) => (value === null ? "–" : format(value)));
  return before === after ? (after ?? "") : `${before} → ${after}`;
}
