// The token of a credential, as all workers share it. One worker at a time renews it, over all processes, and what the
// service gave is in the store before anything is sent with it: services that rotate refresh tokens forget the old one when
// the new one is used for the first time, and a process that died in between would leave nobody with a valid one.
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { HttpRequest } from "../http/http-request.ts";
import type { ExchangeObserver } from "../../core/connection/exchange.ts";
import type { CredentialStore, StoredCredential } from "../../core/connection/credential-store.ts";
import type { SecretSeal } from "./seal.ts";
import type { TokenGrant, TokenSet } from "./token-grant.ts";

/** A token with the number by which the store knows it. */
export interface KnownToken {
  readonly token: string;
  readonly version: number;
}

export interface TokenKeeperOptions {
  /** Of the credential, the same for all workers. */
  readonly name: string;
  readonly grant: TokenGrant;
  readonly store: CredentialStore;
  readonly seal: SecretSeal;
  readonly clock: Pick<Clock, "now" | "sleep">;
  /** Unique for this process. */
  readonly holder: string;
  /** Sends the request of the grant and gives back the JSON of its answer. */
  readonly fetchGrant: (request: HttpRequest, observer: ExchangeObserver | undefined) => Promise<unknown>;
  /** Told each secret as soon as it is known, so that it is masked everywhere. */
  readonly onSecret: (secret: string) => void;
}

/** Who asks for a token: the request that brings a new one is told to whoever came first. */
export interface TokenCall {
  readonly signal?: AbortSignal | undefined;
  readonly observer?: ExchangeObserver | undefined;
}

/** What is kept under the seal. */
interface SealedTokens extends TokenSet {
  readonly fingerprint: string;
}

interface Held extends KnownToken {
  /** On this process's clock; `undefined`: until it is refused. */
  readonly staleAtMs: number | undefined;
}

/** Longer than the longest request for a token, so that a living holder is never overtaken. */
const holdMs = 120_000;
/** A token is renewed before it ends, by a tenth of its life but not more than a minute. */
const longestMarginMs = 60_000;
const pollMs = 250;
/** A holder that died is overtaken within `holdMs`; longer means that nobody can renew it. */
const patienceMs = 3 * holdMs;

/** Gives out the token of one credential. */
export class TokenKeeper {
  readonly #options: TokenKeeperOptions;
  #held: Held | undefined;
  #flight: Promise<Held> | undefined;

  constructor(options: TokenKeeperOptions) {
    this.#options = options;
  }

  /** A token that is valid as far as anybody knows. Renews it when it has ended or ends soon. */
  async get({ signal, observer }: TokenCall = {}): Promise<KnownToken> {
    const held = this.#held;
    if (held !== undefined && !this.#isStale(held)) return held;
    return await this.#renewOnce(undefined, signal, observer);
  }

  /**
   * Another token than the one that a service has refused. Whoever comes while it is renewed, here or in another process, waits
   * and gets the same one. @throws MillraceError `AUTHENTICATION_FAILED` when the service gives none
   */
  async replace(refused: KnownToken, { signal, observer }: TokenCall = {}): Promise<KnownToken> {
    const held = this.#held;
    if (held !== undefined && held.version > refused.version && !this.#isStale(held)) return held;
    return await this.#renewOnce(refused.version, signal, observer);
  }

  // The flight is everybody's, so no single caller's signal may end it; and one that began earlier may bring what this caller
  // knows to be refused.
  async #renewOnce(
    refusedVersion: number | undefined,
    signal: AbortSignal | undefined,
    observer: ExchangeObserver | undefined,
  ): Promise<KnownToken> {
    for (;;) {
      this.#flight ??= this.#renew(refusedVersion, observer).finally(() => (this.#flight = undefined));
      const held = await orAborted(this.#flight, signal);
      if (refusedVersion === undefined || held.version > refusedVersion) return held;
    }
  }

  async #renew(refusedVersion: number | undefined, observer: ExchangeObserver | undefined): Promise<Held> {
    const { name, store, clock, holder } = this.#options;
    const shared = this.#adopt(await store.findCredential(name), refusedVersion);
    if (shared !== undefined) return shared;
    for (let waitedMs = 0; waitedMs <= patienceMs; waitedMs += pollMs) {
      const taken = await store.takeCredential(name, holder, holdMs);
      if (taken !== undefined) {
        const renewed = await this.#renewTaken(taken, refusedVersion, observer);
        if (renewed !== undefined) return renewed;
      }
      await clock.sleep(pollMs);
      const theirs = this.#adopt(await store.findCredential(name), refusedVersion);
      if (theirs !== undefined) return theirs;
    }
    throw new MillraceError("SERVICE_UNAVAILABLE", `nobody could renew the token of \`${name}\``);
  }

  /** @returns `undefined` when somebody else was faster */
  async #renewTaken(
    taken: StoredCredential,
    refusedVersion: number | undefined,
    observer: ExchangeObserver | undefined,
  ): Promise<Held | undefined> {
    const { name, store, holder } = this.#options;
    try {
      const adopted = this.#adopt(taken, refusedVersion);
      if (adopted !== undefined) {
        await store.releaseCredential(name, holder);
        return adopted;
      }
      const tokens = await this.#fetchTokens(this.#open(taken), observer);
      const isSaved = await store.saveCredential({
        name,
        holder,
        seenVersion: taken.version,
        sealed: this.#seal(tokens),
        lifetimeMs: tokens.lifetimeMs,
      });
      return isSaved ? this.#hold(tokens.token, taken.version + 1, tokens.lifetimeMs) : undefined;
    } catch (error) {
      await store.releaseCredential(name, holder);
      throw error;
    }
  }

