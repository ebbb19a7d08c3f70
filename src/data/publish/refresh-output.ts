// What an output becomes in a full refresh: whatever its mode, the rows take the place of all that is there, columns as well.
import type { DatasetOutput } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";

/** @throws MillraceError `TARGET_UNSUPPORTED` for a folder of files, which cannot be replaced in one step */
export function toRefreshOutput(output: DatasetOutput): DatasetOutput {
  const { mode = "replace", parquet, dataset } = output;
  if (mode === "append" && parquet !== undefined) {
    throw new MillraceError(
      "TARGET_UNSUPPORTED",
      `a folder of parquet files cannot be replaced in one step, dataset: \`${dataset}\``,
      { hint: `\`millrace datasets reset ${dataset}\` deletes it; then run the job` },
    );
  }
  return { ...output, mode: "replace", schema: "replace" };
}
