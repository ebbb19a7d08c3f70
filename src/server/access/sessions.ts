// Sessions of browsers and tickets of WebSockets: random texts that stand for a caller for a while, kept in the memory of this
// process as fingerprints. A restart ends them; the token opens another.
import { randomBytes } from "node:crypto";
import type { Clock } from "../../core/clock.ts";
import type { Identity } from "./authenticator.ts";
import { fingerprintOf } from "./token-secret.ts";

export interface SessionsOptions {
  readonly clock: Clock;
  /** How long one is good, at most; a token that expires earlier ends it earlier. */
  readonly lifetimeMs: number;
  /** Whether it is good for one use. */
  readonly once?: boolean;
}

export interface OpenedSession {
  /** Given to the client, and kept nowhere. */
  readonly text: string;
  readonly expiresAtMs: number;
}

/** What a session stands for. */
export interface FoundSession {
  /** The identity of whoever opened it, as it was then. */
  readonly identity: Identity;
  readonly endsAtMs: number;
}

const maxSessions = 10_000;

/** Bounded: when there are too many, the oldest ends. */
export class Sessions {
  readonly #clock: Clock;
  readonly #lifetimeMs: number;
  readonly #once: boolean;
  readonly #open = new Map<string, FoundSession>();

  constructor({ clock, lifetimeMs, once = false }: SessionsOptions) {
    this.#clock = clock;
    this.#lifetimeMs = lifetimeMs;
    this.#once = once;
  }

  open(identity: Identity): OpenedSession {
    const text = randomBytes(32).toString("base64url");
    const endsAtMs = Math.min(this.#clock.now() + this.#lifetimeMs, identity.expiresAtMs ?? Number.POSITIVE_INFINITY);
    this.#dropExpired();
    this.#open.set(fingerprintOf(text), { identity, endsAtMs });
    return { text, expiresAtMs: endsAtMs };
  }

  /** Finds whom the session stands for; undefined when it ended or never was. */
  find(text: string): FoundSession | undefined {
    const key = fingerprintOf(text);
    const session = this.#open.get(key);
    if (session === undefined) return undefined;
    const isExpired = session.endsAtMs <= this.#clock.now();
    if (this.#once || isExpired) this.#open.delete(key);
    return isExpired ? undefined : session;
  }

  close(text: string): void {
    this.#open.delete(fingerprintOf(text));
  }

  /** Ends all that were opened with a token. */
  dropToken(tokenId: string): void {
    for (const [key, { identity }] of this.#open) if (identity.caller.tokenId === tokenId) this.#open.delete(key);
  }

  // All live equally long, so that the first are the oldest.
  #dropExpired(): void {
    for (const [key, { endsAtMs }] of this.#open) {
      if (endsAtMs > this.#clock.now() && this.#open.size < maxSessions) return;
      this.#open.delete(key);
    }
  }
}
