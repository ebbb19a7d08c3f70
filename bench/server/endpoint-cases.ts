// Lists the HTTP requests of the screens, with the filters and page sizes that they use, on the first page and deep in
// the history. Each GET route is here, or left out with the reason.
import type { RouteName } from "../../src/api/routes.ts";
import { spanMs } from "./browse-history.ts";
import { type EndpointCase, dayMs, hourMs, instant, somewhere } from "./endpoint-case.ts";
import { auditEntries, manyWatermarks } from "./endpoint-history.ts";
import { endpointRunCases } from "./endpoint-run-cases.ts";

/** GET routes whose answer is as long as what they are asked for. */
export const leftOut: Readonly<Partial<Record<RouteName, string>>> = {
  downloadRunLogs: "streams a whole log; its pages are those of `listRunLogs`",
};

export function endpointCases(nowMs: number): readonly EndpointCase[] {
  return [
    ...homeCases(nowMs),
    ...endpointRunCases(nowMs),
    ...jobCases(nowMs),
    ...scheduleCases(nowMs),
    ...dataCases(nowMs),
    ...engineCases(),
  ];
}

function homeCases(nowMs: number): readonly EndpointCase[] {
  const longAgo = nowMs - spanMs / 2;
  return [
    { route: "showSession", name: "" },
    { route: "showOrchestrator", name: "" },
    { route: "listJobs", name: "home", query: () => ({ limit: 100, members: false }) },
    { route: "listJobs", name: "home with members", query: () => ({ limit: 100, members: true }) },
    { route: "listJobs", name: "all 257", query: () => ({ limit: 500 }) },
    { route: "listJobs", name: "failed", query: () => ({ limit: 100, members: false, state: "ERROR" }) },
    { route: "listJobs", name: "with a text", query: () => ({ limit: 100, members: true, q: "step_3" }) },
    { route: "showTimeline", name: "12 hours and 12 to come" },
    {
      route: "showTimeline",
      name: "a day two weeks ago",
      query: () => ({ from: instant(longAgo - dayMs), to: instant(longAgo) }),
    },
    {
      route: "showTimeline",
      name: "a month",
      query: () => ({ from: instant(nowMs - 25 * dayMs), to: instant(nowMs + 5 * dayMs) }),
    },
    { route: "search", name: "letters", query: () => ({ q: "step_3" }) },
    { route: "search", name: "a run", query: () => ({ q: "r424242" }) },
    { route: "search", name: "nothing", query: () => ({ q: "no such thing" }) },
    { route: "listFailures", name: "a week" },
    ...Object.entries({ hour: hourMs, day: dayMs, month: spanMs }).map(([name, ageMs]): EndpointCase => ({
      route: "listFailures",
      name: `a ${name}`,
      query: () => ({ since: instant(nowMs - ageMs) }),
    })),
    { route: "listFailures", name: "of a job", query: () => ({ job: "job_0", since: instant(nowMs - spanMs) }) },
    {
      route: "listFailures",
      name: "with a text, a month",
      query: () => ({ q: "refused row", since: instant(nowMs - spanMs) }),
    },
    {
      route: "listFailures",
      name: "text nowhere, a month",
      query: () => ({ q: "no such thing", since: instant(nowMs - spanMs) }),
      findsNothing: true,
    },
  ];
}