  async #fetchTokens(before: TokenSet | undefined, observer: ExchangeObserver | undefined): Promise<TokenSet> {
    const { grant, fetchGrant, clock, onSecret } = this.#options;
    const tokens = grant.read(await fetchGrant(grant.request(before, clock.now()), observer), before);
    onSecret(tokens.token);
    if (tokens.refreshToken !== undefined) onSecret(tokens.refreshToken);
    return tokens;
  }

  // What the store has, when it is another token than the refused one and has not ended.
  #adopt(stored: StoredCredential, refusedVersion: number | undefined): Held | undefined {
    if (stored.version <= (refusedVersion ?? -1)) return undefined;
    const tokens = this.#open(stored);
    if (tokens === undefined) return undefined;
    const held = this.#toHeld(tokens.token, stored.version, tokens.lifetimeMs, stored.expiresInMs);
    if (this.#isStale(held)) return undefined;
    this.#held = held;
    return held;
  }

  #hold(token: string, version: number, lifetimeMs: number | undefined): Held {
    const held = this.#toHeld(token, version, lifetimeMs, lifetimeMs);
    this.#held = held;
    return held;
  }

  #toHeld(token: string, version: number, lifetimeMs: number | undefined, restMs: number | undefined): Held {
    const marginMs = Math.min(longestMarginMs, (lifetimeMs ?? 0) / 10);
    const staleAtMs = restMs === undefined ? undefined : this.#options.clock.now() + restMs - marginMs;
    return { token, version, staleAtMs };
  }

  #isStale({ staleAtMs }: Held): boolean {
    return staleAtMs !== undefined && this.#options.clock.now() >= staleAtMs;
  }

  #open({ sealed }: StoredCredential): TokenSet | undefined {
    if (sealed === undefined) return undefined;
    const { seal, name, grant, onSecret } = this.#options;
    // The seal holds what `#seal` put in, or it does not open.
    const { fingerprint, ...tokens } = JSON.parse(seal.open(sealed, `credential:${name}`)) as SealedTokens;
    if (fingerprint !== grant.fingerprint) return undefined;
    onSecret(tokens.token);
    if (tokens.refreshToken !== undefined) onSecret(tokens.refreshToken);
    return tokens;
  }

  #seal(tokens: TokenSet): string {
    const { seal, name, grant } = this.#options;
    const content: SealedTokens = { ...tokens, fingerprint: grant.fingerprint };
    return seal.seal(JSON.stringify(content), `credential:${name}`);
  }
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  const { promise, reject } = Promise.withResolvers<never>();
  // A reason may be anything; whoever aborts gives an error.
  const stop = (): void => reject(signal.reason as Error);
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener("abort", stop));
}
