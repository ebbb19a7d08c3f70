// Shows a run while it goes on: bars in place on a terminal, else a line for each change and one every ten seconds.
import type { RunId } from "../../core/run-id.ts";
import type { RunSummary } from "../../store/rows/run-records.ts";
import { formatCount, formatElapsed } from "./format-value.ts";
import { cut } from "./table.ts";
import { printable, type Terminal } from "./terminal.ts";

/** Draws looks at a run and its jobs. */
export interface RunProgress {
  show(run: RunSummary, jobs: readonly RunSummary[], nowMs: number): void;
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
  const seen = new Map<RunId, string>();
  let lastLineAtMs = 0;
  return {
    show(run, jobs, nowMs) {
      for (const job of jobs.length === 0 ? [run] : jobs) {
        const state = describeState(job, nowMs);
        const stage = `${job.state} ${job.reason ?? ""} ${job.attempt}`;
        if (seen.get(job.id) === stage || (job.state === "PENDING" && job.reason === "waiting_upstream")) continue;
        seen.set(job.id, stage);
        lastLineAtMs = nowMs;
        terminal.note(`${job.job}: ${state}`);
      }
      if (nowMs - lastLineAtMs < plainEveryMs) return;
      lastLineAtMs = nowMs;
      for (const job of running(run, jobs)) terminal.note(`${job.job}: ${describeState(job, nowMs)}`);
    },
    finish: () => undefined,
  };
}

function createBars(terminal: Terminal): RunProgress {
  let drawnLines = 0;
  let drawnAtMs = 0;
  let latest: (() => string[]) | undefined;
  const draw = (lines: readonly string[]): void => {
    const up = drawnLines > 1 ? `\u001b[${drawnLines - 1}A` : "";
    const text = lines.map((line) => `\r\u001b[K${line}`).join("\n");
    terminal.draw(`${up}${text}\u001b[J`);
    drawnLines = lines.length;
  };
  return {
    show(run, jobs, nowMs) {
      latest = () => barLines(terminal, run, jobs, nowMs);
      if (nowMs - drawnAtMs < redrawEveryMs) return;
      drawnAtMs = nowMs;
      draw(latest());
    },
    finish() {
      if (latest === undefined) return;
      draw(latest());
      terminal.draw("\n");
    },
  };
}

function barLines(terminal: Terminal, run: RunSummary, jobs: readonly RunSummary[], nowMs: number): string[] {
  const width = terminal.width - 1;
  const shown = jobs.length === 0 ? [run] : mostRelevant(jobs, terminal.height - 3);
  const lines = shown.map((job) =>
    cut(`${mark(job, nowMs)} ${printable(job.job).padEnd(26)} ${describeState(job, nowMs)}`, width),
  );
  if (jobs.length === 0) return lines;
  const ended = jobs.filter((job) => job.finishedAtMs !== undefined).length;
  const filled = Math.round((ended / jobs.length) * barWidth);
  const bar = `${"█".repeat(filled)}${"░".repeat(barWidth - filled)}`;
  const elapsed = formatElapsed((run.finishedAtMs ?? nowMs) - (run.startedAtMs ?? run.createdAtMs));
  const percent = `${Math.floor((ended / jobs.length) * 100)} %`;
  return [...lines, cut(`${bar} ${percent}  ${ended} of ${jobs.length} jobs  ${elapsed}`, width)];
}

// Drawing in place works only for what fits the screen: of many jobs those at work, then those that ended last.
function mostRelevant(jobs: readonly RunSummary[], limit: number): readonly RunSummary[] {
  if (jobs.length <= limit) return jobs;
  const rank = (job: RunSummary): number => {
    if (job.state === "RUNNING") return Number.MAX_VALUE;
    return job.finishedAtMs ?? 0;
  };
  const kept = new Set(jobs.toSorted((a, b) => rank(b) - rank(a)).slice(0, Math.max(1, limit)));
  return jobs.filter((job) => kept.has(job));
}

function mark(job: RunSummary, nowMs: number): string {
  if (job.state === "FINISHED") return job.reason === "skipped" ? "↷" : "✓";
  if (job.state === "ERROR") return "✗";
  if (job.state === "RUNNING") return spinner[Math.floor(nowMs / 100) % spinner.length] ?? "·";
  return "·";
}

function describeState(job: RunSummary, nowMs: number): string {
  if (job.state === "RUNNING") return describeRunning(job, nowMs);
  if (job.state === "FINISHED" || job.state === "ERROR") return describeEnd(job);
  const waits = job.runAtMs === undefined ? "" : `, due in ${formatElapsed(Math.max(0, job.runAtMs - nowMs))}`;
  return `${job.state}${job.reason === undefined ? "" : ` (${job.reason})`}${waits}`;
}

function describeEnd(job: RunSummary): string {
  const reason = job.reason === undefined ? "" : ` (${job.reason})`;
  const took =
    job.startedAtMs === undefined || job.finishedAtMs === undefined
      ? ""
      : `  ${formatElapsed(job.finishedAtMs - job.startedAtMs)}`;
  const error = job.error === undefined ? "" : `  ${job.error.code}: ${printable(job.error.message)}`;
  return `${job.state}${reason}${took}${error}`;
}

function describeRunning(job: RunSummary, nowMs: number): string {
  const elapsedMs = nowMs - (job.startedAtMs ?? nowMs);
  const { done, total, operation } = job.progress ?? {};
  const parts = ["RUNNING", formatElapsed(Math.max(0, elapsedMs))];
  if (done !== undefined && total !== undefined && total > 0)
    parts.push(`${Math.floor((done / total) * 100)} % of ${formatCount(total)}`);
  else if (done !== undefined) parts.push(formatCount(done));
  if (done !== undefined && elapsedMs > 1_000) parts.push(`${formatCount(done / (elapsedMs / 1_000))}/s`);
  const etaMs = done !== undefined && total !== undefined && done > 0 ? (elapsedMs / done) * (total - done) : undefined;
  if (etaMs !== undefined && elapsedMs > 1_000) parts.push(`${formatElapsed(etaMs)} left`);
  if (operation !== undefined) parts.push(printable(operation));
  return parts.join("  ");
}

function running(run: RunSummary, jobs: readonly RunSummary[]): RunSummary[] {
  return (jobs.length === 0 ? [run] : jobs).filter((job) => job.state === "RUNNING");
}
