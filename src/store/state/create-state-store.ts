// Watermarks and changes of checkpoints over scripts.
import { assertWatermarkName, assertWatermarkValue } from "../../core/dataset/watermark.ts";
import type { ScriptRunner } from "../rows/script-runner.ts";
import { assertForgettable, forgetDatasets } from "./forget-datasets.ts";
import { listKeptAnswers, listUnitJobs, readCollection } from "./collection.ts";
import { listJobCheckpoints, putCheckpoint } from "./job-checkpoints.ts";
import {
  advanceWatermarks,
  findWatermark,
  listTenantWatermarks,
  listWatermarks,
  listWatermarkVersions,
  setWatermark,
} from "./watermarks.ts";
import { findUnfinishedRead } from "./unfinished-read.ts";
import { listUnitFailures } from "./unit-failures.ts";
import type { StateStore } from "./state-store.ts";

/** What jobs remember from run to run. */
export function createStateStore({ read, write }: ScriptRunner): StateStore {
  return {
    findWatermark: (key) => read(() => findWatermark(key)),
    listWatermarks: (job) => read(() => listWatermarks(job)),
    listWatermarkVersions: (key, before, limit) => read(() => listWatermarkVersions(key, before, limit)),
    listTenantWatermarks: (job, tenant) => read(() => listTenantWatermarks(job, tenant)),
    advanceWatermarks: async (fence, moves) => {
      for (const { name, value } of moves) {
        assertWatermarkName(name);
        assertWatermarkValue(value);
      }
      return await write(({ nowMs }) => advanceWatermarks(fence, moves, nowMs));
    },
    findUnfinishedRead: (query) => read(() => findUnfinishedRead(query)),
    listUnitFailures: (query) => read(() => listUnitFailures(query)),
    listUnitJobs: (jobs) => read(() => listUnitJobs(jobs)),
    readCollection: (query) => read(() => readCollection(query)),
    listKeptAnswers: (runs) => read(() => listKeptAnswers(runs)),
    setWatermark: (change) => write(({ nowMs }) => setWatermark(change, nowMs)),
    assertForgettable: (request) => read(() => assertForgettable(request)),
    forgetDatasets: (request) => write(() => forgetDatasets(request)),
    listJobCheckpoints: (job, limit) => read(() => listJobCheckpoints(job, limit)),
    putCheckpoint: (put) => write(({ nowMs }) => putCheckpoint(put, nowMs)),
  };
}
