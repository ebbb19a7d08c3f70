// Schedules that should have fired and did not: those that wait for a dependency, or for a run before them, are due for as long as
// that takes, and nothing is wrong with them.
import type { Store } from "../../store/store.ts";
import type { StoreHealth } from "../../store/upkeep/upkeep-store.ts";
import { type FactStore, loadScheduleFacts } from "./schedule-facts.ts";

export type LateStore = Pick<Store, "readHealth" | "listSchedules"> & FactStore;

/** As the store sees it, with `lateSchedules` less those that are held back. Schedules are looked at only when some are late. */
export async function readHealthWithoutHeld(store: LateStore, lateMs: number): Promise<StoreHealth> {
  const health = await store.readHealth({ lateMs });
  if (health.lateSchedules === 0) return health;
  const late = (await store.listSchedules()).filter(
    ({ paused, nextFireAtMs }) => !paused && nextFireAtMs <= health.nowMs - lateMs,
  );
  const facts = await loadScheduleFacts(store, late);
  const held = facts.filter(({ holds, unfinished }) => holds.length > 0 || unfinished !== undefined);
  return { ...health, lateSchedules: Math.max(0, health.lateSchedules - held.length) };
}
