// Shows a run while it goes on: bars in place on a terminal, else a line for each change and one every ten seconds.
import type { Run } from "../../api/run.ts";
import { formatCount, formatElapsed } from "./format-value.ts";
import { cut } from "./table.ts";
import { printable, type Terminal } from "./terminal.ts";

/** Draws looks at a run and its jobs. */
export interface RunProgress {
  show(run: Run, jobs: readonly Run[], nowMs: number): void;
  /** Lines that stay, above what is drawn in place. */
  tell(lines: readonly string[]): void;
  /** Leaves the screen as it should stay. */
  finish(): void;
}

/** The kind that fits the terminal. */
export function createRunProgress(terminal: Terminal): RunProgress {
  return terminal.interactive ? createBars(terminal) : createLines(terminal);
}

const plainEveryMs = 10_000;
const redrawEveryMs = 80;
const barWidth = 24;
const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

function createLines(terminal: Terminal): RunProgress {
  const seen = new Map<string, string>();
  let lastLineAtMs = 0;
  return {
    show(run, jobs, nowMs) {
      for (const job of jobs.length === 0 ? [run] : jobs) {
        const state = describeState(job, nowMs);
        const stage = `${job.state} ${job.reason ?? ""} ${job.attempt}`;
        if (seen.get(job.run_id) === stage || (job.state === "PENDING" && job.reason === "waiting_upstream")) continue;
        seen.set(job.run_id, stage);
        lastLineAtMs = nowMs;
        terminal.note(`${job.job_name}: ${state}`);
      }
      if (nowMs - lastLineAtMs < plainEveryMs) return;
      lastLineAtMs = nowMs;
      for (const job of running(run, jobs)) terminal.note(`${job.job_name}: ${describeState(job, nowMs)}`);
    },
    tell: (lines) => note(terminal, lines),
    finish: () => undefined,
  };
}

function createBars(terminal: Terminal): RunProgress {
  let drawnLines = 0;
  let drawnAtMs = 0;
  let latest: (() => string[]) | undefined;
  const goUp = (): string => (drawnLines > 1 ? `\u001b[${drawnLines - 1}A` : "");
  const draw = (lines: readonly string[]): void => {
    const text = lines.map((line) => `\r\u001b[K${line}`).join("\n");
    terminal.draw(`${goUp()}${text}\u001b[J`);
    drawnLines = lines.length;
  };
  return {
    show(run, jobs, nowMs) {
      latest = () => barLines(terminal, run, jobs, nowMs);
      if (nowMs - drawnAtMs < redrawEveryMs) return;
      drawnAtMs = nowMs;
      draw(latest());
    },
    tell(lines) {
      if (lines.length === 0) return;
      terminal.draw(`${goUp()}\r\u001b[J`);
      note(terminal, lines);
      drawnLines = 0;
      if (latest !== undefined) draw(latest());
    },
    finish() {
      if (latest === undefined) return;
      draw(latest());
      terminal.draw("\n");
    },
  };
}

function note(terminal: Terminal, lines: readonly string[]): void {
  for (const line of lines) terminal.note(printable(line));
}

function barLines(terminal: Terminal, run: Run, jobs: readonly Run[], nowMs: number): string[] {
  const width = terminal.width - 1;
  const shown = jobs.length === 0 ? [run] : mostRelevant(jobs, terminal.height - 3);
  const lines = shown.map((job) =>
    cut(`${mark(job, nowMs)} ${printable(job.job_name).padEnd(26)} ${describeState(job, nowMs)}`, width),
  );
  if (jobs.length === 0) return lines;
  const ended = jobs.filter((job) => job.finished_at !== null).length;
  const filled = Math.round((ended / jobs.length) * barWidth);
  const bar = `${"█".repeat(filled)}${"░".repeat(barWidth - filled)}`;
  const elapsed = formatElapsed(elapsedOf(run, nowMs));
  const percent = `${Math.floor((ended / jobs.length) * 100)} %`;
  return [...lines, cut(`${bar} ${percent}  ${ended} of ${jobs.length} jobs  ${elapsed}`, width)];
}

function elapsedOf(
  { created_at: createdAt, started_at: startedAt, finished_at: finishedAt }: Run,
  nowMs: number,
): number {
  return (finishedAt === null ? nowMs : Date.parse(finishedAt)) - Date.parse(startedAt ?? createdAt);
}

// Drawing in place works only for what fits the screen: of many jobs those at work, then those that ended last.
function mostRelevant(jobs: readonly Run[], limit: number): readonly Run[] {
  if (jobs.length <= limit) return jobs;
  const rank = (job: Run): number => {
    if (job.state === "RUNNING") return Number.MAX_VALUE;
    return job.finished_at === null ? 0 : Date.parse(job.finished_at);
  };
  const kept = new Set(jobs.toSorted((a, b) => rank(b) - rank(a)).slice(0, Math.max(1, limit)));
  return jobs.filter((job) => kept.has(job));
}

function mark(job: Run, nowMs: number): string {
  if (job.state === "FINISHED") return job.reason === "skipped" ? "↷" : "✓";
  if (job.state === "ERROR") return "✗";
  if (job.state === "RUNNING") return spinner[Math.floor(nowMs / 100) % spinner.length] ?? "·";
  return "·";
}

function describeState(job: Run, nowMs: number): string {
  if (job.state === "RUNNING") return describeRunning(job, nowMs);
  if (job.state === "FINISHED" || job.state === "ERROR") return describeEnd(job);
  const waits = job.due_at === null ? "" : `, due in ${formatElapsed(Math.max(0, Date.parse(job.due_at) - nowMs))}`;
  return `${job.state}${job.reason === null ? "" : ` (${job.reason})`}${waits}`;
}

function describeEnd(job: Run): string {
  const reason = job.reason === null ? "" : ` (${job.reason})`;
  const took = job.duration_ms === null ? "" : `  ${formatElapsed(job.duration_ms)}`;
  const error = job.error === null ? "" : `  ${job.error.code}: ${printable(job.error.message)}`;
  return `${job.state}${reason}${took}${error}`;
}

function describeRunning(job: Run, nowMs: number): string {
  const elapsedMs = job.started_at === null ? 0 : nowMs - Date.parse(job.started_at);
  const { done = null, total = null, operation = null } = job.progress ?? {};
  const parts = ["RUNNING", formatElapsed(Math.max(0, elapsedMs))];
  if (done !== null && total !== null && total > 0)
    parts.push(`${Math.floor((done / total) * 100)} % of ${formatCount(total)}`);
  else if (done !== null) parts.push(formatCount(done));
  if (done !== null && elapsedMs > 1_000) parts.push(`${formatCount(done / (elapsedMs / 1_000))}/s`);
  const etaMs = done !== null && total !== null && done > 0 ? (elapsedMs / done) * (total - done) : undefined;
  if (etaMs !== undefined && elapsedMs > 1_000) parts.push(`${formatElapsed(etaMs)} left`);
  if (operation !== null) parts.push(printable(operation));
  return parts.join("  ");
}

function running(run: Run, jobs: readonly Run[]): Run[] {
  return (jobs.length === 0 ? [run] : jobs).filter((job) => job.state === "RUNNING");
}
