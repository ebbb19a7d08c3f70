// The store port over scripts: which methods read, which write, and what they hint at. All that an adapter adds is how it
// runs a script.
import { prepareSubmission } from "./submit/prepare-submission.ts";
import type { RecordStore } from "./record/record-store.ts";
import type { Now, Script } from "./rows/script.ts";
import { appendEvents } from "./rows/append-events.ts";
import { loadCheckpoints, saveCheckpoint } from "./record/checkpoints.ts";
import { claim, hasReady } from "./claim/claim.ts";
import {
  findDataset,
  findRunPublications,
  listDatasets,
  listDatasetVersions,
  recordDataset,
} from "./record/datasets.ts";
import { assertLease, heldFences } from "./rows/fence.ts";
import { appendLogs, listLogs } from "./record/logs.ts";
import { recordProgress } from "./record/progress.ts";
import { nextDueAtMs, promote } from "./settle/promote.ts";
import { hasDead, reap } from "./settle/reap.ts";
import { readRunFindings } from "./record/read-run-findings.ts";
import { listAttempts, listEvents } from "./rows/run-history.ts";
import { countChildren, findRun, findUpstream, listEdges, listRuns } from "./rows/run-summaries.ts";
import { settle } from "./settle/settle.ts";
import { spawn } from "./submit/spawn.ts";
import { loadStep, saveSteps } from "./record/steps.ts";
import { submit } from "./submit/submit.ts";
import { loadUnits, saveUnits } from "./record/units.ts";
import { listWorkers, registerWorker, retireWorker } from "./settle/workers.ts";
import type { StoreHint, WorkStore } from "./work-store.ts";
import type { SubmitResult } from "./rows/run-records.ts";

/** How an adapter runs scripts. */
export interface ScriptRunner {
  /** In one transaction that others see whole or not at all, and that is durable when the promise resolves. */
  readonly write: <T>(script: (now: Now) => Script<T>) => Promise<T>;
  /** Without locks, on one state of the store. */
  readonly read: <T>(script: (now: Now) => Script<T>) => Promise<T>;
  /** After a commit that made something worth looking at. */
  readonly hint: (hint: StoreHint) => void;
}

type AdapterMethods = "startHeartbeat" | "subscribe";

/** How work moves. */
export function createWorkStore({ read, write, hint }: ScriptRunner): Omit<WorkStore, AdapterMethods> {
  const submitted = (result: SubmitResult): SubmitResult => {
    if (result.created) hint("ready");
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
      hint("ready");
    },
    listWorkers: () => read(listWorkers),
    // Idle polls find out by a read that there is nothing to do, and leave the locks to others.
    claim: async (request) => ((await read(() => hasReady(request))) ? await write((now) => claim(request, now)) : []),
    settle: async (settlements) => {
      const result = await write(({ nowMs }) => settle(settlements, nowMs));
      if (result.readied > 0) hint("ready");
      return result;
    },
    promote: async (limit) => {
      const isDue = await read(function* ({ nowMs }): Script<boolean> {
        const dueAtMs = yield* nextDueAtMs();
        return dueAtMs !== undefined && dueAtMs <= nowMs;
      });
      if (!isDue) return 0;
      const moved = await write(({ nowMs }) => promote(limit, nowMs));
      if (moved > 0) hint("ready");
      return moved;
    },
    reap: async (request) => {
      const isNeeded = request.deadWorkerIds.length > 0 || (await read(hasDead));
      const reaped = isNeeded ? await write((now) => reap(request, now)) : [];
      if (reaped.length > 0) hint("ready");
      return reaped;
    },
    nextDueAtMs: () => read(nextDueAtMs),
    heldFences: (fences) => read(() => heldFences(fences)),
  };
}

/** What runs write down, and what others read of it. */
export function createRecordStore({ read, write }: ScriptRunner): RecordStore {
  return {
    saveCheckpoint: (fence, data) => write(({ nowMs }) => saveCheckpoint(fence, data, nowMs)),
    saveUnits: (fence, units) => write(({ nowMs }) => saveUnits(fence, units, nowMs)),
    saveSteps: (steps) => write(({ nowMs }) => saveSteps(steps, nowMs)),
    appendEvents: (fence, events) =>
      write(function* ({ nowMs }) {
        yield* assertLease(fence);
        yield* appendEvents(
          events.map((event) => ({ ...event, runId: fence.runId })),
          nowMs,
        );
      }),
    recordDataset: (fence, version) => write(({ nowMs }) => recordDataset(fence, version, nowMs)),
    appendLogs: (lines) => write(() => appendLogs(lines)),
    recordProgress: (records) => write(() => recordProgress(records)),
    findRun: (runId) => read(() => findRun(runId)),
    listRuns: (filter) => read(() => listRuns(filter)),
    findUpstream: (runId, job) => read(() => findUpstream(runId, job)),
    countChildren: (runId) => read(() => countChildren(runId)),
    readRunFindings: (runId) => read(() => readRunFindings(runId)),
    listEdges: (parentRunId) => read(() => listEdges(parentRunId)),
    listEvents: (runId, afterSeq, limit) => read(() => listEvents(runId, afterSeq, limit)),
    listLogs: (runId, afterSeq, limit) => read(() => listLogs(runId, afterSeq, limit)),
    listAttempts: (runId) => read(() => listAttempts(runId)),
    loadCheckpoints: (runId) => read(() => loadCheckpoints(runId)),
    loadUnits: (runId, loop) => read(() => loadUnits(runId, loop)),
    loadStep: (runId, name) => read(() => loadStep(runId, name)),
    findDataset: (name, version) => read(() => findDataset(name, version)),
    findRunPublications: (name, runId) => read(() => findRunPublications(name, runId)),
    listDatasets: () => read(listDatasets),
    listDatasetVersions: (name, before, limit) => read(() => listDatasetVersions(name, before, limit)),
  };
}
