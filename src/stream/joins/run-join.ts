// Works through the inputs of a join, partition by partition.
import { MillraceError } from "../../core/errors/errors.ts";
import type { JobContext } from "../../core/job/job-context.ts";
import type { TopicState } from "../../core/stream/stream-log.ts";
import { reachOf } from "../../core/stream/stream-reach.ts";
import { type RecordsResult, runMember } from "../members/member-loop.ts";
import type { StreamExtras } from "../worker/stream-extras.ts";
import { JointDeliveries } from "../worker/joint-deliveries.ts";
import { SuspectGate } from "../worker/suspect-gate.ts";
import { JoinPartition } from "./join-partition.ts";
import type { JoinSettings } from "./join-settings.ts";

export interface RunJoinInput {
  readonly ctx: JobContext;
  readonly settings: JoinSettings;
  readonly extras: StreamExtras;
  /** Ends the run when nothing waited for it for some time. */
  readonly isSurplus: boolean;
}

/** Joins until the run is to leave. @returns and throws as `runMember`, and `TOPIC_MISMATCH` for inputs of unlike partitions */
export async function runJoin({ ctx, settings, extras, isSurplus }: RunJoinInput): Promise<RecordsResult> {
  const { group, job, inputs, startAt } = settings;
  const gate = new SuspectGate();
  const deliveries = new JointDeliveries(reachOf(ctx).port);
  return await runMember({
    ctx,
    group,
    job,
    topics: inputs.map(({ topic }) => topic),
    startAt,
    extras,
    isSurplus,
    check: assertAlike,
    begin: ({ held, topics, toDelivery }) =>
      new JoinPartition({ ctx, settings, extras, topics, held, toDelivery, gate, deliveries }),
  });
}

// What belongs together lies in partitions of the same number only where there are as many.
function assertAlike(topics: readonly TopicState[]): void {
  const [first, ...others] = topics;
  const unlike = others.find(({ bounds }) => bounds.length !== first?.bounds.length);
  if (first === undefined || unlike === undefined) return;
  throw new MillraceError(
    "TOPIC_MISMATCH",
    `expected topics of a join to have as many partitions: \`${first.name}\` has ${first.bounds.length}, \`${unlike.name}\` has \`${unlike.bounds.length}\``,
    { hint: "raise `partitions` of the topic that has fewer" },
  );
}
