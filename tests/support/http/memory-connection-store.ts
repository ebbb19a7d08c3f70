// What workers share about services, in memory.
import { MemoryCredentialStore } from "./memory-credential-store.ts";
import { MemoryQuotaStore } from "./memory-quota-store.ts";
import type { QuotaGrant, QuotaTake } from "../../../src/core/connection/quota-store.ts";

export class MemoryConnectionStore extends MemoryCredentialStore {
  readonly #quotas: MemoryQuotaStore;

  constructor(now: () => number) {
    super(now);
    this.#quotas = new MemoryQuotaStore(now);
  }

  readQuotaBlock(name: string): Promise<number> {
    return this.#quotas.readQuotaBlock(name);
  }

  blockQuota(name: string, forMs: number): Promise<void> {
    return this.#quotas.blockQuota(name, forMs);
  }

  takeQuota(take: QuotaTake): Promise<QuotaGrant> {
    return this.#quotas.takeQuota(take);
  }
}
