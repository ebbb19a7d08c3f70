// What people do with replays: start one over a range that is fixed then, look how far it is, swap its result in, or end it.
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { suggest } from "../../core/errors/suggest.ts";
import type { Job } from "../../core/job/job.ts";
import type { RunId } from "../../core/run-id.ts";
import type { JobStream } from "../../core/stream/job-stream.ts";
import { replayId, replayNamePattern, replayProgress, type ReplayRecord } from "../../core/stream/replay.ts";
import type { StreamLog, TopicState } from "../../core/stream/stream-log.ts";
import { replayParam } from "../../core/stream/replay-param.ts";
import type { TopicRange } from "../../core/stream/topic-reader.ts";
import { toSubmission } from "../../orchestrator/submission/to-submission.ts";
import type { Definitions } from "../../project/definitions.ts";
import type { MeasuredReplay, ReplayBound, ReplayDesk, StartReplayCall } from "../../server/replay-desk.ts";
import type { Submission } from "../../store/rows/run-records.ts";
import type { Store } from "../../store/store.ts";

export interface ReplayDeskParts {
  readonly store: Pick<
    Store,
    "startReplay" | "listReplays" | "findReplay" | "changeReplay" | "findGroup" | "listBatches" | "control"
  >;
  readonly clock: Pick<Clock, "now">;
  readonly tenant: string;
  readonly definitions: () => Definitions;
  readonly log: () => Promise<StreamLog>;
}

/** Lower is sooner: everything else goes before a replay. */
const lastPriority = 1_000;

/** Replays of a project. */
export function createReplayDesk(parts: ReplayDeskParts): ReplayDesk {
  const { store, clock } = parts;
  const view = (replay: ReplayRecord): MeasuredReplay => toView(replay, clock.now());
  const find = async (id: string): Promise<ReplayRecord> => (await store.findReplay(id)) ?? unknownReplay(id);
  return {
    start: async (request) => view(await start(parts, request)),
    list: async (job) => (await store.listReplays(job === undefined ? {} : { job })).map(view),
    find: async (id) => view(await find(id)),
    async swap(id) {
      const replay = await find(id);
      assertSwappable(streamOf(parts, replay.job));
      if (!(await store.changeReplay(id, { from: "ready", to: "swapping" }))) throw closed(replay, "ready");
      return view(await find(id));
    },
    async cancel(id, by) {
      const replay = await find(id);
      const isOpen = ["running", "ready", "swapping"].includes(replay.state);
      if (!isOpen || !(await store.changeReplay(id, { from: replay.state, to: "cancelled" })))
        throw closed(replay, "open");
      await stopRuns(parts, replay, by);
      return view(await find(id));
    },
  };
}

/** The submission, behind everything else that waits. */
export function asLast(submission: Submission): Submission {
  return { ...submission, runs: submission.runs.map((run) => ({ ...run, priority: lastPriority })) };
}

async function start(parts: ReplayDeskParts, request: StartReplayCall): Promise<ReplayRecord> {
  const { store, definitions, tenant } = parts;
  const { job, swap, withEffects, by } = request;
  const stream = streamOf(parts, job);
  if (swap) assertSwappable(stream);
  if (swap && request.to !== undefined) {
    throw new MillraceError(
      "VALUE_INVALID",
      "a replay that is swapped in ends where the live group stands, got: `to`",
      {
        hint: "leave one of them out: the dataset would lack what came later",
      },
    );
  }
  const id = replayId(job, request.name ?? String((await store.listReplays({ job })).length + 1));
  if (request.name !== undefined && !replayNamePattern.test(request.name)) {
    throw new MillraceError(
      "VALUE_INVALID",
      `expected a name of lower case letters, digits and \`_\`, got: \`${request.name}\``,
    );
  }
  const ranges = await fixRanges(await parts.log(), stream, request, await standing(parts, stream, swap));
  const params = { [replayParam]: { id, withEffects } };
  const submission = asLast(toSubmission(definitions().find(job), { params, createdBy: by, tenant }));
  // A job of batches gets a run for each, as batches are made of the range.
  const run = stream.kind === "batches" ? {} : { submission };
  return await store.startReplay({ id, job, ranges, withEffects, isSwapWanted: swap, createdBy: by, ...run });
}

