// Jobs with dependencies. A pipeline that could not run is refused while it is built, by name.
import { z } from "zod";
import { MillraceError } from "../errors/errors.ts";
import type { Job } from "./job.ts";
import { type JobReference, jobReferences, type RunArguments, toJobName } from "./job-reference.ts";
import { assertName } from "../name.ts";
import { pipelineRunner, type RunReport } from "./pipeline-runner.ts";
import { createSla, type Sla, type SlaOptions, slaSpec } from "../schedule/sla.ts";
import { createSchedule, type Schedule, type ScheduleOptions, scheduleSpec } from "../schedule/schedule.ts";
import { optional } from "../spec/option-notes.ts";
import { choice } from "../spec/option-values.ts";
import { parseOptions } from "../spec/parse-options.ts";
import { defineSpec, type Spec } from "../spec/spec.ts";
import { suggest } from "../errors/suggest.ts";

/** What happens to a job when one it depends on did not finish: `cancel` and `skip` end it, `continue` runs it anyway. */
export type UpstreamFailurePolicy = (typeof upstreamFailurePolicies)[number];

const upstreamFailurePolicies = ["cancel", "skip", "continue"] as const;

export interface AddJobOptions<Names extends string> {
  /** Jobs already added, by name or as they are. */
  readonly dependsOn?: readonly (Names | JobReference<Names>)[];
  /** Default `cancel`. */
  readonly onUpstreamFailure?: UpstreamFailurePolicy;
}

/** A job in a pipeline with its edges. `because` names the dataset of an inferred edge. */
export interface PipelineNode {
  readonly job: Job;
  readonly dependsOn: readonly { readonly job: string; readonly because: string | undefined }[];
  readonly onUpstreamFailure: UpstreamFailurePolicy;
}

export interface PipelineOptions {
  readonly description?: string;
  /** When it starts by itself. Default: only when it is asked to. */
  readonly schedule?: ScheduleOptions;
  /** By when its runs are to have finished. Default: whenever they do. */
  readonly sla?: SlaOptions;
}

export const pipelineSpec: Spec<PipelineOptions> = defineSpec<PipelineOptions>()(() => ({
  description: optional(z.string()).describe("one line for lists"),
  schedule: optional(scheduleSpec.schema, "only when it is asked to").describe("when it starts by itself"),
  sla: optional(slaSpec.schema, "whenever they do").describe("by when its runs are to have finished"),
}));

const addSpec = defineSpec<AddJobOptions<string>>()(() => ({
  dependsOn: jobReferences().default([]).describe("jobs already added, by name or as they are"),
  onUpstreamFailure: choice(upstreamFailurePolicies)
    .default("cancel")
    .describe("when a job that it depends on did not finish: `cancel` and `skip` end it, `continue` runs it anyway"),
}));

export const addJobSpec: Spec<AddJobOptions<string>> = addSpec;

/**
 * What a run of a pipeline is given for one of its jobs. A job that declares no params asks for none, as one that takes any
 * others does: which ones is nowhere said.
 */
export type DeclaredParams<Params> = string extends keyof Params ? unknown : Params;

/**
 * A graph of jobs. `Params` is what a run of it is given: what its jobs declare, together. Dependencies are those of `dependsOn` plus one for each dataset that a job reads and another
 * job of the pipeline publishes, whatever their order of adding.
 */
export class JobPipeline<Names extends string = never, Params = unknown> {
  readonly kind = "pipeline";
  readonly name: string;
  readonly description: string | undefined;
  readonly schedule: Schedule | undefined;
  readonly sla: Sla | undefined;
  readonly #added = new Map<string, AddedJob>();
  readonly #producers = new Map<string, string>();
  readonly #read = new Set<string>();

  constructor(name: string, options: PipelineOptions = {}) {
    assertName("pipeline", name);
    const { description, schedule, sla } = parseOptions(pipelineSpec, options, `pipeline \`${name}\``);
    this.name = name;
    this.description = description;
    this.schedule = schedule === undefined ? undefined : createSchedule(name, schedule);
    this.sla = sla === undefined ? undefined : createSla(name, sla, this.schedule);
  }

  /**
   * Runs the pipeline in this process, on the project of the current folder, and resolves when it has FINISHED.
   * @throws MillraceError the first job's error when it has not
   */
  run(...[params]: RunArguments<Params>): Promise<RunReport> {
    return pipelineRunner()(this, params ?? {});
  }

