// What all workers share about the services they talk to: registered connections and tokens, which are sealed before they come
// here, and quotas. All of it goes by the store's clock, so that workers whose clocks differ agree.
import type { CredentialStore } from "../../core/connection/credential-store.ts";
import type { QuotaStore } from "../../core/connection/quota-store.ts";

export interface ConnectionStore extends CredentialStore, QuotaStore {
  /** One that somebody registered. */
  findConnection(name: string): Promise<RegisteredConnection | undefined>;
}

/** What people do with registered connections. */
export interface ConnectionRegistry {
  /** By name. */
  listConnections(): Promise<readonly RegisteredConnection[]>;
  /** Registers it, or the next version of it. @returns the version, or `undefined` when the name is taken and `replace` is not set */
  saveConnection(save: ConnectionSave): Promise<number | undefined>;
  /** Tokens that are held, never what they are. */
  listCredentials(): Promise<readonly CredentialRecord[]>;
  listQuotas(): Promise<readonly QuotaRecord[]>;
  /** With the token that was got for it. @returns whether there was one */
  removeConnection(name: string): Promise<boolean>;
}

/** A token that the store has for a connection. */
export interface CredentialRecord {
  readonly name: string;
  /** Absent where nobody knows. */
  readonly expiresAtMs?: number;
}

/** The shared quota of a connection. */
export interface QuotaRecord {
  readonly name: string;
  readonly blockedUntilMs?: number;
  /** When its bucket would be full again, in microseconds since the epoch. */
  readonly fullAtUs?: number;
}

export interface ConnectionSave {
  readonly name: string;
  readonly sealed: string;
  /** Without secrets. */
  readonly address: string;
  /** Kind of auth. */
  readonly auth: string | undefined;
  readonly by: string;
  readonly replace: boolean;
}

export interface RegisteredConnection extends Omit<ConnectionSave, "by" | "replace"> {
  /** From 1; each replacement makes the next. */
  readonly version: number;
  readonly savedBy: string;
  readonly savedAtMs: number;
}
