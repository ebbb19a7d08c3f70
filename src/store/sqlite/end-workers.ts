// Workers of an earlier life of the machine. Their time is on a clock that started anew, so it says nothing.
import type { Connection } from "./connection.ts";

/** One scan of the workers in service, which are few. */
export function endWorkersOfOtherBoots(db: Connection, bootId: string, nowMs: number): void {
  const isStale = (): boolean =>
    db.get("select 1 from worker where state = 'active' and boot_id <> ? limit 1", bootId) !== undefined;
  if (!db.read(isStale)) return;
  db.transact(() =>
    db.run("update worker set state = 'dead', ended_at = ? where state = 'active' and boot_id <> ?", nowMs, bootId),
  );
}
