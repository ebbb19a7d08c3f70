// Credentials as rows. Who renews one holds its row for a while; a holder that died is overtaken when that is over, and its
// late answer no longer counts.
import type { CredentialRecord } from "./connection-store.ts";
import { all, one, run, type Script } from "../rows/script.ts";
import type { CredentialSave, StoredCredential } from "../../core/connection/credential-store.ts";

interface CredentialRow {
  readonly version: number;
  readonly sealed: string | null;
  readonly expiresAt: number | null;
}

export function* findCredential(name: string, nowMs: number): Script<StoredCredential> {
  const row = yield* one<CredentialRow>(
    `select version, sealed, expires_at as "expiresAt" from credential where name = ?`,
    name,
  );
  if (row === undefined) return { version: 0, sealed: undefined, expiresInMs: undefined };
  const { version, sealed, expiresAt } = row;
  return { version, sealed: sealed ?? undefined, expiresInMs: expiresAt === null ? undefined : expiresAt - nowMs };
}

/** Those that have a token, by name. */
export function* listCredentials(): Script<readonly CredentialRecord[]> {
  const rows = yield* all<{ name: string; expiresAt: number | null }>(
    `select name, expires_at as "expiresAt" from credential where sealed is not null order by name`,
  );
  return rows.map(({ name, expiresAt }) => ({ name, ...(expiresAt === null ? {} : { expiresAtMs: expiresAt }) }));
}

export function* takeCredential(
  name: string,
  holder: string,
  holdMs: number,
  nowMs: number,
): Script<StoredCredential | undefined> {
  const taken = yield* run(
    `insert into credential (name, version, holder, held_until) values (?, 0, ?, ?) on conflict (name)
    do update set holder = excluded.holder, held_until = excluded.held_until
    where credential.holder is null or credential.holder = excluded.holder or credential.held_until <= ?`,
    name,
    holder,
    nowMs + holdMs,
    nowMs,
  );
  return taken === 1 ? yield* findCredential(name, nowMs) : undefined;
}

export function* saveCredential(save: CredentialSave, nowMs: number): Script<boolean> {
  const { name, holder, seenVersion, sealed, lifetimeMs } = save;
  const saved = yield* run(
    `update credential set version = version + 1, sealed = ?, expires_at = ?, holder = null, held_until = null
    where name = ? and holder = ? and version = ?`,
    sealed,
    lifetimeMs === undefined ? null : nowMs + Math.round(lifetimeMs),
    name,
    holder,
    seenVersion,
  );
  return saved === 1;
}

export function* releaseCredential(name: string, holder: string): Script<void> {
  yield* run("update credential set holder = null, held_until = null where name = ? and holder = ?", name, holder);
}
