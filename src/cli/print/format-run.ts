// A run in a few words: its state with the reason, how long it took, what it wrote.
import type { RunSummary } from "../../store/rows/run-records.ts";
import { formatCount, formatElapsed } from "./format-value.ts";
import type { Style, Terminal } from "./terminal.ts";

/** `ERROR (checks_failed)`; a reason that only repeats the state is left out. */
export function formatState({ state, reason }: Pick<RunSummary, "state" | "reason">): string {
  return reason === undefined || reason === "failed" ? state : `${state} (${reason})`;
}

/** Colours the text of a state, or of anything that begins with one. */
export function paintState(terminal: Terminal): (text: string, cell: string) => string {
  return (text, cell) => {
    const style = stateStyles[cell.split(" ", 1)[0] as RunSummary["state"]];
    return style === undefined ? text : terminal.styleOut(cell === "FINISHED (partial)" ? "yellow" : style, text);
  };
}

const stateStyles: Readonly<Partial<Record<RunSummary["state"], Style>>> = {
  RUNNING: "cyan",
  FINISHED: "green",
  ERROR: "red",
  PAUSED: "yellow",
};

/** How long the run took from its first start, or has been going; empty before that and while it waits for another attempt. */
export function formatRunTime(run: RunSummary, nowMs: number): string {
  if (run.startedAtMs === undefined) return "";
  // A run that waits for another attempt has a start, but nothing is going on.
  if (run.finishedAtMs === undefined && run.state !== "RUNNING") return "";
  return formatElapsed(Math.max(0, (run.finishedAtMs ?? nowMs) - run.startedAtMs));
}

/** Rows that the run wrote, when its result says so. */
export function formatRows({ result }: Pick<RunSummary, "result">): string {
  const { rows } = resultFields(result);
  return typeof rows === "number" ? formatCount(rows) : "";
}

/** What is worth knowing beside the state: `unchanged`, `11 quarantined`, `attempt 2`, progress. */
export function formatRunNote(run: RunSummary): string {
  const notes: string[] = [];
  const { changed, quarantined } = resultFields(run.result);
  if (changed === false) notes.push("unchanged");
  if (typeof quarantined === "number" && quarantined > 0) notes.push(`${formatCount(quarantined)} quarantined`);
  if (run.attempt > 1) notes.push(`attempt ${run.attempt}`);
  const { done, total, operation } = (run.state === "RUNNING" ? run.progress : undefined) ?? {};
  if (done !== undefined)
    notes.push(total === undefined ? formatCount(done) : `${formatCount(done)} of ${formatCount(total)}`);
  if (operation !== undefined) notes.push(operation);
  if (run.error !== undefined) notes.push(run.error.code);
  return notes.join(", ");
}

/** Fields of a result that is an object; jobs that publish return one, others may return anything. */
export function resultFields(result: RunSummary["result"]): Readonly<Record<string, unknown>> {
  return typeof result === "object" && result !== null && !Array.isArray(result)
    ? (result as Readonly<Record<string, unknown>>)
    : {};
}
