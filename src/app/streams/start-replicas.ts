// Keeps the workers of a project's streams alive, beside other processes that do the same.
import type { JobStream } from "../../core/stream/job-stream.ts";
import type { StreamLog } from "../../core/stream/stream-log.ts";
import { type KeptJob, ReplicaKeeper } from "../../orchestrator/streams/replica-keeper.ts";
import { toSubmission } from "../../orchestrator/submission/to-submission.ts";
import type { Store } from "../../store/store.ts";
import { type AppParts, warn } from "../app-parts.ts";

/** From the start of the process on. */
export interface RunningReplicas {
  /** Jobs of which a replica fails again and again and is not started any more. */
  readonly crashed: ReadonlySet<string>;
  stop(): Promise<void>;
}

/** Of the jobs as they are now. @param log of the project */
export function startReplicas(
  {
    store,
    clock,
    definitions,
    tenant,
    notifying,
  }: Pick<AppParts, "store" | "clock" | "definitions" | "tenant" | "notifying">,
  log: () => Promise<Pick<StreamLog, "findTopic">>,
): RunningReplicas {
  const keeper = new ReplicaKeeper({
    store,
    clock,
    jobs: keptJobs(definitions),
    toSubmission: (name, options) => toSubmission(definitions.find(name), { ...options, tenant }),
    lagOf: async (stream) => await findLag(store, await log(), stream),
    router: () => notifying.router(),
    onError: warn,
  });
  keeper.start();
  return {
    get crashed() {
      return keeper.crashed;
    },
    stop: () => keeper.stop(),
  };
}

/** Jobs whose runs are kept alive. */
export function keptJobs({ jobs }: Pick<AppParts["definitions"], "jobs">): readonly KeptJob[] {
  return [...jobs.values()].flatMap(({ name, stream }) =>
    stream?.replicas === undefined ? [] : [{ job: name, stream }],
  );
}

/** Records that wait for a group: all that its topics have where it has not begun. */
export async function findLag(
  store: Pick<Store, "findGroup">,
  log: Pick<StreamLog, "findTopic">,
  { group, topics, startAt }: JobStream,
): Promise<number> {
  const found = await store.findGroup(group);
  const offsets = new Map(found?.positions.map((at) => [`${at.topicId}/${at.partition}`, at.offset]));
  let lag = 0;
  for (const { name } of topics) {
    const topic = await log.findTopic(name);
    for (const { partition, start, end } of topic?.bounds ?? []) {
      const begin = startAt === "latest" ? end : start;
      lag += Math.max(0, end - (offsets.get(`${topic?.id}/${partition}`) ?? begin));
    }
  }
  return lag;
}
