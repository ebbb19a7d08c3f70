// Publishes CSV.
import type { WriteMode } from "../../../core/dataset/dataset.ts";
import type { Target } from "../../target.ts";
import { createTextTarget } from "../text-target.ts";
import { csvText } from "./text.ts";

/** A CSV file or, for `append`, a folder of them, at an absolute path. */
export function createCsvTarget(path: string, mode: WriteMode): Target {
  return createTextTarget(csvText, path, mode);
}
