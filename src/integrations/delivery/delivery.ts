// The part of the public API that measures delivery, listed by hand; `src/index.ts` exports all of it.
export { doraJob, type DoraJobDefinition, type DoraResult } from "./dora/dora-job.ts";
export {
  projectHealthJob,
  type ProjectHealthJobDefinition,
  type ProjectHealthResult,
} from "./health/project-health-job.ts";
export type { HealthPart, HealthPartRule, HealthRules } from "./health/health-rules.ts";
export { sprintJob, type SprintJobDefinition, type SprintResult } from "./sprints/sprint-job.ts";
export type { PublishedFigures } from "./publications.ts";
export type {
  DeliveryRules,
  HotfixRules,
  IncidentRules,
  JiraIncidentRule,
  NamePattern,
  PeopleRules,
  ServiceRule,
  TeamRule,
} from "./rules/rules.ts";
export type { IssueRules, StatusCategory } from "./rules/issue-rules.ts";
export {
  benchmarkTables,
  quickCheckMeans,
  toBenchmarkLevel,
  toQuickCheck,
  type BenchmarkBounds,
  type BenchmarkCluster,
  type BenchmarkLevel,
  type BenchmarkMetric,
  type BenchmarkTable,
  type BenchmarkYear,
  type QuickCheckScores,
  type QuickCheckValues,
} from "../../core/delivery/benchmarks.ts";
export type { WorkingCalendar, WorkingDay } from "./calendar/working-calendar.ts";
export { whyFigure, type FigureExplanation } from "./why/why-figure.ts";
export type { FigurePoint } from "../../core/delivery/figure-statements.ts";
export type { FigurePeriod } from "../../core/delivery/figure-metrics.ts";
