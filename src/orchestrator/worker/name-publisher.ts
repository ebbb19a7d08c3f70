// Tells who waits for a dataset which job makes it. Jobs are known where runs end, and not where datasets are read.
import { MillraceError } from "../../core/errors/errors.ts";
import type { JobRegistry } from "../attempt/job-registry.ts";

/** The error of a run; of one that missed a dataset which a known job publishes, with how to publish it. */
export function namePublisher(error: MillraceError, registry: Pick<JobRegistry, "names" | "job">): MillraceError {
  const dataset = error.code === "DATASET_UNKNOWN" ? error.details?.["dataset"] : undefined;
  if (typeof dataset !== "string") return error;
  const publisher = [...registry.names].find((name) => registry.job(name).outputs.includes(dataset));
  if (publisher === undefined) return error;
  const { code, message, details = {}, errorClass } = error;
  return new MillraceError(code, message, { hint: `\`millrace run ${publisher}\` publishes it`, details, errorClass });
}
