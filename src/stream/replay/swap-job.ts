// The run that makes the result of a replay the datasets of its job: each in one step of the protocol by which anything is published.
import { z } from "zod";
import { MillraceError } from "../../core/errors/errors.ts";
import { swapJobName } from "../../core/job/built-in-job-names.ts";
import { defineJob, type Job } from "../../core/job/job.ts";
import type { DatasetOutput } from "../../core/dataset/dataset.ts";
import { replayDataset } from "../../core/stream/replay.ts";
import { reachOf } from "../../core/stream/stream-reach.ts";
import { toRefreshOutput } from "../../data/publish/refresh-output.ts";

/**
 * Its runs are started by replays. Readers of a dataset see all rows of before or all of the replay; of several datasets each is
 * swapped by itself, one after the other.
 */
export function createSwapJob(): Job {
  return defineJob({
    name: swapJobName,
    description: "makes the result of a replay the datasets of its job",
    purpose: "utility",
    params: z.object({ replay: z.string() }),
    async execute(ctx) {
      const { replay: id } = ctx.params;
      const replay = await reachOf(ctx).port.findReplay(id);
      if (replay?.state !== "swapping") throw notSwapping(id, replay?.state);
      for (const output of replay.outputs) {
        const from = replayDataset(output.dataset, id);
        // What the job said when it published; only its rows are others.
        const refreshed = toRefreshOutput(output as DatasetOutput);
        await ctx.data.publish({ sql: `select * from "${from}"`, inputs: [from], output: refreshed as never });
      }
      return { replay: id, datasets: replay.outputs.map(({ dataset }) => dataset) };
    },
  });
}

function notSwapping(id: string, state: string | undefined): MillraceError {
  return new MillraceError("REPLAY_CLOSED", `no swap of replay \`${id}\` is under way, it is: \`${state ?? "gone"}\``, {
    hint: "start it with `millrace replay swap`",
  });
}
