// Defines the quota of a credential as all workers share it, on the store's clock.

export interface QuotaTake {
  readonly name: string;
  /** Requests that somebody wants to send now, at least 1. */
  readonly want: number;
  /** Requests that any window may have. */
  readonly limit: number;
  readonly windowMs: number;
  /** Less is nothing. Default 1. */
  readonly atLeast?: number;
  /** What may come at once after a pause. Default: a tenth of the limit. */
  readonly burst?: number;
}

export interface QuotaGrant {
  /** 0 to `want`. */
  readonly granted: number;
  /** Until there is at least one more; 0 when some were granted. */
  readonly waitMs: number;
  /** Until the service may be asked again at all; 0 when it may. Nothing is granted before. */
  readonly blockedMs: number;
}

export interface QuotaStore {
  /** How long nothing may be sent with the credential; 0 when it may. */
  readQuotaBlock(name: string): Promise<number>;
  /** Nobody sends for that long; a longer block that is there stays. Durable when it resolves. */
  blockQuota(name: string, forMs: number): Promise<void>;
  /** Takes part of what the window has left. No window of that length, wherever it begins, has more than `limit` requests. */
  takeQuota(take: QuotaTake): Promise<QuotaGrant>;
}
