// What all workers share about the services they talk to: registered connections and tokens, which are sealed before they come
// here, and quotas. All of it goes by the store's clock, so that workers whose clocks differ agree.

export interface ConnectionStore {
  /** One that somebody registered. */
  findConnection(name: string): Promise<RegisteredConnection | undefined>;

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

/** What people do with registered connections. */
export interface ConnectionRegistry {
  /** By name. */
  listConnections(): Promise<readonly RegisteredConnection[]>;
  /** Registers it, or the next version of it. @returns the version, or `undefined` when the name is taken and `replace` is not set */
  saveConnection(save: ConnectionSave): Promise<number | undefined>;
  /** With the token that was got for it. @returns whether there was one */
  removeConnection(name: string): Promise<boolean>;
}

export interface ConnectionSave {
  readonly name: string;
  readonly sealed: string;
  /** Without secrets. */
  readonly address: string;
  /** Kind of auth. */
  readonly auth: string | undefined;
  readonly by: string;
  readonly replace: boolean;
}

export interface RegisteredConnection extends Omit<ConnectionSave, "by" | "replace"> {
  /** From 1; each replacement makes the next. */
  readonly version: number;
  readonly savedBy: string;
  readonly savedAtMs: number;
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
