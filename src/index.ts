// The public API: everything a job file imports from "millrace".
import { installPipelineRunner } from "./core/job/pipeline-runner.ts";

export {
  defineEnvironment,
  defineProject,
  type EnvironmentOptions,
  type ComputeOptions,
  type ProjectOptions,
} from "./project/project-options.ts";
export type { RunNotice } from "./project/project-options.ts";
export type {
  Check,
  CheckKind,
  CheckResult,
  CheckRule,
  CheckSeverity,
  CompareRule,
  RowRules,
  TableRules,
} from "./core/dataset/check.ts";
export type {
  DatasetColumn,
  DatasetLocation,
  DatasetOutput,
  DatasetTargets,
  DatasetVersion,
  HistoryOptions,
  NamedOutput,
  OutputOptions,
  QuarantineOrigin,
  SchemaContract,
  SchemaRule,
  SchemaRules,
  SnapshotOptions,
  WindowOptions,
  WriteMode,
  WriteRule,
} from "./core/dataset/dataset.ts";
export type { FreshnessOptions } from "./core/dataset/freshness.ts";
export type { OptimizeOptions, OptimizeResult, VacuumOptions, VacuumResult } from "./core/dataset/dataset-care.ts";
export type { RekeyRequest, RekeyResult } from "./core/dataset/dataset-rekey.ts";
export { dataset, type Dataset, type DatasetOptions, type DatasetReference } from "./core/dataset/dataset-handle.ts";
export type { ChosenRows, QuarantineData, QuarantineSelection } from "./core/dataset/quarantine.ts";
export type { ConvertResult, ConvertRow, ConvertStep, ConvertSteps, RowFunction } from "./core/dataset/convert-step.ts";
export type { EmptyPolicy, Source, SourceKinds } from "./core/dataset/source.ts";
export type { OneOf } from "./core/one-of.ts";
export type { Duration } from "./core/duration.ts";
export type { ErrorCode } from "./core/errors/error-codes.ts";
export { MillraceError, type Disposition, type ErrorOrigin, type MillraceErrorOptions } from "./core/errors/errors.ts";
export { defineJob, type Job, type JobDefinition, type UndeclaredParams, type GivenArguments } from "./core/job/job.ts";
export { defineJobFactory, type JobFactory, type JobFactoryDefinition } from "./core/job/job-factory.ts";
export type {
  JobPlan,
  PlanContext,
  PlannedInput,
  PlannedOutput,
  PlannedUnit,
  PublicationPlan,
  UnitsContext,
} from "./core/job/job-plan.ts";
export type { PlannedRead, PlannedRequest, SourcePlan } from "./core/dataset/source-plan.ts";
export type {
  Capabilities,
  Capability,
  CapabilityName,
  CapabilityNeed,
  CapabilityNeeds,
} from "./core/job/capabilities.ts";
export type { AvailableCapabilities } from "./core/job/capabilities.ts";
export type { ComputeChoice, ComputeEngine, SqlDialect } from "./core/compute/compute-choice.ts";
export type { JobIsolation, JobLayer, JobOptions, JobPurpose } from "./core/job/job-options.ts";
export type {
  EachOptions,
  EachResult,
  EarlierRun,
  JobCheckpoint,
  JobContext,
  JobData,
  JobLogger,
  JobUnits,
  JobWatermark,
  MapReduceResult,
  ProgressUpdate,
  PublishRequest,
  PublishResult,
  ReadUnit,
  RunInfo,
  SpawnedRun,
  SpawnOptions,
  SqlArguments,
  SqlQuery,
  SqlValue,
  UnfinishedUnits,
  UnitsRead,
  WaitForOptions,
} from "./core/job/job-context.ts";
export type { JobReference, ParamsOf, ResultOf, RunArguments, RunParams } from "./core/job/job-reference.ts";
export type { JsonOf } from "./core/job/json-of.ts";
export {
  cancel,
  done,
  partial,
  snooze,
  type JobEnding,
  type JobOutcome,
  type JobResult,
  type ResultIn,
} from "./core/job/outcome.ts";
export type {
  HttpTransport,
  S3ConnectionOptions,
  SftpConnectionOptions,
  SftpTimeouts,
  WebHdfsConnectionOptions,
} from "./core/connection/file-connection-options.ts";
export type {
  ConnectionOptions,
  CacheOptions,
  DatabaseConnectionOptions,
  HttpConnectionOptions,
} from "./core/connection/connection-options.ts";
export type {
  ConnectionLimits,
  ConnectionTimeouts,
  EndpointLimits,
  PointQuota,
  RequestQuota,
  TlsOptions,
} from "./core/connection/transport-options.ts";
export type {
  ApiKeyAuth,
  BasicAuth,
  ClientCredentialsAuth,
  ClientSecret,
  HttpAuth,
  JwtAlgorithm,
  JwtAuth,
  JwtExchange,
  LoginAuth,
  RefreshTokenAuth,
  RequestSigner,
  SignableRequest,
  TokenEndpoint,
} from "./core/connection/http-auth.ts";
export { env, type Resolved, secretFile, type Secret, type SecretReference } from "./core/connection/secret.ts";
export type { ServiceConnection, ServiceRequest, ServiceResponse } from "./core/connection/service-connection.ts";
export type { RateLimitHeaders } from "./core/errors/rate-limit-headers.ts";
export {
  JobPipeline,
  type AddJobOptions,
  type DeclaredParams,
  type PipelineNode,
  type PipelineOptions,
  type UpstreamFailurePolicy,
} from "./core/job/pipeline.ts";
export type { RunReason, RunState } from "./core/job/run-state.ts";
export type { MetricLabels, MetricOptions } from "./core/metric/metric.ts";
export type { MetricRule, MetricRuleOptions, MetricRules } from "./core/metric/metric-rules.ts";
export type { Sla, SlaOptions } from "./core/schedule/sla.ts";
export type {
  ChannelOptions,
  ChannelReference,
  EmailChannelOptions,
  PagerDutyChannelOptions,
  SlackChannelOptions,
  SnsChannelOptions,
  WebhookChannelOptions,
} from "./core/notification/channel-options.ts";
export type { NotificationEvent, Severity } from "./core/notification/notification-event.ts";
export type { JobNotifications, NotificationRule } from "./core/notification/notification-rule.ts";
export type { RunId } from "./core/run-id.ts";
export type { RunReport } from "./core/job/pipeline-runner.ts";
export type { ErrorClass } from "./core/errors/error-class.ts";
export type {
  RecoveryOptions,
  RecoveryTier,
  RecoveryTierOptions,
  RetryBackoff,
  RecoveryWaits,
  RetryCondition,
  RetryPolicy,
  RetryPolicyOptions,
} from "./core/recovery/retry-policy.ts";
export type {
  CronScheduleOptions,
  DatasetScheduleOptions,
  FileScheduleOptions,
  IntervalScheduleOptions,
  MissedPolicy,
  OverlapPolicy,
  Schedule,
  ScheduleOptions,
  ScheduleParam,
  ScheduleTiming,
  TriggerScheduleOptions,
  TriggerTiming,
  SharedScheduleOptions,
} from "./core/schedule/schedule.ts";
export type { WatermarkValue } from "./core/dataset/watermark.ts";
export type { Window } from "./core/schedule/window.ts";
export type { StepKindName } from "./data/convert/convert-options.ts";
export type { OnError } from "./data/convert/on-error.ts";
export type { BatchOptions, BatchStep } from "./data/convert/steps/batch.ts";
export type { CastOptions, CastStep } from "./data/convert/steps/cast.ts";
export type { DecryptStep } from "./data/convert/steps/decrypt.ts";
export type { DedupeStep } from "./data/convert/steps/dedupe.ts";
export type { DeriveStep, DerivedValue, EpochOptions, MatchOptions } from "./data/convert/steps/derive.ts";
export type { DropStep } from "./data/convert/steps/drop.ts";
export type { EncryptStep } from "./data/convert/steps/encrypt.ts";
export type { ExplodeStep } from "./data/convert/steps/explode.ts";
export type { FilterScalar, FilterStep, FilterValue } from "./data/convert/steps/filter.ts";
export type { FlattenStep } from "./data/convert/steps/flatten.ts";
export type { MapBatchStep } from "./data/convert/steps/map-batch.ts";
export type { MapStep } from "./data/convert/steps/map.ts";
export type { MaskRule, MaskStep } from "./data/convert/steps/mask.ts";
export type { RangesOptions, RangesStep } from "./data/convert/steps/ranges.ts";
export type { RenameStep } from "./data/convert/steps/rename.ts";
export type { SelectStep } from "./data/convert/steps/select.ts";
export type { SqlStep } from "./data/convert/steps/sql.ts";
export type { ColumnRule, ValidateStep } from "./data/convert/steps/validate.ts";
export type { WrapStep } from "./data/convert/steps/wrap.ts";
export type { EpochUnit, TimeForm } from "./data/convert/time-cast.ts";
export type { DataJobOptions } from "./data/jobs/data-job-options.ts";
export { integrationJob, type IntegrationJobDefinition } from "./data/jobs/integration-job.ts";
export type { PublishedResult } from "./data/jobs/publish-as-result.ts";
export {
  loadConfiguration,
  type LoadConfiguration,
  type NotificationConfig,
  type StrategyConfig,
} from "./loads/load-configuration.ts";
export { loadJob, type LoadJobDefinition, type LoadOutput, type LoadTransform } from "./loads/load-job.ts";
export type { LoadedResult, LoadResult } from "./loads/run-loads.ts";
export type {
  ExtractorStrategy,
  LoaderStrategy,
  LoadStrategies,
  LoadStrategy,
  StrategyPlace,
} from "./loads/strategy.ts";
export { jiraJob } from "./integrations/jira/job.ts";
export type { JiraFieldOptions, JiraJobOptions, JiraStatusCategory } from "./integrations/jira/options.ts";
export { jiraConnection, type JiraConnectionOptions } from "./integrations/jira/client.ts";
export type { JiraConfig } from "./integrations/jira/document-config.ts";
export type { JiraDeployment, JiraEndpoints } from "./integrations/jira/endpoints.ts";
export type { JiraValidation } from "./integrations/jira/validation.ts";
export { githubJob } from "./integrations/github/job.ts";
export type {
  GithubCommits,
  GithubJobOptions,
  GithubProduction,
  GithubRepositories,
  GithubStream,
} from "./integrations/github/options.ts";
export { githubConnection, type GithubApp, type GithubConnectionOptions } from "./integrations/github/client.ts";
export type { GithubConfig } from "./integrations/github/document-config.ts";
export type { GithubEndpoints } from "./integrations/github/endpoints.ts";
export type { GithubValidation } from "./integrations/github/validation.ts";
export * from "./integrations/delivery/delivery.ts";
export type { DocumentRetry, GivenRetry } from "./integrations/document/retry-config.ts";
export type { DocumentSchedule, DocumentSchedules, GivenSchedule } from "./integrations/document/schedule-config.ts";
export {
  streamJob,
  type DeadLetterOptions,
  type StreamJobDefinition,
  type StreamParams,
} from "./stream/jobs/stream-job.ts";
export type { BatchJobDefinition } from "./stream/batches/batch-job.ts";
export type { BatchContext } from "./stream/batches/batch-context.ts";
export type { BatchParams } from "./stream/batches/batch-params.ts";
export type { Batch, BatchEntry } from "./stream/batches/batch.ts";
export type { BatchTriggerOptions } from "./stream/batches/batch-options.ts";
export type { TopicRange } from "./core/stream/topic-reader.ts";
export type { JobInput } from "./core/job/job-inputs.ts";
export type { ReplicaOptions } from "./stream/jobs/replicas.ts";
export {
  joinJob,
  type JoinBy,
  type JoinInputs,
  type JoinJobDefinition,
  type JoinValues,
} from "./stream/jobs/join-job.ts";
export type { RecordsResult } from "./stream/members/member-loop.ts";
export type { StreamContext, StreamProduceOptions, StreamRecord } from "./stream/worker/stream-context.ts";
export type { FailurePolicy } from "./stream/worker/worker-settings.ts";
export {
  defineLookup,
  type Lookup,
  type LookupContext,
  type LookupKey,
  type LookupOptions,
} from "./core/stream/lookup.ts";
export type { AskLookup } from "./stream/lookup/lookups.ts";
export { payloadTokenSchema, type PayloadToken } from "./core/stream/payload-token.ts";
export type { JobPayloads, PayloadAccess, PayloadContent, PutPayload } from "./core/stream/stream-payloads.ts";
export { defineTopic, type Topic, type TopicOptions } from "./core/stream/topic.ts";
export {
  defineStore,
  type AppliedRecord,
  type StoreDefinition,
  type StoreEntry,
  type StoreOptions,
  type StoreReader,
  type StoreState,
  type StoreView,
} from "./core/stream/store.ts";
export type { ReplayOfRun } from "./core/stream/replay-param.ts";
export type { AskStore } from "./stream/stores/open-stores.ts";
export type { JobStreams, ProduceOptions, ProduceResult, StreamLogger } from "./core/stream/job-streams.ts";
export type { BatchTrigger, JobStream, JobStreamKind, Replicas } from "./core/stream/job-stream.ts";
export type { PartitionBounds, TopicDeclaration, TopicReference, TopicState } from "./core/stream/stream-log.ts";
export type { TopicName } from "./core/stream/topic-name.ts";
export type { KafkaLogOptions, KafkaSaslOptions, KafkaTlsOptions } from "./core/stream/kafka-log-options.ts";
export type { StreamsOptions } from "./project/streams-options.ts";
export type { Size } from "./core/size.ts";
export { sqlJob, type SqlJobDefinition } from "./data/jobs/sql-job.ts";
export { aggregateJob, type Aggregate, type AggregateJobDefinition } from "./data/jobs/aggregate-job.ts";
export {
  mapReduceJob,
  type MapReducedResult,
  type MapReduceJobDefinition,
  type MapReduceJobOptions,
} from "./data/jobs/map-reduce-job.ts";
export type {
  Combination,
  CsvView,
  Emit,
  EmitBytes,
  FieldCount,
  FieldName,
  FieldOperation,
  FieldReduction,
  FieldView,
  LineView,
  MapBatch,
  MapBytes,
  MapKey,
  MapRead,
  MapRecord,
  MapReduceCode,
  MapRow,
  ReduceValues,
  Reduction,
} from "./core/mapreduce/map-reduce.ts";
export type {
  BadRecordPolicy,
  MapEngine,
  MapInput,
  MapReduceFigures,
  MapReduceRequest,
} from "./core/mapreduce/map-reduce-request.ts";
export type { SourceWait } from "./data/jobs/publish-in-units.ts";
export type { SourceKindName } from "./data/sources/source-options.ts";
export type {
  CursorWatermark,
  TimeWatermark,
  UnitOptions,
  UnitsWatermark,
  UnitWatermark,
} from "./data/units/unit-options.ts";
export type { ChangedOnly, InputOptions, Inputs } from "./data/units/input-options.ts";
export type { Partition, Period, Sections } from "./core/schedule/partition.ts";
export type { Granularity } from "./core/schedule/granularity.ts";
export type { InstantFormat } from "./core/schedule/instant-format.ts";
export type { CursorFormats } from "./core/dataset/cursor-value.ts";
export type {
  KnownRows,
  PayloadReading,
  SourceReading,
  SourceUnit,
  UnitOutcome,
  WatchedField,
} from "./core/dataset/source.ts";
export { ExactNumber, type VariableValue, type Variables } from "./core/dataset/variables.ts";
export type { TargetFormatName } from "./data/targets/target-options.ts";
export {
  enqueue,
  type EnqueueArguments,
  type EnqueuedRun,
  type EnqueueOptions,
  type EnqueueSettings,
} from "./app/enqueue.ts";
export { enqueueRecords, type EnqueueRecordsOptions } from "./app/enqueue-records.ts";
export type { PostgresClient } from "./store/postgres/enqueue.ts";
export { openSpark } from "./app/connections/open-spark.ts";
export type { SparkOptions, SparkRow, SparkSession, SparkStatementOptions } from "./compute/spark/spark-session.ts";
export type { TokenSource } from "./compute/spark/connect/connect-channel.ts";
export type { ExecutionProgress } from "./compute/spark/connect/connect-responses.ts";
/** The schema library of configs, params and checkpoints. */
export { z } from "zod";

installPipelineRunner(async (pipeline, params) => {
  const { runPipeline } = await import("./app/run-pipeline.ts");
  return runPipeline(pipeline, params);
});
