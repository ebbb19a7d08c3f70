// Seals what the store keeps of connections with the newest key: what was registered, and tokens. Each is replaced on its own, so that this
// can be interrupted and done again at any time; what was sealed with the newest key already stays as it is.
import type { RenewableSeal } from "../../connections/auth/seal.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { ConnectionRegistry, SealedSecret } from "../../store/connections/connection-store.ts";

export interface RekeyedConnections {
  /** Sealed anew. */
  readonly renewed: number;
  /** Under the newest key before. */
  readonly current: number;
}

/** @throws MillraceError `SECRET_UNREADABLE` for the first that does not open, when all others are done */
export async function rekeyConnections(
  store: Pick<ConnectionRegistry, "listSealed" | "replaceSealed">,
  seal: RenewableSeal,
): Promise<RekeyedConnections> {
  let [renewed, current] = [0, 0];
  const failures: MillraceError[] = [];
  for (const secret of await store.listSealed()) {
    try {
      const by = seal.renew(secret.sealed, purposeOf(secret));
      // one that somebody has replaced meanwhile was sealed by them
      if (by === undefined) current += 1;
      else if (await store.replaceSealed({ ...secret, by })) renewed += 1;
    } catch (error) {
      if (!(error instanceof MillraceError) || error.code !== "SECRET_UNREADABLE") throw error;
      failures.push(error);
    }
  }
  const [first] = failures;
  if (first === undefined) return { renewed, current };
  const others = failures.length === 1 ? "" : `, and so are ${failures.length - 1} others`;
  throw new MillraceError("SECRET_UNREADABLE", `${first.message}${others}`, {
    cause: first,
    hint: `${renewed + current} others are under the newest key; ${first.hint ?? ""}`,
  });
}

function purposeOf({ kind, name }: SealedSecret): string {
  return `${kind}:${name}`;
}
