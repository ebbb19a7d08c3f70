// How a job ends that reads a topic: the records between where its last run ended and the end as it was at the start of this one
// are published, then its watermarks are there. The ranges are the same for all attempts of the run.
import type { DatasetOutput } from "../../core/dataset/dataset.ts";
import type { WatermarkValue } from "../../core/dataset/watermark.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { JobContext, PublishRequest } from "../../core/job/job-context.ts";
import { formatRunId } from "../../core/run-id.ts";
import type { PartitionBounds, TopicState } from "../../core/stream/stream-log.ts";
import type { TopicName } from "../../core/stream/topic-name.ts";
import type { TopicRange } from "../../core/stream/topic-reader.ts";
import { toDatasetOutput } from "../publish/named-request.ts";
import { adoptRead } from "../units/adopt-read.ts";
import { publishAsResult, type PublishedResult, unchangedResult } from "./publish-as-result.ts";

type State = ReadonlyMap<string, WatermarkValue>;

/**
 * Publishes what has come. That nothing has is no empty delivery.
 * @throws MillraceError `OFFSET_OUT_OF_RANGE` when retention has passed the watermark, `TOPIC_CHANGED` when an attempt before read
 *   another topic of the name
 */
export async function publishRecords(
  ctx: JobContext,
  source: TopicName,
  request: PublishRequest,
): Promise<PublishedResult> {
  const output = toDatasetOutput(request.output);
  const topic = await ctx.data.topic(source);
  const read = await ctx.units.loadRead();
  const state = await loadState(ctx, output, read === undefined);
  const ends = read?.ends ?? endsOf(topic);
  const ranges = toRanges(topic, goesOn(output) ? state : new Map(), ends);
  if (read === undefined) {
    tellAnew(ctx, topic, state);
    await ctx.units.saveRead(
      [...ends.keys()].map((key) => ({ key })),
      ends,
    );
  }
  if (goesOn(output) && ranges.length === 0) {
    ctx.log.info(`no record has come in topic \`${topic.name}\``);
    await ctx.units.advance(ends);
    return await unchangedResult(ctx, output.dataset);
  }
  const reading = { ...request.reading, ranges };
  const published = await publishAsResult(ctx, { ...request, onEmpty: "ok", reading });
  await ctx.units.advance(ends);
  return published;
}

/** Whether what is published is added to what is there, so that it is read once. */
function goesOn({ mode = "replace" }: DatasetOutput): boolean {
  return mode !== "replace" && mode !== "snapshot" && mode !== "delete_insert";
}

/** Watermarks, behind what a run has read that ended before it moved them. */
async function loadState(ctx: JobContext, output: DatasetOutput, isFirst: boolean): Promise<State> {
  const known = await ctx.units.load();
  if (!isFirst || output.mode !== "append" || ctx.run.isFullRefresh) return known;
  const { state, adopted } = await adoptRead(ctx, output, known);
  if (adopted !== undefined) {
    ctx.log.info(
      `run \`${formatRunId(adopted)}\` had published its records and ended before that was noted; they count as read`,
    );
  }
  return state;
}

/** Another topic of the same name has watermarks of its own. */
function watermarkOf({ name, id }: Pick<TopicState, "name" | "id">, partition: number): string {
  return `${name}/${partition}@${id}`;
}

function endsOf(topic: TopicState): State {
  return new Map(topic.bounds.map(({ partition, end }) => [watermarkOf(topic, partition), end]));
}

function toRanges(topic: TopicState, state: State, ends: State): readonly TopicRange[] {
  const known = new Map(topic.bounds.map((bounds) => [watermarkOf(topic, bounds.partition), bounds]));
  return [...ends].flatMap(([watermark, end]) => {
    const bounds = known.get(watermark);
    if (bounds === undefined) throw changed(topic);
    const from = firstOf(topic, bounds, state.get(watermark));
    const to = Number(end);
    return from < to ? [{ topic: { name: topic.name, id: topic.id }, partition: bounds.partition, from, to }] : [];
  });
}

function firstOf(topic: TopicState, { partition, start }: PartitionBounds, read: WatermarkValue | undefined): number {
  if (read === undefined) return start;
  const from = Number(read);
  if (from >= start) return from;
  throw new MillraceError(
    "OFFSET_OUT_OF_RANGE",
    `partition ${partition} of topic \`${topic.name}\` is read up to \`${from}\`, and its records begin at: \`${start}\``,
    {
      hint: `retention has passed the job, and records between are lost to it; to go on behind them, set its watermark \`${watermarkOf(topic, partition)}\` to ${start}`,
    },
  );
}

function changed({ name }: TopicState): MillraceError {
  return new MillraceError("TOPIC_CHANGED", `topic \`${name}\` is another one than an attempt before has read`, {
    hint: "it was deleted and made anew; start a new run, which reads the new one from its start",
  });
}

function tellAnew(ctx: JobContext, topic: TopicState, state: State): void {
  const own = [...state.keys()].filter((name) => name.startsWith(`${topic.name}/`));
  if (own.length === 0 || own.some((name) => name.endsWith(`@${topic.id}`))) return;
  ctx.log.warn(`topic \`${topic.name}\` was made anew since the job last read it; it is read from its start`);
}
