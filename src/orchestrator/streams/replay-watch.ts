// Moves replays on: from records that are not done to a result that is ready, and through a swap. A swap holds the live group between
// two of its batches, lets the replay come exactly to where that stands, and then has one run make the result the datasets.
import type { MillraceError } from "../../core/errors/errors.ts";
import { classifyError } from "../../core/errors/classify-error.ts";
import type { RunId } from "../../core/run-id.ts";
import { isTerminal } from "../../core/job/run-state.ts";
import type { JobStream } from "../../core/stream/job-stream.ts";
import { type ReplayRecord } from "../../core/stream/replay.ts";
import { replayParam } from "../../core/stream/replay-param.ts";
import type { TopicRange } from "../../core/stream/topic-reader.ts";
import type { Json, Submission } from "../../store/rows/run-records.ts";
import type { Store } from "../../store/store.ts";

export interface ReplayWatchOptions {
  readonly store: Pick<Store, "listReplays" | "changeReplay" | "findGroup" | "findRun">;
  /** Streams of the project's jobs, by the names of these. */
  readonly streams: ReadonlyMap<string, JobStream>;
  /** The run that makes the result of a replay the datasets. */
  readonly toSwap: (replay: ReplayRecord) => Submission;
  readonly onError: (error: MillraceError) => void;
}

/** What batches are to know of replays. */
export interface ReplaySight {
  /** Replays that batches are to be made of. */
  readonly batches: readonly ReplayOfBatches[];
  /** Live groups that get no batch now. */
  readonly held: ReadonlySet<string>;
}

/** A replay as the stream of a job. */
export interface ReplayOfBatches {
  readonly job: string;
  readonly stream: JobStream;
  readonly replay: { readonly ranges: readonly TopicRange[]; readonly params: Readonly<Record<string, Json>> };
}

/** Looks when it is told to; any number of processes may. */
export class ReplayWatch {
  readonly #options: ReplayWatchOptions;

  constructor(options: ReplayWatchOptions) {
    this.#options = options;
  }

  /** One question where nothing is replayed. @throws MillraceError when the store cannot be reached */
  async look(): Promise<ReplaySight> {
    const batches: ReplayOfBatches[] = [];
    const held = new Set<string>();
    for (const replay of await this.#options.store.listReplays({ isActive: true })) {
      const stream = this.#options.streams.get(replay.job);
      if (stream === undefined) continue;
      try {
        if (await this.#moveOn(replay, stream)) held.add(stream.group);
      } catch (error) {
        this.#options.onError(classifyError(error));
      }
      if (stream.kind === "batches" && !isDone(replay)) batches.push(toBatches(replay, stream));
    }
    return { batches, held };
  }

  /** @returns whether the live group is to get no batch */
  async #moveOn(replay: ReplayRecord, stream: JobStream): Promise<boolean> {
    if (replay.state === "swapping") return await this.#swap(replay, stream);
    if (stream.kind !== "batches" && (await this.#fails(replay))) return false;
    if (!isDone(replay)) return false;
    const to = replay.isSwapWanted ? "swapping" : "ready";
    await this.#options.store.changeReplay(replay.id, { from: "running", to });
    return false;
  }

  /** A run that cannot go on leaves its replay as failed. */
  async #fails({ id, state, runId }: ReplayRecord): Promise<boolean> {
    const run = runId === undefined ? undefined : await this.#options.store.findRun(runId as RunId);
    if (run === undefined || !isTerminal(run.state) || run.state === "FINISHED") return false;
    const error = run.error?.message ?? `its run ended as ${run.state}`;
    await this.#options.store.changeReplay(id, { from: state, to: "failed", error });
    return true;
  }

  async #swap(replay: ReplayRecord, stream: JobStream): Promise<boolean> {
    const { store, toSwap } = this.#options;
    const { id, runId, ranges } = replay;
    if (runId !== undefined) {
      if (await this.#fails(replay)) return false;
      const run = await store.findRun(runId as RunId);
      const isSwapped = run?.state === "FINISHED";
      if (isSwapped) await store.changeReplay(id, { from: "swapping", to: "swapped" });
      return !isSwapped;
    }
    const live = await store.findGroup(stream.group);
    const stands = new Map(live?.positions.map((at) => [`${at.topicId}/${at.partition}`, at.offset]));
    const moved = ranges.map((range) => {
      const to = stands.get(`${range.topic.id}/${range.partition}`);
      return to === undefined ? range : { ...range, to };
    });
    // before what is replayed the live group goes on
    if (moved.some(({ to }, index) => to < (ranges[index]?.to ?? 0))) return false;
    if (moved.some(({ to }, index) => to > (ranges[index]?.to ?? 0))) {
      await store.changeReplay(id, { from: "swapping", to: "swapping", ranges: moved });
    } else if (isDone(replay)) {
      const standing = { group: stream.group, ranges };
      await store.changeReplay(id, { from: "swapping", to: "swapping", submission: toSwap(replay), standing });
    }
    return true;
  }
}

function isDone({ ranges, positions }: ReplayRecord): boolean {
  return ranges.every(({ to }, index) => (positions[index] ?? 0) >= to);
}

function toBatches({ id, job, ranges, withEffects }: ReplayRecord, stream: JobStream): ReplayOfBatches {
  const replay = { ranges, params: { [replayParam]: { id, withEffects } } };
  return { job, stream: { ...stream, group: id, startAt: "earliest" }, replay };
}
