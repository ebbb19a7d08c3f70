// Tokens of callers and the record of what they did.
import type { Json } from "../rows/run-records.ts";

export interface AccessStore {
  /** Fails when the id is taken. */
  addToken(token: NewToken): Promise<void>;
  /** One look-up by id; also of tokens that ended. */
  findToken(id: string): Promise<TokenRecord | undefined>;
  listTokens(): Promise<readonly TokenRecord[]>;
  /** @returns whether there was one that was not revoked */
  revokeToken(id: string, by: string): Promise<boolean>;
  /** Notes the time of use, at most once a minute for each token; not awaited by requests. */
  touchTokens(ids: readonly string[]): Promise<void>;

  /**
   * Appends to the chain: each entry's hash covers the entry and the hash of the one before it, computed in the transaction
   * that takes the next number, so that no two writers fork it.
   */
  appendAudit(entries: readonly NewAuditEntry[]): Promise<void>;
  /** Newest first, a keyset page. */
  listAudit(filter: AuditFilter): Promise<readonly AuditRecord[]>;
  /** Walks the chain over the range and names the first entry that does not hold. `verify` walks all of it. */
  verifyAudit(range?: {
    readonly fromSeq: number;
    readonly toSeq: number;
  }): Promise<{ readonly brokenAt: number | undefined }>;
}

export interface NewToken {
  /** Public part, in the token's text before the secret. */
  readonly id: string;
  readonly name: string;
  readonly role: string;
  /** Salted hash of the secret; the store never sees the secret. */
  readonly secretHash: string;
  readonly createdBy: string;
  readonly expiresAtMs: number | undefined;
}

export interface TokenRecord extends NewToken {
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number | undefined;
  readonly revokedAtMs: number | undefined;
  readonly revokedBy: string | undefined;
}

export interface NewAuditEntry {
  readonly actor: string;
  /** Operation id of the route, or the verb of the command line. */
  readonly action: string;
  readonly target: string;
  readonly detail: Json;
  readonly outcome: "allowed" | "denied" | "failed";
}

export interface AuditRecord extends NewAuditEntry {
  /** 1, 2, 3, … without gaps. */
  readonly seq: number;
  readonly atMs: number;
  /** Hex SHA-256. */
  readonly hash: string;
}

export interface AuditFilter {
  readonly actor?: string;
  readonly action?: string;
  readonly beforeSeq?: number;
  readonly limit: number;
}
