// Lists the reads of the screens over a million runs: each filter and combination that somebody can choose, on the
// first page and deep in the history, also those that match nothing.
import type { RunId } from "../../src/core/run-id.ts";
import type { BrowseStore } from "../../src/store/browse/browse-store.ts";
import type { RunSearch, SearchStore } from "../../src/store/search/search-store.ts";
import { firstLiveId, historySize, loudRunId, spanMs, wideRunId } from "./browse-history.ts";

export interface BrowseCase {
  readonly name: string;
  /** @param turn counts the calls; odd ones are deep in the history where there are pages */
  readonly call: (store: BrowseStore & SearchStore, turn: number) => Promise<unknown>;
}

export function browseCases(nowMs: number): readonly BrowseCase[] {
  return [...searchCases(nowMs), ...jobCases(nowMs), ...timeCases(nowMs), ...runCases()];
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const limit = 50;

function searchCases(nowMs: number): readonly BrowseCase[] {
  return Object.entries(filtersOf(nowMs)).map(([name, filter]) => ({
    name: `searchRuns: ${name}`,
    call: (store, turn) =>
      store.searchRuns({ ...filter, limit, ...(turn % 2 === 0 ? {} : { before: somewhere(turn) }) }),
  }));
}

function filtersOf(nowMs: number): Readonly<Record<string, Omit<RunSearch, "limit">>> {
  const fingerprint = "00000000000033";
  return {
    "all runs": {},
    "root runs": { rootsOnly: true },
    "a busy job": { job: "job_0" },
    "a quiet job": { job: "job_42" },
    "an unknown job": { job: "nowhere" },
    "a member job, roots only": { job: "step_3_of_3", rootsOnly: true },
    failed: { states: ["ERROR"], rootsOnly: true },
    "failed of a job": { job: "job_42", states: ["ERROR"] },
    finished: { states: ["FINISHED"], rootsOnly: true },
    "finished and failed of a job": { job: "job_42", states: ["FINISHED", "ERROR"] },
    unfinished: { states: ["PENDING", "RUNNING", "PAUSED"] },
    "running root runs": { states: ["RUNNING"], rootsOnly: true },
    "pending of a job": { job: "queued", states: ["PENDING"] },
    "paused of a job without": { job: "job_0", states: ["PAUSED"] },
    "running and failed": { states: ["RUNNING", "ERROR"], rootsOnly: true },
    "pending and finished": { states: ["PENDING", "FINISHED"] },
    "of the last day": { sinceMs: nowMs - dayMs, rootsOnly: true },
    "failed in an hour two weeks ago": {
      sinceMs: nowMs - 14 * dayMs,
      untilMs: nowMs - 14 * dayMs + hourMs,
      states: ["ERROR"],
    },
    "a job until three weeks ago": { job: "job_42", untilMs: nowMs - 21 * dayMs },
    "of the future": { sinceMs: nowMs + dayMs },
    "of a tenant": { tenant: "acme" },
    "failed of a tenant": { tenant: "acme", states: ["ERROR"] },
    "of an unknown tenant": { tenant: "nobody" },
    "without the busy jobs": { notJobs: ["job_0", "job_1", "job_2", "job_3", "job_4"], rootsOnly: true },
    "of a fingerprint": { fingerprint },
    "of a fingerprint and a job": { fingerprint, job: "job_42" },
    "of an unknown fingerprint": { fingerprint: "nothing" },
    "text nowhere": { text: "no such text", rootsOnly: true },
    "text in names": { text: "JOB_42" },
    "text in names of many jobs": { text: "step_", rootsOnly: true },
    "text in params": { text: "city-4711" },
    "text in errors": { text: "econnrefused", states: ["ERROR"] },
    "text in errors of any state": { text: "refused row 77" },
    "text of a job": { text: "no such text", job: "job_0" },
    "text of the last day": { text: "größe", sinceMs: nowMs - dayMs },
    "text failed": { text: "no such text", states: ["ERROR"], rootsOnly: true },
    "a run id": { text: "r424242" },
    "members of a wide pipeline": { parentRunId: wideRunId as RunId },
    "failed members": { parentRunId: wideRunId as RunId, states: ["ERROR"] },
    everything: {
      job: "job_42",
      states: ["ERROR"],
      sinceMs: nowMs - 20 * dayMs,
      untilMs: nowMs,
      tenant: "default",
      text: "refused",
      rootsOnly: true,
      notJobs: ["job_0"],
    },
  };
}

// Anywhere in the history, another place each time.
function somewhere(turn: number): RunId {
  return (1 + ((turn * 48_271) % historySize)) as RunId;
}

function jobCases(nowMs: number): readonly BrowseCase[] {
  const jobs = Array.from({ length: 50 }, (_, place) => `job_${place}`);
  const members = Array.from({ length: 10 }, (_, place) => `step_4_of_${place}`);
  return [
    { name: "listRecentRuns: 30 of 50 jobs", call: (store) => store.listRecentRuns(jobs, 30) },
    { name: "countUnfinished", call: (store) => store.countUnfinished(1_000) },
    {
      name: "listFailureClusters: of a day",
      call: (store) => store.listFailureClusters({ sinceMs: nowMs - dayMs, limit }),
    },
    {
      name: "listFailureClusters: of a month",
      call: (store) => store.listFailureClusters({ sinceMs: nowMs - spanMs, limit }),
    },
    {
      name: "listFailureClusters: of a job",
      call: (store) => store.listFailureClusters({ sinceMs: nowMs - spanMs, job: "job_0", limit }),
    },
    {
      name: "listFailureClusters: with a text",
      call: (store) => store.listFailureClusters({ sinceMs: nowMs - spanMs, text: "nothing", limit }),
    },
    {
      name: "listGrid: 30 runs of a pipeline",
      call: (store, turn) => store.listGrid("pipeline_3", turn % 2 === 0 ? undefined : somewhere(turn), 30),
    },
    { name: "listGrid: a wide pipeline", call: (store) => store.listGrid("wide", undefined, 30) },
    {
      name: "listCheckResults",
      call: (store) => store.listCheckResults({ jobs: members, sinceMs: nowMs - spanMs, limit: 200 }),
    },
  ];
}

function timeCases(nowMs: number): readonly BrowseCase[] {
  const cases: BrowseCase[] = [];
  for (const [name, rangeMs] of Object.entries({ hour: hourMs, day: dayMs, month: spanMs })) {
    const range = (turn: number): { fromMs: number; toMs: number } => {
      const toMs = turn % 2 === 0 ? nowMs : nowMs - ((turn * 7) % 29) * dayMs;
      return { fromMs: toMs - rangeMs, toMs };
    };
    const bucketMs = rangeMs / 120;
    cases.push(
      {
        name: `listBars: of a ${name}`,
        call: (store, turn) => store.listBars({ ...range(turn), limit: 500 }),
      },
      {
        name: `readSeries: of a ${name}`,
        call: (store, turn) => store.readSeries({ ...range(turn), bucketMs }),
      },
      {
        name: `readSeries: of a ${name}, a busy job`,
        call: (store, turn) => store.readSeries({ ...range(turn), bucketMs, job: "job_0" }),
      },
      {
        name: `sampleDurations: of a ${name}`,
        call: (store, turn) => store.sampleDurations({ ...range(turn), limit: 500 }),
      },
    );
  }
  return cases;
}

function runCases(): readonly BrowseCase[] {
  const wide = wideRunId as RunId;
  const loud = loudRunId as RunId;
  return [
    { name: "readRunGraph: 9 runs", call: (store) => store.readRunGraph(500_021 as RunId, 5_000) },
    { name: "readRunGraph: 2,000 runs", call: (store) => store.readRunGraph(wide, 5_000) },
    {
      name: "searchLogs: the first lines of 200,000",
      call: (store) => store.searchLogs({ runId: loud, limit: 200 }),
    },
    { name: "searchLogs: the last lines", call: (store) => store.searchLogs({ runId: loud, limit: 200, tail: true }) },
    {
      name: "searchLogs: errors, few",
      call: (store) => store.searchLogs({ runId: loud, limit: 200, level: "error", tail: true }),
    },
    {
      name: "searchLogs: text that is nowhere",
      call: (store) => store.searchLogs({ runId: loud, limit: 200, text: "nowhere" }),
    },
    { name: "searchLogs: of a pipeline", call: (store) => store.searchLogs({ runId: 500_021 as RunId, limit: 200 }) },
    { name: "searchLogs: of a wide pipeline", call: (store) => store.searchLogs({ runId: wide, limit: 200 }) },
    {
      name: "listUnits: failed of 100,000",
      call: (store) => store.listUnits({ runId: loud, state: "failed", limit: 200 }),
    },
    {
      name: "listUnits: done, deep",
      call: (store) =>
        store.listUnits({ runId: loud, state: "done", after: { loop: "1", key: "unit-1050000" }, limit: 200 }),
    },
    {
      name: "searchRuns: members that wait",
      call: (store) => store.searchRuns({ parentRunId: (firstLiveId + 20_000) as RunId, states: ["PENDING"], limit }),
    },
  ];
}
