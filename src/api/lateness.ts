// What did not come in time, on the wire.
import type { Instant, PageQuery, RunIdText } from "./page.ts";

/** A job or dataset that is late now. */
export interface Lateness {
  /** When it should have come. */
  readonly since: Instant;
  /** The instant whose run did not finish, or the age that counts of a dataset. */
  readonly expected_at: Instant;
  /** The run that is late, where there is one. */
  readonly run_id: RunIdText | null;
}

/** Turns of one job or of one dataset. */
export interface TurnsQuery extends PageQuery {
  readonly job?: string;
  readonly dataset?: string;
}

/** When something came late, and when it was on time again. */
export interface LatenessTurn {
  readonly turn: "late" | "on_time" | "stale" | "fresh";
  readonly at: Instant;
  readonly expected_at: Instant;
  readonly run_id: RunIdText | null;
}
