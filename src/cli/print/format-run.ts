// A run in a few words: its state with the reason, how long it took, what it wrote.
import type { Run } from "../../api/run.ts";
import { formatCount, formatElapsed } from "./format-value.ts";
import type { Style, Terminal } from "./terminal.ts";

/** `ERROR (checks_failed)`; a reason that only repeats the state is left out. */
export function formatState({ state, reason }: Pick<Run, "state" | "reason">): string {
  return reason === null || reason === "failed" ? state : `${state} (${reason})`;
}

/** Colours the text of a state, or of anything that begins with one. */
export function paintState(terminal: Terminal): (text: string, cell: string) => string {
  return (text, cell) => {
    const style = stateStyles[cell.split(" ", 1)[0] as Run["state"]];
    return style === undefined ? text : terminal.styleOut(cell === "FINISHED (partial)" ? "yellow" : style, text);
  };
}

const stateStyles: Readonly<Partial<Record<Run["state"], Style>>> = {
  RUNNING: "cyan",
  FINISHED: "green",
  ERROR: "red",
  PAUSED: "yellow",
};

/** How long the run took from its first start, or has been going; empty before that and while it waits for another attempt. */
export function formatRunTime(run: Pick<Run, "state" | "started_at" | "finished_at">, nowMs: number): string {
  const { state, started_at: startedAt, finished_at: finishedAt } = run;
  if (startedAt === null) return "";
  // A run that waits for another attempt has a start, but nothing is going on.
  if (finishedAt === null && state !== "RUNNING") return "";
  const endMs = finishedAt === null ? nowMs : Date.parse(finishedAt);
  return formatElapsed(Math.max(0, endMs - Date.parse(startedAt)));
}

/** Rows that the run wrote, when its result says so. */
export function formatRows({ written }: Pick<Run, "written">): string {
  return typeof written?.rows === "number" ? formatCount(written.rows) : "";
}

/** What is worth knowing beside the state: `unchanged`, `11 quarantined`, `attempt 2`, progress. */
export function formatRunNote(run: Run): string {
  const notes: string[] = [];
  const { changed, quarantined } = run.written ?? {};
  if (changed === false) notes.push("unchanged");
  if (typeof quarantined === "number" && quarantined > 0) notes.push(`${formatCount(quarantined)} quarantined`);
  if (run.attempt > 1) notes.push(`attempt ${run.attempt}`);
  if (run.state === "RUNNING") notes.push(...describeProgress(run.progress));
  if (run.error !== null) notes.push(run.error.code);
  return notes.join(", ");
}

function describeProgress(progress: Run["progress"]): readonly string[] {
  const { done = null, total = null, operation = null } = progress ?? {};
  const counted =
    done === null ? [] : [total === null ? formatCount(done) : `${formatCount(done)} of ${formatCount(total)}`];
  return operation === null ? counted : [...counted, operation];
}
