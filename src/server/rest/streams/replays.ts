// Replays: started, looked at, swapped in and ended.
import type { ReplayPlace, ReplayView } from "../../../api/streams/replay.ts";
import { formatRunId, type RunId } from "../../../core/run-id.ts";
import { replayDataset } from "../../../core/stream/replay.ts";
import type { Handlers } from "../../handler.ts";
import type { MeasuredReplay, ReplayBound } from "../../replay-desk.ts";
import type { ServerServices } from "../../server-services.ts";
import { toInstant, toInstantOrNull } from "../../views/to-instant.ts";

export function createReplayHandlers({
  replays,
}: ServerServices): Handlers<"listReplays" | "showReplay" | "startReplay" | "swapReplay" | "cancelReplay"> {
  return {
    listReplays: async ({ query }) => ({ items: (await replays.list(query.job)).map(toReplayView) }),
    showReplay: async ({ params }) => toReplayView(await replays.find(params.replay)),
    async startReplay({ params, body }, { caller }) {
      const { from, to, name, swap = false, with_effects: withEffects = false } = body;
      const started = await replays.start({
        job: params.job_name,
        from: from === undefined ? "earliest" : toBound(from),
        ...(to === undefined ? {} : { to: toBound(to) }),
        ...(name === undefined ? {} : { name }),
        swap,
        withEffects,
        by: caller.name,
      });
      return toReplayView(started);
    },
    swapReplay: async ({ params }) => toReplayView(await replays.swap(params.replay)),
    cancelReplay: async ({ params }, { caller }) => toReplayView(await replays.cancel(params.replay, caller.name)),
  };
}

function toBound(place: ReplayPlace): ReplayBound {
  return "offset" in place ? place : { timeMs: Date.parse(place.at) };
}

function toReplayView(replay: MeasuredReplay): ReplayView {
  const { id, job, state, done, total, etaMs, positions, withEffects, isSwapWanted, runId, error } = replay;
  return {
    replay: id,
    job_name: job,
    state,
    done,
    total,
    eta: toInstantOrNull(etaMs),
    ranges: replay.ranges.map(({ topic, partition, from, to }, index) => {
      return { topic: topic.name, partition, from, to, offset: positions[index] ?? from };
    }),
    with_effects: withEffects,
    swap: isSwapWanted,
    run_id: runId === undefined ? null : formatRunId(runId as RunId),
    outputs: replay.outputs.map(({ dataset }) => ({ dataset, replay_dataset: replayDataset(dataset, id) })),
    created_at: toInstant(replay.createdAtMs),
    created_by: replay.createdBy,
    ended_at: toInstantOrNull(replay.endedAtMs),
    error: error ?? null,
  };
}
