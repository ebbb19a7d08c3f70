// Reads the samples of rows that broke a blocking check, where publishing has kept them.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FailedRows, ShownRow } from "../../core/dataset/dataset-reader.ts";
import { sampleFile } from "../checks/sample-file.ts";
import { failedFolder } from "../files/staging-folders.ts";

/** `undefined` when nothing is kept: the dataset was published since, or its rows are on another machine. */
export async function readFailedRows(
  staging: string,
  dataset: string,
  checks: readonly string[],
): Promise<FailedRows | undefined> {
  const folder = failedFolder(staging, dataset);
  // What is there was written by `assertChecks`.
  const about = (await readJson(join(folder, "about.json"))) as { readonly run: string } | undefined;
  if (about === undefined) return undefined;
  const samples = await Promise.all(
    checks.map(async (check) => {
      const rows = (await readJson(join(folder, "samples", sampleFile(check)))) as readonly ShownRow[] | undefined;
      return rows === undefined ? [] : [{ check, rows }];
    }),
  );
  return { run: about.run, samples: samples.flat() };
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as unknown;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
