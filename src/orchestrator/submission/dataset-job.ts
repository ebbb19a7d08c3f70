// The job that does what people decide about datasets: rows in quarantine are let in or dropped, a dataset is made as if it
// had never been published. A run, so that its history says who did it, and so that it is finished although its worker dies.
import { z } from "zod";
import type { DatasetOutput } from "../../core/dataset/dataset.ts";
import type { Duration } from "../../core/duration.ts";
import type { ResetPlan } from "../../core/dataset/dataset-reset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { datasetJobName } from "../../core/job/built-in-job-names.ts";
import { defineJob, type Job } from "../../core/job/job.ts";
import type { JobContext } from "../../core/job/job-context.ts";
import type { ChosenRows } from "../../core/dataset/quarantine.ts";
import type { StateStore } from "../../store/state/state-store.ts";
import { planReset, type ResetStore } from "./plan-reset.ts";

/** What the composition root lends to the job. */
export interface DatasetJobServices {
  readonly store: ResetStore & Pick<StateStore, "assertForgettable" | "forgetDatasets">;
  /** Removes the tables of datasets that are about to be forgotten; doing it again is harmless. */
  readonly deleteTables: (plan: ResetPlan) => Promise<void>;
  /** How a job publishes its dataset; `undefined` where only its code tells, or where there is no such job. */
  readonly findOutput: (job: string) => DatasetOutput | undefined;
}

/** Params of its runs. */
export interface DatasetJobParams {
  readonly action: "release" | "discard" | "reset" | "rekey" | "vacuum" | "optimize";
  readonly dataset: string;
  /** Version of the quarantine. */
  readonly version?: number | undefined;
  readonly run?: string | undefined;
  readonly check?: string | undefined;
  readonly where?: Readonly<Record<string, string | null>> | undefined;
  /** Of a vacuum: a duration. */
  readonly retain?: string | undefined;
  readonly force?: boolean | undefined;
  /** Of an optimization: columns, and a size. */
  readonly sort?: readonly string[] | undefined;
  readonly target_size?: string | undefined;
  readonly dry_run?: boolean | undefined;
  /** Why, for the history. */
  readonly reason?: string | undefined;
}

const paramsSchema: z.ZodType<DatasetJobParams> = z.object({
  action: z.enum(["release", "discard", "reset", "rekey", "vacuum", "optimize"]),
  dataset: z.string(),
  version: z.int().optional(),
  run: z.string().optional(),
  check: z.string().optional(),
  where: z.record(z.string(), z.string().nullable()).optional(),
  retain: z.string().optional(),
  force: z.boolean().optional(),
  sort: z.array(z.string()).optional(),
  target_size: z.string().optional(),
  dry_run: z.boolean().optional(),
  reason: z.string().optional(),
});

/** Makes the job. */
export function createDatasetJob(services: DatasetJobServices): Job<typeof datasetJobName> {
  return defineJob({
    name: datasetJobName,
    description:
      "what people decide about datasets: rows in quarantine that are let in or dropped, resets, newer keys, care for their files",
    purpose: "utility",
    params: paramsSchema,
    // one decision after the other: a reset must not meet a release
    concurrency: 1,
    retry: { maxRetries: 3, baseDelay: "10s" },
    execute: async (ctx) => {
      const { action } = ctx.params;
      if (action === "reset") return await reset(services, ctx);
      if (action === "vacuum" || action === "optimize") return await care(ctx, action);
      return action === "rekey" ? await rekey(services, ctx) : await resolve(ctx);
    },
  });
}

async function resolve(ctx: JobContext<unknown, DatasetJobParams>): Promise<Readonly<Record<string, unknown>>> {
  const { action, dataset, version, run, check, where } = ctx.params;
  if (version === undefined) throw new MillraceError("PARAMS_INVALID", "expected `version` of the quarantine");
  const chosen: ChosenRows = {
    dataset,
    version,
    ...(run === undefined ? {} : { run }),
    ...(check === undefined ? {} : { check }),
    ...(where === undefined ? {} : { where }),
  };
  if (action === "discard")
    return { action, dataset, ...(await ctx.step("remove", () => ctx.data.quarantine.remove(chosen))) };
  // A step each: an attempt that comes after a crash finds rows that are published already and only takes them out.
  const released = await ctx.step("release", async () => {
    const { rows, dataset: published } = await ctx.data.quarantine.release(chosen);
    return { rows, version: published.version };
  });
  const { unresolved } = await ctx.step("remove", () => ctx.data.quarantine.remove(chosen));
  return { action, dataset, ...released, unresolved };
}

/**
 * The store forgets last, because until then it knows what there is to delete: a reset that fails, or that a run gets between,
 * can be done again from its beginning.
 */
async function reset(
  { store, deleteTables }: DatasetJobServices,
  ctx: JobContext<unknown, DatasetJobParams>,
): Promise<Readonly<Record<string, unknown>>> {
  const { dataset } = ctx.params;
  const plan = await ctx.step("delete", async () => {
    const planned = await planReset(store, dataset);
    await store.assertForgettable(planned);
    await deleteTables(planned);
    return planned;
  });
  const forgotten = await ctx.step("forget", () => store.forgetDatasets(plan));
  return { action: "reset", dataset, ...forgotten, tables: plan.tables.length };
}

/** Nothing that a run of its job publishes meanwhile is overwritten: the rows become visible only while none executes. */
async function rekey(
  { store, findOutput }: DatasetJobServices,
  ctx: JobContext<unknown, DatasetJobParams>,
): Promise<Readonly<Record<string, unknown>>> {
  const { dataset } = ctx.params;
  const { job } = await ctx.data.dataset(dataset);
  const output = findOutput(job);
  if (output?.dataset !== dataset) throw unknownOutput(dataset, job);
  const rekeyed = await ctx.step("rekey", () =>
    ctx.data.rekey({
      job,
      output,
      assertUnchanged: ({ version, runId }) =>
        store.assertForgettable({ datasets: [dataset], jobs: [job], newest: [{ dataset, version, runId }] }),
    }),
  );
  return { action: "rekey", dataset, ...rekeyed };
}

/** Either can be done again from its beginning, so that no step remembers it. */
async function care(
  ctx: JobContext<unknown, DatasetJobParams>,
  action: "vacuum" | "optimize",
): Promise<Readonly<Record<string, unknown>>> {
  const { dataset, retain, force, sort, target_size: targetSize, dry_run: dryRun } = ctx.params;
  const done =
    action === "vacuum"
      ? await ctx.data.vacuum(dataset, { retain: retain as Duration | undefined, force, dryRun })
      : await ctx.data.optimize(dataset, { sort, targetSize, dryRun });
  return { action, dataset, ...done };
}

function unknownOutput(dataset: string, job: string): MillraceError {
  const message = `only the code of job \`${job}\` tells how dataset \`${dataset}\` is published`;
  return new MillraceError("TARGET_UNSUPPORTED", message, {
    hint: `\`millrace run ${job} --full-refresh\` encrypts its rows with the newest key`,
  });
}
