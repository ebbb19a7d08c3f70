// The job of a world, and what its handler does with each record: hands it on, fails for a while or until it is mended, or ends its process.
import { z } from "zod";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import type { Job } from "../../../src/core/job/job.ts";
import { defineTopic, type Topic } from "../../../src/core/stream/topic.ts";
import { streamJob } from "../../../src/stream/jobs/stream-job.ts";
import type { StreamContext } from "../../../src/stream/worker/stream-context.ts";
import type { Process } from "./stream-member.ts";
import { never } from "./stream-network.ts";
import type { StreamPlan, StreamValue } from "./stream-plan.ts";

const valueSchema = z.object({
  id: z.string(),
  key: z.string(),
  fate: z.enum(["fine", "flaky", "bad", "poison"]),
  ms: z.number(),
});

/** What is handed on of a record. */
const copySchema = z.object({
  id: z.string(),
  key: z.string(),
  partition: z.number(),
  offset: z.number(),
});

export interface Copied {
  readonly id: string;
  readonly key: string;
  readonly partition: number;
  readonly offset: number;
}

export const copies: Topic<"copies", Copied, Copied> = defineTopic({
  name: "copies",
  partitions: 2,
  schema: copySchema,
  key: ({ key }) => key,
});

export function ordersOf(partitions: number): Topic<"orders", StreamValue, StreamValue> {
  return defineTopic({ name: "orders", partitions, schema: valueSchema, key: ({ key }) => key });
}

/** What handlers of a world share. */
export interface HandlerWorld {
  /** Whether what was bad is mended. */
  isMended(): boolean;
  onPoison(place: string): void;
}

/** The job as one process has it. */
export function copyJob(plan: StreamPlan, process: Process, world: HandlerWorld, partitions: number): Job {
  return streamJob({
    name: "copy",
    topic: ordersOf(partitions),
    lanes: plan.lanes,
    onFailure: plan.onFailure,
    deadLetter: { after: plan.deadLetterAfter, wait: "100ms" },
    handle: (value, ctx) => {
      if (value.ms === 0) return handle(value, ctx, process, world);
      return process.clock.sleep(value.ms).then(() => handle(value, ctx, process, world));
    },
  });
}

function handle(value: StreamValue, ctx: StreamContext, process: Process, world: HandlerWorld): unknown {
  const { partition, offset, tries } = ctx.record;
  ctx.produce(copies, [{ id: value.id, key: value.key, partition, offset }]);
  if (value.fate === "poison") {
    world.onPoison(`${partition}/${offset}`);
    process.crash();
    return never;
  }
  if (value.fate === "flaky" && tries === 0) throw new MillraceError("SERVICE_UNAVAILABLE", "not yet");
  if (value.fate === "bad" && !world.isMended()) throw new MillraceError("JOB_FAILED", "the code is wrong");
  return undefined;
}
