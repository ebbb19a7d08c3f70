// Defines what concerns callers: sessions, tokens, tickets, audit.
import type { Instant, JsonValue, PageQuery } from "./page.ts";
import type { Role } from "./role.ts";

export interface CreateSession {
  readonly token: string;
}

export interface Session {
  /** Name of the token. */
  readonly name: string;
  readonly role: Role;
  readonly expires_at: Instant | null;
  readonly server: {
    readonly version: string;
    readonly project: string;
    /** The environment that the store belongs to; `null` for none. */
    readonly environment: string | null;
    readonly production: boolean;
    readonly store: "sqlite" | "postgres";
    readonly now: Instant;
  };
}

export interface Ticket {
  /** Opens one WebSocket as `?ticket=`, within 30 seconds. */
  readonly ticket: string;
  readonly expires_at: Instant;
}

export interface TokenView {
  readonly token_id: string;
  readonly name: string;
  readonly role: Role;
  readonly created_at: Instant;
  readonly created_by: string;
  readonly expires_at: Instant | null;
  readonly last_used_at: Instant | null;
  readonly revoked_at: Instant | null;
}

export interface CreateToken {
  readonly name: string;
  readonly role: Role;
  /** Such as `30d`; default `90d`, at most `365d`. */
  readonly expires_in?: string;
}

export interface CreatedToken extends TokenView {
  /** Shown this once. */
  readonly secret: string;
}

export interface AuditQuery extends PageQuery {
  readonly actor?: string;
  readonly action?: string;
}

export interface AuditEntry {
  readonly seq: number;
  readonly at: Instant;
  /** Name of the token, or `cli:<user>`. */
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly detail: JsonValue;
  readonly outcome: "allowed" | "denied" | "failed";
  /** Hash of this entry and of the hash before it. */
  readonly hash: string;
}

export interface AuditPage {
  readonly items: readonly AuditEntry[];
  readonly next_cursor: string | null;
  /** Whether the hashes of this page hold and join up. */
  readonly chain: "intact" | "broken";
}
