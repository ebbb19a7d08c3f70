// Starts the sides of benches of streams, each in a process of its own, and holds what they handled against what was given to them.
import { join } from "node:path";
import { runNode } from "../harness/node-process.ts";

/** What a side tells. */
export interface StreamSide {
  /** Of all of it. */
  readonly ms: number;
  /** Records that came to their end. */
  readonly records: number;
  /** Of what they were counted to, where they were. */
  readonly digest?: string;
  /** Time of the processor, where it is told. */
  readonly cpuMs?: number;
  /** Of delays of single records. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

/** What a side tells that is about memory; its `ms` is how long that took. */
export interface MemorySide extends StreamSide {
  readonly peakMb: number;
}

/** What both sides of a comparison must have come to. */
export interface Expected {
  readonly records: number;
  readonly digest?: string;
}

/** What the command line asks of Node.js for itself: code that was compiled before is not compiled again. */
const env = { ...process.env, NODE_COMPILE_CACHE: join(import.meta.dirname, "..", "..", ".cache", "compiled") };

/** Runs a scenario of `stream-process.ts` to its end. @throws Error when it handled other records than it was given */
export function runSide(scenario: string, input: object, expected: Expected): StreamSide {
  const program = join(import.meta.dirname, "stream-process.ts");
  const flags = ["--conditions=millrace-source", "--disable-warning=ExperimentalWarning"];
  const { stdout } = runNode([...flags, program, scenario, JSON.stringify(input)], { env });
  return check(scenario, parseSide(stdout), expected);
}

/** The last line of what a side printed. */
export function parseSide(stdout: string): StreamSide {
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as StreamSide;
}

/** The side, when it did the work. */
export function check(name: string, side: StreamSide, { records, digest }: Expected): StreamSide {
  if (side.records !== records)
    throw new Error(`\`${name}\` handled another number of records than ${records}: ${side.records}`);
  if (side.digest !== digest) throw new Error(`\`${name}\` counted its records to something else than was expected`);
  return side;
}

/** Microseconds for each record. */
export function perRecordUs({ ms, records }: StreamSide): number {
  return (ms * 1_000) / records;
}
