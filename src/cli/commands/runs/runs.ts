// `millrace runs`: a page of runs, the newest first.
import type { App } from "../../../app/app.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { formatRunId, parseRunId } from "../../../core/run-id.ts";
import type { RunState } from "../../../core/job/run-state.ts";
import { suggest } from "../../../core/errors/suggest.ts";
import type { RunFilter, RunSummary } from "../../../store/rows/run-records.ts";
import type { CommandContext } from "../../command-context.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { formatRunTime, formatState, paintState } from "../../print/format-run.ts";
import { formatAgo, formatWhen } from "../../print/format-time.ts";
import { listRemoteRuns } from "../../control/remote-runs.ts";
import { toRunJson } from "../../print/run-json.ts";
import { formatTable } from "../../print/table.ts";
import type { Terminal } from "../../print/terminal.ts";

export interface RunsOptions {
  readonly job?: string;
  readonly state?: string;
  readonly all?: true;
  readonly limit: string;
  readonly before?: string;
  readonly json?: true;
}

/** Lists root runs; with `--all` or `--job` the jobs inside pipelines, too. */
export async function runs(context: CommandContext, options: RunsOptions): Promise<ExitCode> {
  const limit = toLimit(options.limit);
  const filter = toFilter(options);
  if (context.environment.server !== undefined) {
    const { items, next } = await listRemoteRuns(context, { ...options, limit });
    print(context, options, items, next);
    return exitCodes.ok;
  }
  await using app = await context.openApp({ definitions: false });
  // One more than asked for tells whether there are older ones, without counting.
  const found = await app.store.listRuns({ ...filter, limit: limit + 1 });
  if (found.length === 0 && options.job !== undefined) await assertJobKnown(context, app, options.job);
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  const next = last === undefined ? null : formatRunId(last.id);
  print(context, options, page, next);
  return exitCodes.ok;
}

function print(
  { terminal }: CommandContext,
  { json }: RunsOptions,
  page: readonly RunSummary[],
  next: string | null,
): void {
  if (json) terminal.json({ schema: "millrace.runs/1", runs: page.map(toRunJson), next });
  else printText(terminal, page, next);
}

function printText(terminal: Terminal, page: readonly RunSummary[], next: string | null): void {
  if (page.length === 0) {
    terminal.note("no runs; `millrace run <name>` starts one");
    return;
  }
  const nowMs = Date.now();
  const columns = [
    { title: "RUN" },
    { title: "JOB", shrink: true },
    { title: "STATE", paint: paintState(terminal) },
    { title: "STARTED" },
    { title: "TIME", align: "right" },
    { title: "BY" },
  ] as const;
  const rows = page.map((run) => [
    formatRunId(run.id),
    run.job,
    formatState(run),
    formatStart(run, terminal.width < narrowWidth ? formatAgo : formatWhen, nowMs),
    formatRunTime(run, nowMs),
    run.createdBy,
  ]);
  for (const line of formatTable(columns, rows, terminal.width)) terminal.out(line);
  if (next !== null) terminal.note(`there are older runs: \`millrace runs --before ${next}\` with the same options`);
}

const narrowWidth = 80;

function formatStart(run: RunSummary, format: (atMs: number, nowMs: number) => string, nowMs: number): string {
  if (run.runAtMs !== undefined) return `due ${format(run.runAtMs, nowMs)}`;
  return run.startedAtMs === undefined ? "" : format(run.startedAtMs, nowMs);
}

const states: readonly RunState[] = ["PENDING", "RUNNING", "FINISHED", "ERROR", "PAUSED"];

function toFilter({ job, state, all, before }: RunsOptions): Omit<RunFilter, "limit"> {
  return {
    ...(job === undefined ? {} : { job }),
    ...(state === undefined ? {} : { state: toState(state) }),
    ...(before === undefined ? {} : { before: parseRunId(before) }),
    rootsOnly: all !== true && job === undefined,
  };
}

function toState(text: string): RunState {
  const state = states.find((known) => known === text.toUpperCase());
  if (state !== undefined) return state;
  throw new MillraceError("USAGE_INVALID", `unknown state \`${text}\`${suggest(text, states)}`, {
    hint: `states: ${states.join(", ")}`,
  });
}

function toLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1_000) return limit;
  throw new MillraceError("USAGE_INVALID", `expected \`--limit\` to be an integer from 1 to 1000, got: \`${text}\``);
}

// Only a name without a run is looked up, so that runs of a job that is gone can still be listed.
async function assertJobKnown(context: CommandContext, app: App, job: string): Promise<void> {
  if ((await app.store.listRuns({ job, limit: 1 })).length > 0) return;
  const { definitions } = await context.loadProject();
  definitions.find(job);
}
