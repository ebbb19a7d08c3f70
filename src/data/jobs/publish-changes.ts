// How a job ends that reads changes: the versions since its last run are published, then its watermark is at the last of them.
import type { DatasetReference } from "../../core/dataset/dataset-handle.ts";
import { toDatasetName } from "../../core/dataset/dataset-handle.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { JobContext, PublishRequest } from "../../core/job/job-context.ts";
import { toDatasetOutput } from "../publish/named-request.ts";
import { publishAsResult, type PublishedResult, unchangedResult } from "./publish-as-result.ts";

/** Publishes what changed in a dataset. Versions without a changed row are no empty delivery. */
export async function publishChanges(
  ctx: JobContext,
  changed: DatasetReference,
  request: PublishRequest,
): Promise<PublishedResult> {
  const watermark = ctx.watermark();
  const after = toVersion(await watermark.load());
  const newest = (await ctx.data.dataset(changed)).locations[0]?.version;
  if (newest === undefined || (after !== undefined && after > newest)) {
    // reading says what is wrong
    return await publishAsResult(ctx, { ...request, reading: toReading(request, after, newest ?? 0) });
  }
  if (after === newest) {
    ctx.log.info(`nothing has changed in dataset \`${toDatasetName(changed)}\` since version ${after}`);
    return await unchangedResult(ctx, toDatasetOutput(request.output).dataset);
  }
  const upTo = Number(await watermark.readUpTo(newest));
  const published = await publishAsResult(ctx, { ...request, onEmpty: "ok", reading: toReading(request, after, upTo) });
  await watermark.advance(upTo);
  return published;
}

function toReading(
  { reading }: PublishRequest,
  after: number | undefined,
  upTo: number,
): NonNullable<PublishRequest["reading"]> {
  return { ...reading, changes: { ...(after === undefined ? {} : { after }), upTo } };
}

/** @throws MillraceError `VALUE_INVALID` for a watermark that a person has set to something else */
function toVersion(value: string | number | undefined): number | undefined {
  if (value === undefined || (typeof value === "number" && Number.isInteger(value))) return value;
  throw new MillraceError(
    "VALUE_INVALID",
    `expected the watermark to be a version of the table's log, got: \`${value}\``,
  );
}
