// A look at the whole store: counts that are small when all is well.
import { one, type Now, type Script } from "../rows/script.ts";
import type { StoreHealth } from "./upkeep-store.ts";

/** The driver begins each script with the time. */
// eslint-disable-next-line require-yield
export function* readClockMs({ nowMs }: Now): Script<number> {
  return nowMs;
}

/** Reads what is hot and small. `lateMs` is how much later than due something must be to count as late. */
export function* readHealth(lateMs: number, { nowMs, aliveMs }: Now): Script<StoreHealth> {
  const row = yield* one<Omit<StoreHealth, "nowMs" | "isClaiming"> & { claiming: number }>(
    `select (select claiming from engine where id = 1) as claiming,
      (select count(*) from worker where state = 'active' and expires_at > ?) as workers,
      (select count(*) from lease) as executing,
      (select count(*) from lease left join worker on worker.id = lease.worker_id
        where worker.id is null or worker.state <> 'active' or worker.expires_at <= ?) as "deadLeases",
      (select count(*) from ready) as ready,
      (select count(*) from scheduled where reason = 'waiting_retry') as retries,
      (select count(*) from scheduled where run_at <= ?) as "lateRuns",
      (select count(*) from schedule where paused = 0 and next_fire_at <= ?) as "lateSchedules"`,
    aliveMs,
    aliveMs,
    nowMs - lateMs,
    nowMs - lateMs,
  );
  if (row === undefined) throw new RangeError("the store has no health");
  const { claiming, ...counts } = row;
  return { nowMs, isClaiming: claiming === 1, ...counts };
}
