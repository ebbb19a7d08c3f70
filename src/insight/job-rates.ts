// Rates from the counts of a job's statistics: what part of its runs succeeds, how fast it is, what goes wrong.

/** The counts; the store's statistics have them. */
export interface JobCounts {
  readonly finished: number;
  readonly failed: number;
  /** Sum of the durations of its runs. */
  readonly busyMs: number;
  readonly records: number | undefined;
  readonly errorClasses: Readonly<Partial<Record<string, number>>>;
}

export interface JobRates {
  /** 0 to 1; `undefined` without an ended run. */
  readonly successRate: number | undefined;
  readonly errorRate: number | undefined;
  /** Per minute of execution; `undefined` where results state no count. */
  readonly recordsPerMinute: number | undefined;
  /** Most frequent first, equals by name. */
  readonly topErrors: readonly { readonly errorClass: string; readonly count: number; readonly part: number }[];
}

/** Rates of the counts. */
export function toJobRates({ finished, failed, busyMs, records, errorClasses }: JobCounts): JobRates {
  const ended = finished + failed;
  const errors = Object.entries(errorClasses).map(([errorClass, count = 0]) => ({ errorClass, count }));
  const total = errors.reduce((sum, { count }) => sum + count, 0);
  return {
    successRate: ended === 0 ? undefined : finished / ended,
    errorRate: ended === 0 ? undefined : failed / ended,
    recordsPerMinute: records === undefined || busyMs <= 0 ? undefined : (records * 60_000) / busyMs,
    topErrors: errors
      .filter(({ count }) => count > 0)
      .map((error) => ({ ...error, part: error.count / total }))
      .toSorted((a, b) => b.count - a.count || (a.errorClass < b.errorClass ? -1 : 1)),
  };
}
