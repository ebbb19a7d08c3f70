// `millrace show`: all that is known about one run, and rows that broke its checks.
import type { FailedRowsView } from "../../../api/datasets/dataset.ts";
import type { JsonValue } from "../../../api/page.ts";
import type { CommandContext } from "../../command-context.ts";
import { loadRunView, toRunViewJson } from "../../control/load-run-view.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { printRunDetails } from "../../control/print-run-details.ts";
import { parseRun } from "../../control/run-target.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { formatTable } from "../../print/table.ts";
import { printable, type Terminal } from "../../print/terminal.ts";

export interface ShowOptions {
  readonly rows?: true;
  readonly json?: true;
}

/** Shows a run of any state. @throws MillraceError `RUN_UNKNOWN`; with `rows` `FORBIDDEN` for datasets of authentication */
export async function show(context: CommandContext, options: ShowOptions, run: string): Promise<ExitCode> {
  const { terminal } = context;
  await using plane = await openControlPlane(context, { definitions: "if-sound" });
  const runId = await parseRun(plane, run);
  const view = await loadRunView(plane, runId);
  const rows = options.rows ? (await plane.call("listFailedRows", { params: { run_id: runId } })).items : undefined;
  if (options.json) {
    terminal.json({ ...toRunViewJson(view), ...(rows === undefined ? {} : { failed_rows: rows }) });
    return exitCodes.ok;
  }
  printRunDetails(terminal, view, Date.now());
  for (const sample of rows ?? []) printSample(terminal, sample);
  if (rows?.length === 0) terminal.note("no rows are kept here of checks that failed");
  return exitCodes.ok;
}

function printSample(terminal: Terminal, { dataset, check, items }: FailedRowsView): void {
  terminal.out("");
  terminal.out(printable(`rows of ${dataset} that fail ${check}`));
  const names = [...new Set(items.flatMap((item) => Object.keys(item)))];
  const columns = names.map((name) => ({ title: name, shrink: true }) as const);
  const cells = items.map((item) => names.map((name) => toCell(item[name] ?? null)));
  for (const line of formatTable(columns, cells, terminal.width)) terminal.out(line);
}

function toCell(value: JsonValue): string {
  if (value === null) return "NULL";
  return typeof value === "string" ? value : JSON.stringify(value);
}
