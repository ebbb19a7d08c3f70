// Defines what a job says of its next run: what that would read and publish now. Nothing is sent, written or locked for it.
import type { WriteMode } from "../dataset/dataset.ts";
import type { SourcePlan } from "../dataset/source-plan.ts";
import type { WatermarkValue } from "../dataset/watermark.ts";
import type { Window } from "../schedule/window.ts";
import type { JobContext, JobData, PublishRequest, RunInfo } from "./job-context.ts";

/** What a run would do now. */
export interface JobPlan extends PublicationPlan {
  /** What is read on its own, in the order in which it is read; one without a key when nothing divides the source. */
  readonly units: readonly PlannedUnit[];
  /** Units that are due and left for the runs after it. */
  readonly deferred: number;
}

export interface PlannedUnit {
  /** Empty for one that is alone. */
  readonly key: string;
  /** The part of time that is read. */
  readonly window?: Window;
  /** How far it was read before. */
  readonly watermark?: WatermarkValue;
}

/** The part of a plan that follows from what is published. */
export interface PublicationPlan {
  /** Absent when only datasets are read. */
  readonly source?: SourcePlan;
  /** The selects, each over the rows of the one before. */
  readonly sql: readonly string[];
  readonly inputs: readonly PlannedInput[];
  readonly output: PlannedOutput;
  /** What a person should know. */
  readonly notes: readonly string[];
}

/** A dataset that is read, as it is now. */
export interface PlannedInput {
  readonly dataset: string;
  /** Absent while no run has published it. */
  readonly version?: number;
  readonly rows?: number;
}

export interface PlannedOutput {
  readonly dataset: string;
  readonly mode: WriteMode;
  /** Format and place of each table. */
  readonly targets: readonly { readonly format: string; readonly path: string }[];
  /** The version that is there now. */
  readonly version?: number;
  /** What changes about its columns; absent where only the rows tell. */
  readonly columns?: {
    readonly added: readonly { readonly name: string; readonly type: string }[];
    readonly missing: readonly string[];
  };
}

/** What a job needs to plan: what a run has, as far as it only reads. */
export interface PlanContext extends UnitsContext {
  /** What publishing would do. */
  plan(request: PublishRequest): Promise<PublicationPlan>;
}

/** What decides which units are due; a run has it, and a plan. */
export interface UnitsContext extends Pick<JobContext, "config" | "params" | "window" | "sql" | "step" | "units"> {
  readonly run: Pick<RunInfo, "isFullRefresh">;
  readonly data: Pick<JobData, "dataset" | "credentials" | "hasPublished">;
}
