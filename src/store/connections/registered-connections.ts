// Connections that people register, as rows.
import { all, one, run, type Script } from "../rows/script.ts";
import type { ConnectionSave, RegisteredConnection } from "./connection-store.ts";

type ConnectionRow = Omit<RegisteredConnection, "auth"> & { readonly auth: string | null };

const select = `select name, version, sealed, address, auth, saved_by as "savedBy", saved_at as "savedAtMs" from connection`;

export function* findConnection(name: string): Script<RegisteredConnection | undefined> {
  const row = yield* one<ConnectionRow>(`${select} where name = ?`, name);
  return row === undefined ? undefined : toRecord(row);
}

export function* listConnections(): Script<readonly RegisteredConnection[]> {
  return (yield* all<ConnectionRow>(`${select} order by name`)).map(toRecord);
}

export function* saveConnection(save: ConnectionSave, nowMs: number): Script<number | undefined> {
  const { name, sealed, address, auth, by, replace } = save;
  const onConflict = replace
    ? `do update set version = connection.version + 1, sealed = excluded.sealed, address = excluded.address,
      auth = excluded.auth, saved_by = excluded.saved_by, saved_at = excluded.saved_at`
    : "do nothing";
  const saved = yield* run(
    `insert into connection (name, version, sealed, address, auth, saved_by, saved_at) values (?, 1, ?, ?, ?, ?, ?)
    on conflict (name) ${onConflict}`,
    name,
    sealed,
    address,
    auth ?? null,
    by,
    nowMs,
  );
  return saved === 1 ? (yield* findConnection(name))?.version : undefined;
}

export function* removeConnection(name: string): Script<boolean> {
  yield* run("delete from credential where name = ?", name);
  return (yield* run("delete from connection where name = ?", name)) === 1;
}

function toRecord({ auth, ...row }: ConnectionRow): RegisteredConnection {
  return { ...row, auth: auth ?? undefined };
}
