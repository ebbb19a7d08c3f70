// Tokens of callers: what the guard looks up, and when they end.
import { MillraceError } from "../../core/errors/errors.ts";
import type { NewToken, TokenRecord } from "./access-store.ts";
import { all, one, rowList, run, type Script } from "../rows/script.ts";

/** Uses within this time of the one before are not written, so that a busy token costs one write a minute. */
const touchEveryMs = 60_000;

type OptionalFields = "expiresAtMs" | "lastUsedAtMs" | "revokedAtMs" | "revokedBy";

type TokenRow = Omit<TokenRecord, OptionalFields> & {
  readonly [Field in OptionalFields]: NonNullable<TokenRecord[Field]> | null;
};

const select = `select id, name, role, secret_hash as "secretHash", created_by as "createdBy", created_at as "createdAtMs",
  expires_at as "expiresAtMs", last_used_at as "lastUsedAtMs", revoked_at as "revokedAtMs", revoked_by as "revokedBy"
  from token`;

/** @throws MillraceError `VALUE_INVALID` when the id is taken */
export function* addToken(token: NewToken, nowMs: number): Script<void> {
  const { id, name, role, secretHash, createdBy, expiresAtMs } = token;
  const added = yield* run(
    `insert into token (id, name, role, secret_hash, created_by, created_at, expires_at) values (?, ?, ?, ?, ?, ?, ?)
    on conflict (id) do nothing`,
    id,
    name,
    role,
    secretHash,
    createdBy,
    nowMs,
    expiresAtMs ?? null,
  );
  if (added === 1) return;
  throw new MillraceError("VALUE_INVALID", `there is a token with this id already: \`${id}\``);
}

/** One primary key look-up. */
export function* findToken(id: string): Script<TokenRecord | undefined> {
  const row = yield* one<TokenRow>(`${select} where id = ?`, id);
  return row === undefined ? undefined : toRecord(row);
}

/** All that were ever made, newest first. */
export function* listTokens(): Script<TokenRecord[]> {
  return (yield* all<TokenRow>(`${select} order by created_at desc, id`)).map(toRecord);
}

/** @returns whether there was one that was not revoked */
export function* revokeToken(id: string, by: string, nowMs: number): Script<boolean> {
  const sql = "update token set revoked_at = ?, revoked_by = ? where id = ? and revoked_at is null";
  return (yield* run(sql, nowMs, by, id)) === 1;
}

/** Notes the use of those whose last noted use is a minute old. */
export function* touchTokens(ids: readonly string[], nowMs: number): Script<void> {
  // In the order of their ids, so that two servers which touch the same tokens wait for each other and never in a circle.
  yield* run(
    `update token set last_used_at = ? where id in (select token.id from token where token.id in
      (select r.value ->> 'id' from (rows ?) r) and (last_used_at is null or last_used_at <= ?) order by token.id for update)`,
    nowMs,
    rowList(ids.map((id) => ({ id }))),
    nowMs - touchEveryMs,
  );
}

/** Tells whether any of these would be written, found out without a lock. */
export function* hasStaleUse(ids: readonly string[], nowMs: number): Script<boolean> {
  const row = yield* one(
    `select 1 from token where id in (select r.value ->> 'id' from (rows ?) r)
    and (last_used_at is null or last_used_at <= ?) limit 1`,
    rowList(ids.map((id) => ({ id }))),
    nowMs - touchEveryMs,
  );
  return row !== undefined;
}

function toRecord({ expiresAtMs, lastUsedAtMs, revokedAtMs, revokedBy, ...row }: TokenRow): TokenRecord {
  return {
    ...row,
    expiresAtMs: expiresAtMs ?? undefined,
    lastUsedAtMs: lastUsedAtMs ?? undefined,
    revokedAtMs: revokedAtMs ?? undefined,
    revokedBy: revokedBy ?? undefined,
  };
}
