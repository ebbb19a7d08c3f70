// What the store keeps sealed, for sealing it anew with another key. A row is replaced only while it is what was opened, so that a token
// which somebody renews meanwhile is not lost.
import { all, run, type Script } from "../rows/script.ts";
import type { SealedReplacement, SealedSecret } from "./connection-store.ts";

export function* listSealed(): Script<readonly SealedSecret[]> {
  const connections = yield* all<Omit<SealedSecret, "kind">>(`select name, sealed from connection order by name`);
  const credentials = yield* all<Omit<SealedSecret, "kind">>(
    `select name, sealed from credential where sealed is not null order by name`,
  );
  return [
    ...connections.map((row) => ({ kind: "connection" as const, ...row })),
    ...credentials.map((row) => ({ kind: "credential" as const, ...row })),
  ];
}

export function* replaceSealed({ kind, name, sealed, by }: SealedReplacement): Script<boolean> {
  const replaced = yield* run(`update ${kind} set sealed = ? where name = ? and sealed = ?`, by, name, sealed);
  return replaced === 1;
}
