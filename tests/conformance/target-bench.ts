// What the suites of the targets' contract are given: a target, and a project that publishes to it.
import type { DatasetLocation, DatasetOutput, DatasetTargets, WriteMode } from "../../src/core/dataset/dataset.ts";
import type { PublishResult } from "../../src/core/job/job-context.ts";
import type { AttemptOptions, DataProject } from "../support/data/data-project.ts";
import type { LackingType } from "./target-types.ts";

export interface TargetUnderTest {
  /** What an output says to publish there in this mode; paths are relative to the project. */
  options(mode: WriteMode): DatasetTargets;
  readonly canMerge: boolean;
  /** Default: what `canMerge` says. */
  readonly keepsHistory?: boolean;
  /** Removes the table behind the back of those who publish; default: what is at the path of the location. */
  remove?(location: DatasetLocation): Promise<void>;
  /** Types of the SQL engine that the target does not have. */
  readonly lacks?: readonly LackingType[];
  /** Moments of publishing, in order, at which the target is as before (`before`) or has the rows (`after`). */
  readonly failpoints: { readonly before: readonly string[]; readonly after: readonly string[] };
}

/** A project with the target under test. */
export interface Bench {
  readonly target: TargetUnderTest;
  readonly lacks: readonly LackingType[];
  readonly project: DataProject;
  output(mode: WriteMode, more?: Partial<DatasetOutput>): DatasetOutput;
  readonly put: (
    sql: string,
    mode: WriteMode,
    more?: Partial<DatasetOutput>,
    attempt?: AttemptOptions,
  ) => Promise<PublishResult>;
}
