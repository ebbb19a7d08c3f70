// The port of places where large payloads lie, each under its SHA-256: putting the same bytes twice is putting them once.
import type { PayloadAccess } from "../../core/stream/stream-payloads.ts";

/** A place of payloads. It does not know which of them are needed. */
export interface PayloadStore {
  /** For people, without secrets. */
  readonly place: string;
  /** An absolute path of this machine where payloads may be written before they go there. */
  readonly stagingFolder: string;
  /**
   * Makes a flushed local file the payload, in one step, and takes the file away. Durable when the promise resolves.
   * @throws MillraceError `DISK_FULL`, `TARGET_UNREADABLE`, `SERVICE_UNAVAILABLE` and the like
   */
  keep(
    file: string,
    payload: { readonly sha256: string; readonly bytes: number },
    access: PayloadAccess,
  ): Promise<void>;
  /** The bytes as they lie there; undefined when there are none. A loop that is left early ends the reading. */
  open(sha256: string, access: PayloadAccess): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** One that is not there is no error. */
  remove(sha256: string, access: PayloadAccess): Promise<void>;
}

/** Where a payload lies below its place: `sha256/ab/cd/abcd…`. */
export function payloadPath(sha256: string): string {
  return `sha256/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`;
}
