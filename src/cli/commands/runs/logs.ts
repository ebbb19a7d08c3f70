// `millrace logs`: what the jobs of a run said, in order of time; with `--follow` until the run has ended.
import { MillraceError } from "../../../core/errors/errors.ts";
import { formatRunId } from "../../../core/run-id.ts";
import { isTerminal } from "../../../core/job/run-state.ts";
import { suggest } from "../../../core/errors/suggest.ts";
import { createSystemClock } from "../../../platforms/local/system-clock.ts";
import type { Json, LogLevel, RunSummary } from "../../../store/rows/run-records.ts";
import type { CommandContext } from "../../command-context.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { findRun } from "../../control/find-run.ts";
import { formatState } from "../../print/format-run.ts";
import { formatLogTime, toIso } from "../../print/format-time.ts";
import { listenForInterruption } from "../../interruption.ts";
import { readRemoteLogs } from "../../control/remote-logs.ts";
import { followLogs, listLogged, readLogs, type RunLogLine } from "../../control/run-logs.ts";
import { masked } from "../../print/masked.ts";
import { oneLine } from "../../print/table.ts";
import { parseRun } from "../../control/run-target.ts";
import { toRunSummary } from "../../control/to-run-summary.ts";
import type { Style, Terminal } from "../../print/terminal.ts";

export interface LogsOptions {
  readonly follow?: true;
  readonly level: string;
  readonly grep?: string;
  readonly json?: true;
}

/** With `--json` each line is a document of its own, so that a reader needs not wait for the end. @throws MillraceError `RUN_UNKNOWN` */
export async function logs(context: CommandContext, options: LogsOptions, run: string): Promise<ExitCode> {
  const { terminal } = context;
  const isWanted = toFilter(options);
  using interruption = listenForInterruption(() => undefined);
  await using source = await openSource(context, options, run, interruption.signal);
  const print = options.json ? printJson : createPrinter(source.run);
  let shown = 0;
  for await (const line of source.lines) {
    if (interruption.signal.aborted) break;
    if (!isWanted(line)) continue;
    shown += 1;
    print(terminal, line);
  }
  const end = await source.look();
  const name = `run ${formatRunId(end.id)} ${end.job}`;
  if (shown === 0) terminal.note(`no log line of ${name}${isFiltered(options) ? " matches" : ""}`);
  if (options.follow) terminal.note(`${name}: ${formatState(end)}`);
  else if (!isTerminal(end.state)) terminal.note(`${name} goes on; \`--follow\` waits for more`);
  return exitCodes.ok;
}

interface LogSource extends AsyncDisposable {
  readonly run: RunSummary;
  readonly lines: AsyncIterable<RunLogLine>;
  /** The run as it is now. */
  look(): Promise<RunSummary>;
}

function openSource(
  context: CommandContext,
  options: LogsOptions,
  run: string,
  signal: AbortSignal,
): Promise<LogSource> {
  return context.environment.server === undefined
    ? openStoreLogs(context, options, run, signal)
    : openServerLogs(context, options, run, signal);
}

async function openStoreLogs(
  context: CommandContext,
  { follow }: LogsOptions,
  text: string,
  signal: AbortSignal,
): Promise<LogSource> {
  const app = await context.openApp({ definitions: false });
  const { store } = app;
  const run = await findRun(store, text);
  return {
    run,
    lines: follow
      ? followLogs(store, run, { signal, clock: createSystemClock() })
      : readLogs(store, await listLogged(store, run)),
    look: async () => (await store.findRun(run.id)) ?? run,
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}

async function openServerLogs(
  context: CommandContext,
  { follow, level }: LogsOptions,
  text: string,
  signal: AbortSignal,
): Promise<LogSource> {
  const plane = await openControlPlane(context);
  const params = { run_id: await parseRun(plane, text) };
  const look = async (): Promise<RunSummary> => toRunSummary(await plane.call("showRun", { params }));
  return {
    run: await look(),
    lines: readRemoteLogs(plane, {
      runId: params.run_id,
      level: toLevel(level),
      follow: follow === true,
      signal,
      clock: createSystemClock(),
    }),
    look,
    [Symbol.asyncDispose]: () => plane[Symbol.asyncDispose](),
  };
}

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

function toFilter({ level, grep }: LogsOptions): (line: RunLogLine) => boolean {
  const least = levels.indexOf(toLevel(level));
  const wanted = grep?.toLowerCase();
  return (line) => {
    if (levels.indexOf(line.level) < least) return false;
    if (wanted === undefined) return true;
    return `${line.job} ${line.message} ${formatFields(line.fields)}`.toLowerCase().includes(wanted);
  };
}

function toLevel(text: string): LogLevel {
  const level = levels.find((known) => known === text.toLowerCase());
  if (level !== undefined) return level;
  throw new MillraceError("USAGE_INVALID", `unknown level \`${text}\`${suggest(text, levels)}`, {
    hint: `levels: ${levels.join(", ")}`,
  });
}

function isFiltered({ level, grep }: LogsOptions): boolean {
  return grep !== undefined || level.toLowerCase() !== "debug";
}

const levelStyles: Readonly<Record<LogLevel, Style>> = { debug: "dim", info: "cyan", warn: "yellow", error: "red" };

// Lines are never cut: a log that misses its end is no log.
function createPrinter(run: RunSummary): (terminal: Terminal, line: RunLogLine) => void {
  const nowMs = Date.now();
  return (terminal, line) => {
    const job = run.kind === "pipeline" ? `${line.job}: ` : "";
    const fields = formatFields(line.fields);
    const text = `${job}${oneLine(line.message)}${fields === "" ? "" : `  ${oneLine(fields)}`}`;
    const level = terminal.styleOut(levelStyles[line.level], line.level.padEnd(5));
    terminal.out(`${terminal.styleOut("dim", formatLogTime(line.atMs, nowMs))} ${level} ${text}`);
  };
}

function printJson(terminal: Terminal, { runId, job, seq, atMs, level, message, fields }: RunLogLine): void {
  const head = { schema: "millrace.logs/1", run: formatRunId(runId), job, seq, at: toIso(atMs) };
  terminal.json({ ...head, level, message, fields: fields ?? null });
}

function formatFields(found: Json | undefined): string {
  const fields = masked(found);
  if (typeof fields !== "object" || fields === null || Array.isArray(fields))
    return fields === undefined ? "" : JSON.stringify(fields);
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
}
