// A job whose runs each work through one batch of a topic. The batch was made by the scheduler and is the run's for ever; the group
// is past it when the handler has ended, in one transaction with the mark that it is done.
import { z } from "zod";
import { MillraceError } from "../../core/errors/errors.ts";
import { defineJob, type Job, withStream } from "../../core/job/job.ts";
import type { JobContext } from "../../core/job/job-context.ts";
import { type JobInput, jobInputs } from "../../core/job/job-inputs.ts";
import { type JobOptions, jobOptionsSpec, parseJobOptions } from "../../core/job/job-options.ts";
import { type DatasetReference, datasetReferences } from "../../core/dataset/dataset-handle.ts";
import { callback, choice } from "../../core/spec/option-values.ts";
import { refusal } from "../../core/spec/parse-options.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import { type BatchRecord, parseBatchId } from "../../core/stream/batch.ts";
import { type StoreDefinition, storesOption } from "../../core/stream/store.ts";
import type { JobStream } from "../../core/stream/job-stream.ts";
import { reachOf } from "../../core/stream/stream-reach.ts";
import { type Topic, topicOption } from "../../core/stream/topic.ts";
import { openExtras } from "../worker/stream-extras.ts";
import { type Batch, createBatch } from "./batch.ts";
import { type BatchContext, createBatchContext } from "./batch-context.ts";
import type { BatchParams } from "./batch-params.ts";
import { type BatchTriggerOptions, batchSpec, toTrigger } from "./batch-options.ts";

/** A job of batches. */
export interface BatchJobDefinition<
  Name extends string = string,
  Value = unknown,
  Config = unknown,
  Returned = unknown,
> extends Omit<JobOptions<Name, Config>, "params" | "schedule" | "sla"> {
  readonly topic: Topic<string, Value>;
  /** When what has come makes a batch. */
  readonly batch: BatchTriggerOptions;
  /** Where it begins in a topic that it has never read. Default `earliest`. */
  readonly startAt?: "earliest" | "latest";
  /** Datasets and topics that its queries read beside `batch`. */
  readonly inputs?: readonly JobInput[];
  /** Datasets that it publishes. */
  readonly outputs?: readonly DatasetReference[];
  /**
   * Works through a batch, in one run for each. Queries of `ctx.sql` and `ctx.data.publish` read it under the name `batch`, with the
   * columns `_key`, `_partition`, `_offset` and `_time`. A failed run is tried again with the same records, also by `millrace retry`.
   */
  readonly handle: (batch: Batch<Value>, ctx: BatchContext<Config>) => Returned;
  /** Stores that `handle` looks into with `ctx.store`. It waits until they hold what their topics had when the run began. */
  readonly stores?: readonly StoreDefinition[];
}

type OwnOptions = Pick<BatchJobDefinition, "batch" | "startAt" | "inputs" | "outputs" | "stores"> & {
  readonly topic: Topic;
  readonly handle: (batch: Batch, ctx: BatchContext) => unknown;
};

export const batchJobSpec: Spec<OwnOptions & JobOptions> = defineSpec<OwnOptions, JobOptions>(jobOptionsSpec)(() => ({
  topic: topicOption().describe("what `defineTopic` returns"),
  batch: batchSpec.schema.describe(
    "when what has come makes a batch, whichever is first: `records`, `bytes`, `age` of its first record, `cron` with `timezone`",
  ),
  startAt: choice(["earliest", "latest"])
    .default("earliest")
    .describe("where it begins in a topic that it has never read"),
  inputs: jobInputs().default([]).describe("datasets and topics that its queries read beside `batch`"),
  outputs: datasetReferences().default([]).describe("datasets that it publishes"),
  handle: callback<OwnOptions["handle"]>().describe(
    "works through a batch, in a run for each; a retry gets the same records",
  ),
  stores: storesOption()
    .default([])
    .describe(
      "stores that `handle` looks into with `ctx.store`; it waits until they hold what their topics had when the run began",
    ),
}));

const params: z.ZodType<BatchParams> = z.object({ batch: z.string() });

/**
 * Defines a job that takes the records of a topic in batches.
 * @throws MillraceError `JOB_INVALID` | `VALUE_INVALID` when the definition is wrong
 */