function jobCases(nowMs: number): readonly EndpointCase[] {
  const job = (name: string): { readonly job_name: string } => ({ job_name: name });
  const metrics = (name: string, query: Readonly<Record<string, string>>): EndpointCase => ({
    route: "showMetrics",
    name,
    query: () => query,
  });
  const deepGrid: EndpointCase["query"] = (turn) => ({
    limit: 60,
    ...(turn % 2 === 1 ? { cursor: `r${somewhere(turn)}` } : {}),
  });
  return [
    { route: "showJob", name: "a pipeline", params: job("pipeline_3") },
    { route: "showJob", name: "a busy job", params: job("job_0") },
    { route: "showJob", name: "a job with 20,000 paused runs", params: job("parked") },
    { route: "showGrid", name: "a pipeline", params: job("pipeline_3"), query: deepGrid },
    { route: "showGrid", name: "a job", params: job("job_0"), query: deepGrid },
    { route: "showGrid", name: "a pipeline of 2,000", params: job("wide"), query: () => ({ limit: 60 }) },
    { route: "showGrid", name: "a pipeline of 20,000", params: job("crowd"), query: () => ({ limit: 60 }) },
    metrics("an hour", { since: instant(nowMs - hourMs) }),
    metrics("a day", { since: instant(nowMs - dayMs) }),
    metrics("a week", { since: instant(nowMs - 7 * dayMs) }),
    metrics("a month", { since: instant(nowMs - spanMs) }),
    metrics("a month of a busy job", { since: instant(nowMs - spanMs), job: "job_0" }),
    metrics("a month of a quiet job", { since: instant(nowMs - spanMs), job: "job_42" }),
    metrics("a day two weeks ago", { since: instant(nowMs - 15 * dayMs), until: instant(nowMs - 14 * dayMs) }),
    { route: "listCheckpoints", name: "among 20,000 paused runs", params: job("parked") },
    { route: "listCheckpoints", name: "none", params: job("job_42"), findsNothing: true },
    { route: "listWatermarks", name: "one", params: job("job_6") },
    { route: "listWatermarks", name: `${manyWatermarks.count}`, params: job(manyWatermarks.job) },
  ];
}

function scheduleCases(nowMs: number): readonly EndpointCase[] {
  const weeksMs = 21 * dayMs;
  return [
    { route: "listSchedules", name: "" },
    { route: "listFires", name: "", params: { job_name: "job_6" }, query: () => ({ limit: 50 }) },
    {
      route: "listFires",
      name: "deep",
      params: { job_name: "job_6" },
      query: () => ({ limit: 50, cursor: nowMs - spanMs / 2 }),
    },
    { route: "showCalendar", name: "a week to come" },
    {
      route: "showCalendar",
      name: "three weeks to come",
      query: () => ({ from: instant(nowMs), to: instant(nowMs + weeksMs) }),
    },
    {
      route: "showCalendar",
      name: "three weeks ago until now",
      query: () => ({ from: instant(nowMs - weeksMs), to: instant(nowMs) }),
    },
    {
      route: "showCalendar",
      name: "a job, 30 days",
      query: () => ({ job: "job_6", from: instant(nowMs), to: instant(nowMs + 30 * dayMs) }),
    },
  ];
}

function dataCases(nowMs: number): readonly EndpointCase[] {
  return [
    { route: "listDatasets", name: "all 140" },
    { route: "listDatasets", name: "with a text", query: () => ({ q: "of_3" }) },
    { route: "showDataset", name: "", params: { dataset: "table_3_of_3" }, query: () => ({ limit: 50 }) },
    {
      route: "showDataset",
      name: "deep",
      params: { dataset: "table_3_of_3" },
      query: () => ({ limit: 50, cursor: "250" }),
    },
    { route: "showLineage", name: "" },
    { route: "listChecks", name: "all" },
    { route: "listChecks", name: "of a dataset", query: () => ({ dataset: "table_3_of_3" }) },
    { route: "listChecks", name: "of a job", query: () => ({ job: "job_6" }) },
    { route: "listChecks", name: "since yesterday", query: () => ({ since: instant(nowMs - dayMs) }) },
  ];
}

function engineCases(): readonly EndpointCase[] {
  return [
    { route: "listLimits", name: "" },
    { route: "listConnections", name: "" },
    { route: "listBreakers", name: "" },
    { route: "listTokens", name: "" },
    { route: "listAudit", name: "", query: () => ({ limit: 100 }) },
    { route: "listAudit", name: "deep", query: () => ({ limit: 100, cursor: auditEntries / 2 }) },
    {
      route: "listAudit",
      name: "of an actor and action",
      query: () => ({ limit: 100, actor: "token 3", action: "retryRun" }),
    },
    { route: "listAudit", name: "of nobody", query: () => ({ limit: 100, actor: "nobody" }), findsNothing: true },
  ];
}
