// The state of a topic for a client that begins, as the REST routes give it.
import type { ServerMessage, Topic } from "../../api/event-message.ts";
import type { Caller, CallContext, Handlers } from "../handler.ts";

export type Snapshot = Pick<Extract<ServerMessage, { readonly type: "snapshot" }>, "jobs" | "runs">;

/** @throws MillraceError `RUN_UNKNOWN` | `JOB_UNKNOWN` */
export type ReadSnapshot = (topic: Topic, caller: Caller) => Promise<Snapshot | undefined>;

/** Jobs as the home screen has them, and the newest runs of lists. */
const maxJobs = 500;
const maxRuns = 50;

/** Reads by the handlers of the routes. */
export function createSnapshotReader({
  listJobs,
  listRuns,
  showRun,
}: Handlers<"listJobs" | "listRuns" | "showRun">): ReadSnapshot {
  return async (topic, caller) => {
    const context: CallContext = { caller, signal: new AbortController().signal, requestId: "events" };
    const none = { params: undefined, query: undefined, body: undefined };
    if (topic === "jobs") {
      const { items } = await listJobs({ ...none, query: { limit: maxJobs } }, context);
      return { jobs: items };
    }
    if (topic.startsWith("run:")) {
      return { runs: [await showRun({ ...none, params: { run_id: topic.slice("run:".length) } }, context)] };
    }
    const query =
      topic === "runs" ? { children: true, limit: maxRuns } : { job: topic.slice("job:".length), limit: maxRuns };
    const { items } = await listRuns({ ...none, query }, context);
    return { runs: items };
  };
}
