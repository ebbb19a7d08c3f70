// Exchanges of runs with services, as the store keeps them: the first ones of a run one by one, and all of them as sums.
import type { Exchange } from "../../core/connection/exchange.ts";
import type { RunId } from "../../core/run-id.ts";

/** What one attempt exchanged since the last batch. */
export interface ExchangeBatch extends ExchangeSums {
  readonly runId: RunId;
  readonly attempt: number;
  /** Those that may be worth keeping, in their order. `position` counts all of the batch, from 1. */
  readonly kept: readonly (Exchange & { readonly position: number })[];
}

export interface ExchangeSums {
  readonly exchanges: number;
  /** Without an answer, cut, or with a status of 400 and above. */
  readonly failed: number;
  readonly bytes: number;
}

/** All exchanges of a run. */
export interface Traffic extends ExchangeSums {
  /** How many of them can be listed. */
  readonly kept: number;
}

export interface ExchangeRecord extends Exchange {
  readonly runId: RunId;
  /** From 1, in the order in which they ended. */
  readonly seq: number;
  readonly attempt: number;
}

/** Of each run the first 500 are kept, and beside them the first 500 that failed. */
export const maxKeptExchanges = 500;
