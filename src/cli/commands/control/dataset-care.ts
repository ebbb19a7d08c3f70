// `millrace datasets vacuum` and `optimize`: care for the tables of a dataset, as a run whose result is told.
import type { CommandContext } from "../../command-context.ts";
import { formatBytes, formatCountOf } from "../../print/format-value.ts";
import type { ControlPlane } from "../../control/control-plane.ts";
import { followRun } from "../../control/follow-run.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { printable, type Terminal } from "../../print/terminal.ts";

export interface DatasetCareOptions {
  readonly json?: true;
  readonly dryRun?: true;
  readonly reason?: string;
  /** Of `vacuum`. */
  readonly retain?: string;
  readonly force?: true;
  /** Of `optimize`: columns, separated by commas. */
  readonly sort?: string;
  readonly targetSize?: string;
}

/** Deletes files that no version within the retention needs. */
export async function vacuum(
  context: CommandContext,
  plane: ControlPlane,
  options: DatasetCareOptions,
  dataset: string,
): Promise<ExitCode> {
  const { retain, force } = options;
  const body = { ...common(options), ...(retain === undefined ? {} : { retain }), ...(force ? { force } : {}) };
  const { run_id: runId } = await plane.call("vacuumDataset", { params: { dataset }, body });
  return await follow(context, plane, options, runId);
}

/** Writes rows again into better files. */
export async function optimize(
  context: CommandContext,
  plane: ControlPlane,
  options: DatasetCareOptions,
  dataset: string,
): Promise<ExitCode> {
  const { sort, targetSize } = options;
  const columns = sort?.split(",").map((name) => name.trim());
  const body = {
    ...common(options),
    ...(columns === undefined ? {} : { sort: columns }),
    ...(targetSize === undefined ? {} : { target_size: targetSize }),
  };
  const { run_id: runId } = await plane.call("optimizeDataset", { params: { dataset }, body });
  return await follow(context, plane, options, runId);
}

function common({ dryRun, reason }: DatasetCareOptions): { dry_run?: true; reason?: string } {
  return { ...(dryRun ? { dry_run: dryRun } : {}), ...(reason === undefined ? {} : { reason }) };
}

async function follow(
  context: CommandContext,
  plane: ControlPlane,
  options: DatasetCareOptions,
  runId: string,
): Promise<ExitCode> {
  await using _worker = await plane.work();
  const code = await followRun(context, plane, runId, options);
  if (code !== exitCodes.ok || options.json) return code;
  const { result } = await plane.call("showRun", { params: { run_id: runId } });
  if (typeof result === "object" && result !== null)
    tell(context.terminal, result as Readonly<Record<string, unknown>>);
  return code;
}

function tell(terminal: Terminal, result: Readonly<Record<string, unknown>>): void {
  const number = (name: string): number => Number(result[name]);
  const would = result["dryRun"] === true;
  const lines =
    result["action"] === "vacuum"
      ? [
          `  ${would ? "would delete" : "deleted"} ${formatCountOf(number("deletedFiles"), "file")} (${formatBytes(number("deletedBytes"))}) ` +
            `and ${formatCountOf(number("deletedLogFiles"), "file")} of the log; versions of the last ${String(result["retained"])} stay`,
        ]
      : [
          `  ${would ? "would write again" : "wrote again"} ${formatCountOf(number("removedFiles"), "file")} (${formatBytes(number("removedBytes"))})` +
            (would ? "" : ` as ${number("addedFiles")} (${formatBytes(number("addedBytes"))})`),
          ...(number("skippedFiles") > 0
            ? [`  left ${formatCountOf(number("skippedFiles"), "file")} that others have changed meanwhile`]
            : []),
        ];
  for (const line of lines) terminal.out(printable(line));
  if (would) terminal.note("nothing was changed");
}
