// What runs asked of services: one entry for each HTTP exchange, without any secret.
import type { Instant, Page, PageQuery, RunIdText } from "./page.ts";

export interface ServiceRequestRecord {
  readonly run_id: RunIdText;
  /** From 1, in the order in which they ended; numbers are missing where requests are not kept. */
  readonly seq: number;
  readonly attempt: number;
  /** Null for a source that has an address of its own. */
  readonly connection: string | null;
  readonly method: string;
  /** Secrets in it are masked. */
  readonly address: string;
  readonly unit: string | null;
  readonly page: number | null;
  /** Null without an answer. */
  readonly status: number | null;
  /** Code of what went wrong on the way. */
  readonly error: string | null;
  /** Without an answer, cut, or with a status of 400 and above. */
  readonly failed: boolean;
  /** 0 for the first time, 1 when the same request was sent again, and so on. */
  readonly repeat: number;
  readonly started_at: Instant;
  readonly duration_ms: number;
  readonly received_bytes: number;
}

/** All requests of a run. */
export interface RequestTotals {
  readonly requests: number;
  readonly failed: number;
  readonly received_bytes: number;
  /** How many of them can be listed: the first 500, and beside them the first 500 that failed. */
  readonly kept: number;
}

export interface RunRequestsQuery extends PageQuery {
  readonly failed?: boolean;
}

export interface RunRequestPage extends Page<ServiceRequestRecord> {
  readonly totals: RequestTotals;
}