export function batchJob<const Name extends string, Value, Config = unknown, Returned = unknown>(
  definition: BatchJobDefinition<Name, Value, Config, Returned>,
): Job<Name, BatchParams, Awaited<Returned>> {
  const where = `job \`${definition.name}\``;
  assertOwnRuns(where, parseJobOptions(batchJobSpec, definition));
  const { topic, batch: trigger, startAt = "earliest", handle, inputs = [], outputs = [], ...more } = definition;
  const { stores = [], ...common } = more;
  const stream: JobStream = {
    kind: "batches",
    group: definition.name,
    topics: [topic],
    produces: [],
    stores,
    replicas: undefined,
    trigger: toTrigger(where, trigger),
    startAt,
  };
  const job = defineJob({
    ...common,
    params,
    inputs,
    outputs,
    execute: async (ctx) => {
      await using extras = await openExtras(ctx, { stores });
      return await runBatch(stream, ctx, async (given) => {
        await extras.whenReady(ctx.signal);
        return await handle(given as Batch<Value>, createBatchContext(ctx, extras));
      });
    },
  });
  // the type of the result is that of the handler's
  const withCode = Object.freeze({ ...job, codeText: () => [String(handle)] });
  return withStream(withCode, stream) as unknown as Job<Name, BatchParams, Awaited<Returned>>;
}

/** Its runs are made by the scheduler, and given their batch. */
function assertOwnRuns(where: string, options: JobOptions): void {
  for (const option of ["params", "schedule", "sla"] as const) {
    if (options[option] === undefined) continue;
    throw refusal(where, [option], "left out: its runs are made when a batch is full", undefined);
  }
}

/** @returns what the handler of the batch returned, also where an attempt before has come that far */
async function runBatch(
  stream: JobStream,
  ctx: JobContext<unknown, BatchParams>,
  handle: (batch: Batch) => unknown,
): Promise<unknown> {
  const { log, port, payloads, leftOut, signal, logger, run, code } = reachOf(ctx);
  const record = await findOwn(stream, ctx);
  // An attempt before ended the batch and was lost before its run had ended.
  if (record.state === "done") return record.result;
  const topics = new Map(stream.topics.map((topic) => [topic.name, topic]));
  const batch = createBatch(record, { reader: log, topics, payloads, leftOut, signal });
  const returned = await handle(batch);
  // What an attempt before has published or kept in steps is not read again, and may have left records out.
  if (run.attempt > 1 || run.epoch > 1) await readThrough(batch);
  const deadLetters = leftOut.list(code);
  if (deadLetters.length > 0) logger.warn(`${deadLetters.length} records of the batch do not fit and are dead letters`);
  await port.endBatch(record.group, record.number, returned, deadLetters);
  return returned;
}

async function readThrough(batch: Batch): Promise<void> {
  for await (const record of batch.records()) void record;
}

/** @throws MillraceError `PARAMS_INVALID` | `BATCH_UNKNOWN` | `BATCH_CLOSED` */
async function findOwn(stream: JobStream, ctx: JobContext<unknown, BatchParams>): Promise<BatchRecord> {
  const { port, run } = reachOf(ctx);
  const id = parseBatchId(ctx.params.batch);
  if (id === undefined || id.group !== (ctx.run.replay?.id ?? stream.group)) {
    const message = `expected \`batch\` to be a batch of group \`${stream.group}\`, got: \`${ctx.params.batch}\``;
    throw new MillraceError("PARAMS_INVALID", message, { hint: "runs of such a job are made when a batch is full" });
  }
  const record = await port.findBatch(id.group, id.number);
  if (record === undefined) {
    throw new MillraceError("BATCH_UNKNOWN", `no batch is called \`${ctx.params.batch}\``, {
      hint: "runs of such a job are made when a batch is full",
    });
  }
  if (record.runId === run.id && record.state !== "given_up") return record;
  throw new MillraceError(
    "BATCH_CLOSED",
    `batch \`${ctx.params.batch}\` is not this run's, it is: \`${record.state}\``,
    {
      hint: "its records are done or were left out; nothing is to be done for it",
    },
  );
}
