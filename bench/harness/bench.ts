// Defines a bench: a question about speed, answered by measuring Millrace and a raw limit or peer in turns in one run.

/** One file `bench/<name>.bench.ts` exports one of these as `bench`. */
export interface Bench {
  /** The file's name without `.bench.ts`. */
  readonly name: string;
  /** One sentence: what is measured, and what against. */
  readonly description: string;
  /** True when it starts a server, whose work then counts as that of others: only the wait before it tells of a quiet machine. */
  readonly hasServer?: true;
  /** Measures, with a warm-up that does not count. */
  run(): Promise<readonly Measure[]>;
}

/** One line of the results. Values are costs: smaller is better. */
export interface Measure {
  readonly name: string;
  readonly unit: "ms" | "µs" | "MB" | "requests";
  /** One value for each repetition. */
  readonly ours: readonly number[];
  readonly peer: Peer;
  /** Absent when the number is told but nothing is promised about it. */
  readonly target?: Target;
}

/** What ours is compared with. */
export interface Peer {
  readonly name: string;
  /** Taken in turns with ours, as many. */
  readonly values: readonly number[];
}

/** A limit for the median of our values, for their p95, or for the median of their ratio to the peer's. */
export type Target =
  | { readonly kind: "value"; readonly atMost: number }
  | { readonly kind: "p95"; readonly atMost: number }
  | { readonly kind: "ratio"; readonly atMost: number };
