// `millrace logs`: what the jobs of a run said, in order of time; with `--follow` until the run has ended.
import type { JsonValue } from "../../../api/page.ts";
import type { LogLine, Run } from "../../../api/run.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { isTerminal } from "../../../core/job/run-state.ts";
import { suggest } from "../../../core/errors/suggest.ts";
import { createSystemClock } from "../../../platforms/local/system-clock.ts";
import type { CommandContext } from "../../command-context.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { formatState } from "../../print/format-run.ts";
import { formatLogTime } from "../../print/format-time.ts";
import { listenForInterruption } from "../../interruption.ts";
import { readLogs } from "../../control/read-logs.ts";
import { masked } from "../../print/masked.ts";
import { oneLine } from "../../print/table.ts";
import { parseRun } from "../../control/run-target.ts";
import { printable, type Style, type Terminal } from "../../print/terminal.ts";

export interface LogsOptions {
  readonly follow?: true;
  readonly level: string;
  readonly grep?: string;
  readonly json?: true;
}

/** With `--json` each line is a document of its own, so that a reader needs not wait for the end. @throws MillraceError `RUN_UNKNOWN` */
export async function logs(context: CommandContext, options: LogsOptions, run: string): Promise<ExitCode> {
  const { terminal } = context;
  const level = toLevel(options.level);
  using interruption = listenForInterruption(() => undefined);
  const { signal } = interruption;
  await using plane = await openControlPlane(context, { definitions: false });
  const params = { run_id: await parseRun(plane, run) };
  const print = options.json ? printJson : createPrinter(await plane.call("showRun", { params }));
  const reading = { level, follow: options.follow === true, signal, clock: createSystemClock() };
  let shown = 0;
  for await (const line of readLogs(plane, params.run_id, reading)) {
    if (signal.aborted) break;
    if (!isWanted(line, options)) continue;
    shown += 1;
    print(terminal, line);
  }
  noteEnd(terminal, options, { run: await plane.call("showRun", { params }), shown });
  return exitCodes.ok;
}

function noteEnd(terminal: Terminal, options: LogsOptions, { run, shown }: { run: Run; shown: number }): void {
  const name = printable(`run ${run.run_id} ${run.job_name}`);
  const isFiltered = options.grep !== undefined || options.level.toLowerCase() !== "debug";
  if (shown === 0) terminal.note(`no log line of ${name}${isFiltered ? " matches" : ""}`);
  if (options.follow) terminal.note(`${name}: ${formatState(run)}`);
  else if (!isTerminal(run.state)) terminal.note(`${name} goes on; \`--follow\` waits for more`);
}

type LogLevel = LogLine["level"];

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

// As the line is printed, with the name of its job; levels are chosen where the log is.
function isWanted({ job_name: job, message, fields }: LogLine, { grep }: LogsOptions): boolean {
  if (grep === undefined) return true;
  return `${job} ${message} ${formatFields(fields)}`.toLowerCase().includes(grep.toLowerCase());
}

function toLevel(text: string): LogLevel {
  const level = levels.find((known) => known === text.toLowerCase());
  if (level !== undefined) return level;
  throw new MillraceError("USAGE_INVALID", `unknown level \`${text}\`${suggest(text, levels)}`, {
    hint: `levels: ${levels.join(", ")}`,
  });
}

const levelStyles: Readonly<Record<LogLevel, Style>> = { debug: "dim", info: "cyan", warn: "yellow", error: "red" };

// Lines are never cut: a log that misses its end is no log.
function createPrinter(run: Run): (terminal: Terminal, line: LogLine) => void {
  const nowMs = Date.now();
  return (terminal, line) => {
    const job = run.kind === "pipeline" ? `${line.job_name}: ` : "";
    const fields = formatFields(line.fields);
    const text = `${job}${oneLine(line.message)}${fields === "" ? "" : `  ${oneLine(fields)}`}`;
    const level = terminal.styleOut(levelStyles[line.level], line.level.padEnd(5));
    terminal.out(`${terminal.styleOut("dim", formatLogTime(Date.parse(line.at), nowMs))} ${level} ${text}`);
  };
}

function printJson(terminal: Terminal, line: LogLine): void {
  terminal.json(line);
}

function formatFields(found: JsonValue): string {
  const fields = masked(found);
  if (fields === null) return "";
  if (typeof fields !== "object" || Array.isArray(fields)) return JSON.stringify(fields);
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
}
