// Slows down who guesses tokens: failures are counted by address, and an address with too many is refused for a while. Only
// calls that fail count, and tokens that were checked a moment ago are not asked for again, so that people behind the same
// address are not shut out by one of them while they work.
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors/errors.ts";

export interface LoginLimiterOptions {
  readonly clock: Clock;
  /** Failures of an address within a minute. */
  readonly maxFailures: number;
}

const windowMs = 60_000;
const maxAddresses = 10_000;

export class LoginLimiter {
  readonly #clock: Clock;
  readonly #maxFailures: number;
  readonly #failures = new Map<string, { count: number; untilMs: number }>();

  constructor({ clock, maxFailures }: LoginLimiterOptions) {
    this.#clock = clock;
    this.#maxFailures = maxFailures;
  }

  /** @throws MillraceError `TOO_MANY_REQUESTS` while the address has failed too often */
  assertAllowed(address: string): void {
    const failures = this.#current(address);
    if (failures === undefined || failures.count < this.#maxFailures) return;
    throw new MillraceError("TOO_MANY_REQUESTS", "too many calls with wrong tokens from this address", {
      retryAfterMs: failures.untilMs - this.#clock.now(),
      hint: "wait a minute, then use a token of `millrace token create`",
    });
  }

  countFailure(address: string): void {
    const failures = this.#current(address);
    if (failures === undefined) this.#failures.set(address, { count: 1, untilMs: this.#clock.now() + windowMs });
    else failures.count += 1;
  }

  #current(address: string): { count: number; untilMs: number } | undefined {
    const failures = this.#failures.get(address);
    if (failures !== undefined && failures.untilMs > this.#clock.now()) return failures;
    this.#failures.delete(address);
    if (this.#failures.size >= maxAddresses) this.#failures.clear();
    return undefined;
  }
}
