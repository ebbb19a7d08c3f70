// Says when a job that works through topics starts: what keeps its runs alive, or what makes its batches.
import { countOf } from "../../core/count-of.ts";
import { formatRunId } from "../../core/run-id.ts";
import { formatBatchId } from "../../core/stream/batch.ts";
import type { JobStream } from "../../core/stream/job-stream.ts";
import type { Store } from "../../store/store.ts";
import type { OpenBatch } from "../../store/streams/batches/batch-store.ts";
import { decideReplicas } from "../streams/decide-replicas.ts";
import { toReplicaRun } from "../streams/replica-keeper.ts";
import type { WaitExplanation } from "./explain-wait.ts";

/** Newest runs that are looked at for failures in a row. */
const lookedAtRuns = 200;

/** In place of a schedule, which such a job has not. */
export async function explainStreamJob(
  store: Pick<Store, "listOpenBatches" | "listRuns" | "readClockMs">,
  job: string,
  { group, replicas, topics }: JobStream,
): Promise<WaitExplanation> {
  const names = topics.map(({ name }) => `\`${name}\``).join(", ");
  if (replicas === undefined) {
    const open = (await store.listOpenBatches()).find((batch) => batch.group === group);
    if (open !== undefined) return explainOpenBatch(open);
    return { summary: `starts when what has come in ${names} makes a batch`, details: [], remedy: needsScheduler };
  }
  const runs = (await store.listRuns({ job, rootsOnly: true, limit: lookedAtRuns })).map(toReplicaRun);
  const partitions = Math.max(1, ...topics.map((topic) => topic.partitions));
  const { crashed } = decideReplicas({ replicas, partitions, lag: 0, runs, nowMs: await store.readClockMs() });
  const [first] = crashed;
  if (first !== undefined) {
    return {
      summary: "is not started again, because its runs fail before they have handled a record",
      details: crashed.map(
        ({ replica, runId, failures }) =>
          `replica ${replica} failed ${failures} times in a row, last as ${formatRunId(runId)}`,
      ),
      remedy: `correct what ${formatRunId(first.runId)} says, then \`millrace start ${job} --param replica=${first.replica}\``,
    };
  }
  const { min, max } = replicas;
  const many = min === max ? countOf(min, "run") : `${min} to ${countOf(max, "run")}`;
  return {
    summary: `works through ${names} with ${many}, which schedulers keep alive`,
    details: [],
    remedy: needsScheduler,
  };
}

function explainOpenBatch({ group, number, runId, run }: OpenBatch): WaitExplanation {
  const id = formatBatchId({ group, number });
  const name = formatRunId(runId);
  if (run === "unfinished")
    return { summary: `gets its next batch when batch \`${id}\` is done, which is with ${name}`, details: [] };
  const said = run === "ended" ? `${name} has ended without it` : `${name} is gone`;
  return {
    summary: `gets no more batches, because batch \`${id}\` is not done and nobody works on it: ${said}`,
    details: ["batches follow one another, so what comes later waits in the topic"],
    remedy:
      run === "ended"
        ? `\`millrace retry ${name}\`, which gets the same records, or \`millrace batch give-up ${id}\` to go on behind them`
        : "the next look of a scheduler gives the batch to a new run",
  };
}

const needsScheduler = "`millrace server` or `millrace dev` has a scheduler; one has to run";
