// What the process that waits for a job and the processes on executors tell each other through a bucket: an object with all of a round,
// and one object for all that an attempt at a task has done, so that nobody ever sees a part of it.
import { MillraceError } from "../../../core/errors/errors.ts";
import type { Run } from "../../mapreduce/runs/run.ts";
import type { ExecutorJob, ExecutorTask } from "./executor-protocol.ts";

/** All that processes of a round need. Addresses are signed, for some hours and one object each; there is no key of ours in it. */
export interface BucketRound {
  /** Of the process that waits; paths in tasks and answers begin with it. */
  readonly folder: string;
  readonly job: ExecutorJob;
  readonly tasks: readonly ExecutorTask[];
  readonly lease: string;
  /** Addresses of what is mapped, by paths of the process that waits. */
  readonly inputs: Readonly<Record<string, string>>;
  /** What is reduced; empty for a round of the map side. */
  readonly runs: readonly BucketRun[];
  /** Addresses to write to, in the order of the tasks. */
  readonly results: readonly BucketResults[];
}

export interface BucketResults {
  readonly answer: { readonly read: string; readonly write: string };
  /** Only to be written. */
  readonly failure: string;
}

/** A run within the object of the attempt that made it. */
export interface BucketRun {
  readonly run: Run;
  readonly address: string;
  /** Where its first byte is in the object. */
  readonly at: number;
}

/** Its file: on executors no run stays in memory. @throws MillraceError `INTERNAL` */
export function placeOf({ place }: Run): string {
  if (typeof place === "string") return place;
  throw new MillraceError("INTERNAL", "a run of an executor is in no file");
}

/** What an object of an attempt begins with; the bytes of its files follow in their order. */
export interface AttemptHead {
  /** Of the answer's file, which has its checksum. */
  readonly name: string;
  /** As it is in that file. */
  readonly answer: string;
  /** By paths of the process that waits. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
}

/** In the place of what renews a lease: all processes end. */
export const stopWord = "stop";

const lengthBytes = 4;

/** What an object begins with. */
export function encodeHead(head: AttemptHead): Buffer {
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32LE(text.length);
  return Buffer.concat([length, text]);
}

/** An object whose head was read. */
export interface OpenedAttempt {
  readonly head: AttemptHead;
  /** Where the first file begins in the object. */
  readonly at: number;
  /** Bytes of the files that came with the head; the others are what is left of the chunks. */
  readonly more: Uint8Array;
}

/** @param chunks of an object, of which no more are taken than are needed @throws MillraceError `SOURCE_UNREADABLE` for one that was cut */
export async function readHead(chunks: AsyncIterator<Uint8Array>): Promise<OpenedAttempt> {
  let bytes: Buffer = Buffer.alloc(0);
  const take = async (wanted: number): Promise<void> => {
    while (bytes.length < wanted) {
      const { done, value } = await chunks.next();
      if (done === true) {
        throw new MillraceError("SOURCE_UNREADABLE", "what a process on an executor has written ends too early", {
          disposition: "retry",
        });
      }
      bytes = Buffer.concat([bytes, value]);
    }
  };
  await take(lengthBytes);
  const at = lengthBytes + bytes.readUInt32LE();
  await take(at);
  const head = JSON.parse(bytes.subarray(lengthBytes, at).toString()) as AttemptHead;
  return { head, at, more: bytes.subarray(at) };
}
