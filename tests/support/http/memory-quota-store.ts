// The contract of quota stores in memory, for tests of what uses one. Its window is a fixed one.
import type { QuotaGrant, QuotaStore, QuotaTake } from "../../../src/core/connection/quota-store.ts";

export class MemoryQuotaStore implements QuotaStore {
  /** How often it was asked for quota. */
  takes = 0;
  readonly #now: () => number;
  readonly #blockedUntil = new Map<string, number>();
  readonly #windows = new Map<string, { readonly beganAtMs: number; used: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  readQuotaBlock(name: string): Promise<number> {
    return Promise.resolve(Math.max(0, (this.#blockedUntil.get(name) ?? 0) - this.#now()));
  }

  blockQuota(name: string, forMs: number): Promise<void> {
    this.#blockedUntil.set(name, Math.max(this.#blockedUntil.get(name) ?? 0, this.#now() + forMs));
    return Promise.resolve();
  }

  async takeQuota({ name, want, limit, windowMs, atLeast = 1 }: QuotaTake): Promise<QuotaGrant> {
    this.takes += 1;
    const blockedMs = await this.readQuotaBlock(name);
    if (blockedMs > 0) return { granted: 0, waitMs: blockedMs, blockedMs };
    const nowMs = this.#now();
    const known = this.#windows.get(name);
    const window = known !== undefined && nowMs < known.beganAtMs + windowMs ? known : { beganAtMs: nowMs, used: 0 };
    this.#windows.set(name, window);
    const left = limit - window.used;
    const granted = left < atLeast ? 0 : Math.min(want, left);
    window.used += granted;
    return { granted, waitMs: granted > 0 ? 0 : window.beganAtMs + windowMs - nowMs, blockedMs: 0 };
  }
}
