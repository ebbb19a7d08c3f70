// `millrace/testing`: jobs in unit tests, on rows in memory and a clock that moves by itself, with the engine that runs them.
export { testJob } from "./testing/test-job.ts";
export { createTestProject, type TestProject } from "./testing/test-project.ts";
export { testStream, type TestStream, type TestStreamOptions } from "./testing/streams/test-stream.ts";
export type { TestDeadLetter, TestRecord } from "./testing/streams/read-streams.ts";
export type { PlannedWork } from "./app/plan-work.ts";
export type {
  GivenRow,
  GivenRows,
  TestJobOptions,
  TestPlanOptions,
  TestProjectOptions,
  TestRunOptions,
} from "./testing/test-options.ts";
export type { TestAttempt, TestLogLine, TestMetric, TestRow, TestRun, TestSpawn } from "./testing/test-run.ts";
