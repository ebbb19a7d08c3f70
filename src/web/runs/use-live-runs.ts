// Keeps the list of runs as it is now: what a message says of a run that is shown is patched in; new ones come with the next answer.
import { useQueryClient } from "@tanstack/react-query";
import type { ServerMessage } from "../../api/event-message.ts";
import type { Run } from "../../api/run.ts";
import { useTopic } from "../queries/live.ts";
import { patchLists } from "../queries/use-api.ts";
import { useStale } from "../queries/use-stale.ts";

const refetchEveryMs = 3_000;

/** Follows runs while it is mounted: root runs, or all of them with `children`. */
export function useLiveRuns(children: boolean): void {
  const client = useQueryClient();
  const markStale = useStale(["listRuns"], refetchEveryMs);
  useTopic(children ? "runs" : "jobs", (messages) => {
    const byRun = Map.groupBy(messages.filter(isOfRun), (message) => message.run_id);
    if (byRun.size > 0) patchLists(client, "listRuns", (run) => applyMessages(run, byRun.get(run.run_id)));
    // States change the list's order and what the filter finds; progress does not.
    if (messages.some(({ type }) => type === "resync" || (type.startsWith("job_") && type !== "job_progress")))
      markStale();
  });
}

/** The same object when nothing that shows has changed. */
export function applyMessages(run: Run, messages: readonly OfRun[] | undefined): Run {
  return (messages ?? []).reduce(applyMessage, run);
}

type OfRun = Extract<ServerMessage, { readonly run_id: string }>;

function isOfRun(message: ServerMessage): message is OfRun {
  return "run_id" in message;
}

function applyMessage(run: Run, message: OfRun): Run {
  if (message.type === "job_progress") {
    const { percent, operation, done, total, rate, eta } = message;
    return { ...run, progress: { percent, operation, done, total, rate, eta } };
  }
  const isEnd = message.type === "job_completed" || message.type === "job_error";
  const next = { ...run, state: message.state, reason: "reason" in message && isEnd ? message.reason : null };
  if (message.type === "job_started")
    return { ...next, attempt: message.attempt, started_at: run.started_at ?? message.at, finished_at: null };
  if (isEnd) return { ...next, finished_at: message.at };
  if (message.type === "job_retry_scheduled") return { ...next, reason: "waiting_retry", due_at: message.due_at };
  return run.state === message.state ? run : next;
}
