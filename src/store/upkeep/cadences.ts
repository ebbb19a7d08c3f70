// Upkeep that any process may do, done by one of them in each period.
import { run, type Script } from "../rows/script.ts";

/** True for one caller in each period: the row is written by the first whose period it is. */
export function* takeCadence(name: string, everyMs: number, nowMs: number): Script<boolean> {
  const taken = yield* run(
    `insert into cadence (name, taken_at) values (?, ?) on conflict (name)
    do update set taken_at = excluded.taken_at where cadence.taken_at <= excluded.taken_at - ?`,
    name,
    nowMs,
    everyMs,
  );
  return taken === 1;
}
