// Says when a job that works through topics starts: what keeps its runs alive, or what makes its batches.
import { countOf } from "../../core/count-of.ts";
import { formatRunId } from "../../core/run-id.ts";
import type { JobStream } from "../../core/stream/job-stream.ts";
import type { Store } from "../../store/store.ts";
import { decideReplicas } from "../streams/decide-replicas.ts";
import { toReplicaRun } from "../streams/replica-keeper.ts";
import type { WaitExplanation } from "./explain-wait.ts";

/** Newest runs that are looked at for failures in a row. */
const lookedAtRuns = 200;

/** In place of a schedule, which such a job has not. */
export async function explainStreamJob(
  store: Pick<Store, "listRuns" | "readClockMs">,
  job: string,
  { replicas, topics }: JobStream,
): Promise<WaitExplanation> {
  const names = topics.map(({ name }) => `\`${name}\``).join(", ");
  if (replicas === undefined) {
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

const needsScheduler = "`millrace server` or `millrace dev` has a scheduler; one has to run";
