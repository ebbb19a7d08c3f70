// Makes batches of what has come in topics. Any number of processes may watch; the store lets each batch be made once. No record is
// held while a batch fills: what is known of it is how much has come since the group stood there.
import { classifyError } from "../../core/errors/classify-error.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { type BatchLog, type BatchSize, formatBatchId, uniteSizes } from "../../core/stream/batch.ts";
import type { JobStream } from "../../core/stream/job-stream.ts";
import type { TopicRange } from "../../core/stream/topic-reader.ts";
import type { Window } from "../../core/schedule/window.ts";
import type { Json, Submission } from "../../store/rows/run-records.ts";
import type { BatchSight, BatchStore } from "../../store/streams/batches/batch-store.ts";
import { type BatchDecision, decideBatch, decideReplayBatch } from "./decide-batch.ts";
import { FillMeter } from "./fill-meter.ts";
import type { ReplayOfBatches, ReplayWatch } from "./replay-watch.ts";

/** A job that takes records in batches. */
export interface BatchJob {
  readonly job: string;
  readonly stream: JobStream;
}

export interface BatchRunOptions {
  readonly params: Readonly<Record<string, Json>> & { readonly batch: string };
  /** Of a replay, whose runs go after all others. */
  readonly isLast?: boolean;
  readonly window: Window | undefined;
  readonly createdBy: "batch";
}

export interface BatchWatchOptions {
  readonly store: Pick<BatchStore, "lookAtBatches" | "openBatch" | "findBatch" | "passHoles" | "reopenBatch">;
  readonly log: BatchLog;
  readonly jobs: readonly BatchJob[];
  /** What is replayed beside, looked at before each look. */
  readonly replays?: Pick<ReplayWatch, "look">;
  readonly toSubmission: (job: string, options: BatchRunOptions) => Submission;
  /** Told what keeps a job from its batches, once until it is over. */
  readonly onError: (error: MillraceError) => void;
}

interface WatchedJob extends BatchJob {
  readonly replay?: Pick<ReplayOfBatches["replay"], "ranges" | "params">;
}

/** Looks when it is told to. */
export class BatchWatch {
  readonly #options: BatchWatchOptions;
  readonly #meter: FillMeter;
  readonly #told = new Map<string, string>();

  constructor(options: BatchWatchOptions) {
    this.#options = options;
    this.#meter = new FillMeter((ranges) => options.log.measure(ranges));
  }

