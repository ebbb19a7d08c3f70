// Keeps the newest figures of benches: a JSON file each, and the page made from all of them.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { BenchRecord } from "./bench-record.ts";
import { formatPage } from "./results-page.ts";

const benchFolder = resolve(import.meta.dirname, "..");
export const resultsFolder: string = join(benchFolder, "results");
export const pagePath: string = join(benchFolder, "RESULTS.md");

/** Puts each record in the place of the one before it, and makes the page anew. */
export async function recordResults(records: readonly BenchRecord[]): Promise<void> {
  await mkdir(resultsFolder, { recursive: true });
  for (const record of records) {
    await writeFile(join(resultsFolder, `${record.bench}.json`), `${JSON.stringify(record, undefined, 2)}\n`);
  }
  await writeFile(pagePath, formatPage(await readRecords()));
}

/** All that are kept. */
export async function readRecords(): Promise<BenchRecord[]> {
  const names = (await readdir(resultsFolder)).filter((name) => name.endsWith(".json"));
  // only this file writes them
  return await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(resultsFolder, name), "utf8")) as BenchRecord),
  );
}
