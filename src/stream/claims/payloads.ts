// Large values beside the log. A value goes to the payload store first and its token to the log then, so that a token never leads
// nowhere; whoever reads it compares every byte.
import { rm } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { type PayloadLedger, payloadRemovalMs, type TouchedPayload } from "../../core/stream/payload-ledger.ts";
import {
  claimCheckHeader,
  findPayloadHashes,
  parsePayloadToken,
  payloadTokenSchema,
  type PayloadToken,
} from "../../core/stream/payload-token.ts";
import type { NewRecord } from "../../core/stream/stream-record.ts";
import type { PayloadAccess, PayloadContent, PutPayload, StreamPayloads } from "../../core/stream/stream-payloads.ts";
import type { PayloadStore } from "./payload-store.ts";
import { stagePayload } from "./stage-payload.ts";
import { verifiedBytes } from "./verified-bytes.ts";

export interface PayloadsOptions {
  readonly store: PayloadStore;
  readonly ledger: PayloadLedger;
  readonly clock: Pick<Clock, "now" | "sleep">;
}

/** How long a payload that is not there may still come: a bucket in another region may be behind. */
const comesWithinMs = 3_600_000;
const pauseMs = 1_000;
const atOnce = 4;

/** Puts payloads and gives them back. */
export class Payloads implements StreamPayloads {
  readonly #store: PayloadStore;
  readonly #ledger: PayloadLedger;
  readonly #clock: Pick<Clock, "now" | "sleep">;

  constructor({ store, ledger, clock }: PayloadsOptions) {
    this.#store = store;
    this.#ledger = ledger;
    this.#clock = clock;
  }

  async put(content: PayloadContent, { contentType, signal }: PutPayload = {}): Promise<PayloadToken> {
    const { file, sha256, bytes } = await stagePayload(this.#store.stagingFolder, content, signal);
    try {
      await this.#touch([{ sha256, bytes }], { signal });
      await this.#store.keep(file, { sha256, bytes }, { signal });
    } finally {
      await rm(file, { force: true });
    }
    const createdAt = new Date(this.#clock.now()).toISOString();
    return { sha256, bytes, ...(contentType === undefined ? {} : { contentType }), createdAt };
  }

  async *open(token: PayloadToken, access: PayloadAccess = {}): AsyncGenerator<Uint8Array> {
    const source = await this.#store.open(token.sha256, access);
    if (source === undefined) throw this.#missing(token);
    yield* verifiedBytes(source, token);
  }

  /** All bytes at once. @throws as `open` */
  async read(token: PayloadToken, access: PayloadAccess = {}): Promise<Uint8Array> {
    return await buffer(this.open(token, access));
  }

  async checkIn(
    records: readonly NewRecord[],
    aboveBytes: number | undefined,
    access: PayloadAccess = {},
  ): Promise<readonly NewRecord[]> {
    const named = new Set<string>();
    const large: number[] = [];
    for (const [index, { value }] of records.entries()) {
      if (value === null) continue;
      for (const hash of findPayloadHashes(value)) named.add(hash);
      if (aboveBytes !== undefined && value.byteLength > aboveBytes) large.push(index);
    }
    if (named.size > 0)
      await this.#touch(
        [...named].map((sha256) => ({ sha256 })),
        access,
      );
    if (large.length === 0) return records;
    const checked = [...records];
    const left = large.values();
    const work = async (): Promise<void> => {
      for (const index of left) {
        const record = checked[index];
        if (record !== undefined && record.value !== null)
          checked[index] = await this.#checkInOne(record, record.value, access);
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, large.length) }, work));
    return checked;
  }

  async valueOf(record: NewRecord, access: PayloadAccess = {}): Promise<Uint8Array | null> {
    const token = tokenOf(record);
    return token === undefined ? record.value : await this.read(token, access);
  }

  async #checkInOne(record: NewRecord, value: Uint8Array, access: PayloadAccess): Promise<NewRecord> {
    const token = await this.put(value, { contentType: "application/json", ...access });
    // what the value names is needed as long as the value is
    const names = findPayloadHashes(value).map((sha256) => ({ sha256 }));
    const stands = names.length === 0 ? token : { ...token, names };
    return {
      ...record,
      value: Buffer.from(JSON.stringify(stands)),
      headers: [...record.headers, { name: claimCheckHeader, value: Buffer.from(token.sha256) }],
    };
  }

  /** Waits for the collector where it removes one of them just now: it is put anew then. */
  async #touch(payloads: readonly TouchedPayload[], { signal }: PayloadAccess): Promise<void> {
    let left = payloads;
    for (let waitedMs = 0; ; waitedMs += pauseMs) {
      const removing = new Set(await this.#ledger.touchPayloads(left));
      if (removing.size === 0) break;
      if (waitedMs > payloadRemovalMs) throw beingRemoved([...removing]);
      left = left.filter(({ sha256 }) => removing.has(sha256));
      await this.#clock.sleep(pauseMs, signal);
      signal?.throwIfAborted();
    }
  }

  #missing({ sha256, createdAt }: PayloadToken): MillraceError {
    const isOld = this.#clock.now() - Date.parse(createdAt) > comesWithinMs;
    return new MillraceError("PAYLOAD_MISSING", `the payload store has no payload \`${sha256}\``, {
      ...(isOld ? { disposition: "fail" as const } : { retryAfterMs: pauseMs }),
      hint: `put it back at \`${this.#store.place}\`, then send the dead letter again`,
      details: { sha256 },
    });
  }
}

/** Whether the value of a record is a token for it. */
export function isClaimCheck({ headers }: NewRecord): boolean {
  return headers.some(({ name }) => name === claimCheckHeader);
}

/** The token that stands in the place of a record's value. @throws MillraceError `VALUE_INVALID` for one that is none */
export function tokenOf(record: NewRecord): PayloadToken | undefined {
  if (record.value === null || !isClaimCheck(record)) return undefined;
  return parsePayloadToken(parseJson(record.value));
}

/** Whether a record says that its value is a token, and it is none. */
export function hasBrokenToken(record: NewRecord): boolean {
  if (record.value === null || !isClaimCheck(record)) return false;
  return !payloadTokenSchema.safeParse(parseJson(record.value)).success;
}

function parseJson(value: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString());
  } catch {
    return undefined;
  }
}

function beingRemoved(hashes: readonly string[]): MillraceError {
  return new MillraceError("PAYLOAD_MISSING", `payload \`${hashes[0] ?? ""}\` is being removed`, {
    retryAfterMs: payloadRemovalMs,
    hint: "nothing was appended; the sleep job ends the removal",
  });
}