  /**
   * A few questions, however many jobs there are.
   * @returns whether a batch was made
   * @throws MillraceError when the store or the log cannot be reached
   */
  async look(): Promise<boolean> {
    const { store, log } = this.#options;
    const { batches: replays = [], held = new Set() } = (await this.#options.replays?.look()) ?? {};
    const jobs: readonly WatchedJob[] = [...this.#options.jobs, ...replays];
    if (jobs.length === 0) return false;
    const names = [...new Set(jobs.flatMap(({ stream }) => stream.topics.map(({ name }) => name)))];
    const topics = new Map((await log.findTopics(names)).map((topic) => [topic.name, topic]));
    const groups = jobs.map(({ job, stream }) => ({
      group: stream.group,
      job,
      startAt: stream.startAt,
      topics: stream.topics.flatMap(({ name }) => topics.get(name) ?? []),
    }));
    const { seenAtMs, sights: seen } = await store.lookAtBatches(groups);
    const sights = seen.map((sight) => toRangesOf(jobs, sight));
    let isMade = await this.#reopen(jobs, sights);
    const filling = sights.filter((sight) => this.#isFilling(sight) && !held.has(sight.group));
    const sizes = await this.#meter.measure(filling);
    for (const sight of filling) {
      const found = jobs.find(({ stream }) => stream.group === sight.group);
      const size = sizes.get(sight.group);
      if (found === undefined) continue;
      try {
        if (size === undefined) await this.#passHoles(sight);
        else if (await this.#decide(found, sight, size, seenAtMs)) isMade = true;
        this.#told.delete(sight.group);
      } catch (error) {
        // A job that gets no batch must not keep the others from theirs.
        this.#tell(sight.group, classifyError(error));
      }
    }
    return isMade;
  }

  /** What waits is offsets alone, without a record. */
  async #passHoles({ group, waiting }: BatchSight): Promise<void> {
    const holes = waiting.filter(isFilled);
    if (holes.length > 0) await this.#options.store.passHoles(group, holes);
  }

  /** A batch whose run is gone, as when history was removed by hand, gets another one with the same records. */
  async #reopen(jobs: readonly WatchedJob[], sights: readonly BatchSight[]): Promise<boolean> {
    const { store } = this.#options;
    let isMade = false;
    for (const { group, open } of sights) {
      const found = jobs.find(({ stream }) => stream.group === group);
      if (open?.isRunGone !== true || found === undefined) continue;
      const { number } = open;
      const batch = await store.findBatch(group, number);
      if (batch === undefined) continue;
      const submission = this.#toSubmission(found, group, number, toWindow(batch));
      if ((await store.reopenBatch({ group, number, submission })) !== undefined) isMade = true;
    }
    return isMade;
  }

  #toSubmission({ job, replay }: WatchedJob, group: string, number: number, window: Window | undefined): Submission {
    return this.#options.toSubmission(job, {
      params: { batch: formatBatchId({ group, number }), ...replay?.params },
      ...(replay === undefined ? {} : { isLast: true }),
      window,
      createdBy: "batch",
    });
  }

  #isFilling({ group, open, changedTopics }: BatchSight): boolean {
    const [changed] = changedTopics;
    if (changed !== undefined) this.#tell(group, topicChanged(group, changed));
    return open === undefined && changed === undefined;
  }

  #tell(group: string, error: MillraceError): void {
    if (this.#told.get(group) === error.message) return;
    this.#told.set(group, error.message);
    this.#options.onError(error);
  }

  async #decide(watched: WatchedJob, sight: BatchSight, size: BatchSize, seenAtMs: number): Promise<boolean> {
    const { job, stream, replay } = watched;
    const { store, log } = this.#options;
    const { group, lastNumber } = sight;
    const decision = toDecision(stream, replay !== undefined, size, seenAtMs);
    if (decision === undefined) return false;
    const ranges = await log.cut(sight.waiting.filter(isFilled), decision.limits);
    const taken = uniteSizes((await log.measure(ranges)).filter((part) => part !== undefined));
    if (taken === undefined) return false;
    const number = lastNumber + 1;
    const { because } = decision;
    const submission = this.#toSubmission(watched, group, number, toWindow(taken));
    return (await store.openBatch({ ...taken, group, number, job, because, ranges, submission })) !== undefined;
  }
}

function toDecision(
  { trigger }: JobStream,
  isReplay: boolean,
  size: BatchSize,
  seenAtMs: number,
): BatchDecision | undefined {
  if (trigger === undefined) return undefined;
  return isReplay ? decideReplayBatch(trigger, size) : decideBatch(trigger, size, seenAtMs);
}

/** What waits of a replay ends where its ranges do. */
function toRangesOf(jobs: readonly WatchedJob[], sight: BatchSight): BatchSight {
  const replay = jobs.find(({ stream }) => stream.group === sight.group)?.replay;
  if (replay === undefined) return sight;
  const ends = new Map(replay.ranges.map(({ topic, partition, to }) => [`${topic.id}/${partition}`, to]));
  const waiting = sight.waiting.map((range) => {
    const end = ends.get(`${range.topic.id}/${range.partition}`) ?? range.from;
    return { ...range, to: Math.max(range.from, Math.min(range.to, end)) };
  });
  return { ...sight, waiting };
}

/** The event times of a batch, where they are known. */
function toWindow({ minTimeMs, maxTimeMs }: Pick<BatchSize, "minTimeMs" | "maxTimeMs">): Window | undefined {
  if (minTimeMs === undefined || maxTimeMs === undefined) return undefined;
  return { from: new Date(minTimeMs).toISOString(), to: new Date(maxTimeMs + 1).toISOString() };
}

function isFilled({ from, to }: TopicRange): boolean {
  return from < to;
}

function topicChanged(group: string, topic: string): MillraceError {
  return new MillraceError(
    "TOPIC_CHANGED",
    `topic \`${topic}\` was deleted and made again since group \`${group}\` read it; no batch is made of it`,
    { hint: "say where the group is to go on with `millrace group seek`, or delete the group" },
  );
}
