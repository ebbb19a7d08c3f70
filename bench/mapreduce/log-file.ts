// A generated access log with what a count of it has to come to, so that no side of a bench is quick by counting something else.
import { createHash } from "node:crypto";
import { dirname, basename } from "node:path";
import { writeAccessLog } from "../../examples/page-hits/logs/write-access-log.ts";
import type { AccessLogOptions } from "../../examples/page-hits/logs/access-log.ts";

/** The size of the log in megabytes; less for a quick look. */
export const logMb: number = Number(process.env["BENCH_LOG_MB"] ?? 1000);

export interface LogFile {
  readonly path: string;
  readonly lines: number;
  readonly keys: number;
  /** Of what a count by path comes to. */
  readonly digest: string;
}

/** Whole lines only. */
export async function writeLogFile(path: string, options: AccessLogOptions = {}): Promise<LogFile> {
  const part = { name: basename(path), bytes: logMb * 1_000_000 };
  const { lines, hits, paths } = await writeAccessLog(dirname(path), [part], { badPerMillion: 0, ...options });
  const counts = paths.flatMap((key, page) => (hits[page] === 0 ? [] : [[key, hits[page] ?? 0] as const]));
  return { path, lines, keys: counts.length, digest: digestOf(counts) };
}

/** Of pairs in any order. */
export function digestOf(counts: readonly (readonly [key: string, count: number | bigint])[]): string {
  const lines = counts.map(([key, count]) => `${count}\t${key}\n`).toSorted();
  return createHash("sha256").update(lines.join("")).digest("hex");
}
