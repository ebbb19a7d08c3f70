// How a job with units ends: what could be read is published at once, watermarks move, and units that failed are told of.
import type { DatasetOutput } from "../../core/dataset/dataset.ts";
import { findFailure, messageOfUnit } from "../../core/dataset/failed-units.ts";
import { toDatasetName } from "../../core/dataset/dataset-handle.ts";
import type { EmptyPolicy, SourceReading, UnitOutcome } from "../../core/dataset/source.ts";
import type { Duration } from "../../core/duration.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { JobContext, PublishRequest } from "../../core/job/job-context.ts";
import { type JobOutcome, partial } from "../../core/job/outcome.ts";
import { formatRunId, type RunId } from "../../core/run-id.ts";
import type { Window } from "../../core/schedule/window.ts";
import type { RetryPolicyOptions } from "../../core/recovery/retry-policy.ts";
import { toDatasetOutput } from "../publish/named-request.ts";
import { declaresColumns } from "../sources/source-registry.ts";
import { prepareUnits } from "../units/read-in-units.ts";
import { inputsOf } from "../units/input-options.ts";
import type { UnitOptions } from "../units/unit-options.ts";
import { finishingSource, type SourceEnding } from "./finish-source.ts";
import { publishAsResult, type PublishedResult, unchangedResult } from "./publish-as-result.ts";

/** How a job waits for a source that is not ready. */
export interface SourceWait {
  /** Between two questions; the worker is free meanwhile. */
  readonly every: Duration;
  /** Default: none. */
  readonly timeout?: Duration;
}

/** What a job says of its source besides its options. */
export interface SourceUse {
  readonly wait: SourceWait | undefined;
  /** What requests do there. */
  readonly effect: SourceReading["effect"] | undefined;
  /** How the run is tried again. */
  readonly retry: RetryPolicyOptions | undefined;
}

/** Publishes the rows of all units that are due. */
export async function publishInUnits(
  ctx: JobContext,
  options: UnitOptions,
  request: PublishRequest,
  { wait, effect, retry }: SourceUse,
): Promise<PublishedResult | JobOutcome<PublishedResult>> {
  const output = toDatasetOutput(request.output);
  const run = await prepareUnits(ctx, options, output);
  if (run.adopted !== undefined) tellAdopted(ctx, run.adopted);
  if (run.reading.units?.length === 0) return await publishNothing(ctx, options, request, run.isEmpty);
  if (run.deferred > 0) ctx.log.info(`${run.deferred} units are left for the next run`);
  // rows that take the place of all others must not lack those of a unit
  const { payload } = run.reading;
  const isReplaced = ctx.run.isFullRefresh || isMissed(output);
  const ending: SourceEnding = [];
  const reading = {
    ...run.reading,
    afterwards: (work: SourceEnding[number]) => void ending.push(work),
    ...(effect === undefined ? {} : { effect }),
    isWhole: isReplaced || run.reading.isWhole === true,
  };
  // what was sent is no empty delivery, also when no answer has a row
  const publish = async (): Promise<PublishedResult> =>
    await publishAsResult(ctx, { ...request, ...(payload === undefined ? {} : { onEmpty: "ok" }), reading });
  const result = await finishingSource(ctx, ending, retry, async () => {
    const asked = wait === undefined ? publish() : ctx.waitFor(wait, () => whenReady(publish));
    const published = await asked.catch((error: unknown) => {
      throw reasonOf(error, run.outcomes);
    });
    await run.finish();
    return published;
  });
  const failures = run.outcomes.flatMap(({ key, error }) =>
    error === undefined ? [] : [`${key}: ${messageOfUnit(key, error)}`],
  );
  return failures.length === 0 ? result : partial(result, failures);
}

function tellAdopted(ctx: JobContext, runId: RunId): void {
  ctx.log.info(
    `run \`${formatRunId(runId)}\` had published its rows and ended before that was noted; they count as read, and are not read again`,
  );
}

/** Whether rows that a unit lacks would be taken for rows that there are no longer. */
function isMissed({ mode = "replace", absent }: DatasetOutput): boolean {
  return mode === "replace" || mode === "delete_insert" || mode === "snapshot" || absent === "close";
}

/** Where units failed, no row came for their reason. */
function reasonOf(error: unknown, outcomes: readonly UnitOutcome[]): unknown {
  const isEmpty = error instanceof MillraceError && error.code === "SOURCE_EMPTY";
  return isEmpty ? (findFailure(outcomes) ?? error) : error;
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
  options: UnitOptions,
  request: PublishRequest,
  isEmpty: boolean,
): Promise<PublishedResult> {
  const { output, onEmpty, source } = request;
  const { dataset } = toDatasetOutput(output);
  if (isEmpty) tellEmpty(ctx, describeEmpty(options, ctx.window), onEmpty ?? "fail");
  else ctx.log.info("no unit is due");
  const result = await unchangedResult(ctx, dataset);
  if (!isEmpty || result.version > 0 || source === undefined || !declaresColumns(source)) return result;
  // jobs that read the dataset find it without rows, and not missing
  return await publishAsResult(ctx, { ...request, onEmpty: "ok", reading: { units: [] } });
}

interface EmptyReason {
  readonly message: string;
  readonly hint: string;
}

/** Why there is no unit at all. */
function describeEmpty({ inputs = {}, watermark }: UnitOptions, window: Window | undefined): EmptyReason {
  const [input] = [...inputsOf(inputs, "activation"), ...inputsOf(inputs, "payload")];
  const from = watermark?.kind === "time" ? watermark.from : "";
  if (input === undefined && window !== undefined) {
    return {
      message: `the window begins at \`${window.from}\`, which is later than now, so that nothing is asked for`,
      hint: 'correct the window of the run; set `onEmpty: "ok"` if that is meant',
    };
  }
  if (input === undefined) {
    return {
      message: `time begins at \`${from}\`, which is later than now, so that nothing is asked for`,
      hint: 'correct `from` of the watermark; set `onEmpty: "ok"` if that is meant',
    };
  }
  const [name, { dataset = "", role }] = input;
  return {
    message: `input \`${name}\` has no row, so that nothing is ${role === "payload" ? "sent" : "asked for"}`,
    hint: `look at dataset \`${toDatasetName(dataset)}\`; set \`onEmpty: "ok"\` if that is normal`,
  };
}

/** @throws MillraceError `SOURCE_EMPTY` */
function tellEmpty(ctx: JobContext, { message, hint }: EmptyReason, onEmpty: EmptyPolicy): void {
  if (onEmpty === "fail") throw new MillraceError("SOURCE_EMPTY", message, { hint });
  if (onEmpty === "warn") ctx.log.warn(message);
  else ctx.log.info(message);
}
