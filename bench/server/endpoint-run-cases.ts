// Lists the HTTP requests of the screens about runs: lists with the filters that somebody can choose, and the page of a
// run.
import { firstLiveId, lastRunId, loudRunId, parkedRuns, wideRunId } from "./browse-history.ts";
import { type EndpointCase, hourMs, instant, dayMs, somewhere } from "./endpoint-case.ts";

export function endpointRunCases(nowMs: number): readonly EndpointCase[] {
  return [...runListCases(nowMs), ...runCases(), ...insideCases(), ...logCases()];
}

function runListCases(nowMs: number): readonly EndpointCase[] {
  const found = Object.entries({ ...filters, ...filtersByTime(nowMs) }).map(([name, filter]): EndpointCase => ({
    route: "listRuns",
    name,
    query: (turn) => ({
      limit: 100,
      ...filter,
      ...(turn % 2 === 1 && deepFilters.has(name) ? { cursor: `r${somewhere(turn)}` } : {}),
    }),
  }));
  const notFound = Object.entries(filtersOfNothing(nowMs)).map(([name, filter]): EndpointCase => ({
    route: "listRuns",
    name,
    query: () => ({ limit: 100, ...filter }),
    findsNothing: true,
  }));
  return [...found, ...notFound];
}

type Filters = Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>;

const busy = "job_0,job_1,job_2,job_3,job_4";

const filters: Filters = {
  all: {},
  "with members": { children: true },
  failed: { state: "ERROR" },
  "failed with members": { state: "ERROR", children: true },
  unfinished: { state: "RUNNING,PENDING,PAUSED" },
  running: { state: "RUNNING" },
  "running and failed": { state: "RUNNING,ERROR" },
  paused: { state: "PAUSED" },
  "pending and finished": { state: "PENDING,FINISHED", children: true },
  "of a busy job": { job: "job_0" },
  "of a quiet job": { job: "job_42" },
  "of a member job": { job: "step_3_of_3", children: true },
  "failed of a job": { job: "job_42", state: "ERROR", children: true },
  "last finished of a job": { job: "job_42", state: "FINISHED", children: true, limit: 1 },
  "of a fingerprint and job": {
    fingerprint: "00000000000030",
    job: "job_42",
    state: "ERROR",
    children: true,
    limit: 50,
  },
  "of a tenant": { tenant: "acme" },
  "failed of a tenant": { tenant: "acme", state: "ERROR" },
  "without the busy jobs": { not: busy },
  "failed without the busy jobs": { not: busy, state: "ERROR" },
  "text in names": { q: "JOB_42" },
  "text in params": { q: "city-4711", children: true },
  "text in errors": { q: "refused row 77", children: true },
  "text failed": { q: "econnrefused", state: "ERROR" },
  "text of a job": { q: "city-4711", job: "job_0" },
  "a run id": { q: "r424242", children: true },
};

function filtersByTime(nowMs: number): Filters {
  return {
    "of the last hour": { since: instant(nowMs - hourMs) },
    "of the last day, with members": { since: instant(nowMs - dayMs), children: true },
    "failed of the last week": { since: instant(nowMs - 7 * dayMs), state: "ERROR" },
    "an hour two weeks ago": {
      since: instant(nowMs - 14 * dayMs),
      until: instant(nowMs - 14 * dayMs + hourMs),
      children: true,
    },
    "a job until three weeks ago": { job: "job_42", until: instant(nowMs - 21 * dayMs) },
    "text failed without the busy jobs of a week": {
      q: "econnrefused",
      state: "ERROR",
      not: busy,
      since: instant(nowMs - 7 * dayMs),
    },
  };
}

function filtersOfNothing(nowMs: number): Filters {
  return {
    "text nowhere": { q: "no such text" },
    "text nowhere with members": { q: "no such text", children: true },
    "text nowhere failed": { q: "no such text", state: "ERROR" },
    "of the future": { since: instant(nowMs + dayMs) },
    "of an unknown tenant": { tenant: "nobody" },
    "of an unknown fingerprint": { fingerprint: "nothing" },
  };
}

/** Filters that match everywhere in the history, so that each page is full. */
const deepFilters: ReadonlySet<string> = new Set([
  "all",
  "with members",
  "failed",
  "failed with members",
  "of a busy job",
  "of a tenant",
  "failed of a tenant",
  "without the busy jobs",
  "failed without the busy jobs",
]);

