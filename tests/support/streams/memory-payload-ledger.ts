// What the store keeps of payloads, in memory, with the same rules.
import {
  type PayloadEntry,
  type PayloadLedger,
  payloadRemovalMs,
  type PayloadSweep,
  type PayloadSweepPage,
  type TouchedPayload,
} from "../../../src/core/stream/payload-ledger.ts";

interface KnownPayload extends PayloadEntry {
  touchedAtMs: number;
  removingAtMs: number | undefined;
}

export class MemoryPayloadLedger implements PayloadLedger, PayloadSweep {
  readonly payloads = new Map<string, KnownPayload>();
  /** What records refer to. */
  readonly referred = new Set<string>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  touchPayloads(payloads: readonly TouchedPayload[]): Promise<readonly string[]> {
    const removing: string[] = [];
    for (const { sha256, bytes } of payloads) {
      const known = this.payloads.get(sha256);
      if (known?.removingAtMs !== undefined) removing.push(sha256);
      else if (known !== undefined) known.touchedAtMs = this.#now();
      else if (bytes !== undefined)
        this.payloads.set(sha256, { sha256, bytes, touchedAtMs: this.#now(), removingAtMs: undefined });
    }
    return Promise.resolve(removing);
  }

  dropPayloadReferences(): Promise<number> {
    return Promise.resolve(0);
  }

  beginPayloadRemoval(page: {
    readonly after: string;
    readonly graceMs: number;
    readonly limit: number;
  }): Promise<PayloadSweepPage> {
    const behind = [...this.payloads.values()]
      .filter(({ sha256 }) => sha256 > page.after)
      .toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
    const seen = behind.slice(0, page.limit);
    const removing = seen.filter(
      ({ sha256, touchedAtMs, removingAtMs }) =>
        touchedAtMs < this.#now() - page.graceMs &&
        (removingAtMs === undefined || removingAtMs < this.#now() - payloadRemovalMs) &&
        !this.referred.has(sha256),
    );
    for (const payload of removing) payload.removingAtMs = this.#now();
    const next = behind.length > seen.length ? seen.at(-1)?.sha256 : undefined;
    return Promise.resolve({ next, seen: seen.length, removing });
  }

  endPayloadRemoval(hashes: readonly string[]): Promise<void> {
    for (const hash of hashes) this.payloads.delete(hash);
    return Promise.resolve();
  }
}