/** Where the live group stands, by topic and partition, for a replay that is to end there. */
async function standing(
  { store }: ReplayDeskParts,
  stream: JobStream,
  isWanted: boolean,
): Promise<ReadonlyMap<string, number>> {
  const group = isWanted ? await store.findGroup(stream.group) : undefined;
  return new Map(group?.positions.map(({ topicId, partition, offset }) => [`${topicId}/${partition}`, offset]));
}

async function fixRanges(
  log: StreamLog,
  stream: JobStream,
  { from, to }: StartReplayCall,
  ends: ReadonlyMap<string, number>,
): Promise<readonly TopicRange[]> {
  const ranges: TopicRange[] = [];
  for (const { name } of stream.topics) {
    const topic = await log.findTopic(name);
    if (topic === undefined)
      throw new MillraceError("TOPIC_UNKNOWN", `nothing was ever produced into topic \`${name}\``);
    for (const { partition, start, end } of topic.bounds) {
      const first = from === "earliest" ? start : await offsetOf(log, topic, partition, from);
      const last =
        to === undefined ? (ends.get(`${topic.id}/${partition}`) ?? end) : await offsetOf(log, topic, partition, to);
      if (first < start) throw passed(topic, partition, first, start);
      const bound = Math.min(last, end);
      ranges.push({ topic: { name, id: topic.id }, partition, from: Math.min(first, bound), to: bound });
    }
  }
  return ranges;
}

async function offsetOf(log: StreamLog, topic: TopicState, partition: number, bound: ReplayBound): Promise<number> {
  return "offset" in bound ? bound.offset : await log.offsetAt(topic, partition, bound.timeMs);
}

async function stopRuns({ store }: ReplayDeskParts, { id, runId }: ReplayRecord, by: string): Promise<void> {
  const [batch] = await store.listBatches({ group: id, limit: 1 });
  const open = batch?.state === "open" ? [batch.runId] : [];
  for (const run of [...(runId === undefined ? [] : [runId]), ...open]) {
    await store.control({ action: "stop", target: { runId: run as RunId }, by, reason: `replay ${id} is cancelled` });
  }
}

function streamOf({ definitions }: ReplayDeskParts, name: string): JobStream {
  const { jobs } = definitions();
  const job: Job | undefined = jobs.get(name);
  if (job === undefined)
    throw new MillraceError("JOB_UNKNOWN", `no job is named \`${name}\`${suggest(name, [...jobs.keys()])}`);
  const { stream, purpose } = job;
  if (stream === undefined || stream.kind === "join") {
    const what = stream === undefined ? "works through no topic" : "joins topics";
    throw new MillraceError("REPLAY_UNSUPPORTED", `job \`${name}\` ${what}, and cannot be replayed`, {
      hint: "jobs that handle records or batches of a topic can be",
    });
  }
  if (purpose === "egression" || purpose === "initiation") {
    throw new MillraceError("REPLAY_UNSUPPORTED", `job \`${name}\` sends what changes something elsewhere`, {
      hint: "what it has sent would be sent again",
    });
  }
  return stream;
}

function assertSwappable(stream: JobStream): void {
  if (stream.kind === "batches") return;
  throw new MillraceError("REPLAY_UNSUPPORTED", `job \`${stream.group}\` publishes no dataset that could be swapped`, {
    hint: "jobs of batches publish datasets",
  });
}

function toView(replay: ReplayRecord, nowMs: number): MeasuredReplay {
  const { done, total } = replayProgress(replay);
  const isRunning = replay.state === "running" && done > 0;
  const etaMs = isRunning ? nowMs + ((nowMs - replay.createdAtMs) * (total - done)) / done : undefined;
  return { ...replay, done, total, etaMs };
}

function unknownReplay(id: string): never {
  throw new MillraceError("REPLAY_UNKNOWN", `no replay is called \`${id}\``, {
    hint: "`millrace replay list` shows them",
  });
}

function closed({ id, state }: ReplayRecord, expected: string): MillraceError {
  return new MillraceError("REPLAY_CLOSED", `expected replay \`${id}\` to be ${expected}, it is: \`${state}\``);
}

function passed({ name }: TopicState, partition: number, offset: number, start: number): MillraceError {
  const message = `partition ${partition} of topic \`${name}\` begins at ${start}, got: \`${offset}\``;
  return new MillraceError("OFFSET_OUT_OF_RANGE", message, {
    hint: "records before were dropped by the retention of the topic; begin at `earliest`",
  });
}
