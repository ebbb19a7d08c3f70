// From the text of a token to who calls. Successful checks are remembered for seconds, by the token's fingerprint, so that a
// busy client costs one hash and one look-up in a while; a revoked token is forgotten at once here and within those seconds
// by other servers.
import type { Role } from "../../api/role.ts";
import { roles } from "../../api/role.ts";
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { AccessStore, TokenRecord } from "../../store/access/access-store.ts";
import type { Caller } from "../handler.ts";
import { fingerprintOf, hashSecret, parseToken, verifySecret } from "./token-secret.ts";

export interface AuthenticatorOptions {
  readonly store: Pick<AccessStore, "findToken" | "touchTokens">;
  readonly clock: Clock;
  /** How long a successful check is remembered; default 5 s. */
  readonly rememberMs?: number;
  readonly onError: (error: unknown) => void;
  /** Told the secret of each token that is in use, so that it can be masked where it turns up. */
  readonly onSecret?: (secret: string) => void;
}

/** A caller and until when it may call. */
export interface Identity {
  readonly caller: Caller;
  readonly expiresAtMs: number | undefined;
}

interface Remembered {
  readonly identity: Promise<Identity | undefined>;
  readonly untilMs: number;
}

const defaultRememberMs = 5_000;
const maxRemembered = 10_000;

export class Authenticator {
  readonly #store: AuthenticatorOptions["store"];
  readonly #clock: Clock;
  readonly #rememberMs: number;
  readonly #onError: AuthenticatorOptions["onError"];
  readonly #onSecret: (secret: string) => void;
  readonly #byToken = new Map<string, Remembered>();
  readonly #byId = new Map<string, Remembered>();
  #decoy: Promise<string> | undefined;

  constructor({
    store,
    clock,
    rememberMs = defaultRememberMs,
    onError,
    onSecret = () => undefined,
  }: AuthenticatorOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#rememberMs = rememberMs;
    this.#onError = onError;
    this.#onSecret = onSecret;
  }

  /** Whether `authenticate` would answer from memory that the token is good. */
  remembers(text: string): boolean {
    return this.#recall(this.#byToken, fingerprintOf(text)) !== undefined;
  }

  /** @returns undefined for a token that is wrong, expired or revoked: which of these is not told */
  async authenticate(text: string): Promise<Identity | undefined> {
    const key = fingerprintOf(text);
    const known = this.#recall(this.#byToken, key) ?? this.#remember(this.#byToken, key, this.#check(text));
    return await this.#keepIfValid(this.#byToken, key, known);
  }

  /** Finds whom a token stands for now, for sessions and sockets that were opened with it. */
  async find(tokenId: string): Promise<Identity | undefined> {
    const known =
      this.#recall(this.#byId, tokenId) ?? this.#remember(this.#byId, tokenId, this.#lookUp(tokenId).then(toIdentity));
    return await this.#keepIfValid(this.#byId, tokenId, known);
  }

  /** What was remembered of a token that was revoked. */
  forget(tokenId: string): void {
    this.#byId.delete(tokenId);
    // Few tokens are in use, so that forgetting all costs little and needs no second index.
    this.#byToken.clear();
  }

  async #check(text: string): Promise<Identity | undefined> {
    const parts = parseToken(text);
    if (parts === undefined) return undefined;
    const record = await this.#lookUp(parts.id);
    // Unknown ids take as long as wrong secrets, so that time does not tell which ids exist.
    const secretHash = record?.secretHash ?? (await (this.#decoy ??= hashSecret("decoy")));
    const isRight = await verifySecret(parts.secret, secretHash);
    if (!isRight || record === undefined) return undefined;
    this.#onSecret(parts.secret);
    this.#store.touchTokens([record.id]).catch(this.#onError);
    return toIdentity(record);
  }

  async #lookUp(id: string): Promise<TokenRecord | undefined> {
    const record = await this.#store.findToken(id);
    return record === undefined || record.revokedAtMs !== undefined ? undefined : record;
  }

  #recall(memory: Map<string, Remembered>, key: string): Remembered | undefined {
    const known = memory.get(key);
    return known !== undefined && known.untilMs > this.#clock.now() ? known : undefined;
  }

  #remember(memory: Map<string, Remembered>, key: string, identity: Promise<Identity | undefined>): Remembered {
    const known = { identity, untilMs: this.#clock.now() + this.#rememberMs };
    if (memory.size >= maxRemembered) memory.clear();
    memory.set(key, known);
    return known;
  }

  // Only what succeeded stays in memory: requests that come together share one check, a failure is checked again.
  async #keepIfValid(memory: Map<string, Remembered>, key: string, known: Remembered): Promise<Identity | undefined> {
    try {
      const identity = await known.identity;
      const isExpired = identity?.expiresAtMs !== undefined && identity.expiresAtMs <= this.#clock.now();
      if (identity !== undefined && !isExpired) return identity;
    } catch (error) {
      if (memory.get(key) === known) memory.delete(key);
      throw error;
    }
    if (memory.get(key) === known) memory.delete(key);
    return undefined;
  }
}

function toIdentity(record: TokenRecord | undefined): Identity | undefined {
  if (record === undefined) return undefined;
  return {
    caller: { name: record.name, role: toRole(record.role), tokenId: record.id },
    expiresAtMs: record.expiresAtMs,
  };
}

function toRole(text: string): Role {
  const role = roles.find((known) => known === text);
  if (role !== undefined) return role;
  throw new MillraceError("STORE_CORRUPT", `expected the role of a token, got: \`${text}\``);
}
