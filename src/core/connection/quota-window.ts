// The generic cell rate algorithm, by which all workers share a quota. Part of the limit may come at once and the rest evenly
// spread, so that no window has more than the limit wherever the service lets its own begin.

export interface QuotaWindow {
  /** What any window of that length may have. */
  readonly limit: number;
  readonly windowMs: number;
}

export interface QuotaPace {
  /** What may come at once after a pause. */
  readonly burst: number;
  /** Microseconds after which there is one more. */
  readonly spacingUs: number;
}

/** @param burst default: a tenth of the limit */
export function toQuotaPace(
  { limit, windowMs }: QuotaWindow,
  burst: number = Math.max(1, Math.floor(limit / 10)),
): QuotaPace {
  return { burst, spacingUs: Math.ceil((windowMs * 1_000) / (limit - burst + 1)) };
}

/** How much may come now, when the bucket would be full again in `leadUs` if nobody took anything more. */
export function countReady({ burst, spacingUs }: QuotaPace, leadUs: number): number {
  return Math.max(0, Math.floor((burst * spacingUs - leadUs) / spacingUs));
}
