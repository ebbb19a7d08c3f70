// Values that lie beside the log: what handlers put there and open, and what loops do with records whose value is a token.
import type { PayloadToken } from "./payload-token.ts";
import type { NewRecord } from "./stream-record.ts";

/** Text is utf-8. */
export type PayloadContent = string | Uint8Array | AsyncIterable<Uint8Array | string>;

export interface PayloadAccess {
  /** Ends what is under way, for its reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface PutPayload extends PayloadAccess {
  /** Such as `image/png`; it is kept in the token. */
  readonly contentType?: string;
}

/** What handlers do with large values. */
export interface JobPayloads {
  /**
   * Puts bytes into the payload store, durable when the promise resolves. Memory holds one chunk, whatever the length. Unless a record
   * with the token is produced within a day, they are removed.
   * @throws MillraceError `DISK_FULL`, `SERVICE_UNAVAILABLE` and the like
   */
  put(content: PayloadContent, options?: PutPayload): Promise<PayloadToken>;
  /**
   * Yields the bytes as they come. A loop that is left early ends the reading.
   * @throws MillraceError `PAYLOAD_MISSING` (retried while it is young) · `PAYLOAD_ALTERED`, at the end at the latest
   */
  open(token: PayloadToken, access?: PayloadAccess): AsyncIterable<Uint8Array>;
}

export interface StreamPayloads extends JobPayloads {
  /**
   * Records as they go into a log: a value above the bound is put into the payload store, and a token stands in its place. What values
   * name is kept until they are appended. @param aboveBytes undefined: no value is large
   */
  checkIn(
    records: readonly NewRecord[],
    aboveBytes: number | undefined,
    access?: PayloadAccess,
  ): Promise<readonly NewRecord[]>;
  /** The value that a record stands for: its own, or the payload. @throws as `open` · `VALUE_INVALID` for a token that is none */
  valueOf(record: NewRecord, access?: PayloadAccess): Promise<Uint8Array | null>;
}
