// How a job with units ends: what could be read is published at once, watermarks move, and units that failed are told of.
import { toDatasetName } from "../../core/dataset/dataset-handle.ts";
import type { Duration } from "../../core/duration.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { JobContext, PublishRequest } from "../../core/job/job-context.ts";
import { type JobOutcome, partial } from "../../core/job/outcome.ts";
import { toDatasetOutput } from "../publish/named-request.ts";
import { prepareUnits } from "../units/read-in-units.ts";
import type { UnitOptions } from "../units/unit-options.ts";
import { publishAsResult, type PublishedResult } from "./publish-as-result.ts";

/** How a job waits for a source that is not ready. */
export interface SourceWait {
  /** Between two questions; the worker is free meanwhile. */
  readonly every: Duration;
  /** Default: none. */
  readonly timeout?: Duration;
}

/** Publishes the rows of all units that are due. */
export async function publishInUnits(
  ctx: JobContext,
  options: UnitOptions,
  request: PublishRequest,
  wait: SourceWait | undefined,
): Promise<PublishedResult | JobOutcome<PublishedResult>> {
  const run = await prepareUnits(ctx, options);
  if (run.reading.units?.length === 0) return await publishNothing(ctx, options, request, run.isEmpty);
  if (run.deferred > 0) ctx.log.info(`${run.deferred} units are left for the next run`);
  // rows that take the place of all others must not lack those of a unit
  const isReplaced = ctx.run.isFullRefresh || (toDatasetOutput(request.output).mode ?? "replace") === "replace";
  const reading = { ...run.reading, isWhole: isReplaced || run.reading.isWhole === true };
  const publish = async (): Promise<PublishedResult> => await publishAsResult(ctx, { ...request, reading });
  const result = wait === undefined ? await publish() : await ctx.waitFor(wait, () => whenReady(publish));
  await run.finish();
  const failures = run.outcomes.flatMap(({ key, error }) => (error === undefined ? [] : [`${key}: ${error.message}`]));
  return failures.length === 0 ? result : partial(result, failures);
}

/** `undefined` while the service works. */
async function whenReady(publish: () => Promise<PublishedResult>): Promise<PublishedResult | undefined> {
  try {
    return await publish();
  } catch (error) {
    if (error instanceof MillraceError && error.code === "SOURCE_PENDING") return undefined;
    throw error;
  }
}

/** Nothing is due, or nothing is there to be asked for, which is told apart. */
async function publishNothing(
  ctx: JobContext,
  { inputs = {} }: UnitOptions,
  { output, onEmpty }: PublishRequest,
  isEmpty: boolean,
): Promise<PublishedResult> {
  const { dataset } = toDatasetOutput(output);
  const [activation] = Object.entries(inputs).filter(([, { role }]) => role === "activation");
  if (isEmpty && onEmpty === "fail") {
    const [name, input] = activation ?? ["", undefined];
    throw new MillraceError("SOURCE_EMPTY", `input \`${name}\` has no row, so that nothing is asked for`, {
      hint: `look at dataset \`${toDatasetName(input?.dataset ?? "")}\`; set \`onEmpty: "ok"\` if that is normal`,
    });
  }
  ctx.log.info(isEmpty ? "no unit: the activation has no row" : "no unit is due");
  const { version, rowCount } = await latest(ctx, dataset);
  return { dataset, version, changed: false, rows: 0, rowCount, quarantined: 0 };
}

async function latest(
  ctx: JobContext,
  dataset: string,
): Promise<{ readonly version: number; readonly rowCount: number }> {
  try {
    return await ctx.data.dataset(dataset);
  } catch (error) {
    if (error instanceof MillraceError && error.code === "DATASET_UNKNOWN") return { version: 0, rowCount: 0 };
    throw error;
  }
}
