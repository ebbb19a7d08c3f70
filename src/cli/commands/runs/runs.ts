// `millrace runs`: a page of runs, the newest first.
import type { Page } from "../../../api/page.ts";
import type { Run, RunsQuery } from "../../../api/run.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { formatRunId, parseRunId } from "../../../core/run-id.ts";
import type { RunState } from "../../../core/job/run-state.ts";
import { suggest } from "../../../core/errors/suggest.ts";
import type { CommandContext } from "../../command-context.ts";
import type { ControlCalls } from "../../control/control-plane.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { readPages } from "../../control/read-pages.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { formatRunTime, formatState, paintState } from "../../print/format-run.ts";
import { formatAgo, formatWhen } from "../../print/format-time.ts";
import { formatTable } from "../../print/table.ts";
import type { Terminal } from "../../print/terminal.ts";
import { parseInteger } from "../../parse/parse-integer.ts";

export interface RunsOptions {
  readonly job?: string;
  readonly state?: string;
  readonly all?: true;
  readonly limit: string;
  readonly before?: string;
  readonly json?: true;
}

/** Lists root runs; with `--all` or `--job` the jobs inside pipelines, too. @throws MillraceError `JOB_UNKNOWN` */
export async function runs(context: CommandContext, options: RunsOptions): Promise<ExitCode> {
  const limit = parseInteger("--limit", options.limit, { most: 1_000 });
  const filter = toFilter(options);
  const cursor = options.before === undefined ? undefined : formatRunId(parseRunId(options.before));
  // A name without a run is looked up among the jobs.
  await using plane = await openControlPlane(context, { definitions: options.job === undefined ? false : "if-sound" });
  const page = await readPages((call) => plane.call("listRuns", { query: { ...filter, ...call } }), { limit, cursor });
  if (page.items.length === 0 && options.job !== undefined) await assertJobKnown(plane, options.job);
  if (options.json) context.terminal.json(page);
  else printText(context.terminal, page);
  return exitCodes.ok;
}

function printText(terminal: Terminal, { items, next_cursor: next }: Page<Run>): void {
  if (items.length === 0) {
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
  const rows = items.map((run) => [
    run.run_id,
    run.job_name,
    formatState(run),
    formatStart(run, terminal.width < narrowWidth ? formatAgo : formatWhen, nowMs),
    formatRunTime(run, nowMs),
    run.created_by,
  ]);
  for (const line of formatTable(columns, rows, terminal.width)) terminal.out(line);
  if (next !== null) terminal.note(`there are older runs: \`millrace runs --before ${next}\` with the same options`);
}

const narrowWidth = 80;

function formatStart(run: Run, format: (atMs: number, nowMs: number) => string, nowMs: number): string {
  if (run.due_at !== null) return `due ${format(Date.parse(run.due_at), nowMs)}`;
  return run.started_at === null ? "" : format(Date.parse(run.started_at), nowMs);
}

const states: readonly RunState[] = ["PENDING", "RUNNING", "FINISHED", "ERROR", "PAUSED"];

function toFilter({ job, state, all }: RunsOptions): Pick<RunsQuery, "job" | "state" | "children"> {
  return {
    ...(job === undefined ? {} : { job }),
    ...(state === undefined ? {} : { state: toState(state) }),
    ...(all || job !== undefined ? { children: true } : {}),
  };
}

function toState(text: string): RunState {
  const state = states.find((known) => known === text.toUpperCase());
  if (state !== undefined) return state;
  throw new MillraceError("USAGE_INVALID", `unknown state \`${text}\`${suggest(text, states)}`, {
    hint: `states: ${states.join(", ")}`,
  });
}

// Only a name without a run is looked up, so that runs of a job that is gone can still be listed.
async function assertJobKnown(plane: ControlCalls, job: string): Promise<void> {
  const { items } = await plane.call("listRuns", { query: { job, children: true, limit: 1 } });
  if (items.length === 0) await plane.call("showJob", { params: { job_name: job } });
}
