// Turns an output into that of a full refresh: whatever its mode, the new rows and columns replace all that is there.
import type { DatasetOutput } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { findFixedTarget } from "../targets/target-registry.ts";

/** @throws MillraceError `TARGET_UNSUPPORTED` for a table that is appended to and cannot be replaced in one step */
export function toRefreshOutput(output: DatasetOutput): DatasetOutput {
  const { mode = "replace", dataset } = output;
  const fixed = mode === "append" ? findFixedTarget(output) : undefined;
  if (fixed !== undefined) {
    const message = `a ${fixed.name} target that is appended to cannot be replaced in one step, dataset: \`${dataset}\``;
    throw new MillraceError("TARGET_UNSUPPORTED", message, {
      hint: `\`millrace datasets reset ${dataset}\` deletes it; then run the job`,
    });
  }
  return { ...output, mode: "replace", schema: "replace" };
}
