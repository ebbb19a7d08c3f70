// What all workers share about the services they talk to: tokens, which are sealed before they come here, and quotas.
// Both go by the store's clock, so that workers whose clocks differ agree.

export interface ConnectionStore {
  /** One that was never saved has version 0. */
  findCredential(name: string): Promise<StoredCredential>;
  /**
   * Makes `holder` the one that renews the credential, for that long; whoever holds it already may take it again.
   * @returns the credential as it is, or `undefined` while another one holds it
   */
  takeCredential(name: string, holder: string, holdMs: number): Promise<StoredCredential | undefined>;
  /**
   * Saves what the holder got and frees the credential. @returns false, and nothing is written, when somebody else has saved or
   * taken it since
   */
  saveCredential(save: CredentialSave): Promise<boolean>;
  /** Frees what was taken and not saved; of somebody else's nothing. */
  releaseCredential(name: string, holder: string): Promise<void>;

  /** How long nothing may be sent; 0 when it may. */
  readQuotaBlock(name: string): Promise<number>;
  /** Nobody sends for that long; a longer block that is there stays. */
  blockQuota(name: string, forMs: number): Promise<void>;
  /** Takes part of what the window has left. No window of that length, wherever it begins, has more than `limit`. */
  takeQuota(take: QuotaTake): Promise<QuotaGrant>;
}

export interface StoredCredential {
  readonly version: number;
  readonly sealed: string | undefined;
  /** Negative: expired; `undefined`: nobody knows. */
  readonly expiresInMs: number | undefined;
}

export interface CredentialSave {
  readonly name: string;
  readonly holder: string;
  readonly seenVersion: number;
  readonly sealed: string;
  readonly lifetimeMs: number | undefined;
}

export interface QuotaTake {
  readonly name: string;
  /** At least 1. */
  readonly want: number;
  readonly limit: number;
  readonly windowMs: number;
}

export interface QuotaGrant {
  readonly granted: number;
  /** Until there is at least one more; 0 when some were granted. */
  readonly waitMs: number;
  readonly blockedMs: number;
}
