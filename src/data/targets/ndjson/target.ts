// Publishes NDJSON.
import type { WriteMode } from "../../../core/dataset/dataset.ts";
import type { Target } from "../../target.ts";
import { createTextTarget } from "../text-target.ts";
import { ndjsonText } from "./text.ts";

/** A NDJSON file or, for `append`, a folder of them, at an absolute path. */
export function createNdjsonTarget(path: string, mode: WriteMode): Target {
  return createTextTarget(ndjsonText, path, mode);
}
