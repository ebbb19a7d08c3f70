// Projects of benches whose jobs count an access log by path, and runs of them in processes of their own.
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { openDuckDbPeer } from "../data/duckdb-peer.ts";
import { jobProcess, makeProject } from "../harness/built-package.ts";
import { runNodeWithPeakMemory } from "../harness/node-process.ts";
import { digestOf, type LogFile, writeLogFile } from "./log-file.ts";
import { reportedMs } from "./reported-ms.ts";

/** Of programs that are run from their source. */
export const sourceOptions: readonly string[] = [
  "--conditions=millrace-source",
  "--disable-warning=ExperimentalWarning",
];

export interface LogProject {
  readonly path: string;
  readonly log: LogFile;
}

/** The package has to be built. @param hotShare of the lines, that one path has */
export async function createLogProject(parent: string, name: string, hotShare: number): Promise<LogProject> {
  const path = join(parent, name);
  await cp(join(import.meta.dirname, "project"), path, { recursive: true });
  await makeProject(path);
  return { path, log: await writeLogFile(join(path, "access.log"), { hotShare }) };
}

/** Runs a job of the project. @param peaks is told the megabytes of the process @returns milliseconds */
export async function runLogJob({ path, log }: LogProject, job: string, peaks: number[]): Promise<number> {
  for (const folder of ["out", "lake", ".millrace"]) await rm(join(path, folder), { recursive: true, force: true });
  const result = runNodeWithPeakMemory([...sourceOptions, jobProcess, path, job]);
  peaks.push(result.peakMb);
  await assertCounted(join(path, `out/${job}.parquet`), log);
  return reportedMs(result);
}

/** Runs the engine alone, to rows in files. @param peaks is told the megabytes of the process @returns milliseconds */
export async function runLogEngine({ path, log }: LogProject, job: string, peaks: number[]): Promise<number> {
  const folder = join(path, "rows");
  await rm(folder, { recursive: true, force: true });
  const program = join(import.meta.dirname, "count-by-engine.ts");
  const result = runNodeWithPeakMemory([...sourceOptions, program, path, job, folder]);
  peaks.push(result.peakMb);
  await assertCounted(join(folder, "rows-*.parquet"), log);
  return reportedMs(result);
}

/** @throws Error for counts that are not those of the log */
export async function assertCounted(parquet: string, log: LogFile): Promise<void> {
  using peer = await openDuckDbPeer();
  const rows = await peer.run(`select key, value::varchar as value from '${parquet}'`);
  assertDigest(parquet, digestOf(rows.map(({ key, value }) => [String(key), Number(value)] as const)), log);
}

export function assertDigest(what: string, digest: string, log: LogFile): void {
  if (digest !== log.digest) throw new Error(`${what} has counted something else than there is`);
}
