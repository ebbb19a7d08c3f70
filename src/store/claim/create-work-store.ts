// The part of the store port over scripts that moves work: which methods read, which write, and which changes they announce.
import type { Settlement, SubmitResult } from "../rows/run-records.ts";
import { heldFences } from "../rows/fence.ts";
import type { ScriptRunner } from "../rows/script-runner.ts";
import { nextDueInMs, promote } from "../settle/promote.ts";
import { hasDead, reap } from "../settle/reap.ts";
import { settle } from "../settle/settle.ts";
import { listWorkers, registerWorker, retireWorker } from "../settle/workers.ts";
import { prepareSubmission } from "../submit/prepare-submission.ts";
import { spawn } from "../submit/spawn.ts";
import { submit } from "../submit/submit.ts";
import { claim, hasReady } from "./claim.ts";
import { forgetLosses } from "./forget-losses.ts";
import type { WorkStore } from "./work-store.ts";

type AdapterMethods = "startHeartbeat" | "subscribe";

/** Whether people may have to be told of an end. */
export function hasNotices({ notices = [] }: Settlement): boolean {
  return notices.length > 0;
}

/** How work moves. */
export function createWorkStore({ read, write, announce }: ScriptRunner): Omit<WorkStore, AdapterMethods> {
  const submitted = (result: SubmitResult): SubmitResult => {
    if (result.created) announce("ready");
    return result;
  };
  return {
    submit: async (submission) => {
      const prepared = prepareSubmission(submission);
      const [result] = await write(({ nowMs }) => submit([prepared], nowMs));
      if (result === undefined) throw new RangeError("no result for the submission");
      return submitted(result);
    },
    spawn: async (fence, name, submission) => {
      const prepared = prepareSubmission(submission);
      return submitted(await write(({ nowMs }) => spawn(fence, name, prepared, nowMs)));
    },
    registerWorker: (registration) => write((now) => registerWorker(registration, now)),
    retireWorker: async (workerId) => {
      await write(({ nowMs }) => retireWorker(workerId, nowMs));
      announce("ready");
    },
    listWorkers: () => read(listWorkers),
    // Idle polls find out by a read that there is nothing to do, and leave the locks to others.
    claim: async (request) => ((await read(() => hasReady(request))) ? await write((now) => claim(request, now)) : []),
    settle: async (settlements) => {
      const result = await write(({ nowMs }) => settle(settlements, nowMs));
      if (result.readied > 0) announce("ready");
      if (settlements.some(hasNotices)) announce("notice");
      return result;
    },
    promote: async (limit) => {
      if ((await read(({ nowMs }) => nextDueInMs(nowMs))) !== 0) return 0;
      const moved = await write(({ nowMs }) => promote(limit, nowMs));
      if (moved > 0) announce("ready");
      return moved;
    },
    reap: async (request) => {
      const isNeeded = request.deadWorkerIds.length > 0 || (await read(hasDead));
      const reaped = isNeeded ? await write((now) => reap(request, now)) : [];
      if (reaped.length > 0) announce("ready");
      return reaped;
    },
    forgetLosses: (fence) => write(() => forgetLosses(fence)),
    nextDueInMs: () => read(({ nowMs }) => nextDueInMs(nowMs)),
    heldFences: (fences) => read(() => heldFences(fences)),
  };
}
