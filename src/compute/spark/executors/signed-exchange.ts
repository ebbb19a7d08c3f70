// Reads and writes objects of a bucket by addresses that were signed for that, with nothing but what Node.js has: it is part of what
// executors run. What may pass is tried again.
import { closeSync, openSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { MillraceError } from "../../../core/errors/errors.ts";

const tries = 5;
const firstPauseMs = 200;
/** Of one exchange. */
const mostMs = 600_000;

/** Text of an object; `undefined` when there is none. @throws MillraceError as `readInto` */
export async function readText(address: string): Promise<string | undefined> {
  return await again(address, async () => {
    const response = await send(address, {});
    if (response.status === 404) return undefined;
    assertGood(address, response);
    return await response.text();
  });
}

/** Bytes of an object as they come, once. @throws MillraceError as `readInto` */
export async function* openObject(address: string): AsyncGenerator<Uint8Array, void> {
  const response = await send(address, {});
  assertGood(address, response);
  for await (const chunk of response.body ?? []) yield chunk;
}

/** A part of an object, `from` and before `to`. */
export interface Part {
  readonly from: number;
  readonly to: number;
  /** Where in the file its first byte goes. */
  readonly at: number;
}

/**
 * Writes a part of an object into a file, which is made when it is not there.
 * @param look told of the bytes, with where they are in the object
 * @throws MillraceError `SERVICE_UNAVAILABLE`, `PERMISSION_DENIED`, `SOURCE_UNREADABLE` for what is not there or shorter, `DISK_FULL`
 */
export async function readInto(
  path: string,
  address: string,
  { from, to, at }: Part,
  look: (bytes: Uint8Array, at: number) => void = () => undefined,
): Promise<void> {
  const handle = openSync(path, "a");
  closeSync(handle);
  if (to <= from) return;
  await again(address, async () => {
    const response = await send(address, { headers: { range: `bytes=${from}-${to - 1}` } });
    assertGood(address, response);
    // a service that knows no ranges would begin with the first byte
    if (response.status !== 206) throw unreadable(address, `expected a part of it, got status ${response.status}`);
    const file = openSync(path, "r+");
    let read = 0;
    try {
      for await (const chunk of response.body ?? []) {
        for (let done = 0; done < chunk.length;) {
          done += writeSync(file, chunk, done, chunk.length - done, at + read + done);
        }
        look(chunk, from + read);
        read += chunk.length;
      }
    } finally {
      closeSync(file);
    }
    if (read !== to - from) throw unreadable(address, `expected ${to - from} bytes, got: ${read}`);
  });
}

/** Makes bytes the object. @param over `absent`: unless there is one @returns whether they are @throws MillraceError as `readInto` */
export async function writeObject(address: string, body: Blob, over?: "absent"): Promise<boolean> {
  return await again(address, async () => {
    const headers = over === undefined ? {} : { "if-none-match": "*" };
    const response = await send(address, { method: "PUT", body, headers });
    // another one writes it in this moment, or has written it
    if (over !== undefined && (response.status === 412 || response.status === 409)) return false;
    assertGood(address, response);
    return true;
  });
}

/** For people: where an address leads, without what opens it. */
export function withoutSignature(address: string): string {
  return address.split("?")[0] ?? address;
}

async function send(address: string, init: RequestInit): Promise<Response> {
  return await fetch(address, { ...init, signal: AbortSignal.timeout(mostMs) });
}

async function again<T>(address: string, work: () => Promise<T>): Promise<T> {
  for (let done = 1; ; done += 1) {
    try {
      return await work();
    } catch (thrown) {
      const error = thrown instanceof MillraceError || isOfDisk(thrown) ? thrown : unavailable(address, thrown);
      const mayPass = error instanceof MillraceError && error.disposition === "retry";
      if (done >= tries || !mayPass) throw error;
      await sleep(firstPauseMs * 2 ** (done - 1));
    }
  }
}

function assertGood(address: string, { ok, status }: Response): void {
  if (ok) return;
  const place = withoutSignature(address);
  if (status === 404) throw unreadable(address, "it is not there");
  if (status === 401 || status === 403) {
    throw new MillraceError("PERMISSION_DENIED", `an executor of Spark may not use \`${place}\``, {
      hint: "the keys of the connection have to read and write there, and signed addresses last for twelve hours, or as long as a session of the keys",
    });
  }
  throw unavailable(address, new Error(`status ${status}`));
}

function unreadable(address: string, reason: string): MillraceError {
  const place = withoutSignature(address);
  return new MillraceError("SOURCE_UNREADABLE", `reading \`${place}\` on an executor: ${reason}`, {
    disposition: "retry",
  });
}

function unavailable(address: string, cause: unknown): MillraceError {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const reason = inner instanceof Error ? inner.message : String(inner);
  return new MillraceError(
    "SERVICE_UNAVAILABLE",
    `an executor of Spark does not reach \`${withoutSignature(address)}\`: ${reason}`,
    { hint: "executors have to reach the service of the bucket under the same name as this machine", cause },
  );
}

function isOfDisk(error: unknown): boolean {
  return error instanceof Error && "syscall" in error && (error.syscall === "write" || error.syscall === "open");
}