const wide = { run_id: `r${wideRunId}` };
const loud = { run_id: `r${loudRunId}` };
const crowd = { run_id: `r${firstLiveId + parkedRuns}` };
const pipeline = { run_id: "r500021" };
const failed = { run_id: "r500008" };

function logCases(): readonly EndpointCase[] {
  const logs = (
    name: string,
    params: EndpointCase["params"] & object,
    query: Readonly<Record<string, string | number | boolean>>,
    findsNothing?: true,
  ): EndpointCase => ({
    route: "listRunLogs",
    name,
    params,
    query: () => ({ limit: 500, ...query }),
    ...(findsNothing && { findsNothing }),
  });
  return [
    logs("the first 500 of 200,000", loud, {}),
    logs("the last", loud, { tail: true }),
    logs("the last 20", loud, { tail: true, limit: 20 }),
    logs("errors, from the end", loud, { level: "error", tail: true }),
    logs("the first error", loud, { level: "error", limit: 1 }),
    logs("a text", loud, { q: "line 199999" }, true),
    logs("a text, from the end", loud, { q: "line 199999", tail: true }),
    logs("of a pipeline", pipeline, {}),
    logs("of a wide pipeline", wide, {}),
  ];
}

function runCases(): readonly EndpointCase[] {
  return [
    { route: "showRun", name: "a job's", params: failed },
    { route: "showRun", name: "a pipeline of 9", params: pipeline },
    { route: "showRun", name: "a pipeline of 2,000", params: wide },
    { route: "showRun", name: "a pipeline of 20,000 that wait", params: crowd },
    { route: "showRun", name: "100,000 units", params: loud },
    { route: "showRun", name: "executing", params: { run_id: `r${lastRunId}` } },
    { route: "listChildren", name: "of 9", params: pipeline },
    { route: "listChildren", name: "of 2,000", params: wide },
    { route: "listChildren", name: "finished of 2,000", params: wide, query: () => ({ state: "FINISHED" }) },
    {
      route: "listChildren",
      name: "failed of 2,000",
      params: wide,
      query: () => ({ state: "ERROR" }),
      findsNothing: true,
    },
    { route: "listChildren", name: "with a text of 2,000", params: wide, query: () => ({ q: "wide_1999" }) },
    { route: "listChildren", name: "waiting of 20,000", params: crowd, query: () => ({ state: "PENDING" }) },
    {
      route: "listChildren",
      name: "failed of 20,000",
      params: crowd,
      query: () => ({ state: "ERROR" }),
      findsNothing: true,
    },
    { route: "showGraph", name: "9 runs", params: pipeline },
    { route: "showGraph", name: "2,000 runs", params: wide },
    { route: "showGraph", name: "the first 5,000 of 20,000", params: crowd },
  ];
}

function insideCases(): readonly EndpointCase[] {
  return [
    { route: "listRunEvents", name: "", params: { run_id: "r999995" } },
    { route: "listUnits", name: "of 100,000", params: loud },
    { route: "listUnits", name: "failed of 100,000", params: loud, query: () => ({ state: "failed" }) },
    {
      route: "listUnits",
      name: "done, deep",
      params: loud,
      query: () => ({ state: "done", cursor: Buffer.from("unit-1050000").toString("base64url") }),
    },
    { route: "explainRun", name: "waiting", params: { run_id: `r${firstLiveId + parkedRuns + 5}` } },
    { route: "explainRun", name: "a pipeline of 20,000 that wait", params: crowd },
    { route: "explainRun", name: "in a queue of 1,000", params: { run_id: `r${lastRunId - 1_100}` } },
    { route: "explainRun", name: "paused", params: { run_id: `r${firstLiveId + 7}` } },
    { route: "explainRun", name: "failed", params: failed },
    { route: "compareRuns", name: "two jobs'", params: { run_id: "r500008", other_run_id: "r500018" } },
    { route: "compareRuns", name: "two pipelines of 9", params: { run_id: "r500021", other_run_id: "r500221" } },
    { route: "compareRuns", name: "2,000 with 9", params: { ...pipeline, other_run_id: wide.run_id } },
  ];
}
