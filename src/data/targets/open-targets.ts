// From the declared output to its targets; the first one named is the one that other jobs read.
import { join } from "node:path";
import type { DatasetOutput } from "../../core/dataset/dataset.ts";
import { resolveTargetPath } from "../files/project-path.ts";
import type { Target } from "../target.ts";
import { createDeltaTarget } from "./delta-target.ts";
import { createDuckDbTarget } from "./duckdb-target.ts";
import { createParquetTarget } from "./parquet-target.ts";
import { createSqliteTarget } from "./sqlite-target.ts";

/** Targets in the order in which the output names them; without any, a Delta table in the lake. */
export function openTargets(output: DatasetOutput, paths: { readonly root: string; readonly lake: string }): Target[] {
  const targets = Object.keys(output).flatMap((option) => openTarget(option, output, paths));
  return targets.length > 0 ? targets : [createDeltaTarget(join(paths.lake, output.dataset), {})];
}

function openTarget(
  option: string,
  { dataset, mode = "replace", delta, parquet, sqlite, duckdb }: DatasetOutput,
  paths: { readonly root: string; readonly lake: string },
): Target[] {
  if (option === "delta" && delta !== undefined) {
    const path = delta.path === undefined ? join(paths.lake, dataset) : resolveTargetPath(paths, delta.path);
    return [createDeltaTarget(path, delta)];
  }
  if (option === "parquet" && parquet !== undefined) {
    return [createParquetTarget(resolveTargetPath(paths, parquet.path), mode)];
  }
  if (option === "sqlite" && sqlite !== undefined) {
    return [createSqliteTarget(resolveTargetPath(paths, sqlite.path), sqlite.table ?? dataset)];
  }
  if (option === "duckdb" && duckdb !== undefined) {
    return [createDuckDbTarget(resolveTargetPath(paths, duckdb.path), duckdb.table ?? dataset)];
  }
  return [];
}
