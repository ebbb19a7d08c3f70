// The settings of a worker that handles the records of a replay: those of its job, in a group of its own and up to an end.
import { MillraceError } from "../../core/errors/errors.ts";
import type { JobContext } from "../../core/job/job-context.ts";
import { reachOf } from "../../core/stream/stream-reach.ts";
import type { WorkerSettings } from "../worker/worker-settings.ts";

/** @throws MillraceError `REPLAY_UNKNOWN` | `REPLAY_CLOSED` when it is cancelled */
export async function toReplaySettings(ctx: JobContext, settings: WorkerSettings): Promise<WorkerSettings> {
  const id = ctx.run.replay?.id ?? "";
  const replay = await reachOf(ctx).port.findReplay(id);
  if (replay === undefined) throw new MillraceError("REPLAY_UNKNOWN", `no replay is called \`${id}\``);
  if (replay.state !== "running") {
    throw new MillraceError("REPLAY_CLOSED", `expected replay \`${id}\` to be running, it is: \`${replay.state}\``);
  }
  const ends = new Map(replay.ranges.map(({ partition, to }) => [partition, to]));
  if (!replay.withEffects)
    ctx.log.info("records are replayed: what handlers produce is dropped, and connections are off");
  return { ...settings, group: id, replay: { ends, withEffects: replay.withEffects } };
}
