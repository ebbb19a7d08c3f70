// `millrace/client`: a server as typed functions and a stream of events, for programs in Node and for pages in a browser.
export {
  createClient,
  type CallInput,
  type ClientCall,
  type ClientOptions,
  type FollowOptions,
  type MillraceClient,
  type PlainRouteName,
  type ResponseOf,
} from "./client/api-client.ts";
export type { EventStream, EventStreamOptions, EventStreamState } from "./client/event-stream.ts";
export { refusalOf, type Refusal } from "./client/refusal.ts";
export { MillraceError, type Disposition, type ErrorOrigin, type MillraceErrorOptions } from "./core/errors/errors.ts";
export type { CheckSeverity } from "./core/dataset/check.ts";
export type { BenchmarkBand } from "./core/delivery/benchmark-band.ts";
export type { BenchmarkLevel, BenchmarkYear } from "./core/delivery/benchmarks.ts";
export type { StatusMeaning, StatusSaying } from "./core/delivery/status-mapping.ts";
export type { ExportFormat } from "./core/export-format.ts";
export type { Duration } from "./core/duration.ts";
export type { ErrorClass } from "./core/errors/error-class.ts";
export type { ErrorCode } from "./core/errors/error-codes.ts";
export type { UpstreamFailurePolicy } from "./core/job/pipeline.ts";
export type { RunReason, RunState } from "./core/job/run-state.ts";
export type { BatchCause, BatchState } from "./core/stream/batch.ts";
export type { JoinState } from "./core/stream/join-ledger.ts";
export type { ReplayState } from "./core/stream/replay.ts";
export type { DeadLetterState } from "./core/stream/stream-ledger.ts";
export type { NotificationEvent, Severity } from "./core/notification/notification-event.ts";
export type { NotificationState } from "./core/notification/notification-state.ts";
// The wire contract, whole: what operations take and give.
export type * from "./api/collection.ts";
export type * from "./api/contract.ts";
export type * from "./api/control.ts";
export type * from "./api/datasets/dataset.ts";
export type * from "./api/delivery/delivery.ts";
export type * from "./api/delivery/figure-rows.ts";
export type * from "./api/delivery/sprint.ts";
export type * from "./api/delivery/workflow.ts";
export type * from "./api/event-message.ts";
export type * from "./api/figure.ts";
export type * from "./api/job.ts";
export type * from "./api/lateness.ts";
export type * from "./api/notification.ts";
export type * from "./api/orchestrator.ts";
export type * from "./api/page.ts";
export type * from "./api/problem.ts";
export type * from "./api/datasets/dataset-care.ts";
export type * from "./api/datasets/quarantine.ts";
export type * from "./api/request.ts";
export type * from "./api/role.ts";
export type * from "./api/run.ts";
export type * from "./api/schedule.ts";
export type * from "./api/session.ts";
export type * from "./api/state.ts";
export type * from "./api/streams/batch.ts";
export type * from "./api/streams/dead-letter.ts";
export type * from "./api/streams/group.ts";
export type * from "./api/streams/replay.ts";
export type * from "./api/streams/store.ts";
export type * from "./api/streams/topic.ts";
export type { RouteName } from "./api/routes.ts";