  /** Adds a job and returns the pipeline. @throws MillraceError `JOB_INVALID` | `JOB_DUPLICATE` | `JOB_UNKNOWN` | `DATASET_DUPLICATE` | `PIPELINE_CYCLE` */
  addJob<const Name extends string, JobParams>(
    job: Job<Name, JobParams>,
    options: AddJobOptions<NoInfer<Names>> = {},
  ): JobPipeline<Names | Name, Params & DeclaredParams<JobParams>> {
    if (this.#added.has(job.name)) {
      throw new MillraceError("JOB_DUPLICATE", `job \`${job.name}\` is already in pipeline \`${this.name}\``);
    }
    const where = `job \`${job.name}\` in pipeline \`${this.name}\``;
    const { dependsOn, onUpstreamFailure } = parseOptions(addSpec, options, where);
    for (const upstream of dependsOn) this.#assertAdded(job.name, upstream);
    this.#assertSingleProducer(job);
    this.#added.set(job.name, { job, dependsOn: dependsOn.map(toJobName), onUpstreamFailure });
    for (const dataset of job.outputs) this.#producers.set(dataset, job.name);
    for (const dataset of job.inputs) this.#read.add(dataset);
    // Edges lead from jobs added before, so only a dataset that was awaited can close a cycle.
    if (job.outputs.some((dataset) => this.#read.has(dataset))) this.#assertAcyclic();
    // The type of the pipeline grows with it.
    return this as unknown as JobPipeline<Names | Name, Params & DeclaredParams<JobParams>>;
  }

  /** The jobs in an order in which each comes after those it depends on; stable for the same pipeline. */
  nodes(): readonly PipelineNode[] {
    return sortByDependency(this.#unsortedNodes()).sorted;
  }

  /** Datasets that are read but not published by a job of this pipeline; they must exist already. */
  externalInputs(): readonly string[] {
    return [...this.#read].filter((dataset) => !this.#producers.has(dataset));
  }

  #unsortedNodes(): PipelineNode[] {
    return [...this.#added.values()].map(({ job, dependsOn: declared, onUpstreamFailure }) => {
      const edges = new Map<string, string | undefined>(declared.map((name) => [name, undefined]));
      for (const dataset of job.inputs) {
        const producer = this.#producers.get(dataset);
        if (producer !== undefined && producer !== job.name && !edges.has(producer)) edges.set(producer, dataset);
      }
      const dependsOn = [...edges].map(([name, because]) => ({ job: name, because }));
      return { job, dependsOn, onUpstreamFailure };
    });
  }

  #assertAdded(name: string, upstream: string | JobReference): void {
    const wanted = toJobName(upstream);
    const added = this.#added.get(wanted)?.job;
    if (added !== undefined && (typeof upstream === "string" || upstream === added)) return;
    if (wanted === name) {
      throw new MillraceError("PIPELINE_CYCLE", `job \`${name}\` depends on itself in pipeline \`${this.name}\``);
    }
    const other =
      added === undefined ? suggest(wanted, this.#added.keys()) : ", but another job of that name was added";
    const message = `job \`${name}\` depends on unknown job \`${wanted}\` in pipeline \`${this.name}\`${other}`;
    throw new MillraceError("JOB_UNKNOWN", message, { hint: "add the upstream job before the ones that depend on it" });
  }

  #assertSingleProducer(job: Job): void {
    for (const dataset of job.outputs) {
      const other = this.#producers.get(dataset);
      if (other === undefined) continue;
      throw new MillraceError(
        "DATASET_DUPLICATE",
        `jobs \`${other}\` and \`${job.name}\` both publish dataset \`${dataset}\``,
      );
    }
  }

  #assertAcyclic(): void {
    const { cycle } = sortByDependency(this.#unsortedNodes());
    if (cycle.length === 0) return;
    throw new MillraceError(
      "PIPELINE_CYCLE",
      `pipeline \`${this.name}\` has a cycle: ${cycle.map((name) => `\`${name}\``).join(" → ")}`,
      {
        hint: "remove one of these dependencies; edges also come from datasets that one job publishes and another reads",
      },
    );
  }
}

interface AddedJob {
  readonly job: Job;
  readonly dependsOn: readonly string[];
  readonly onUpstreamFailure: UpstreamFailurePolicy;
}

/** Tells whether a module's export is a pipeline, also one made by another copy of this module. */
export function isPipeline(value: unknown): value is JobPipeline<string> {
  return (
    typeof value === "object" && value !== null && "kind" in value && value.kind === "pipeline" && "nodes" in value
  );
}

// Depth-first in order of adding; on a back edge `cycle` holds its names with the first repeated at the end.
function sortByDependency(nodes: readonly PipelineNode[]): { sorted: PipelineNode[]; cycle: string[] } {
  const byName = new Map(nodes.map((node) => [node.job.name, node]));
  const sorted = new Set<PipelineNode>();
  const path: string[] = [];
  const visit = (node: PipelineNode): string[] => {
    if (sorted.has(node)) return [];
    const start = path.indexOf(node.job.name);
    if (start !== -1) return [...path.slice(start), node.job.name];
    path.push(node.job.name);
    for (const { job } of node.dependsOn) {
      const upstream = byName.get(job);
      const cycle = upstream === undefined ? [] : visit(upstream);
      if (cycle.length > 0) return cycle;
    }
    path.pop();
    sorted.add(node);
    return [];
  };
  for (const node of nodes) {
    const cycle = visit(node);
    if (cycle.length > 0) return { sorted: [], cycle };
  }
  return { sorted: [...sorted], cycle: [] };
}
