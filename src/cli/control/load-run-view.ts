// A run with the jobs in it and the end of its history: what `millrace show` and the report of `millrace run` print.
import type { Run, RunDetail, RunEventRecord } from "../../api/run.ts";
import { parseRunId } from "../../core/run-id.ts";
import type { ControlCalls } from "./control-plane.ts";
import { readPages } from "./read-pages.ts";

export interface RunView {
  readonly run: RunDetail;
  /** All jobs of a pipeline run, in order; none for a job run. */
  readonly jobs: readonly Run[];
  /** The last ones of the run and its jobs, oldest first. */
  readonly events: readonly RunEventRecord[];
  /** What a run waits for that has given its worker back, in words. */
  readonly wait?: string;
}

const maxEvents = 10;

/** @throws MillraceError `RUN_UNKNOWN` | `SERVER_UNREACHABLE` */
export async function loadRunView(plane: ControlCalls, runId: string): Promise<RunView> {
  const params = { run_id: runId };
  const run = await plane.call("showRun", { params });
  const [jobs, { items: events }] = await Promise.all([
    run.kind === "job" ? [] : listJobs(plane, runId),
    plane.call("listRunEvents", { params, query: { tail: true, limit: maxEvents } }),
  ]);
  if (run.reason !== "waiting_poll") return { run, jobs, events };
  return { run, jobs, events, wait: (await plane.call("explainRun", { params })).summary };
}

/** The same document for every command that prints a run with all that belongs to it. */
export function toRunViewJson({ run, jobs, events }: RunView): object {
  return { ...run, jobs, events };
}

async function listJobs(plane: ControlCalls, runId: string): Promise<readonly Run[]> {
  const params = { run_id: runId };
  const { items } = await readPages((query) =>
    plane.call("listChildren", { params, query: { ...query, result: true } }),
  );
  return items.toSorted((left, right) => parseRunId(left.run_id) - parseRunId(right.run_id));
}
