// Copies of local stores on the wire, as each has told of itself last.
import type { Instant, RunIdText } from "../page.ts";

/** One of the machine that the server is on. */
export interface StoreCopyView {
  readonly store: string;
  readonly topic: string;
  readonly run_id: RunIdText;
  readonly state: "building" | "serving" | "failed" | "closed";
  readonly told_at: Instant;
  /** Everything that happened up to then is in it; null before the first record. */
  readonly as_of: Instant | null;
  /** How long ago it held all of its topic; null: it never has. */
  readonly behind_ms: number | null;
  /** Records that it has yet to apply. */
  readonly lag: number;
  readonly bytes: number;
  readonly snapshot_at: Instant | null;
  readonly error: string | null;
}
