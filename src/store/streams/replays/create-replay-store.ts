// Replays over scripts.
import { MillraceError } from "../../../core/errors/errors.ts";
import type { Submission } from "../../rows/run-records.ts";
import type { ScriptRunner } from "../../rows/script-runner.ts";
import { prepareSubmission, type PreparedSubmission } from "../../submit/prepare-submission.ts";
import type { ReplayStore } from "./replay-store.ts";
import { changeReplay, findReplay, listReplays, noteReplayOutput, startReplay } from "./replays.ts";

/** What is replayed, and how far it is. */
export function createReplayStore({ read, write, announce }: ScriptRunner): ReplayStore {
  return {
    startReplay: async ({ submission, ...replay }) => {
      const prepared = { ...replay, submission: prepare(submission) };
      await write(({ nowMs }) => startReplay(prepared, nowMs));
      if (submission !== undefined) announce("ready");
      const record = await read(() => findReplay(replay.id));
      if (record === undefined) throw new MillraceError("INTERNAL", `a replay is gone at once: \`${replay.id}\``);
      return record;
    },
    listReplays: (query) => read(() => listReplays(query)),
    findReplay: (id) => read(() => findReplay(id)),
    changeReplay: async (id, { submission, ...change }) => {
      const prepared = { ...change, submission: prepare(submission) };
      const isChanged = await write(({ nowMs }) => changeReplay(id, prepared, nowMs));
      if (isChanged && submission !== undefined) announce("ready");
      return isChanged;
    },
    noteReplayOutput: (fence, id, output) => write(() => noteReplayOutput(fence, id, output)),
  };
}

function prepare(submission: Submission | undefined): PreparedSubmission | undefined {
  return submission === undefined ? undefined : prepareSubmission(submission);
}
