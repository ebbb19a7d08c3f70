// Describes the definition of a job for its page, as a person reads it.
import type { z } from "zod";
import type { JobDefinition, JobDetail, JobNode } from "../../api/job.ts";
import type { JsonValue } from "../../api/page.ts";
import { formatDuration } from "../../core/duration.ts";
import type { Job } from "../../core/job/job.ts";
import type { JobPipeline, PipelineNode } from "../../core/job/pipeline.ts";
import { toJsonSchema } from "../../core/spec/to-json-schema.ts";
import { describeSla } from "../../core/schedule/sla.ts";
import type { RetryPolicy } from "../../core/recovery/retry-policy.ts";

/** What a job's page shows of its definition beside its short form. */
type DefinitionDetail = Pick<JobDetail, "params_schema" | "concurrency" | "connections" | "isolation" | "nodes">;

/** The definition's part of a job's page. */
export type JobDefinitionView = JobDefinition & DefinitionDetail;

/** @param file relative to the project */
export function toJobDefinitionView(
  definition: Job | JobPipeline<string>,
  file: string | undefined,
): JobDefinitionView {
  const detail = definition.kind === "job" ? viewJob(definition) : viewPipeline(definition);
  return { ...toJobDefinition(definition, file), ...detail };
}

/** The short form, cheap enough for lists. @param file relative to the project */
export function toJobDefinition(definition: Job | JobPipeline<string>, file: string | undefined): JobDefinition {
  return {
    file: file ?? null,
    ...(definition.kind === "job" ? describeJob(definition) : describePipeline(definition)),
  };
}

function describeJob(job: Job): Omit<JobDefinition, "file"> {
  return {
    purpose: job.purpose ?? null,
    layer: job.layer ?? null,
    inputs: job.inputs,
    outputs: job.outputs,
    retry: describeRetry(job.retry),
    timeout_ms: job.timeoutMs ?? null,
    sla: job.sla === undefined ? null : describeSla(job.sla),
    members: [],
  };
}

// A pipeline does no work of its own: what it needs is what its members need.
function describePipeline(pipeline: JobPipeline<string>): Omit<JobDefinition, "file"> {
  const jobs = pipeline.nodes().map(({ job }) => job);
  return {
    purpose: null,
    layer: null,
    inputs: pipeline.externalInputs(),
    outputs: [...new Set(jobs.flatMap(({ outputs }) => outputs))],
    retry: { attempts: 1, description: "its jobs are tried again as each of them says" },
    timeout_ms: null,
    sla: pipeline.sla === undefined ? null : describeSla(pipeline.sla),
    members: jobs.map(({ name }) => name),
  };
}

function viewJob(job: Job): DefinitionDetail {
  return {
    params_schema: toParamsSchema(job.params) ?? null,
    concurrency: job.concurrency ?? null,
    connections: job.connections,
    isolation: job.isolation,
    nodes: [toNode({ job, dependsOn: [], onUpstreamFailure: "cancel" })],
  };
}

function viewPipeline(pipeline: JobPipeline<string>): DefinitionDetail {
  const nodes = pipeline.nodes();
  const jobs = nodes.map(({ job }) => job);
  return {
    params_schema: mergeSchemas(jobs.map(({ params }) => toParamsSchema(params))) ?? null,
    concurrency: null,
    connections: [...new Set(jobs.flatMap(({ connections }) => connections))],
    isolation: "inline",
    nodes: nodes.map(toNode),
  };
}

function toNode({ job, dependsOn, onUpstreamFailure }: PipelineNode): JobNode {
  return {
    job_name: job.name,
    purpose: job.purpose ?? null,
    layer: job.layer ?? null,
    depends_on: dependsOn.map(({ job: name, because }) => ({ job_name: name, because: because ?? null })),
    on_upstream_failure: onUpstreamFailure,
    inputs: job.inputs,
    outputs: job.outputs,
  };
}

type JsonObject = Readonly<Record<string, JsonValue>>;

// A schema that JSON Schema has no words for is filled in as JSON. What comes out of one is JSON by definition.
function toParamsSchema(params: z.ZodType): JsonObject | undefined {
  return toJsonSchema(params) as JsonObject | undefined;
}

// Each job takes of a pipeline's params those that it declares; of two that declare the same one, the first describes it.
function mergeSchemas(schemas: readonly (JsonObject | undefined)[]): JsonObject | undefined {
  const properties = new Map<string, JsonValue>();
  const required = new Set<string>();
  for (const schema of schemas) {
    if (schema === undefined || schema["type"] !== "object") return undefined;
    for (const [name, property] of Object.entries(toObject(schema["properties"]))) {
      if (!properties.has(name)) properties.set(name, property);
    }
    for (const name of toTexts(schema["required"])) required.add(name);
  }
  return { type: "object", properties: Object.fromEntries(properties), required: [...required] };
}

function toObject(value: JsonValue | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function toTexts(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

function describeRetry(policy: RetryPolicy): JobDetail["retry"] {
  const { maxRetries, baseDelayMs, maxDelayMs, backoff, retryOn, standard, extended } = policy;
  const waits =
    backoff === "constant" || baseDelayMs === maxDelayMs
      ? formatDuration(baseDelayMs)
      : `${formatDuration(baseDelayMs)} to ${formatDuration(maxDelayMs)}`;
  const tiers = [standard, extended].flatMap((tier) =>
    tier === undefined
      ? []
      : [`then ${tier.retries} more after ${formatDuration(tier.fromMs)} to ${formatDuration(tier.toMs)}`],
  );
  const condition = retryOn === undefined ? [] : [`only on ${retryOn.join(", ")}`];
  const first = maxRetries === 0 ? "no retries" : `${maxRetries} ${backoff} retries after ${waits}`;
  const attempts = 1 + maxRetries + (standard?.retries ?? 0) + (extended?.retries ?? 0);
  return { attempts, description: [first, ...tiers, ...condition].join(", ") };
}
