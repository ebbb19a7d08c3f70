// Works through the records of one topic, partition by partition.
import type { JobContext } from "../../core/job/job-context.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { reachOf } from "../../core/stream/stream-reach.ts";
import { type RecordsResult, runMember } from "./member-loop.ts";
import { GiveWay } from "../replay/give-way.ts";
import { JointDeliveries } from "../worker/joint-deliveries.ts";
import { PartitionWorker } from "../worker/partition-worker.ts";
import type { StreamExtras } from "../worker/stream-extras.ts";
import { SuspectGate } from "../worker/suspect-gate.ts";
import type { WorkerSettings } from "../worker/worker-settings.ts";

export interface RunRecordsInput {
  readonly ctx: JobContext;
  readonly settings: WorkerSettings;
  readonly extras: StreamExtras;
  /** Ends the run when nothing waited for it for some time. Default: it never ends by itself. */
  readonly isSurplus?: boolean;
}

/** Handles records until the run is to leave. @returns and throws as `runMember` */
export async function runRecords({ ctx, settings, extras, isSurplus }: RunRecordsInput): Promise<RecordsResult> {
  const reach = reachOf(ctx);
  const { group, job, topic: defined, startAt } = settings;
  const gate = new SuspectGate();
  const deliveries = new JointDeliveries(reach.port);
  const giveWay = settings.replay === undefined ? undefined : new GiveWay(reach.clock);
  return await runMember({
    ctx,
    group,
    job,
    topics: [defined],
    startAt,
    extras,
    isSurplus,
    endsWith: settings.replay?.ends.size,
    begin: ({ held, topics, toDelivery }) => {
      const [topic] = topics;
      const position = held.positions.find(({ topicId }) => topicId === topic?.id);
      if (topic === undefined || position === undefined)
        throw new MillraceError("INTERNAL", `no position of topic \`${defined.name}\``);
      const shared = { gate, deliveries, giveWay };
      return new PartitionWorker({ reach, ctx, settings, extras, topic, held, position, toDelivery, ...shared });
    },
  });
}
