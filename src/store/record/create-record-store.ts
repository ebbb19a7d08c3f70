// The part of the store port over scripts that keeps what runs write down.
import { appendEvents } from "../rows/append-events.ts";
import { assertLease } from "../rows/fence.ts";
import { listAttempts, listEvents } from "../rows/run-history.ts";
import { countChildren, findRun, findUpstream, listEdges, listRuns } from "../rows/run-summaries.ts";
import type { ScriptRunner } from "../rows/script-runner.ts";
import { loadCheckpoints, saveCheckpoint } from "./checkpoints.ts";
import { findDataset, findRunPublications, listDatasets, listDatasetVersions, recordDataset } from "./datasets.ts";
import { appendExchanges, findTraffic, listExchanges, listExchangesThrough } from "./exchanges.ts";
import { listLastEvents } from "./last-events.ts";
import { appendLogs, listLogs } from "./logs.ts";
import { listLastMetrics, listMetricHistory, listNewestMetrics, listRunMetrics, recordMetrics } from "./metrics.ts";
import { recordProgress } from "./progress.ts";
import { readRunFindings } from "./read-run-findings.ts";
import type { RecordStore } from "./record-store.ts";
import { loadStep, saveSteps } from "./steps.ts";
import { loadUnits, saveUnits } from "./units.ts";

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
    recordMetrics: (fence, attempt, metrics) => write(({ nowMs }) => recordMetrics(fence, attempt, metrics, nowMs)),
    appendLogs: (lines) => write(() => appendLogs(lines)),
    recordProgress: (records) => write(() => recordProgress(records)),
    appendExchanges: (batches) => write(() => appendExchanges(batches)),
    findRun: (runId) => read(() => findRun(runId)),
    listRuns: (filter) => read(() => listRuns(filter)),
    findUpstream: (runId, job) => read(() => findUpstream(runId, job)),
    countChildren: (runId) => read(() => countChildren(runId)),
    listRunMetrics: (runId) => read(() => listRunMetrics(runId)),
    listMetricHistory: (page) => read(() => listMetricHistory(page)),
    listNewestMetrics: (job) => read(() => listNewestMetrics(job)),
    listLastMetrics: (limit) => read(() => listLastMetrics(limit)),
    readRunFindings: (runId) => read(() => readRunFindings(runId)),
    listEdges: (parentRunId) => read(() => listEdges(parentRunId)),
    listEvents: (runId, afterSeq, limit) => read(() => listEvents(runId, afterSeq, limit)),
    listLastEvents: (runId, limit) => read(() => listLastEvents(runId, limit)),
    listLogs: (runId, afterSeq, limit) => read(() => listLogs(runId, afterSeq, limit)),
    findTraffic: (runId) => read(() => findTraffic(runId)),
    listExchanges: (request) => read(() => listExchanges(request)),
    listExchangesThrough: (connection, limit) => read(() => listExchangesThrough(connection, limit)),
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
