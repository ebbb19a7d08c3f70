// The record of who changed what. Entries wait in memory for the next batch, which is appended at once; a call waits for its
// entry for a short while at most. What the store refuses is tried again until it is written or the log is closed for good.
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { AccessStore, NewAuditEntry } from "../../store/access/access-store.ts";

export interface AuditLogOptions {
  readonly store: Pick<AccessStore, "appendAudit">;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
  /** How long `record` waits for the store; default 500 ms. */
  readonly patienceMs?: number;
}

/** Calls that changes may not outnumber while the store does not answer. */
const maxPending = 10_000;
const maxBatch = 200;
const retryMs = 500;
/** Unknown callers are recorded so many times a minute: they must not be able to fill the store. */
const maxAnonymous = 60;
const anonymousWindowMs = 60_000;

export class AuditLog {
  readonly #store: AuditLogOptions["store"];
  readonly #clock: Clock;
  readonly #onError: AuditLogOptions["onError"];
  readonly #patienceMs: number;
  readonly #closing = new AbortController();
  #pending: NewAuditEntry[] = [];
  #writing: Promise<void> | undefined;
  #anonymous = { count: 0, untilMs: 0 };

  constructor({ store, clock, onError, patienceMs = 500 }: AuditLogOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#onError = onError;
    this.#patienceMs = patienceMs;
  }

  /** @throws MillraceError `STORE_UNAVAILABLE` when nothing could be recorded for so long that changes must wait */
  assertRoom(): void {
    if (this.#pending.length < maxPending) return;
    throw new MillraceError("STORE_UNAVAILABLE", "changes are refused until they can be recorded again");
  }

  /** Resolves when the entry is in the store, or will be later because the store is slow. Never rejects. */
  async record(entry: NewAuditEntry): Promise<void> {
    this.#pending.push(entry);
    const written = this.#write();
    const patience = new AbortController();
    await Promise.race([written, this.#clock.sleep(this.#patienceMs, patience.signal)]);
    patience.abort();
  }

  /** The same for a caller that is not known; only so many in a minute are recorded. */
  async recordAnonymous(entry: NewAuditEntry): Promise<void> {
    const nowMs = this.#clock.now();
    if (nowMs >= this.#anonymous.untilMs) this.#anonymous = { count: 0, untilMs: nowMs + anonymousWindowMs };
    this.#anonymous.count += 1;
    if (this.#anonymous.count <= maxAnonymous) await this.record(entry);
  }

  /** Writes what is pending. @returns how many entries were lost because the store did not take them in time */
  async close(graceMs: number): Promise<number> {
    const patience = new AbortController();
    await Promise.race([this.#write(), this.#clock.sleep(graceMs, patience.signal)]);
    patience.abort();
    this.#closing.abort();
    await this.#writing;
    return this.#pending.length;
  }

  // One batch at a time: what comes while one is written goes with the next.
  #write(): Promise<void> {
    if (this.#pending.length === 0 || this.#closing.signal.aborted) return this.#writing ?? Promise.resolve();
    this.#writing ??= this.#writePending();
    return this.#writing;
  }

  async #writePending(): Promise<void> {
    while (this.#pending.length > 0 && !this.#closing.signal.aborted) {
      const batch = this.#pending.slice(0, maxBatch);
      try {
        await this.#store.appendAudit(batch);
        this.#pending = this.#pending.slice(batch.length);
      } catch (error) {
        this.#onError(error);
        await this.#clock.sleep(retryMs, this.#closing.signal);
      }
    }
    // In the same turn as the last look at what is pending, so that nothing is added in between and then forgotten.
    this.#writing = undefined;
  }
}
