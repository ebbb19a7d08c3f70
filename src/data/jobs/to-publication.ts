// What a declarative job publishes, once its checks and its output fit each other.
import type { Check } from "../../core/dataset/check.ts";
import type { DatasetOutput } from "../../core/dataset/dataset.ts";
import { listReferences } from "../checks/check-definition.ts";
import { assertModeRows } from "../modes/assert-mode-rows.ts";
import { toDatasetOutput } from "../publish/named-request.ts";
import type { DataJobOptions } from "./data-job-options.ts";
import { resolveBases } from "./purpose-rules.ts";

export interface Publication {
  readonly checks: readonly Check[];
  readonly output: DatasetOutput;
  /** Datasets that checks compare with; its own is none of them. */
  readonly references: readonly string[];
}

/** @param where the job, for messages @throws MillraceError `JOB_INVALID` when checks and output do not go together */
export function toPublication(where: string, { checks: declared = [], output: given }: DataJobOptions): Publication {
  const checks = resolveBases(where, declared, {});
  const output = toDatasetOutput(given);
  assertModeRows(where, { output, outputPath: ["output"], checks });
  return { checks, output, references: listReferences(checks).filter((reference) => reference !== output.dataset) };
}
