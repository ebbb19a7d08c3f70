// Keeps the list of jobs and the timeline as they are now: progress is patched in, all else is asked for again, not too often.
import { useQueryClient } from "@tanstack/react-query";
import type { ProgressMessage, ServerMessage } from "../../api/event-message.ts";
import type { JobOverview } from "../../api/job.ts";
import { useTopic } from "../queries/live.ts";
import { patchLists } from "../queries/use-api.ts";
import { useStale } from "../queries/use-stale.ts";

const refetchEveryMs = 2_000;

/** Follows the topic `jobs` while it is mounted. */
export function useLiveJobs(): void {
  const client = useQueryClient();
  const markStale = useStale(["listJobs", "showTimeline"], refetchEveryMs);
  useTopic("jobs", (messages) => {
    const progress = newestProgress(messages);
    if (progress.size > 0) patchLists(client, "listJobs", (job) => withProgress(job, progress.get(job.job_name)));
    if (messages.some(isNews)) markStale();
  });
}

/** The last message of each job. */
export function newestProgress(messages: readonly ServerMessage[]): ReadonlyMap<string, ProgressMessage> {
  const newest = new Map<string, ProgressMessage>();
  for (const message of messages) if (message.type === "job_progress") newest.set(message.job_name, message);
  return newest;
}

/** The same object when nothing that shows has changed. */
export function withProgress(job: JobOverview, message: ProgressMessage | undefined): JobOverview {
  if (message === undefined) return job;
  const { run_id: runId, percent, eta } = message;
  if (job.current?.run_id === runId && job.current.percent === percent) return job;
  // A run that the list does not know yet comes with the next answer; an older one beside it is not shown.
  if (job.current !== null && job.current.run_id !== runId) return job;
  return { ...job, current: { run_id: runId, percent, eta_p50: eta?.p50 ?? null } };
}

function isNews({ type }: ServerMessage): boolean {
  return !["job_progress", "subscribed", "unsubscribed", "position", "pong", "error"].includes(type);
}
